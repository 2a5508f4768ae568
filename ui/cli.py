"""`crew`: every word of the desk, with examples. This file is the table of contents; the commands are next door."""

from __future__ import annotations

import os
import sys
import threading
from contextlib import suppress

import typer

from ops.speaking import speak
from ui.examples import examples
from ui.exits import Exit
from ui.groups import GROUPS
from ui.terminal import tell
from ui.words import Word

TRACEBACK_VARIABLE = "CREWDESK_TRACEBACK"

DOCUMENTED = "An LLM trading desk whose safety is proven rather than promised."

COMMANDS = (
    Word(
        "kickoff",
        "kickoff:kickoff",
        examples(
            "crew kickoff",
            "crew kickoff ETHUSDT SOLUSDT --cycles 10",
            "crew kickoff --crew spike --cycles 20",
            "crew kickoff BTCUSDT --profile replay --data BTCUSDT-15m.parquet --from 2024-08-01 --cycles 200 --json",
        ),
    ),
    Word("up", "up:up", examples("crew up", "crew up --profile paper --port 8601", "crew up --foreground -p testnet")),
    Word("down", "up:down", examples("crew down", "crew down console", "crew down --profile paper")),
    Word("restart", "up:restart", examples("crew restart console", "crew restart guard -p paper", "crew restart")),
    Word(
        "logs",
        "logs:logs",
        examples("crew logs", "crew logs guard --follow", "crew logs --level warning --since 2h --grep timeout"),
    ),
    Word("status", "account:status", examples("crew status", "crew status --services", "crew status -p paper --json")),
    Word("halt", "account:halt", examples('crew halt --reason "news I do not understand"')),
    Word("flatten", "account:flatten", examples('crew flatten --reason "weekend"')),
    Word(
        "console",
        "console:console",
        examples(
            "crew console",
            "crew console --profile paper --port 8601",
            "crew console --host 0.0.0.0 --tls-cert desk.pem --tls-key desk.key",
            "crew console --public https://desk.example",
        ),
    ),
    Word("pause", "pause:pause", examples('crew pause --reason "rate decision at 18:00"')),
    Word("resume", "pause:resume", examples("crew resume", "crew resume --profile paper")),
    Word(
        "exchange",
        "exchange:exchange",
        examples(
            "crew exchange --port 9595",
            "crew exchange --symbols BTCUSDT,ETHUSDT --speed 60 --seed 3",
            "crew exchange --account ann:annkey-0001:annsecret-0001:10000USDT+1BNB",
            "crew exchange --exchange-info exchangeInfo.json.gz --brackets leverageBracket.json",
            "crew exchange --data BTCUSDT-1m-2024-08.zip --start 2024-08-05 --realism latency_ms=50",
        ),
    ),
    Word(
        "backtest",
        "backtest:backtest",
        examples(
            "crew backtest",
            "crew backtest trend-ema --symbol BTCUSDT --interval 1h --html report.html",
            "crew backtest regime-matrix -s BTCUSDT -s ETHUSDT --from 2023-01-01 --stress --walk-forward",
            "crew backtest --agents -s BTCUSDT --data recordings --from 2025-05-20 --html crew.html",
            "crew backtest news-mood --data BTCUSDT-1h.parquet --news headlines.csv.gz --json",
        ),
    ),
    Word(
        "search",
        "search:search",
        examples(
            "crew search trend-ema --symbol BTCUSDT --trials 200 --workers 2",
            "crew search policy -s BTCUSDT -s ETHUSDT --trials 50",
            "crew search momentum --study spring --storage postgresql+psycopg://desk@db/searches",
            "crew search policy --workers 3 --ray local",
        ),
    ),
    Word("shadow", "shadow:shadow", examples("crew shadow", "crew shadow -p paper --json")),
    Word("certify", "certify:certify", examples("crew certify --check", "crew certify -p paper --json")),
    Word("report", "report:report", examples("crew report", "crew report --day 2026-03-01 --html day.html --no-alert")),
    Word(
        "strategies",
        "strategies:strategies",
        examples("crew strategies", "crew strategies --by-regime", "crew strategies --json"),
    ),
    Word("chart", "chart:chart", examples("crew chart", "crew chart BTCUSDT --out pictures", "crew chart --every 15")),
    Word(
        "scores", "scores:scores", examples("crew scores", "crew scores --by regime", "crew scores --profile testnet")
    ),
    Word("guard", "processes:guard", examples("crew guard --profile paper")),
    Word("stop", "stop:stop", examples("crew stop", "crew stop --profile paper")),
    Word("doctor", "health:doctor", examples("crew doctor", "crew doctor --profile testnet --json")),
    Word("backup", "backup:backup", examples("crew backup", "crew backup -p paper --to /mnt/backups --keep 14")),
    Word(
        "restore",
        "backup:restore",
        examples(
            "crew restore var/backups/demo-20261126T020000000000Z.crew.tar.gz",
            "crew restore paper.crew.tar.gz -p paper --replace",
        ),
    ),
)


def build(typed: str = "") -> typer.Typer:
    """The whole command line, or what of it answers the word that was typed: nobody waits for the rooms of the others.

    A word that is none, an option or nothing gets all of it, so that help and complaints know every word.
    """
    app = typer.Typer(
        name="crew",
        help=DOCUMENTED,
        epilog=examples("crew kickoff", "crew audit why", "crew status"),
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        rich_markup_mode="rich",
    )
    # With a callback it stays a group of words also where one word is all there is.
    app.callback()(_nothing)
    every = (*COMMANDS, *GROUPS)
    for word in [one for one in every if one.name == typed] or every:
        word.add_to(app)
    return app


def _nothing() -> None:
    pass


def main() -> None:
    """The `crew` command. A fault of the desk's own is one line too; CREWDESK_TRACEBACK=1 shows where it is."""
    speak(os.environ)
    try:
        build(*sys.argv[1:2])()
    except SystemExit as ended:
        _leave(ended.code)
        raise
    except Exception as fault:
        if os.environ.get(TRACEBACK_VARIABLE):
            raise
        hint = f"a fault of the desk's own: {TRACEBACK_VARIABLE}=1 shows where; stops keep resting"
        tell(f"{type(fault).__name__}: {fault}", hint)
        _leave(Exit.UNEXPECTED)
        raise SystemExit(Exit.UNEXPECTED) from None


def _leave(code: str | int | None) -> None:
    """End at once where a thread is still at work, such as one that loads the crew for a kickoff that has failed.

    The interpreter would stop that thread inside a library's C code, which aborts the process and loses the exit code.
    """
    if isinstance(code, int) and any(one.daemon for one in threading.enumerate()):
        with suppress(OSError):
            sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)

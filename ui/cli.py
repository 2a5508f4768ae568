"""`crew`: every word of the desk, with examples. This file is the table of contents; the commands are next door."""

from __future__ import annotations

import os
import sys
import threading
from contextlib import suppress

import typer

from ops.speaking import speak
from ui.commands import (
    account,
    backtest,
    backup,
    certify,
    chart,
    console,
    exchange,
    health,
    kickoff,
    logs,
    pause,
    processes,
    report,
    scores,
    search,
    shadow,
    stop,
    strategies,
    up,
)
from ui.examples import examples
from ui.exits import Exit
from ui.groups import add_groups
from ui.terminal import tell

TRACEBACK_VARIABLE = "CREWDESK_TRACEBACK"

DOCUMENTED = "An LLM trading desk whose safety is proven rather than promised."


def build() -> typer.Typer:
    """The whole command line."""
    app = typer.Typer(
        name="crew",
        help=DOCUMENTED,
        epilog=examples("crew kickoff", "crew audit why", "crew status"),
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        rich_markup_mode="rich",
    )
    app.command("kickoff", epilog=KICKOFF)(kickoff.kickoff)
    _kept_running(app)
    app.command("status", epilog=examples("crew status", "crew status --services", "crew status -p paper --json"))(
        account.status
    )
    app.command("halt", epilog=examples('crew halt --reason "news I do not understand"'))(account.halt)
    app.command("flatten", epilog=examples('crew flatten --reason "weekend"'))(account.flatten)
    app.command("console", epilog=CONSOLE)(console.console)
    app.command("pause", epilog=examples('crew pause --reason "rate decision at 18:00"'))(pause.pause)
    app.command("resume", epilog=examples("crew resume", "crew resume --profile paper"))(pause.resume)
    app.command(
        "exchange",
        epilog=examples(
            "crew exchange --port 9595",
            "crew exchange --symbols BTCUSDT,ETHUSDT --speed 60 --seed 3",
            "crew exchange --account ann:annkey-0001:annsecret-0001:10000USDT+1BNB",
            "crew exchange --exchange-info exchangeInfo.json.gz --brackets leverageBracket.json",
            "crew exchange --data BTCUSDT-1m-2024-08.zip --start 2024-08-05 --realism latency_ms=50",
        ),
    )(exchange.exchange)
    _what_is_tried(app)
    _eyes_and_words(app)
    app.command("guard", epilog=examples("crew guard --profile paper"))(processes.guard)
    app.command("stop", epilog=examples("crew stop", "crew stop --profile paper"))(stop.stop)
    app.command("doctor", epilog=examples("crew doctor", "crew doctor --profile testnet --json"))(health.doctor)
    app.command("backup", epilog=examples("crew backup", "crew backup -p paper --to /mnt/backups --keep 14"))(
        backup.backup
    )
    app.command("restore", epilog=RESTORE)(backup.restore)
    add_groups(app)
    return app


def _kept_running(app: typer.Typer) -> None:
    """The desk as services: up, down, again, and what they wrote."""
    app.command(
        "up", epilog=examples("crew up", "crew up --profile paper --port 8601", "crew up --foreground -p testnet")
    )(up.up)
    app.command("down", epilog=examples("crew down", "crew down console", "crew down --profile paper"))(up.down)
    app.command("restart", epilog=examples("crew restart console", "crew restart guard -p paper", "crew restart"))(
        up.restart
    )
    app.command(
        "logs",
        epilog=examples("crew logs", "crew logs guard --follow", "crew logs --level warning --since 2h --grep timeout"),
    )(logs.logs)


def _what_is_tried(app: typer.Typer) -> None:
    """What is tried on recorded market and learnt from it, and what those who do not think would have."""
    app.command(
        "backtest",
        epilog=examples(
            "crew backtest",
            "crew backtest trend-ema --symbol BTCUSDT --interval 1h --html report.html",
            "crew backtest regime-matrix -s BTCUSDT -s ETHUSDT --from 2023-01-01 --stress --walk-forward",
            "crew backtest --agents -s BTCUSDT --data recordings --from 2025-05-20 --html crew.html",
            "crew backtest news-mood --data BTCUSDT-1h.parquet --news headlines.csv.gz --json",
        ),
    )(backtest.backtest)
    app.command(
        "search",
        epilog=examples(
            "crew search trend-ema --symbol BTCUSDT --trials 200 --workers 2",
            "crew search policy -s BTCUSDT -s ETHUSDT --trials 50",
            "crew search momentum --study spring --storage postgresql+psycopg://desk@db/searches",
            "crew search policy --workers 3 --ray local",
        ),
    )(search.search)
    app.command("shadow", epilog=examples("crew shadow", "crew shadow -p paper --json"))(shadow.shadow)
    app.command("certify", epilog=examples("crew certify --check", "crew certify -p paper --json"))(certify.certify)


def _eyes_and_words(app: typer.Typer) -> None:
    """What the specialists see, what their words and the strategies have been worth, and a day of all of it."""
    app.command("report", epilog=examples("crew report", "crew report --day 2026-03-01 --html day.html --no-alert"))(
        report.report
    )
    app.command(
        "strategies", epilog=examples("crew strategies", "crew strategies --by-regime", "crew strategies --json")
    )(strategies.strategies)
    app.command("chart", epilog=examples("crew chart", "crew chart BTCUSDT --out pictures", "crew chart --every 15"))(
        chart.chart
    )
    app.command("scores", epilog=examples("crew scores", "crew scores --by regime", "crew scores --profile testnet"))(
        scores.scores
    )


KICKOFF = examples(
    "crew kickoff",
    "crew kickoff ETHUSDT SOLUSDT --cycles 10",
    "crew kickoff --crew spike --cycles 20",
    "crew kickoff BTCUSDT --profile replay --data BTCUSDT-15m.parquet --from 2024-08-01 --cycles 200 --json",
)


CONSOLE = examples(
    "crew console",
    "crew console --profile paper --port 8601",
    "crew console --host 0.0.0.0 --tls-cert desk.pem --tls-key desk.key",
    "crew console --public https://desk.example",
)


RESTORE = examples(
    "crew restore var/backups/demo-20261126T020000000000Z.crew.tar.gz",
    "crew restore paper.crew.tar.gz -p paper --replace",
)


def main() -> None:
    """The `crew` command. A fault of the desk's own is one line too; CREWDESK_TRACEBACK=1 shows where it is."""
    speak(os.environ)
    try:
        build()()
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

"""`crew`: every word of the desk, with examples. This file is the table of contents; the commands are next door."""

from __future__ import annotations

import os
import sys
import threading
from contextlib import suppress

import typer

from ops.speaking import speak_json_lines, speaks_json
from ui.commands import (
    access,
    account,
    alerts,
    audit,
    backtest,
    backup,
    certify,
    chart,
    console,
    costs,
    db,
    exchange,
    health,
    history,
    kickoff,
    logs,
    memory,
    pause,
    policy,
    processes,
    report,
    schedule,
    schedule_run,
    scores,
    search,
    shadow,
    spikes,
    stop,
    strategies,
    up,
)
from ui.exits import Exit
from ui.terminal import tell

TRACEBACK_VARIABLE = "CREWDESK_TRACEBACK"

DOCUMENTED = "An LLM trading desk whose safety is proven rather than promised."


def examples(*lines: str) -> str:
    """Examples under a command's help, one a line."""
    return "\n\n".join(("Examples:", *lines))


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
    app.add_typer(_access(), name="access")
    app.add_typer(_reset(), name="reset")
    app.add_typer(_audit(), name="audit")
    app.add_typer(_costs(), name="costs")
    app.add_typer(_db(), name="db")
    app.add_typer(_history(), name="history")
    app.add_typer(_memory(), name="memory")
    app.add_typer(_spikes(), name="spikes")
    app.add_typer(_schedule(), name="schedule")
    app.add_typer(_alerts(), name="alerts")
    app.add_typer(_config(), name="config")
    return app


def _kept_running(app: typer.Typer) -> None:
    """The desk as services: up, down, again, and what they wrote."""
    app.command(
        "up", epilog=examples("crew up", "crew up --profile paper --port 8601", "crew up --foreground -p testnet")
    )(up.up)
    app.command("down", epilog=examples("crew down", "crew down --profile paper"))(up.down)
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
    app.add_typer(_policy(), name="policy")


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


def _access() -> typer.Typer:
    group = typer.Typer(
        no_args_is_help=True,
        help="Who may log in to the console, and which programs may read or operate.",
        epilog=examples("crew access list", "crew access token grafana --scope read"),
    )
    group.command("list", epilog=examples("crew access list --json"))(access.listed)
    group.command("set", epilog=examples("crew access set operator", "crew access set ann --role viewer"))(
        access.set_password
    )
    group.command("remove", epilog=examples("crew access remove ann"))(access.remove)
    group.command("token", epilog=examples("crew access token bot --scope operate"))(access.token)
    group.command("revoke", epilog=examples("crew access revoke bot"))(access.revoke)
    group.command("unlock", epilog=examples("crew access unlock"))(access.unlock)
    return group


def _reset() -> typer.Typer:
    group = typer.Typer(
        no_args_is_help=True,
        help="Lift a latch: two human steps, here and nowhere else.",
        epilog=examples('crew reset request --reason "..."', "crew reset confirm CODE"),
    )
    request = examples('crew reset request --reason "checked the fills; the halt was mine"')
    group.command("request", epilog=request)(account.reset_request)
    group.command("confirm", epilog=examples("crew reset confirm 7Q4KM2ZD"))(account.reset_confirm)
    return group


def _audit() -> typer.Typer:
    group = typer.Typer(
        no_args_is_help=True,
        help="The record: read it, check it, decide again from it.",
        epilog=examples("crew audit why", "crew audit verify"),
    )
    group.command("list", epilog=examples("crew audit list", "crew audit list --symbol BTCUSDT -n 50"))(
        audit.audit_list
    )
    group.command("show", epilog=examples("crew audit show", "crew audit show DECISION --full"))(audit.audit_show)
    group.command("why", epilog=examples("crew audit why", "crew audit why DECISION"))(audit.audit_why)
    group.command("chart", epilog=examples("crew audit chart", "crew audit chart DECISION --out btc.png"))(
        chart.audit_chart
    )
    group.command("verify", epilog=examples("crew audit verify"))(audit.audit_verify)
    group.command(
        "replay", epilog=examples("crew audit replay", "crew audit replay --all", "crew audit replay --without news")
    )(audit.audit_replay)
    return group


def _policy() -> typer.Typer:
    group = typer.Typer(
        no_args_is_help=True,
        help="Policies the desk learns by itself: in the shadow until one is proven.",
        epilog=examples("crew policy train", "crew policy list", "crew policy promote 9f31c2"),
    )
    teach = examples(
        "crew policy train --symbol BTCUSDT --interval 1h",
        "crew policy train -s BTCUSDT -s ETHUSDT --character conservative --figures lean --html learning.html",
        "crew policy train --data BTCUSDT-1h.parquet --from 2022-01-01 --seed 3 --json",
        "crew policy train --own-trades",
    )
    group.command("train", epilog=teach)(policy.train)
    group.command("list", epilog=examples("crew policy list", "crew policy list --json"))(policy.listed)
    group.command("show", epilog=examples("crew policy show 9f31c2", "crew policy show 9f31c2 --html policy.html"))(
        policy.show
    )
    group.command("compare", epilog=examples("crew policy compare 9f31c2 77ab01"))(policy.compare)
    group.command(
        "promote", epilog=examples("crew policy promote 9f31c2 -p testnet", "crew policy promote 9f31c2 --uncertified")
    )(policy.promote)
    group.command("rollback", epilog=examples("crew policy rollback -p paper"))(policy.rollback)
    return group


def _costs() -> typer.Typer:
    group = typer.Typer(
        no_args_is_help=True,
        help="What the models cost: today, in other ways of paying, and which way to pay.",
        epilog=examples("crew costs status", "crew costs use cost-saving"),
    )
    group.command("status", epilog=examples("crew costs status", "crew costs status -p paper --json"))(costs.status)
    group.command("compare", epilog=examples("crew costs compare", "crew costs compare --days 7"))(costs.compare)
    group.command("use", epilog=examples("crew costs use premium", "crew costs use offline", "crew costs use files"))(
        costs.use
    )
    return group


def _db() -> typer.Typer:
    group = typer.Typer(
        no_args_is_help=True,
        help="The ledger's database: where it is, of which revision, up, down, and into another one.",
        epilog=examples("crew db status", "crew db copy --to postgresql+psycopg://desk@db/desk"),
    )
    group.command("status", epilog=examples("crew db status", "crew db status -p paper --json"))(db.status)
    group.command("upgrade", epilog=examples("crew db upgrade", "crew db upgrade -p testnet --json"))(db.upgrade)
    group.command("downgrade", epilog=examples("crew db downgrade 0001"))(db.downgrade)
    words = examples(
        "crew db copy --to postgresql+psycopg://desk@db/desk",
        "CREWDESK_DATABASE=postgresql+psycopg://desk@db/desk crew db copy --to sqlite:///ledger.sqlite",
    )
    group.command("copy", epilog=words)(db.copy)
    return group


def _history() -> typer.Typer:
    group = typer.Typer(
        no_args_is_help=True,
        help="Recorded market on this disk: bring it, see what is there, and what of it to doubt.",
        epilog=examples("crew history download BTCUSDT --from 2023-01", "crew history inventory"),
    )
    group.command(
        "download",
        epilog=examples(
            "crew history download BTCUSDT ETHUSDT --from 2023-01",
            "crew history download BTCUSDT --from 2024-01 --to 2024-12 --interval 1m --interval 1h --kind klines",
            "crew history download BTCUSDT --from 2024-08-01 --to 2024-08-07 --kind aggtrades --kind bookdepth",
        ),
    )(history.download)
    group.command(
        "import",
        epilog=examples("crew history import recordings/", "crew history import BTCUSDT-1m-2024-08.zip --json"),
    )(history.import_)
    group.command("inventory", epilog=examples("crew history inventory", "crew history inventory --json"))(
        history.inventory
    )
    group.command("check", epilog=examples("crew history check", "crew history check --gaps"))(history.check)
    return group


def _memory() -> typer.Typer:
    group = typer.Typer(
        no_args_is_help=True,
        help="What the desk learnt from decisions that ended.",
        epilog=examples('crew memory search "short lost volatile"', "crew memory rebuild"),
    )
    words = examples('crew memory search "short lost volatile"', 'crew memory search "regime wrong" --json')
    group.command("search", epilog=words)(memory.search)
    group.command("rebuild", epilog=examples("crew memory rebuild --profile paper"))(memory.rebuild)
    return group


def _spikes() -> typer.Typer:
    group = typer.Typer(
        no_args_is_help=True,
        help="Sudden moves: what goes off, and what stands behind it.",
        epilog=examples("crew spikes watch", "crew kickoff --crew spike --cycles 0"),
    )
    words = examples("crew spikes watch", "crew spikes watch BTCUSDT SOLUSDT --seconds 600 --json")
    group.command("watch", epilog=words)(spikes.watch)
    return group


def _schedule() -> typer.Typer:
    group = typer.Typer(
        no_args_is_help=True,
        help="What runs by itself and when: kickoffs, spikes, charts, retraining, the daily report.",
        epilog=examples("crew schedule list", "crew schedule run -p paper"),
    )
    group.command("list", epilog=examples("crew schedule list", "crew schedule list -p paper --json"))(schedule.listed)
    group.command("show", epilog=examples("crew schedule show desk", "crew schedule show charts -n 30"))(schedule.show)
    group.command("run", epilog=examples("crew schedule run", "crew schedule run -p paper --json"))(schedule_run.run)
    group.command("pause", epilog=examples('crew schedule pause desk --reason "rate decision"'))(schedule.pause)
    group.command("resume", epilog=examples("crew schedule resume desk"))(schedule.resume)
    group.command("history", epilog=examples("crew schedule history", "crew schedule history desk -n 100 --json"))(
        schedule.history
    )
    return group


def _alerts() -> typer.Typer:
    group = typer.Typer(
        no_args_is_help=True,
        help="Who is told what goes wrong: Telegram, Discord, mail, webhooks; and who has seen it.",
        epilog=examples("crew alerts test", "crew alerts list --waiting", "crew alerts ack"),
    )
    group.command("run", epilog=examples("crew alerts run", "crew alerts run -p paper"))(alerts.run)
    group.command("list", epilog=examples("crew alerts list", "crew alerts list --waiting --json"))(alerts.listed)
    group.command("ack", epilog=examples("crew alerts ack", "crew alerts ack 12"))(alerts.ack)
    group.command("channels", epilog=examples("crew alerts channels --json"))(alerts.channels)
    group.command("test", epilog=examples("crew alerts test", "crew alerts test telegram"))(alerts.tried)
    return group


def _config() -> typer.Typer:
    group = typer.Typer(
        no_args_is_help=True, help="What the operator has set.", epilog=examples("crew config check --profile live")
    )
    group.command("check", epilog=examples("crew config check --profile live"))(health.config_check)
    return group


def main() -> None:
    """The `crew` command. A fault of the desk's own is one line too; CREWDESK_TRACEBACK=1 shows where it is."""
    if speaks_json(os.environ):
        speak_json_lines()
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

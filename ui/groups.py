"""The words of `crew` that have words of their own: audit, schedule, policy and the rest, each with examples."""

from __future__ import annotations

import typer

from ui.commands import (
    access,
    account,
    alerts,
    audit,
    chart,
    costs,
    db,
    health,
    history,
    memory,
    policy,
    schedule,
    schedule_run,
    spikes,
)
from ui.examples import examples


def add_groups(app: typer.Typer) -> None:
    """Put them all into the command line."""
    app.add_typer(_policy(), name="policy")
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

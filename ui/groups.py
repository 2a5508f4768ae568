"""The words of `crew` that have words of their own: audit, schedule, policy and the rest, each with examples."""

from __future__ import annotations

from ui.examples import examples
from ui.words import Group, Word

TRAIN = examples(
    "crew policy train --symbol BTCUSDT --interval 1h",
    "crew policy train -s BTCUSDT -s ETHUSDT --character conservative --figures lean --html learning.html",
    "crew policy train --data BTCUSDT-1h.parquet --from 2022-01-01 --seed 3 --json",
    "crew policy train --own-trades",
)

DOWNLOAD = examples(
    "crew history download BTCUSDT ETHUSDT --from 2023-01",
    "crew history download BTCUSDT --from 2024-01 --to 2024-12 --interval 1m --interval 1h --kind klines",
    "crew history download BTCUSDT --from 2024-08-01 --to 2024-08-07 --kind aggtrades --kind bookdepth",
)

GROUPS = (
    Group(
        "policy",
        "Policies the desk learns by itself: in the shadow until one is proven.",
        examples("crew policy train", "crew policy list", "crew policy promote 9f31c2"),
        (
            Word(
                "train",
                "policy:train",
                TRAIN,
            ),
            Word("list", "policy:listed", examples("crew policy list", "crew policy list --json")),
            Word(
                "show", "policy:show", examples("crew policy show 9f31c2", "crew policy show 9f31c2 --html policy.html")
            ),
            Word("compare", "policy:compare", examples("crew policy compare 9f31c2 77ab01")),
            Word(
                "promote",
                "policy:promote",
                examples("crew policy promote 9f31c2 -p testnet", "crew policy promote 9f31c2 --uncertified"),
            ),
            Word("rollback", "policy:rollback", examples("crew policy rollback -p paper")),
        ),
    ),
    Group(
        "access",
        "Who may log in to the console, and which programs may read or operate.",
        examples("crew access list", "crew access token grafana --scope read"),
        (
            Word("list", "access:listed", examples("crew access list --json")),
            Word(
                "set", "access:set_password", examples("crew access set operator", "crew access set ann --role viewer")
            ),
            Word("remove", "access:remove", examples("crew access remove ann")),
            Word("token", "access:token", examples("crew access token bot --scope operate")),
            Word("revoke", "access:revoke", examples("crew access revoke bot")),
            Word("unlock", "access:unlock", examples("crew access unlock")),
        ),
    ),
    Group(
        "reset",
        "Lift a latch: two human steps, here and nowhere else.",
        examples('crew reset request --reason "..."', "crew reset confirm CODE"),
        (
            Word(
                "request",
                "account:reset_request",
                examples('crew reset request --reason "checked the fills; the halt was mine"'),
            ),
            Word("confirm", "account:reset_confirm", examples("crew reset confirm 7Q4KM2ZD")),
        ),
    ),
    Group(
        "audit",
        "The record: read it, check it, decide again from it.",
        examples("crew audit why", "crew audit verify"),
        (
            Word("list", "audit:audit_list", examples("crew audit list", "crew audit list --symbol BTCUSDT -n 50")),
            Word("show", "audit:audit_show", examples("crew audit show", "crew audit show DECISION --full")),
            Word("why", "audit:audit_why", examples("crew audit why", "crew audit why DECISION")),
            Word("chart", "chart:audit_chart", examples("crew audit chart", "crew audit chart DECISION --out btc.png")),
            Word("verify", "audit:audit_verify", examples("crew audit verify")),
            Word(
                "replay",
                "audit:audit_replay",
                examples("crew audit replay", "crew audit replay --all", "crew audit replay --without news"),
            ),
        ),
    ),
    Group(
        "costs",
        "What the models cost: today, in other ways of paying, and which way to pay.",
        examples("crew costs status", "crew costs use cost-saving"),
        (
            Word("status", "costs:status", examples("crew costs status", "crew costs status -p paper --json")),
            Word("compare", "costs:compare", examples("crew costs compare", "crew costs compare --days 7")),
            Word(
                "use", "costs:use", examples("crew costs use premium", "crew costs use offline", "crew costs use files")
            ),
        ),
    ),
    Group(
        "db",
        "The ledger's database: where it is, of which revision, up, down, and into another one.",
        examples("crew db status", "crew db copy --to postgresql+psycopg://desk@db/desk"),
        (
            Word("status", "db:status", examples("crew db status", "crew db status -p paper --json")),
            Word("upgrade", "db:upgrade", examples("crew db upgrade", "crew db upgrade -p testnet --json")),
            Word("downgrade", "db:downgrade", examples("crew db downgrade 0001")),
            Word(
                "copy",
                "db:copy",
                examples(
                    "crew db copy --to postgresql+psycopg://desk@db/desk",
                    "CREWDESK_DATABASE=postgresql+psycopg://desk@db/desk crew db copy --to sqlite:///ledger.sqlite",
                ),
            ),
        ),
    ),
    Group(
        "history",
        "Recorded market on this disk: bring it, see what is there, and what of it to doubt.",
        examples("crew history download BTCUSDT --from 2023-01", "crew history inventory"),
        (
            Word(
                "download",
                "history:download",
                DOWNLOAD,
            ),
            Word(
                "import",
                "history:import_",
                examples("crew history import recordings/", "crew history import BTCUSDT-1m-2024-08.zip --json"),
            ),
            Word("inventory", "history:inventory", examples("crew history inventory", "crew history inventory --json")),
            Word("check", "history:check", examples("crew history check", "crew history check --gaps")),
        ),
    ),
    Group(
        "memory",
        "What the desk learnt from decisions that ended.",
        examples('crew memory search "short lost volatile"', "crew memory rebuild"),
        (
            Word(
                "search",
                "memory:search",
                examples('crew memory search "short lost volatile"', 'crew memory search "regime wrong" --json'),
            ),
            Word("rebuild", "memory:rebuild", examples("crew memory rebuild --profile paper")),
        ),
    ),
    Group(
        "spikes",
        "Sudden moves: what goes off, and what stands behind it.",
        examples("crew spikes watch", "crew kickoff --crew spike --cycles 0"),
        (
            Word(
                "watch",
                "spikes:watch",
                examples("crew spikes watch", "crew spikes watch BTCUSDT SOLUSDT --seconds 600 --json"),
            ),
        ),
    ),
    Group(
        "schedule",
        "What runs by itself and when: kickoffs, spikes, charts, retraining, the daily report.",
        examples("crew schedule list", "crew schedule run -p paper"),
        (
            Word("list", "schedule:listed", examples("crew schedule list", "crew schedule list -p paper --json")),
            Word("show", "schedule:show", examples("crew schedule show desk", "crew schedule show charts -n 30")),
            Word("run", "schedule_run:run", examples("crew schedule run", "crew schedule run -p paper --json")),
            Word("pause", "schedule:pause", examples('crew schedule pause desk --reason "rate decision"')),
            Word("resume", "schedule:resume", examples("crew schedule resume desk")),
            Word(
                "history",
                "schedule:history",
                examples("crew schedule history", "crew schedule history desk -n 100 --json"),
            ),
        ),
    ),
    Group(
        "alerts",
        "Who is told what goes wrong: Telegram, Discord, mail, webhooks; and who has seen it.",
        examples("crew alerts test", "crew alerts list --waiting", "crew alerts ack"),
        (
            Word("run", "alerts:run", examples("crew alerts run", "crew alerts run -p paper")),
            Word("list", "alerts:listed", examples("crew alerts list", "crew alerts list --waiting --json")),
            Word("ack", "alerts:ack", examples("crew alerts ack", "crew alerts ack 12")),
            Word("channels", "alerts:channels", examples("crew alerts channels --json")),
            Word("test", "alerts:tried", examples("crew alerts test", "crew alerts test telegram")),
        ),
    ),
    Group(
        "config",
        "What the operator has set.",
        examples("crew config check --profile live"),
        (Word("check", "health:config_check", examples("crew config check --profile live")),),
    ),
)

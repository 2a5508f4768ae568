"""`crew audit replay --without AGENT --set KEY=VALUE`: what would have been, and what the difference was worth."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from rich.table import Table

from desk.domain.errors import ConfigError, PrerequisiteError
from memory.audit import AuditLog
from ui.figures import safe
from ui.terminal import print_json, screen

if TYPE_CHECKING:
    from crews.audit.counterfactual import Credit, Otherwise
    from desk.guard.record.otherwise import Heard

_SHOWN = 40


class Wish(NamedTuple):
    """What is to be different: agents that did not report, settings as KEY=VALUE, and how many days back."""

    without: tuple[str, ...]
    changes: tuple[str, ...]
    days: int


def tell_otherwise(log: AuditLog, journal: Path, decision: str, wish: Wish, *, as_json: bool) -> None:
    """Print each decision that would have changed, and the sum over all of them. `journal` is the guard's."""
    # Here and not above: what recomputes a decision takes half a second to load.
    from crews.audit.counterfactual import credit, otherwise

    changes = dict(_pair(text) for text in wish.changes)
    names = [decision] if decision else _period(log, wish.days)
    heard = _heard(journal) if any(key.startswith("desk.limits.") for key in changes) else None
    found = [otherwise(log, name, without=wish.without, changes=changes, heard=heard) for name in names]
    compared = [one for one in found if one is not None]
    total = credit(compared)
    if as_json:
        for one in compared:
            print_json(one.to_json())
        print_json({"without": list(wish.without), "set": changes, **total.to_json()})
        return
    changed = [one for one in compared if one.changed]
    if changed:
        screen().print(_table(changed[-_SHOWN:]))
    _sum(total, wish)


def _heard(journal: Path) -> Mapping[str, Heard]:
    """Every intent the guard heard. Raises PrerequisiteError or JournalError."""
    from desk.guard.record.journal import read_rows
    from desk.guard.record.otherwise import hearings

    if not journal.exists():
        raise PrerequisiteError("the guard's journal is not there, so its limits cannot be tried", hint="crew kickoff")
    return hearings(read_rows(journal))


def _pair(text: str) -> tuple[str, str]:
    key, sign, value = text.partition("=")
    if not sign or not key or not value:
        raise ConfigError(f"{text[:60]!r} is no setting", file="--set", hint="desk.decision.min_strength=4")
    return key, value


def _period(log: AuditLog, days: int) -> list[str]:
    """The decisions of the last days, oldest first, back from the newest: a replay's clock is not this machine's."""
    every = log.decisions(limit=1_000_000)
    if not every:
        raise PrerequisiteError("nothing has been decided yet", hint="crew kickoff")
    since = every[0].at - timedelta(days=days)
    return [one.decision_id for one in reversed(every) if one.at >= since]


def _table(changed: list[Otherwise]) -> Table:
    table = Table(box=None, pad_edge=False)
    for heading in ("decision", "symbol", "was", "would be", "profit", "credit"):
        table.add_column(heading, justify="right" if heading in ("profit", "credit") else "left", overflow="fold")
    for one in changed:
        was = " ".join(filter(None, (one.action, one.conviction, one.answer)))
        would = " ".join(filter(None, (one.otherwise, one.otherwise_conviction, one.otherwise_answer)))
        table.add_row(one.decision_id, one.symbol, was, would, one.profit or "", one.credit or "unknown")
    return table


def _sum(total: Credit, wish: Wish) -> None:
    words = " and ".join(filter(None, (", ".join(wish.without), ", ".join(wish.changes))))
    screen().print(
        f"{total.changed:,} of {total.decisions:,} decisions would have been other; profit {total.profit:f} USDT, "
        f"of which {total.credit:f} USDT are owed to [name]{safe(words)}[/]; {total.unknown:,} nobody can know"
    )
    if total.kept:
        screen().print(f"[quiet]in {total.kept:,} the master was a language model, whose own proposal was kept[/]")

"""Whether what is shown was traded under a proof: one line that stands on every screen where a trade does."""

from __future__ import annotations

from collections.abc import Sequence

from rich.text import Text

from desk.domain.certificates import mark_of
from desk.guard.vocabulary.status import GuardStatus

UNCERTIFIED = "uncertified: no edge proven, paper money alone"
LENT = "An unproven weight is lent, not earned: on recorded markets the written rules foretold no better than chance."
SHORT, FOREIGN = "uncertified", "not the desk's"
_SHOWN = 12


def proof_of(licence: str | None) -> Text:
    """The proof that a decision was made under."""
    name, mark = mark_of(licence or "")
    if not mark:
        return Text(UNCERTIFIED, style="warn")
    return Text.assemble((name, "good"), (f"  certificate {mark[:_SHOWN]}", "quiet"))


def strategies_of(status: GuardStatus) -> dict[str, str]:
    """What each open position trades under, by symbol; empty for one that nobody here asked for."""
    asked = {one.intent_id: one.strategy_id for one in status.open_intents}
    return {held.symbol: asked.get(held.intent_id or "", "") for held in status.positions}


def certified(strategy_id: str) -> bool:
    """Whether a trade under this name stands under a certificate."""
    return bool(mark_of(strategy_id)[1])


def short_proof(strategy_id: str) -> Text:
    """The same in a word, for a row among many."""
    name, mark = mark_of(strategy_id)
    if not name:
        return Text(FOREIGN, style="warn")
    return Text(f"{name} {mark[:6]}", style="good") if mark else Text(SHORT, style="warn")


def proof_chip(strategy_id: str) -> tuple[str, str]:
    """The same for a page: the word, and in which tone it is told."""
    return short_proof(strategy_id).plain, "good" if certified(strategy_id) else "warn"


def proofs_of(held: Sequence[str], *, needed: bool) -> Text:
    """The proofs that a guard holds, and what it means to hold none."""
    if held:
        return Text("certified: " + ", ".join(mark_of(one)[0] for one in held), style="good")
    return Text("no edge proven: this desk stays flat" if needed else UNCERTIFIED, style="warn")

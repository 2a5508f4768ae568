"""The header: profile, equity, today against its limit, breaker, heartbeats. It is on every tab, and never guesses."""

from __future__ import annotations

from decimal import Decimal

from desk.domain.money import ZERO
from desk.guard.vocabulary.status import GuardStatus
from ui.console.panels.wanted import Wanted
from ui.console.rendering import render
from ui.proof import proofs_of
from ui.server.house import House
from ui.status_screen import latch_words

_HALF, _FIFTH = Decimal("0.5"), Decimal("0.2")


def header(house: House, wanted: Wanted) -> str:
    """The strip of figures."""
    del wanted
    window, kickoffs = house.window, house.controls.kickoffs
    seen = window.guard.look()
    voices = window.record.voices()
    spent = window.spending()
    return render(
        "header.html",
        profile=window.config.profile,
        seen=seen,
        guard=None if seen.blind else seen.status,
        latch=latch_words(seen.status.latch.reason) if seen.status and seen.status.latch else "",
        since=seen.status.latch.at if seen.status and seen.status.latch else None,
        today=_today(seen.status) if seen.status else ZERO,
        share=_share_of_day(seen.status) if seen.status else None,
        used=_used(seen.status) if seen.status and not seen.blind else None,
        proof=_proof(seen.status) if seen.status else None,
        voices=voices,
        spent=spent,
        paused=window.paused(),
        at_work=kickoffs.at_work,
    )


def _today(told: GuardStatus) -> Decimal:
    """Profit or loss since the UTC day began; transfers are neither."""
    return told.equity - told.day.baseline


def _share_of_day(told: GuardStatus) -> Decimal | None:
    return _today(told) / told.day.baseline if told.day.baseline > ZERO else None


def _proof(told: GuardStatus) -> tuple[str, str, str]:
    """Whether anything that may trade here is certified: in a word, in which tone, and in a line."""
    line = proofs_of(told.certified, needed=told.proof_needed).plain
    if told.certified:
        return f"{len(told.certified)} certified", "good", line
    return ("stays flat" if told.proof_needed else "uncertified"), "warn", line


def _used(told: GuardStatus) -> tuple[Decimal, str]:
    """How much of the day's limit is used, as a share of one, and in which tone that is told."""
    if told.day.limit <= ZERO:
        return Decimal(1), "bad"
    left = max(ZERO, min(Decimal(1), told.day.left / told.day.limit))
    return Decimal(1) - left, "good" if left > _HALF else "warn" if left > _FIFTH else "bad"

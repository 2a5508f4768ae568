"""What the guard asks of an account before it lives on it: everything on a first start, and little on a restart.

A guard that comes back may have a position to watch: it asks only for what it could not work without. On a first start
everything must be sound. Foreign orders and positions are refused there, except on paper: there, as on every restart,
they are named and block new exposure until they are explained.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from desk.domain.errors import PrerequisiteError
from desk.guard.process.settings import GuardSettings
from desk.guard.record.journal import read_rows
from desk.guard.vocabulary.ids import PREFIX

if TYPE_CHECKING:
    from desk.venues.binance.gateway import BinanceGateway
    from desk.venues.binance.preflight import Finding

FOREIGN = "foreign"
# Without these no guard can work; whatever else is wrong must not keep one from its open positions.
ALWAYS = frozenset({"key", "position mode", "symbols"})


def never_lived(journal: Path) -> bool:
    """Whether no guard has ever run on this journal; one that was refused has left it empty."""
    return not journal.exists() or next(read_rows(journal, limit=1), None) is None


def look_over(gateway: BinanceGateway, settings: GuardSettings, *, first_start: bool) -> tuple[Finding, ...]:
    """Every finding about the account of these settings, whoever started on it before."""
    return _findings(gateway, settings, first_start=first_start, only=None)


def require_sound(gateway: BinanceGateway, settings: GuardSettings, *, first_start: bool) -> None:
    """Return when the guard may start here.

    Raises:
        PrerequisiteError: the first thing to mend, with its fix, and how many there are.
    """
    findings = _findings(gateway, settings, first_start=first_start, only=None if first_start else ALWAYS)
    paper = settings.venue.kind == "paper"
    wrong = [one for one in findings if not one.well and not (paper and one.name == FOREIGN)]
    if not wrong:
        return
    more = f" (and {len(wrong) - 1} more: `crew doctor --profile {settings.profile}`)" if len(wrong) > 1 else ""
    raise PrerequisiteError(f"{wrong[0].name}: {wrong[0].seen}{more}", hint=wrong[0].fix)


def _findings(
    gateway: BinanceGateway, settings: GuardSettings, *, first_start: bool, only: frozenset[str] | None
) -> tuple[Finding, ...]:
    from desk.venues.binance.preflight import Wanted, preflight

    wanted = Wanted(
        symbols=settings.symbols,
        leverage=settings.limits.max_leverage,
        real=settings.venue.kind == "live",
        own_clock=settings.venue.virtual_clock or settings.venue.kind == "paper",
        first_start=first_start,
        ours=lambda name: name.startswith(PREFIX),
    )
    return preflight(gateway, wanted, only=only)

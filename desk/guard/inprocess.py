"""The production guard without a process: same step, same executor, any venue, any clock, journal in memory or given.

For tests, campaigns and backtests. With a virtual clock everything is deterministic: the same seed gives the same
journal, row for row.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from desk.domain.account import SymbolRules
from desk.domain.certificates import Certificate
from desk.domain.frozen import replace
from desk.guard.bounds.limits import Limits
from desk.guard.bounds.rules import Rules
from desk.guard.core import Guard, TellPerson
from desk.guard.record.journal import Journal, MemoryJournal
from desk.guard.secrets.veil import Veil
from desk.ports import Clock, TradingVenue


class VirtualClock:
    """A clock that moves only when told. Starts at a given UTC time; `monotonic` counts what it was advanced by."""

    def __init__(self, start: datetime = datetime(2026, 1, 5, 12, 0, tzinfo=UTC)) -> None:
        self._now, self._start = start, start

    def now(self) -> datetime:
        """Aware UTC."""
        return self._now

    def monotonic(self) -> float:
        """Seconds since the start."""
        return (self._now - self._start).total_seconds()

    def advance(self, seconds: float) -> None:
        """Move on."""
        self._now += timedelta(seconds=seconds)


def guard_in_process(
    venue: TradingVenue,
    *,
    filters: Mapping[str, SymbolRules],
    symbols: frozenset[str] | None = None,
    limits: Limits | None = None,
    clock: Clock | None = None,
    journal: Journal | None = None,
    speed: int = 1,
    dead_man: str = "unknown",
    flatten_only: bool = False,
    certificates: tuple[Certificate, ...] | None = None,
    virtual: bool = False,
    tell: TellPerson | None = None,
    veil: Veil | None = None,
) -> Guard:
    """A booted guard over `venue`. Without `symbols` every symbol in `filters` is allowed.

    With `certificates`, even with none of them, a proof is needed as on testnet and live.
    """
    rules = Rules(limits=limits or Limits(), symbols=symbols or frozenset(filters), filters=dict(filters), speed=speed)
    rules = replace(rules, dead_man=dead_man, flatten_only=flatten_only)
    rules = replace(rules, proof_needed=certificates is not None, certificates=certificates or ())
    guard = Guard(
        venue=venue,
        rules=rules,
        journal=journal if journal is not None else MemoryJournal(),
        clock=clock or VirtualClock(),
        virtual=virtual,
        tell=tell,
        veil=veil,
    )
    guard.boot()
    return guard

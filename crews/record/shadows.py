"""The shadow desks beside a run: after each decision every one acts on the same mark, and its account is booked.

They begin with what the crew had at its first decision. Nothing of theirs reaches the guard.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from crews.record.record import DecisionRecord
from crews.setup import DeskSetup
from desk.domain.moments import to_ms
from desk.domain.money import ZERO
from desk.guard.bounds.limits import Limits
from desk.ledger import Ledger, ShadowRow
from desk.market.snapshot import Snapshot
from desk.shadow.books import Book, Charge, Costs
from desk.shadow.desks import Moment, Shadow, step

Advice = Callable[[Snapshot, int], str]


class Shadows:
    """The four accounts of one ledger. `advice` is the promoted policy's word for a side held, None without one."""

    def __init__(
        self, ledger: Ledger, setup: DeskSetup, limits: Limits, *, symbols: int, advice: Advice | None = None
    ) -> None:
        self._ledger, self._setup, self._symbols, self._advice = ledger, setup, symbols, advice
        # What the guard reserves for entry and exit together, and so half of it a side.
        self._costs = Costs(fee=limits.taker_fee, slippage=limits.slippage_reserve / 2)

    def follow(self, record: DecisionRecord, snapshot: Snapshot) -> None:
        """Let every shadow act on what this decision saw. Raises JournalError."""
        moment = self._moment(record, snapshot)
        for shadow in Shadow:
            absent = shadow is Shadow.POLICY and self._advice is None
            # A run that is repeated decides the same thing under the same name: it was acted on then.
            if not absent and not self._ledger.shadowed(shadow.value, record.decision_id):
                self._act(shadow, record, moment)

    def _act(self, shadow: Shadow, record: DecisionRecord, moment: Moment) -> None:
        before = self._ledger.shadow(shadow.value)
        book = Book.of(record.equity) if before is None else Book.from_json(before.book)
        after = step(shadow, book, moment, self._costs)
        self._ledger.record(
            ShadowRow(
                desk=shadow.value,
                number=1 if before is None else before.number + 1,
                decision_id=record.decision_id,
                at=record.decided_at,
                equity=after.equity,
                book=after.to_json(),
            )
        )

    def _moment(self, record: DecisionRecord, snapshot: Snapshot) -> Moment:
        opened = record.action.opens and record.filled > ZERO and record.average_price is not None
        notional = record.filled * record.average_price if opened and record.average_price is not None else ZERO
        advice = self._advice
        return Moment(
            symbol=record.symbol,
            mark=record.mark,
            opened=notional / record.equity if record.equity > ZERO else ZERO,
            crew_holds=bool(opened) or snapshot.account.position(record.symbol) is not None,
            lot=record.decision_id,
            at_ms=to_ms(snapshot.at),
            charges=tuple(Charge(at_ms=to_ms(one.at), rate=Decimal(repr(one.rate))) for one in snapshot.funding),
            stop_pct=record.stop_pct if opened else self._setup.caps.stop.default,
            target_pct=record.target_pct if opened else self._setup.caps.target.default,
            symbols=self._symbols,
            advice=None if advice is None else lambda side: advice(snapshot, side),
        )

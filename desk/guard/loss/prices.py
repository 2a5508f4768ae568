"""An hour of marks as this guard has seen them, in steps of ten seconds: how far a market fell, and how much it moves.

A guard that has just started remembers nothing; until it does, falls and ranges are told smaller than they may be.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from decimal import Decimal

from desk.domain.money import ONE, ZERO
from desk.guard.loss.breaker import BITCOIN, ETHER, FIVE_MINUTES, ONE_HOUR
from desk.guard.vocabulary.facts import FallFact, MarkFact

_STEP_MS = 10_000
_NOTABLE_FALL = Decimal("0.03")


@dataclass(slots=True)
class _Step:
    at: int
    high: Decimal
    low: Decimal
    index_high: Decimal


class PricesSeen:
    """The marks of the last hour by symbol."""

    def __init__(self) -> None:
        self._steps: dict[str, deque[_Step]] = {}

    def remember(self, marks: tuple[MarkFact, ...], at_ms: int) -> None:
        """Take up what one look showed."""
        now = at_ms // _STEP_MS
        for mark in marks:
            steps = self._steps.setdefault(mark.symbol, deque())
            if not steps or steps[-1].at != now:
                steps.append(_Step(at=now, high=mark.price, low=mark.price, index_high=mark.index))
            newest = steps[-1]
            newest.high, newest.low = max(newest.high, mark.price), min(newest.low, mark.price)
            newest.index_high = max(newest.index_high, mark.index)
            while steps[0].at < now - ONE_HOUR * 1000 // _STEP_MS:
                steps.popleft()

    def range_of(self, symbol: str, at_ms: int, price: Decimal) -> tuple[Decimal, Decimal]:
        """Lowest and highest mark of the last five minutes, the newest `price` among them."""
        steps = self._since(symbol, FIVE_MINUTES, at_ms)
        return min((one.low for one in steps), default=price), max((one.high for one in steps), default=price)

    def falls(self, marks: tuple[MarkFact, ...], at_ms: int) -> tuple[FallFact, ...]:
        """How far the two leaders stand below their highs, where that is notable: the milder of mark and index."""
        falls: list[FallFact] = []
        for mark in marks:
            if mark.symbol in (BITCOIN, ETHER) and mark.index > ZERO:
                falls += self._falls_of(mark, at_ms)
        return tuple(falls)

    def _falls_of(self, mark: MarkFact, at_ms: int) -> list[FallFact]:
        """The falls of one leader, the shorter time first. Who is near the hour's high is near that of five minutes."""
        falls: list[FallFact] = []
        for seconds in (ONE_HOUR, FIVE_MINUTES):
            steps = self._since(mark.symbol, seconds, at_ms)
            if not steps:
                continue
            by_mark = ONE - mark.price / max([one.high for one in steps])
            by_index = ONE - mark.index / max([one.index_high for one in steps])
            if (fall := min(by_mark, by_index)) < _NOTABLE_FALL:
                break
            falls.insert(0, FallFact(symbol=mark.symbol, seconds=seconds, fall=round(fall, 6)))
        return falls

    def _since(self, symbol: str, seconds: int, at_ms: int) -> list[_Step]:
        since = at_ms // _STEP_MS - seconds * 1000 // _STEP_MS
        return [one for one in self._steps.get(symbol, ()) if one.at >= since]

"""Who crosses the spread: what takers bought and sold over the last minutes, trade by trade, in constant work each.

Imbalance is (bought - sold) / (bought + sold) of notional in USDT, in [-1, 1]. A trade counts until it is as old as the
window.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

from desk.domain.errors import DataError
from desk.domain.orders import Side

DEFAULT_WINDOW_MS = 5 * 60_000


@dataclass(frozen=True, slots=True, kw_only=True)
class TakerReading:
    """Takers over the window, in USDT. `imbalance` is None when nothing traded."""

    trades: int
    bought: float
    sold: float
    imbalance: float | None


class TakerFlow:
    """The takers of one symbol. Trades come in order of time, in ms UTC."""

    def __init__(self, window_ms: int = DEFAULT_WINDOW_MS) -> None:
        self._window = window_ms
        self._trades: deque[tuple[int, float]] = deque()
        self._bought = _Sum()
        self._sold = _Sum()

    def trade(self, at: int, price: float, quantity: float, taker: Side) -> None:
        """A trade. Raises DataError for one that is older than the trade before it."""
        if self._trades and at < self._trades[-1][0]:
            raise DataError("a trade is older than the one before it")
        signed = price * quantity if taker is Side.BUY else -price * quantity
        self._trades.append((at, signed))
        (self._bought if signed > 0 else self._sold).add(abs(signed))
        self._forget(at)

    def reading(self, now: int) -> TakerReading:
        """The takers of the window that ends now. Asking forgets what is older."""
        self._forget(now)
        bought, sold = self._bought.value, self._sold.value
        total = bought + sold
        return TakerReading(
            trades=len(self._trades),
            bought=bought,
            sold=sold,
            imbalance=round((bought - sold) / total, 6) if total > 0 else None,
        )

    def _forget(self, now: int) -> None:
        while self._trades and self._trades[0][0] <= now - self._window:
            signed = self._trades.popleft()[1]
            (self._bought if signed > 0 else self._sold).remove(abs(signed))


class _Sum:
    """A sum that things leave again: exactly zero once it is empty, however much came and went."""

    def __init__(self) -> None:
        self._count = 0
        self.value = 0.0

    def add(self, part: float) -> None:
        self._count, self.value = self._count + 1, self.value + part

    def remove(self, part: float) -> None:
        self._count -= 1
        self.value = max(0.0, self.value - part) if self._count else 0.0

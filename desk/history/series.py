"""One series of recordings by name: whose market, what of it, which symbol, and bars of which length."""

from __future__ import annotations

import re
from dataclasses import dataclass

from desk.domain.errors import DataError
from desk.history.kinds import SHAPES, Kind, Market, Shape
from desk.market.intervals import interval_ms

_SYMBOL = re.compile(r"[A-Z0-9]{2,20}(_[0-9]{6})?", re.ASCII)


@dataclass(frozen=True, slots=True, order=True)
class Series:
    """A series. `interval` is empty for what has none.

    Raises:
        DataError: for a symbol that is none (it becomes a folder's name), for an interval the desk does not read or
            that does not belong there, and for what that market does not record.
    """

    market: Market
    kind: Kind
    symbol: str
    interval: str = ""

    def __post_init__(self) -> None:
        """Refuse a series that cannot be."""
        if not _SYMBOL.fullmatch(self.symbol):
            raise DataError(f"{self.symbol!r:.40} is no symbol", hint="as the exchange writes it: BTCUSDT")
        if self.shape.barred:
            interval_ms(self.interval)
        elif self.interval:
            raise DataError(f"{self.kind} has no bars, and so no interval")
        if self.market is Market.SPOT and not self.shape.spot:
            raise DataError(f"there is no {self.kind} of spot")

    def __str__(self) -> str:
        return " ".join(part for part in (self.symbol, self.interval, self.kind, self.market) if part)

    @property
    def shape(self) -> Shape:
        """Its columns and files."""
        return SHAPES[self.kind]

    @property
    def step_ms(self) -> int:
        """The length of a bar in ms. Raises DataError where there are none."""
        return interval_ms(self.interval)

"""A local order book that is the venue's, or says that it is not: never a wrong one.

As documented: open the stream of changes and keep what comes; fetch a snapshot; drop changes whose `u` is below its
`lastUpdateId`; the first one applied has `U <= lastUpdateId <= u`; from there each change's `pu` is the `u` of the one
before. Whatever does not follow makes the book unknown until the next snapshot. Quantities are absolute; 0 removes.
Levels beyond a snapshot that was cut off are known only where they changed, so that none of them is told.
Source: Binance USD-M futures, "How to manage a local order book correctly".
"""

from __future__ import annotations

import threading
from decimal import Decimal
from heapq import nlargest, nsmallest

from desk.domain.errors import DataError
from desk.domain.market import Level, OrderBook
from desk.domain.moments import from_ms
from desk.domain.money import ZERO
from desk.venues.binance.fields import Fields
from desk.venues.binance.market import levels

SNAPSHOT_LEVELS = 1000
# A snapshot takes a second at most; a busy symbol changes ten times a second.
_MOST_KEPT = 600


class _Change:
    """One `depthUpdate`, read but not applied."""

    __slots__ = ("asks", "at_ms", "bids", "first", "last", "previous")

    def __init__(self, message: object) -> None:
        row = Fields(message, "depth update")
        self.first, self.last, self.previous = row.integer("U"), row.integer("u"), row.integer("pu")
        self.at_ms = row.integer("E")
        self.bids, self.asks = levels(row.rows("b")), levels(row.rows("a"))


class LocalBook:
    """One symbol's book. `apply` from the stream's thread, `whole` from any."""

    def __init__(self, symbol: str) -> None:
        self.symbol = symbol
        self._lock = threading.Lock()
        self._bids: dict[Decimal, Decimal] = {}
        self._asks: dict[Decimal, Decimal] = {}
        self._last: int | None = None
        self._joined = False
        self._at_ms = 0
        self._kept: list[_Change] = []
        self._worst: tuple[Decimal | None, Decimal | None] = (None, None)

    def lost(self) -> None:
        """The stream broke or skipped: nothing is known until a new snapshot."""
        with self._lock:
            self._forget()
            self._kept.clear()

    def start(self, snapshot: object, *, most: int = SNAPSHOT_LEVELS) -> bool:
        """Begin anew from a `depth` answer of at most `most` levels and the changes kept meanwhile.

        False when they do not join.

        Raises:
            DataError: when the snapshot does not read.
        """
        row = Fields(snapshot, f"{self.symbol} book")
        bids, asks = dict(levels(row.rows("bids"))), dict(levels(row.rows("asks")))
        last, at_ms = row.integer("lastUpdateId"), row.integer("E")
        with self._lock:
            self._bids, self._asks, self._last, self._joined, self._at_ms = bids, asks, last, False, at_ms
            self._worst = (min(bids) if len(bids) >= most else None, max(asks) if len(asks) >= most else None)
            kept, self._kept = self._kept, []
            return all(self._take(change) for change in kept)

    def apply(self, message: object) -> bool:
        """Take one change; False when the book is unknown and a snapshot is needed.

        Raises:
            DataError: when the message does not read; the book is unknown then, too.
        """
        try:
            change = _Change(message)
        except DataError:
            self.lost()
            raise
        with self._lock:
            return self._take(change)

    def whole(self, depth: int = 1000) -> OrderBook | None:
        """The `depth` best levels a side, or None while the book is unknown."""
        with self._lock:
            if self._last is None:
                return None
            lowest, highest = self._worst
            bids = nlargest(depth, (level for level in self._bids.items() if lowest is None or level[0] >= lowest))
            asks = nsmallest(depth, (level for level in self._asks.items() if highest is None or level[0] <= highest))
            at_ms = self._at_ms
        if not bids or not asks or bids[0][0] >= asks[0][0]:
            return None
        return OrderBook(
            symbol=self.symbol,
            at=from_ms(at_ms),
            bids=tuple(Level(*level) for level in bids),
            asks=tuple(Level(*level) for level in asks),
        )

    @property
    def update_id(self) -> int | None:
        """The venue's number of the book as it stands here, or None while it is unknown."""
        return self._last

    def _take(self, change: _Change) -> bool:
        if self._last is None:
            self._kept.append(change)
            del self._kept[:-_MOST_KEPT]
            return False
        if change.last < self._last or (self._joined and change.last == self._last):
            # Older than what is known: heard before, or covered by the snapshot.
            return True
        # A change that begins where the snapshot ends follows it as surely as one that overlaps it.
        follows = change.previous == self._last or (not self._joined and change.first <= self._last)
        if not follows:
            self._forget()
            self._kept = [change]
            return False
        _merge(self._bids, change.bids)
        _merge(self._asks, change.asks)
        self._last, self._joined, self._at_ms = change.last, True, change.at_ms
        return True

    def _forget(self) -> None:
        self._bids, self._asks, self._last, self._joined = {}, {}, None, False


def _merge(side: dict[Decimal, Decimal], changes: tuple[tuple[Decimal, Decimal], ...]) -> None:
    for price, quantity in changes:
        if quantity == ZERO:
            side.pop(price, None)
        else:
            side[price] = quantity

"""The order book in numbers: who leans on it, how wide it is, and where the walls stand."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from desk.domain.errors import DataError
from desk.domain.market import Level, OrderBook
from desk.indicators.columns import significant

DEPTHS = (1, 5, 10, 20)
WALL_MULTIPLE = 5.0
_MOST_WALLS = 6
_FEWEST_LEVELS_FOR_WALLS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class DepthImbalance:
    """(bid - ask) / (bid + ask) of notional over the best `levels` of each side, in [-1, 1]."""

    levels: int
    imbalance: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Wall:
    """A level at least `multiple` times the median level of its side. `distance_bps` is unsigned, from the mid."""

    bid: bool
    price: float
    notional: float
    multiple: float
    distance_bps: float


@dataclass(frozen=True, slots=True, kw_only=True)
class BookReading:
    """An order book in numbers; notionals in USDT over all levels at hand.

    `microprice` weighs each best price by the quantity on the other side: where the next trade leans.
    """

    symbol: str
    mid: float
    microprice: float
    spread_bps: float
    bid_notional: float
    ask_notional: float
    imbalances: tuple[DepthImbalance, ...]
    walls: tuple[Wall, ...]


def read_book(book: OrderBook) -> BookReading:
    """Measure a book. Raises DataError when a side is empty, out of order or crossed."""
    _check(book)
    bid, ask = float(book.bids[0].price), float(book.asks[0].price)
    bid_size, ask_size = float(book.bids[0].quantity), float(book.asks[0].quantity)
    mid = (bid + ask) / 2
    deepest = min(len(book.bids), len(book.asks))
    depths = sorted({min(depth, deepest) for depth in DEPTHS})
    return BookReading(
        symbol=book.symbol,
        mid=significant(mid),
        microprice=significant((bid * ask_size + ask * bid_size) / (bid_size + ask_size)),
        spread_bps=round((ask - bid) / mid * 10_000, 4),
        bid_notional=significant(_notional(book.bids)),
        ask_notional=significant(_notional(book.asks)),
        imbalances=tuple(DepthImbalance(levels=n, imbalance=imbalance(book, n)) for n in depths),
        walls=_walls(book.bids, mid, bid=True) + _walls(book.asks, mid, bid=False),
    )


def imbalance(book: OrderBook, levels: int) -> float:
    """(bid - ask) / (bid + ask) of notional over the best `levels` of each side, in [-1, 1]."""
    bids, asks = _notional(book.bids[:levels]), _notional(book.asks[:levels])
    return round((bids - asks) / (bids + asks), 4)


def _notional(levels: tuple[Level, ...]) -> float:
    return float(sum(level.price * level.quantity for level in levels))


def _check(book: OrderBook) -> None:
    if not book.bids or not book.asks:
        raise DataError(f"{book.symbol}: a side of the book is empty")
    if any(level.price <= 0 or level.quantity <= 0 for level in book.bids + book.asks):
        raise DataError(f"{book.symbol}: a level of the book holds nothing")
    falling = all(upper.price > lower.price for upper, lower in pairwise(book.bids))
    rising = all(lower.price < upper.price for lower, upper in pairwise(book.asks))
    if not falling or not rising or book.bids[0].price >= book.asks[0].price:
        raise DataError(f"{book.symbol}: the book is out of order or crossed")


def _walls(levels: tuple[Level, ...], mid: float, *, bid: bool) -> tuple[Wall, ...]:
    if len(levels) < _FEWEST_LEVELS_FOR_WALLS:
        return ()
    notionals = [float(level.price * level.quantity) for level in levels]
    usual = median(notionals)
    found = [
        Wall(
            bid=bid,
            price=float(level.price),
            notional=significant(size),
            multiple=round(size / usual, 2),
            distance_bps=round(abs(float(level.price) / mid - 1) * 10_000, 2),
        )
        for level, size in zip(levels, notionals, strict=True)
        if size >= WALL_MULTIPLE * usual
    ]
    return tuple(found[: _MOST_WALLS // 2])

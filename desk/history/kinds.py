"""What is recorded: five kinds of market data, each with its columns, its key and the files it comes in.

Column names are those of Binance Vision's own headers where they are words, and the desk's where they are not. Times
are int64 ms UTC, everything else that is counted in fractions is float64.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType

from desk.market.tables import VISION_BARS


class Market(StrEnum):
    """Whose prices: USD-M perpetuals and futures, or spot."""

    UM = "um"
    SPOT = "spot"


class Kind(StrEnum):
    """What was recorded, by the words of `crew history`."""

    KLINES = "klines"
    MARK = "mark"
    FUNDING = "funding"
    AGGTRADES = "aggtrades"
    BOOKDEPTH = "bookdepth"


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """How one kind is recorded.

    `folder` is Binance Vision's name of it. `columns` are name and numpy type, in order; `time` is the column that says
    when, `key` the columns that no two rows share. `aliases` are names in files for names here; `headless` names the
    columns of a file without a header. `barred`: one series for each interval. `monthly`: Vision has whole months;
    `by_day`: a file of the store is a day, because a month would not fit into memory.
    """

    folder: str
    columns: Mapping[str, str]
    time: str
    key: tuple[str, ...]
    headless: tuple[str, ...]
    aliases: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    barred: bool = False
    monthly: bool = True
    daily: bool = True
    by_day: bool = False
    spot: bool = False


_PRICES = {"open": "f8", "high": "f8", "low": "f8", "close": "f8"}

SHAPES: Mapping[Kind, Shape] = MappingProxyType(
    {
        Kind.KLINES: Shape(
            folder="klines",
            columns={
                "open_time": "i8",
                **_PRICES,
                **{"volume": "f8", "quote_volume": "f8", "trades": "f8", "taker_base": "f8", "taker_quote": "f8"},
            },
            time="open_time",
            key=("open_time",),
            headless=VISION_BARS,
            barred=True,
            spot=True,
        ),
        Kind.MARK: Shape(
            folder="markPriceKlines",
            columns={"open_time": "i8", **_PRICES},
            time="open_time",
            key=("open_time",),
            headless=VISION_BARS,
            barred=True,
        ),
        Kind.FUNDING: Shape(
            folder="fundingRate",
            columns={"funding_time": "i8", "funding_rate": "f8", "interval_hours": "f8"},
            time="funding_time",
            key=("funding_time",),
            headless=("calc_time", "funding_interval_hours", "last_funding_rate"),
            aliases={
                "calc_time": "funding_time",
                "last_funding_rate": "funding_rate",
                "funding_interval_hours": "interval_hours",
            },
            daily=False,
        ),
        Kind.AGGTRADES: Shape(
            folder="aggTrades",
            columns={
                **{"agg_trade_id": "i8", "time": "i8", "price": "f8", "quantity": "f8"},
                **{"first_trade_id": "i8", "last_trade_id": "i8", "is_buyer_maker": "?"},
            },
            time="time",
            key=("agg_trade_id",),
            headless=(
                *("agg_trade_id", "price", "quantity", "first_trade_id", "last_trade_id", "transact_time"),
                *("is_buyer_maker", "is_best_match"),
            ),
            aliases={"transact_time": "time"},
            monthly=False,
            by_day=True,
            spot=True,
        ),
        Kind.BOOKDEPTH: Shape(
            folder="bookDepth",
            columns={"time": "i8", "percentage": "f8", "depth": "f8", "notional": "f8"},
            time="time",
            key=("time", "percentage"),
            headless=("timestamp", "percentage", "depth", "notional"),
            aliases={"timestamp": "time"},
            monthly=False,
            by_day=True,
        ),
    }
)

# Columns that older recordings lack: a row is worth keeping without them, with NaN in their place.
MAY_LACK = frozenset({"quote_volume", "trades", "taker_base", "taker_quote", "interval_hours"})

"""Tools over raw market data: candles, the order book, funding. Small answers, bounded by construction."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from desk.domain.errors import ToolRefusedError
from desk.market.book import read_book
from desk.market.funding import Crowding, read_funding
from tools.rounding import compact, short
from tools.tool import Args, NoArgs, Result, Tool, ToolContext, Trust

MAX_CANDLES = 40
_WALLS = 3

Interval = Literal["1m", "3m", "5m", "15m", "30m", "1h", "2h", "4h", "1d"]


class CandlesArgs(Args):
    """Which candles."""

    interval: Interval
    count: int = Field(ge=1, le=MAX_CANDLES, description="how many of the newest finished candles")


class CandlesResult(Result):
    """Candles oldest first: [open, high, low, close, volume]; `last_open_time` is ms UTC."""

    symbol: str
    interval: str
    last_open_time: int
    change_pct: float
    candles: list[tuple[float, float, float, float, float]]


def _candles(context: ToolContext, args: CandlesArgs) -> CandlesResult:
    if args.interval not in context.snapshot.intervals:
        have = ", ".join(context.snapshot.intervals)
        raise ToolRefusedError("no_such_interval", f"no {args.interval} candles in this snapshot; it has {have}")
    series = context.snapshot.candles(args.interval).tail(args.count)
    columns = zip(series.open, series.high, series.low, series.close, series.volume, strict=True)
    rows = [(short(o), short(h), short(lo), short(c), short(v)) for o, h, lo, c, v in columns]
    return CandlesResult(
        symbol=series.symbol,
        interval=series.interval,
        last_open_time=int(series.open_time[-1]),
        change_pct=short((series.last_close / float(series.open[0]) - 1.0) * 100.0),
        candles=rows,
    )


GET_CANDLES = Tool(
    name="get_candles",
    description="Newest finished candles of one interval, oldest first, with the change over them in per cent.",
    args=CandlesArgs,
    result=CandlesResult,
    trust=Trust.TRUSTED,
    side_effect=False,
    compute=_candles,
)


class Imbalance(Result):
    """(bid - ask) / (bid + ask) of notional over the best levels, in [-1, 1]."""

    levels: int
    imbalance: float


class BookWall(Result):
    """A level far larger than its neighbours; distance from the mid in basis points."""

    bid: bool
    price: float
    notional: float
    multiple: float
    distance_bps: float


class BookResult(Result):
    """The order book in numbers; notionals in USDT."""

    symbol: str
    mid: float
    microprice: float
    spread_bps: float
    bid_notional: float
    ask_notional: float
    imbalances: list[Imbalance]
    walls: list[BookWall]


def _book(context: ToolContext, args: NoArgs) -> BookResult:
    reading = compact(read_book(context.snapshot.book))
    reading["walls"] = reading["walls"][:_WALLS]
    return BookResult.model_validate(reading)


GET_ORDER_BOOK = Tool(
    name="get_order_book",
    description="Spread, depth, imbalance and walls of the order book.",
    args=NoArgs,
    result=BookResult,
    trust=Trust.TRUSTED,
    side_effect=False,
    compute=_book,
)


class FundingResult(Result):
    """Rates are fractions per funding interval, `annual_pct` is per cent a year, `premium_bps` mark over index."""

    symbol: str
    current: float
    mean: float | None
    annual_pct: float
    sigma: float | None
    rank: float | None
    charges: int
    interval_hours: float
    minutes_to_next: int
    premium_bps: float
    crowding: Crowding
    extreme: bool


def _funding(context: ToolContext, args: NoArgs) -> FundingResult:
    reading = read_funding(context.snapshot.mark, context.snapshot.funding)
    return FundingResult.model_validate(compact(reading))


GET_FUNDING = Tool(
    name="get_funding",
    description="The funding rate that will be charged next, against what was charged before.",
    args=NoArgs,
    result=FundingResult,
    trust=Trust.TRUSTED,
    side_effect=False,
    compute=_funding,
)

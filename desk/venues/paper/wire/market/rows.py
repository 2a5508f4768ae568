"""Public market data as it stands in REST answers: klines, tickers, marks, funding, the book and its trades."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from desk.domain.market import Level
from desk.venues.paper.engine.values import AssetIndex, Depth, Kline, MarkView, PublicTrade, Side, SymbolSpec
from desk.venues.paper.sources import FundingRow
from desk.venues.paper.wire.figures import Json, figure, fixed

INTEREST_RATE = "0.00010000"


@dataclass(frozen=True, slots=True, kw_only=True)
class DayTicker:
    """What a symbol did in the last 24 hours."""

    symbol: str
    open: Decimal
    high: Decimal
    low: Decimal
    last: Decimal
    last_quantity: Decimal
    volume: Decimal
    quote_volume: Decimal
    open_ms: int
    close_ms: int
    first_id: int
    last_id: int
    count: int


def kline_row(bar: Kline) -> list[object]:
    """One kline as its twelve-element array."""
    return [
        bar.open_ms,
        figure(bar.open),
        figure(bar.high),
        figure(bar.low),
        figure(bar.close),
        figure(bar.volume),
        bar.close_ms,
        figure(bar.quote_volume),
        bar.trades,
        figure(bar.taker_base),
        figure(bar.taker_quote),
        "0",
    ]


def reference_kline_row(open_ms: int, close_ms: int, prices: Sequence[Decimal], count: int) -> list[object]:
    """A kline of a price that nobody trades (mark, index, premium): open, high, low, close; volumes are zero."""
    return [open_ms, *(figure(price) for price in prices), "0", close_ms, "0", count, "0", "0", "0"]


def premium_index(mark: MarkView, now_ms: int) -> Json:
    """A row of premiumIndex."""
    return {
        "symbol": mark.symbol,
        "markPrice": fixed(mark.mark, 8),
        "indexPrice": fixed(mark.index, 8),
        "estimatedSettlePrice": fixed(mark.index, 8),
        "lastFundingRate": fixed(mark.funding_rate, 8),
        "interestRate": INTEREST_RATE,
        "nextFundingTime": mark.next_funding_ms,
        "time": now_ms,
    }


def funding_row(row: FundingRow) -> Json:
    """A row of fundingRate."""
    return {
        "symbol": row.symbol,
        "fundingRate": fixed(row.rate, 8),
        "fundingTime": row.at_ms,
        "markPrice": fixed(row.mark_price, 8),
        "rateType": "Regular",
    }


def funding_terms(spec: SymbolSpec) -> Json:
    """A row of fundingInfo."""
    return {
        "symbol": spec.symbol,
        "adjustedFundingRateCap": fixed(spec.funding_cap, 8),
        "adjustedFundingRateFloor": fixed(spec.funding_floor, 8),
        "fundingIntervalHours": spec.funding_interval_hours,
        "disclaimer": False,
    }


def price_ticker(mark: MarkView) -> Json:
    """A row of ticker/price."""
    return {"symbol": mark.symbol, "price": figure(mark.last), "time": mark.at_ms}


def book_ticker(depth: Depth) -> Json:
    """A row of ticker/bookTicker."""
    bid, ask = touch(depth)
    return {
        "symbol": depth.symbol,
        "bidPrice": figure(bid.price),
        "bidQty": figure(bid.quantity),
        "askPrice": figure(ask.price),
        "askQty": figure(ask.quantity),
        "time": depth.at_ms,
        "lastUpdateId": depth.update_id,
    }


def asset_index_row(index: AssetIndex) -> Json:
    """A row of assetIndex. The two buffers are equal on both sides here."""
    buffer, exchange_buffer = fixed(index.buffer, 8), fixed(index.exchange_buffer, 8)
    return {
        "symbol": f"{index.asset}USD",
        "time": index.at_ms,
        "index": fixed(index.index, 8),
        "bidBuffer": buffer,
        "askBuffer": buffer,
        "bidRate": fixed(index.bid, 8),
        "askRate": fixed(index.ask, 8),
        "autoExchangeBidBuffer": exchange_buffer,
        "autoExchangeAskBuffer": exchange_buffer,
        "autoExchangeBidRate": fixed(index.exchange_bid, 8),
        "autoExchangeAskRate": fixed(index.exchange_ask, 8),
    }


def touch(depth: Depth) -> tuple[Level, Level]:
    """Best bid and best ask; a level of nothing stands for an empty side."""
    nothing = Level(Decimal(0), Decimal(0))
    return (depth.bids[0] if depth.bids else nothing, depth.asks[0] if depth.asks else nothing)


def depth_book(depth: Depth, now_ms: int) -> Json:
    """GET depth."""
    return {
        "lastUpdateId": depth.update_id,
        "E": now_ms,
        "T": depth.at_ms,
        "bids": levels(depth.bids),
        "asks": levels(depth.asks),
    }


def levels(side: Sequence[Level]) -> list[list[str]]:
    """Price levels as pairs of strings."""
    return [[figure(level.price), figure(level.quantity)] for level in side]


def trade_row(trade: PublicTrade) -> Json:
    """A row of trades and historicalTrades."""
    return {
        "id": trade.trade_id,
        "price": figure(trade.price),
        "qty": figure(trade.quantity),
        "quoteQty": figure(trade.price * trade.quantity),
        "time": trade.at_ms,
        "isBuyerMaker": trade.side is Side.SELL,
        "isRPITrade": False,
    }


def agg_trade_row(trade: PublicTrade) -> Json:
    """A row of aggTrades. Each trade is its own aggregate here, so first and last id are the same."""
    return {
        "a": trade.trade_id,
        "p": figure(trade.price),
        "q": figure(trade.quantity),
        "nq": figure(trade.quantity),
        "f": trade.trade_id,
        "l": trade.trade_id,
        "T": trade.at_ms,
        "m": trade.side is Side.SELL,
    }


def day_ticker(day: DayTicker) -> Json:
    """A row of ticker/24hr."""
    change = day.last - day.open
    return {
        "symbol": day.symbol,
        "priceChange": figure(change),
        "priceChangePercent": fixed(percent(day), 3),
        "weightedAvgPrice": figure(average(day)),
        "lastPrice": figure(day.last),
        "lastQty": figure(day.last_quantity),
        "openPrice": figure(day.open),
        "highPrice": figure(day.high),
        "lowPrice": figure(day.low),
        "volume": figure(day.volume),
        "quoteVolume": figure(day.quote_volume),
        "openTime": day.open_ms,
        "closeTime": day.close_ms,
        "firstId": day.first_id,
        "lastId": day.last_id,
        "count": day.count,
    }


def percent(day: DayTicker) -> Decimal:
    """Change over the day in percent."""
    return (day.last - day.open) * 100 / day.open if day.open else Decimal(0)


def average(day: DayTicker) -> Decimal:
    """Volume-weighted price of the day, the last price when nothing traded."""
    return day.quote_volume / day.volume if day.volume else day.last

"""Public endpoints: time, contracts, tickers, marks, funding, the book and its trades. No key is asked for."""

from __future__ import annotations

from desk.venues.paper.engine.values import Refusal
from desk.venues.paper.sources import FundingRow
from desk.venues.paper.wire.calls import Desk, page, span
from desk.venues.paper.wire.figures import Json, figure
from desk.venues.paper.wire.market import rows as shapes
from desk.venues.paper.wire.market.exchange_info import exchange_info as listing
from desk.venues.paper.wire.market.tape import DAY_MS
from desk.venues.paper.wire.requests.params import Params

# As far back as an invented market goes, and more charges of a symbol than fall into that.
_FUNDED_DAYS, _EVERY_CHARGE = 256, 10_000
_DEPTH_LIMITS = (5, 10, 20, 50, 100, 500, 1_000)


def ping(desk: Desk, params: Params) -> Json:
    """GET ping, futures and spot."""
    del desk, params
    return {}


def server_time(desk: Desk, params: Params) -> Json:
    """GET time, futures and spot: the venue's clock."""
    del params
    return {"serverTime": desk.tape.now_ms()}


def exchange_info(desk: Desk, params: Params) -> Json:
    """GET exchangeInfo."""
    del params
    return listing(tuple(desk.exchange.specs.values()), desk.tape.now_ms(), desk.limits.published())


def day_ticker(desk: Desk, params: Params) -> object:
    """GET ticker/24hr: one object with `symbol`, a list without."""
    rows = [shapes.day_ticker(desk.tape.day(symbol)) for symbol in desk.symbols(params)]
    return rows[0] if params.has("symbol") else rows


def price_ticker(desk: Desk, params: Params) -> object:
    """GET ticker/price, v1 and v2."""
    rows = desk.each(params, lambda symbol: shapes.price_ticker(desk.tape.mark(symbol)))
    return rows[0] if params.has("symbol") else rows


def book_ticker(desk: Desk, params: Params) -> object:
    """GET ticker/bookTicker."""
    rows = desk.each(params, lambda symbol: shapes.book_ticker(desk.tape.book(symbol, 5)))
    return rows[0] if params.has("symbol") else rows


def premium_index(desk: Desk, params: Params) -> object:
    """GET premiumIndex."""
    now = desk.tape.now_ms()
    rows = desk.each(params, lambda symbol: shapes.premium_index(desk.tape.mark(symbol), now))
    return rows[0] if params.has("symbol") else rows


def funding_rate(desk: Desk, params: Params) -> list[Json]:
    """GET fundingRate: charges in ascending order, of one symbol or of all."""
    limit = params.bounded("limit", 100, 1, 1_000)
    start, end = span(params)
    if start is None and not params.has("symbol"):
        rows = _newest_funding(desk, end, limit)
    else:
        rows = [row for symbol in desk.symbols(params) for row in desk.tape.funding(symbol, start, end, limit)]
    rows.sort(key=lambda row: row.at_ms)
    return [shapes.funding_row(row) for row in (rows[:limit] if start is not None else rows[-limit:])]


def _newest_funding(desk: Desk, end: int | None, limit: int) -> list[FundingRow]:
    """Charges of all symbols, the newest `limit` among them; nobody's history is read further back than they reach."""
    last = desk.tape.now_ms() if end is None else end
    rows: list[FundingRow] = []
    days = 2
    while len(rows) < limit and days <= _FUNDED_DAYS:
        since = last - days * DAY_MS
        rows = [row for symbol in desk.tape.symbols for row in desk.tape.funding(symbol, since, end, _EVERY_CHARGE)]
        days *= 2
    return rows


def funding_info(desk: Desk, params: Params) -> list[Json]:
    """GET fundingInfo."""
    del params
    return [shapes.funding_terms(spec) for spec in desk.exchange.specs.values()]


def depth(desk: Desk, params: Params) -> Json:
    """GET depth; only certain numbers of levels exist (-4021)."""
    symbol = desk.symbol(params)
    limit = params.integer("limit")
    limit = 500 if limit is None else limit
    if limit not in _DEPTH_LIMITS:
        raise Refusal(-4021, message=f"{limit} is not valid depth limit")
    return shapes.depth_book(desk.tape.book(symbol, limit), desk.tape.now_ms())


def trades(desk: Desk, params: Params) -> list[Json]:
    """GET trades and historicalTrades: the newest trades of the venue."""
    symbol = desk.symbol(params)
    rows = desk.tape.trades(symbol, 1_000)
    return [
        shapes.trade_row(trade)
        for trade in page(rows, params, at=lambda row: row.at_ms, identity=lambda row: row.trade_id)
    ]


def agg_trades(desk: Desk, params: Params) -> list[Json]:
    """GET aggTrades."""
    symbol = desk.symbol(params)
    rows = desk.tape.trades(symbol, 1_000)
    return [
        shapes.agg_trade_row(trade)
        for trade in page(rows, params, at=lambda row: row.at_ms, identity=lambda row: row.trade_id, hours=1)
    ]


def open_interest(desk: Desk, params: Params) -> Json:
    """GET openInterest."""
    symbol = desk.symbol(params)
    return {"openInterest": figure(desk.tape.open_interest(symbol)), "symbol": symbol, "time": desk.tape.now_ms()}

"""Public reference figures: what the index is made of, the insurance fund, the risk of deleveraging, deliveries, rules.

Nothing here is made up for its shape: what the venue has none of (composite indices, sessions of shares) is an empty
list, as Binance answers where it lists none.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from desk.domain.money import ZERO
from desk.venues.paper.engine.values import Refusal, SymbolSpec
from desk.venues.paper.wire import errors
from desk.venues.paper.wire.calls import Desk
from desk.venues.paper.wire.figures import Json, figure, fixed, money
from desk.venues.paper.wire.market.rows import asset_index_row, depth_book
from desk.venues.paper.wire.requests.params import Params

_HOURS_OF: Final = ("EQUITY", "COMMODITY", "KR_EQUITY", "HK_EQUITY", "CN_EQUITY", "FX")
_RPI_LIMIT: Final = 1_000
# The share of the book's depth within one percent that open positions have to exceed.
_MEDIUM, _HIGH = Decimal("0.5"), Decimal(2)
_NEAR: Final = Decimal("0.01")
_ADL_PERIOD_MS: Final = 30 * 60_000


def constituents(desk: Desk, params: Params) -> Json:
    """GET constituents: this market's own price is the only one its index knows. An index in USD is that in USDT."""
    named = params.need("symbol").upper()
    dollars = f"{named}T"
    mark = desk.tape.mark(dollars if named.endswith("USD") and dollars in desk.tape.specs else desk.symbol(params))
    only = {"exchange": "paper", "symbol": mark.symbol, "price": fixed(mark.index, 8), "weight": "1.00000000"}
    return {"symbol": named, "time": desk.tape.now_ms(), "constituents": [only]}


def index_info(desk: Desk, params: Params) -> list[Json]:
    """GET indexInfo: no composite index is listed, so there is none to tell of."""
    desk.symbol_or_none(params)
    return []


def trading_schedule(desk: Desk, params: Params) -> Json:
    """GET tradingSchedule: the hours of contracts on shares, raw materials and currencies; none is listed, so none."""
    del params
    return {"updateTime": desk.tape.now_ms(), "marketSchedules": {market: {"sessions": []} for market in _HOURS_OF}}


def asset_index(desk: Desk, params: Params) -> object:
    """GET assetIndex: what each margin asset is worth in dollars, as collateral and when it is exchanged."""
    rows = [asset_index_row(index) for index in desk.exchange.asset_indexes()]
    if not params.has("symbol"):
        return rows
    named = params.need("symbol").upper()
    found = next((row for row in rows if row["symbol"] == named), None)
    if found is None:
        raise errors.bad_symbol()
    return found


def insurance_balance(desk: Desk, params: Params) -> object:
    """GET insuranceBalance: one fund for each margin asset, which stands behind all symbols margined in it."""
    now = desk.tape.now_ms()
    named = desk.symbol_or_none(params)
    behind: dict[str, list[str]] = {}
    for symbol, spec in desk.tape.specs.items():
        behind.setdefault(spec.quote, []).append(symbol)
    funds = [
        {
            "symbols": symbols,
            "assets": [{"asset": asset, "marginBalance": money(desk.exchange.insurance(asset)), "updateTime": now}],
        }
        for asset, symbols in behind.items()
        if named is None or named in symbols
    ]
    return funds if named is None else funds[0]


def adl_risk(desk: Desk, params: Params) -> object:
    """GET symbolAdlRisk: how much is held against how much the book could take; a fund in debt makes it high."""
    now = desk.tape.now_ms()
    updated = now - now % _ADL_PERIOD_MS
    rows = [
        {"symbol": symbol, "adlRisk": _risk(desk, symbol), "updateTime": updated} for symbol in desk.symbols(params)
    ]
    return rows[0] if params.has("symbol") else rows


def _risk(desk: Desk, symbol: str) -> str:
    held = desk.tape.held(symbol)
    if held == ZERO:
        return "low"
    if desk.exchange.insurance(desk.tape.spec(symbol).quote) < ZERO:
        return "high"
    book = desk.tape.book(symbol, _RPI_LIMIT)
    reach = _NEAR * desk.tape.mark(symbol).mid
    near = sum((level.quantity for level in book.bids if book.bids[0].price - level.price <= reach), ZERO)
    return "high" if held > near * _HIGH else "medium" if held > near * _MEDIUM else "low"


def rpi_depth(desk: Desk, params: Params) -> Json:
    """GET rpiDepth: the book with the orders that only people's own orders meet; 1,000 levels and no other number."""
    symbol = desk.symbol(params)
    limit = params.integer("limit")
    if limit not in (None, _RPI_LIMIT):
        raise Refusal(-4021, message=f"{limit} is not valid depth limit")
    return depth_book(desk.tape.book(symbol, _RPI_LIMIT), desk.tape.now_ms())


def delivery_price(desk: Desk, params: Params) -> list[Json]:
    """GET delivery-price: what a pair's dated contracts were delivered at, the newest first."""
    pair = params.need("pair").upper()
    dated = [spec for spec in desk.tape.specs.values() if spec.pair == pair]
    if not dated:
        raise errors.bad_symbol()
    rows: list[Json] = []
    for spec in sorted(dated, key=lambda spec: spec.delivery_ms or 0, reverse=True):
        price = desk.exchange.delivered_at(spec.symbol)
        if price is not None:
            # A JSON number, alone among prices.
            rows.append({"deliveryTime": spec.delivery_ms, "deliveryPrice": float(price)})
    return rows


def portfolio_margin_rules(desk: Desk, params: Params) -> Json:
    """GET pmExchangeInfo: the largest notional that portfolio margin would carry, which is the last bracket's cap."""
    named = desk.symbols(params)
    return {"notionalLimits": [_notional_limit(desk.tape.spec(symbol)) for symbol in named]}


def _notional_limit(spec: SymbolSpec) -> Json:
    return {"symbol": spec.symbol, "pair": spec.pair, "notionalLimit": figure(spec.brackets[-1].cap)}

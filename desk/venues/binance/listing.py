"""What may be traded, and in which steps: `exchangeInfo` and leverage brackets as the desk's symbol rules."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from desk.domain.account import SymbolRules
from desk.domain.errors import DataError
from desk.venues.binance.budget import Limits
from desk.venues.binance.fields import Fields, each

_SECONDS = {"SECOND": 1, "MINUTE": 60, "DAY": 86_400}


def leverages(body: object) -> Mapping[str, int]:
    """The highest leverage of each symbol from `/fapi/v1/leverageBracket`."""
    return dict(each(body, "leverage bracket", _highest_leverage))


def rules(body: object, leverage: Mapping[str, int] | None = None) -> Mapping[str, SymbolRules]:
    """Rules of every perpetual that trades against USDT, from `exchangeInfo`.

    With `leverage` (the account's own brackets) a symbol absent from it is left out: the account cannot trade it.
    Without, the highest leverage is what `requiredMarginPercent` allows, the only figure published without a key.
    A symbol whose filters make no sense is left out too (the demo exchange has some): without rules nothing is traded.
    """
    found = (_sane_rules(row, leverage) for row in each(Fields(body, "exchangeInfo").rows("symbols"), "symbol", _same))
    listed = {rule.symbol: rule for rule in found if rule is not None}
    if not listed:
        raise DataError("exchangeInfo lists no perpetual that trades against USDT")
    return listed


def limits(body: object) -> Limits:
    """Request weight and orders that `exchangeInfo` allows."""
    rows = each(Fields(body, "exchangeInfo").rows("rateLimits"), "rate limit", _limit)
    known = dict(rows)
    try:
        return Limits(
            weight=known["REQUEST_WEIGHT", 60],
            orders_minute=known["ORDERS", 60],
            orders_ten=known["ORDERS", 10],
        )
    except KeyError as missing:
        raise DataError(f"exchangeInfo publishes no limit for {missing.args[0]}") from None


def _limit(row: Fields) -> tuple[tuple[str, int], int]:
    seconds = row.integer("intervalNum") * _SECONDS.get(row.text("interval"), 0)
    return (row.text("rateLimitType"), seconds), row.integer("limit")


def _same(row: Fields) -> Fields:
    return row


def _highest_leverage(row: Fields) -> tuple[str, int]:
    brackets = each(row.rows("brackets"), "bracket", lambda bracket: bracket.integer("initialLeverage"))
    if not brackets:
        raise DataError(f"{row.text('symbol')} has no leverage brackets")
    return row.text("symbol"), max(brackets)


def _sane_rules(row: Fields, leverage: Mapping[str, int] | None) -> SymbolRules | None:
    try:
        return _rules(row, leverage)
    except DataError:
        return None


def _rules(row: Fields, leverage: Mapping[str, int] | None) -> SymbolRules | None:
    symbol = row.text("symbol")
    trades = row.text("contractType") == "PERPETUAL" if row.has("contractType") else False
    if not trades or row.text("status") != "TRADING" or row.text("marginAsset") != "USDT":
        return None
    if leverage is None:
        highest = max(int(Decimal(100) / row.positive("requiredMarginPercent")), 1)
    elif symbol in leverage:
        highest = leverage[symbol]
    else:
        return None
    filters = {entry.text("filterType"): entry for entry in each(row.rows("filters"), f"{symbol} filter", _same)}
    return _filtered(symbol, filters, highest)


def _filtered(symbol: str, filters: Mapping[str, Fields], highest_leverage: int) -> SymbolRules:
    try:
        price, lot, market = filters["PRICE_FILTER"], filters["LOT_SIZE"], filters["MARKET_LOT_SIZE"]
        notional, band = filters["MIN_NOTIONAL"], filters["PERCENT_PRICE"]
    except KeyError as missing:
        raise DataError(f"{symbol} lacks the filter {missing.args[0]}") from None
    return SymbolRules(
        symbol=symbol,
        tick=price.positive("tickSize"),
        min_price=price.not_negative("minPrice"),
        max_price=price.positive("maxPrice"),
        step=lot.positive("stepSize"),
        min_quantity=lot.positive("minQty"),
        max_quantity=lot.positive("maxQty"),
        market_step=market.positive("stepSize"),
        market_max_quantity=market.positive("maxQty"),
        min_notional=notional.positive("notional"),
        percent_up=band.positive("multiplierUp"),
        percent_down=band.positive("multiplierDown"),
        max_leverage=highest_leverage,
    )

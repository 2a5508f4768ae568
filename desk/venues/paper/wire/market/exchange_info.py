"""What is listed, as `exchangeInfo` publishes it: contracts, filters, rate limits."""

from __future__ import annotations

from collections.abc import Sequence

from desk.domain.account import SymbolRules
from desk.venues.paper.engine.values import MARGIN_ASSETS, SymbolSpec
from desk.venues.paper.wire.figures import Json, figure, fixed

NEVER_MS = 4_133_404_800_000
"""The delivery date of a contract that has none, as Binance writes it: 25 December 2100."""
_ORDER_TYPES = ("LIMIT", "MARKET", "STOP", "STOP_MARKET", "TAKE_PROFIT", "TAKE_PROFIT_MARKET", "TRAILING_STOP_MARKET")
_TIMES_IN_FORCE = ("GTC", "IOC", "FOK", "GTX", "GTD")
_MAX_ORDERS = 200


def symbol_info(spec: SymbolSpec) -> Json:
    """One symbol of exchangeInfo. Conditional types stay listed, because clients refuse to send unlisted ones."""
    return {
        "symbol": spec.symbol,
        "pair": spec.pair,
        "contractType": spec.contract_type,
        "deliveryDate": spec.delivery_ms or NEVER_MS,
        "onboardDate": spec.onboard_ms,
        "status": spec.status,
        "maintMarginPercent": "2.5000",
        "requiredMarginPercent": "5.0000",
        "baseAsset": spec.base,
        "quoteAsset": spec.quote,
        "marginAsset": spec.quote,
        "pricePrecision": spec.price_precision,
        "quantityPrecision": spec.quantity_precision,
        "baseAssetPrecision": 8,
        "quotePrecision": 8,
        "underlyingType": "COIN",
        "underlyingSubType": [],
        "settlePlan": 0,
        "triggerProtect": fixed(spec.trigger_protect, 4),
        "liquidationFee": fixed(spec.liquidation_fee, 6),
        "marketTakeBound": fixed(spec.market_take_bound, 2),
        "maxMoveOrderLimit": 10_000,
        "filters": _filters(spec.rules),
        "orderTypes": list(_ORDER_TYPES),
        "timeInForce": list(_TIMES_IN_FORCE),
    }


def _filters(rules: SymbolRules) -> list[Json]:
    return [
        {
            "filterType": "PRICE_FILTER",
            "minPrice": figure(rules.min_price),
            "maxPrice": figure(rules.max_price),
            "tickSize": figure(rules.tick),
        },
        {
            "filterType": "LOT_SIZE",
            "minQty": figure(rules.min_quantity),
            "maxQty": figure(rules.max_quantity),
            "stepSize": figure(rules.step),
        },
        {
            "filterType": "MARKET_LOT_SIZE",
            "minQty": figure(rules.min_quantity),
            "maxQty": figure(rules.market_max_quantity),
            "stepSize": figure(rules.market_step),
        },
        {"filterType": "MAX_NUM_ORDERS", "limit": _MAX_ORDERS},
        {"filterType": "MIN_NOTIONAL", "notional": figure(rules.min_notional)},
        {
            "filterType": "PERCENT_PRICE",
            "multiplierUp": fixed(rules.percent_up, 4),
            "multiplierDown": fixed(rules.percent_down, 4),
            "multiplierDecimal": "4",
        },
        {"filterType": "POSITION_RISK_CONTROL", "positionControlSide": "NONE"},
    ]


def exchange_info(specs: Sequence[SymbolSpec], now_ms: int, rate_limits: list[Json]) -> Json:
    """GET exchangeInfo."""
    return {
        "timezone": "UTC",
        "serverTime": now_ms,
        "futuresType": "U_MARGINED",
        "rateLimits": rate_limits,
        "exchangeFilters": [],
        "assets": [
            {"asset": asset.name, "marginAvailable": True, "autoAssetExchange": figure(asset.exchange_below)}
            for asset in MARGIN_ASSETS.values()
        ],
        "symbols": [symbol_info(spec) for spec in specs],
    }

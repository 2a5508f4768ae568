"""What each call costs in request weight, before it is sent; afterwards the venue's own count is what holds.

Source: Binance USD-M futures REST documentation, 2026. Calls of python-binance that are not listed cost one.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

_FIXED: Mapping[str, int] = MappingProxyType(
    {
        "futures_account": 5,
        "futures_account_balance": 5,
        "futures_account_config": 5,
        "futures_account_trades": 5,
        "futures_position_information": 5,
        "futures_symbol_config": 5,
        "futures_get_all_orders": 5,
        "futures_get_all_algo_orders": 5,
        "futures_commission_rate": 20,
        "futures_income_history": 30,
        "futures_get_position_mode": 30,
        "futures_get_multi_assets_mode": 30,
    }
)
# Cheap for one symbol, dear for all: (with a symbol, without).
_BY_SYMBOL: Mapping[str, tuple[int, int]] = MappingProxyType(
    {
        "futures_mark_price": (1, 10),
        "futures_get_open_orders": (1, 40),
        "futures_get_open_algo_orders": (1, 40),
        "futures_orderbook_ticker": (2, 5),
        "futures_symbol_ticker": (1, 2),
        "futures_ticker": (1, 40),
    }
)
# The most rows that cost this much: (rows, weight), in rising order.
_BY_LIMIT: Mapping[str, tuple[tuple[int, int], ...]] = MappingProxyType(
    {
        "futures_klines": ((99, 1), (499, 2), (1000, 5), (1500, 10)),
        "futures_order_book": ((50, 2), (100, 5), (500, 10), (1000, 20)),
    }
)
_DEFAULT_LIMIT = 500
ORDER_CALLS = frozenset({"futures_create_order", "futures_create_algo_order"})


def weight_of(method: str, params: Mapping[str, object]) -> int:
    """Request weight of one call of python-binance's `method` with these parameters."""
    if method in _BY_SYMBOL:
        one, every = _BY_SYMBOL[method]
        return one if "symbol" in params else every
    if method in _BY_LIMIT:
        limit = params.get("limit", _DEFAULT_LIMIT)
        steps = _BY_LIMIT[method]
        return next((weight for rows, weight in steps if isinstance(limit, int) and limit <= rows), steps[-1][1])
    return _FIXED.get(method, 1)

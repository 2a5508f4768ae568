"""Every path the venue serves: what a request must prove, what it weighs, and who answers it.

Weights follow Binance's documentation. `changes` marks requests after which the state is written down before
answering, `trades` those that could be filled at once and are turned away while nobody knows the price. Protective
stops may always rest.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Final

from desk.venues.paper.wire.account import rest_account, rest_convert, rest_downloads, rest_settings, rest_standing
from desk.venues.paper.wire.account.downloads import History
from desk.venues.paper.wire.calls import Handler
from desk.venues.paper.wire.market import rest_crowd, rest_klines, rest_market, rest_reference, rest_statistics
from desk.venues.paper.wire.requests.gate import Security
from desk.venues.paper.wire.requests.limits import Cost, Pool
from desk.venues.paper.wire.requests.params import Params
from desk.venues.paper.wire.trading import rest_algo, rest_trade

Price = Callable[[Params], Cost]


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """One method of one path. `cost` is what a request uses up of the limits."""

    handler: Handler
    security: Security = Security.NONE
    cost: Price
    changes: bool = False
    trades: bool = False
    orders: bool = False
    fetches: str = ""


def _flat(cost: Cost) -> Price:
    return lambda _: cost


def _by_symbol(one: int, every: int) -> Price:
    single, all_of_them = Cost(weight=one), Cost(weight=every)
    return lambda params: single if params.has("symbol") else all_of_them


def _by_limit(default: int, steps: tuple[tuple[int, int], ...], beyond: int) -> Price:
    def price(params: Params) -> Cost:
        written = params.peek("limit")
        limit = int(written) if written.isascii() and written.isdigit() and len(written) < 6 else default
        return Cost(weight=next((weight for highest, weight in steps if limit <= highest), beyond))

    return price


_KLINES: Final = _by_limit(500, ((99, 1), (499, 2), (1_000, 5)), 10)
_DEPTH: Final = _by_limit(500, ((50, 2), (100, 5), (500, 10)), 20)
_STATISTICS: Final = Cost(weight=0, pool=Pool.STATISTICS)
_FUNDING: Final = Cost(weight=0, pool=Pool.FUNDING)
# What Binance counts an order, and a batch of any length, as.
_ORDER: Final = Cost(weight=0, ten_seconds=1, minute=1)
_BATCH: Final = Cost(weight=5, ten_seconds=5, minute=1)


def _price(cost: int | Cost | Price) -> Price:
    if isinstance(cost, int):
        return _flat(Cost(weight=cost))
    return _flat(cost) if isinstance(cost, Cost) else cost


def _public(handler: Handler, cost: int | Cost | Price = 1, *, fetches: str = "") -> Route:
    return Route(handler=handler, cost=_price(cost), fetches=fetches)


def _read(handler: Handler, cost: int | Price = 5) -> Route:
    return Route(handler=handler, security=Security.SIGNED, cost=_price(cost))


def _write(handler: Handler, cost: int | Cost = 1) -> Route:
    return Route(handler=handler, security=Security.SIGNED, cost=_price(cost), changes=True)


def _trade(handler: Handler, cost: Cost = _ORDER) -> Route:
    return replace(_write(handler, cost), trades=True, orders=True)


def _key(handler: Handler, cost: int = 1) -> Route:
    return Route(handler=handler, security=Security.KEY, cost=_price(cost))


_PUBLIC: dict[str, Route] = {
    "/api/v3/ping": _public(rest_market.ping),
    "/api/v3/time": _public(rest_market.server_time),
    "/fapi/v1/ping": _public(rest_market.ping),
    "/fapi/v1/time": _public(rest_market.server_time),
    "/fapi/v1/exchangeInfo": _public(rest_market.exchange_info),
    "/fapi/v1/klines": _public(rest_klines.klines, _KLINES, fetches="klines"),
    "/fapi/v1/continuousKlines": _public(rest_klines.continuous_klines, _KLINES, fetches="klines"),
    "/fapi/v1/markPriceKlines": _public(rest_klines.mark_klines, _KLINES, fetches="klines"),
    "/fapi/v1/indexPriceKlines": _public(rest_klines.index_klines, _KLINES, fetches="klines"),
    "/fapi/v1/premiumIndexKlines": _public(rest_klines.premium_klines, _KLINES, fetches="klines"),
    "/fapi/v1/ticker/24hr": _public(rest_market.day_ticker, _by_symbol(1, 40), fetches="day"),
    "/fapi/v1/ticker/price": _public(rest_market.price_ticker, _by_symbol(1, 2)),
    "/fapi/v2/ticker/price": _public(rest_market.price_ticker, _by_symbol(1, 2)),
    "/fapi/v1/ticker/bookTicker": _public(rest_market.book_ticker, _by_symbol(2, 5)),
    "/fapi/v1/premiumIndex": _public(rest_market.premium_index, _by_symbol(1, 10)),
    "/fapi/v1/fundingRate": _public(rest_market.funding_rate, _FUNDING, fetches="funding"),
    "/fapi/v1/fundingInfo": _public(rest_market.funding_info, _FUNDING),
    "/fapi/v1/depth": _public(rest_market.depth, _DEPTH),
    "/fapi/v1/trades": _public(rest_market.trades, 5),
    "/fapi/v1/aggTrades": _public(rest_market.agg_trades, 20),
    "/fapi/v1/openInterest": _public(rest_market.open_interest),
    "/fapi/v1/constituents": _public(rest_reference.constituents, 2),
    "/fapi/v1/convert/exchangeInfo": _public(rest_convert.pairs, 20),
    "/fapi/v1/tradingSchedule": _public(rest_reference.trading_schedule, 5),
    "/fapi/v1/indexInfo": _public(rest_reference.index_info),
    "/fapi/v1/assetIndex": _public(rest_reference.asset_index, _by_symbol(1, 10)),
    "/fapi/v1/insuranceBalance": _public(rest_reference.insurance_balance),
    "/fapi/v1/symbolAdlRisk": _public(rest_reference.adl_risk),
    "/fapi/v1/rpiDepth": _public(rest_reference.rpi_depth, 20),
    "/fapi/v1/pmExchangeInfo": _public(rest_reference.portfolio_margin_rules),
    "/futures/data/delivery-price": _public(rest_reference.delivery_price, 0),
    "/futures/data/takerlongshortRatio": _public(rest_statistics.taker_volume, _STATISTICS, fetches="statistics"),
    "/futures/data/basis": _public(rest_statistics.basis, _STATISTICS, fetches="statistics"),
    "/futures/data/openInterestHist": _public(rest_crowd.open_interest_history, _STATISTICS),
    "/futures/data/globalLongShortAccountRatio": _public(rest_crowd.accounts_ratio, _STATISTICS),
    "/futures/data/topLongShortAccountRatio": _public(rest_crowd.top_accounts_ratio, _STATISTICS),
    "/futures/data/topLongShortPositionRatio": _public(rest_crowd.top_positions_ratio, _STATISTICS),
    "/sapi/v1/system/status": _public(rest_standing.system_status),
    "/fapi/v1/historicalTrades": _key(rest_market.trades, 200),
}

_SIGNED_READS: dict[str, Route] = {
    "/fapi/v1/order": _read(rest_trade.find, 1),
    "/fapi/v1/openOrder": _read(rest_trade.find_open, 1),
    "/fapi/v1/openOrders": _read(rest_trade.open_orders, _by_symbol(1, 40)),
    "/fapi/v1/allOrders": _read(rest_trade.all_orders),
    "/fapi/v1/userTrades": _read(rest_trade.user_trades),
    "/fapi/v1/forceOrders": _read(rest_trade.force_orders, _by_symbol(20, 50)),
    "/fapi/v1/orderAmendment": _read(rest_trade.amendments, 1),
    "/fapi/v1/algoOrder": _read(rest_algo.find, 1),
    "/fapi/v1/openAlgoOrders": _read(rest_algo.open_algos, _by_symbol(1, 40)),
    "/fapi/v1/allAlgoOrders": _read(rest_algo.all_algos),
    "/fapi/v2/account": _read(rest_account.account_v2),
    "/fapi/v3/account": _read(rest_account.account_v3),
    "/fapi/v2/balance": _read(rest_account.balance),
    "/fapi/v3/balance": _read(rest_account.balance),
    "/fapi/v2/positionRisk": _read(rest_account.position_risk_v2),
    "/fapi/v3/positionRisk": _read(rest_account.position_risk_v3),
    "/fapi/v1/income": _read(rest_account.income, 30),
    "/fapi/v1/symbolConfig": _read(rest_account.symbol_config),
    "/fapi/v1/accountConfig": _read(rest_account.account_config),
    "/fapi/v1/commissionRate": _read(rest_account.commission_rate, 20),
    "/fapi/v1/leverageBracket": _read(rest_account.leverage_bracket, 1),
    "/fapi/v1/positionSide/dual": _read(rest_settings.position_mode, 30),
    "/fapi/v1/multiAssetsMargin": _read(rest_settings.multi_assets, 30),
    "/fapi/v1/feeBurn": _read(rest_settings.fee_burn, 30),
    "/fapi/v1/adlQuantile": _read(rest_account.adl_quantile),
    "/fapi/v1/positionMargin/history": _read(rest_settings.margin_changes, 1),
    "/fapi/v1/rateLimit/order": _read(rest_standing.order_limits, 1),
    "/fapi/v1/apiTradingStatus": _read(rest_standing.conduct, _by_symbol(1, 10)),
    "/fapi/v1/convert/orderStatus": _read(rest_convert.status, 50),
    "/fapi/v1/pmAccountInfo": _read(rest_standing.portfolio_margin),
    **{f"/fapi/v1/{history}/asyn": _read(rest_downloads.ask(history), 1_000) for history in History},
    **{f"/fapi/v1/{history}/asyn/id": _read(rest_downloads.link(history), 10) for history in History},
    "/sapi/v1/capital/config/getall": _read(rest_standing.coins, 10),
    "/sapi/v1/account/apiRestrictions": _read(rest_account.api_restrictions, 1),
}

_POSTS: dict[str, Route] = {
    "/fapi/v1/order": _trade(rest_trade.place),
    "/fapi/v1/order/test": _read(rest_trade.test, 0),
    "/fapi/v1/batchOrders": _trade(rest_trade.place_batch, _BATCH),
    "/fapi/v1/algoOrder": replace(_write(rest_algo.place, _ORDER), orders=True),
    "/fapi/v1/countdownCancelAll": _write(rest_trade.countdown, 10),
    "/fapi/v1/leverage": _write(rest_settings.set_leverage),
    "/fapi/v1/marginType": _write(rest_settings.set_margin_type),
    "/fapi/v1/positionSide/dual": _write(rest_settings.set_position_mode),
    "/fapi/v1/multiAssetsMargin": _write(rest_settings.set_multi_assets),
    "/fapi/v1/feeBurn": _write(rest_settings.set_fee_burn),
    "/fapi/v1/positionMargin": _write(rest_settings.adjust_margin),
    "/fapi/v1/convert/getQuote": _read(rest_convert.offer, 50),
    "/fapi/v1/convert/acceptQuote": _write(rest_convert.accept, 200),
    "/fapi/v1/stock/contract": _read(rest_standing.sign_share_contracts, 50),
    "/fapi/v1/listenKey": _key(rest_account.issue_listen_key),
}

_PUTS: dict[str, Route] = {
    "/fapi/v1/order": _trade(rest_trade.amend),
    "/fapi/v1/batchOrders": _trade(rest_trade.amend_batch, _BATCH),
    "/fapi/v1/listenKey": _key(rest_account.renew_listen_key),
}

_DELETES: dict[str, Route] = {
    "/fapi/v1/order": _write(rest_trade.cancel),
    "/fapi/v1/batchOrders": _write(rest_trade.cancel_batch),
    "/fapi/v1/allOpenOrders": _write(rest_trade.cancel_all),
    "/fapi/v1/algoOrder": _write(rest_algo.cancel),
    "/fapi/v1/algoOpenOrders": _write(rest_algo.cancel_all),
    "/fapi/v1/listenKey": _key(rest_account.close_listen_key),
}

ROUTES: Final = MappingProxyType(
    {("GET", path): route for path, route in (_PUBLIC | _SIGNED_READS).items()}
    | {("POST", path): route for path, route in _POSTS.items()}
    | {("PUT", path): route for path, route in _PUTS.items()}
    | {("DELETE", path): route for path, route in _DELETES.items()}
)

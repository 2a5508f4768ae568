"""Every path of the official SDK is served at its documented price, or it is said why not."""

from __future__ import annotations

import pytest

from desk.venues.paper.wire.requests.gate import Security
from desk.venues.paper.wire.requests.limits import Cost, Pool
from desk.venues.paper.wire.requests.params import Params
from desk.venues.paper.wire.routes import ROUTES

# binance-sdk-derivatives-trading-usds-futures 18.0.1: method, path, security (N none, K key, S signed), request weight.
# "a/b": with a symbol and without one; "k" and "d": by limit, as klines and depth; "o": an order, "5": a batch.
SDK = """
GET /fapi/v1/accountConfig S 5
GET /fapi/v1/adlQuantile S 5
GET /fapi/v1/aggTrades N 20
DELETE /fapi/v1/algoOpenOrders S 1
DELETE /fapi/v1/algoOrder S 1
GET /fapi/v1/algoOrder S 1
POST /fapi/v1/algoOrder S o
GET /fapi/v1/allAlgoOrders S 5
DELETE /fapi/v1/allOpenOrders S 1
GET /fapi/v1/allOrders S 5
GET /fapi/v1/apiTradingStatus S 1/10
GET /fapi/v1/assetIndex N 1/10
DELETE /fapi/v1/batchOrders S 1
POST /fapi/v1/batchOrders S b
PUT /fapi/v1/batchOrders S b
GET /fapi/v1/commissionRate S 20
GET /fapi/v1/constituents N 2
GET /fapi/v1/continuousKlines N k
POST /fapi/v1/convert/acceptQuote S 200
GET /fapi/v1/convert/exchangeInfo N 20
POST /fapi/v1/convert/getQuote S 50
GET /fapi/v1/convert/orderStatus S 50
POST /fapi/v1/countdownCancelAll S 10
GET /fapi/v1/depth N d
GET /fapi/v1/exchangeInfo N 1
GET /fapi/v1/feeBurn S 30
POST /fapi/v1/feeBurn S 1
GET /fapi/v1/forceOrders S 20/50
GET /fapi/v1/fundingInfo N 0
GET /fapi/v1/fundingRate N 0
GET /fapi/v1/historicalTrades K 200
GET /fapi/v1/income S 30
GET /fapi/v1/income/asyn S 1000
GET /fapi/v1/income/asyn/id S 10
GET /fapi/v1/indexInfo N 1
GET /fapi/v1/indexPriceKlines N k
GET /fapi/v1/insuranceBalance N 1
GET /fapi/v1/klines N k
POST /fapi/v1/leverage S 1
GET /fapi/v1/leverageBracket S 1
DELETE /fapi/v1/listenKey K 1
POST /fapi/v1/listenKey K 1
PUT /fapi/v1/listenKey K 1
POST /fapi/v1/marginType S 1
GET /fapi/v1/markPriceKlines N k
GET /fapi/v1/multiAssetsMargin S 30
POST /fapi/v1/multiAssetsMargin S 1
GET /fapi/v1/openAlgoOrders S 1/40
GET /fapi/v1/openInterest N 1
GET /fapi/v1/openOrder S 1
GET /fapi/v1/openOrders S 1/40
DELETE /fapi/v1/order S 1
GET /fapi/v1/order S 1
POST /fapi/v1/order S o
PUT /fapi/v1/order S o
GET /fapi/v1/order/asyn S 1000
GET /fapi/v1/order/asyn/id S 10
POST /fapi/v1/order/test S 0
GET /fapi/v1/orderAmendment S 1
GET /fapi/v1/ping N 1
GET /fapi/v1/pmAccountInfo S 5
POST /fapi/v1/positionMargin S 1
GET /fapi/v1/positionMargin/history S 1
GET /fapi/v1/positionSide/dual S 30
POST /fapi/v1/positionSide/dual S 1
GET /fapi/v1/premiumIndex N 1/10
GET /fapi/v1/premiumIndexKlines N k
GET /fapi/v1/rateLimit/order S 1
GET /fapi/v1/rpiDepth N 20
POST /fapi/v1/stock/contract S 50
GET /fapi/v1/symbolAdlRisk N 1
GET /fapi/v1/symbolConfig S 5
GET /fapi/v1/ticker/24hr N 1/40
GET /fapi/v1/ticker/bookTicker N 2/5
GET /fapi/v1/ticker/price N 1/2
GET /fapi/v1/time N 1
GET /fapi/v1/trade/asyn S 1000
GET /fapi/v1/trade/asyn/id S 10
GET /fapi/v1/trades N 5
GET /fapi/v1/tradingSchedule N 5
GET /fapi/v1/userTrades S 5
GET /fapi/v2/account S 5
GET /fapi/v2/balance S 5
GET /fapi/v2/positionRisk S 5
GET /fapi/v2/ticker/price N 1/2
GET /fapi/v3/account S 5
GET /fapi/v3/balance S 5
GET /fapi/v3/positionRisk S 5
GET /futures/data/basis N 0
GET /futures/data/delivery-price N 0
GET /futures/data/globalLongShortAccountRatio N 0
GET /futures/data/openInterestHist N 0
GET /futures/data/takerlongshortRatio N 0
GET /futures/data/topLongShortAccountRatio N 0
GET /futures/data/topLongShortPositionRatio N 0
"""
ROWS = [tuple(line.split()) for line in SDK.strip().splitlines()]
# Weight by limit: the limits just below and at each step.
STEPS = {
    "k": {1: 1, 99: 1, 100: 2, 499: 2, 500: 5, 1_000: 5, 1_001: 10, 1_500: 10},
    "d": {5: 2, 50: 2, 100: 5, 500: 10, 1_000: 20},
}
SECURITIES = {"N": Security.NONE, "K": Security.KEY, "S": Security.SIGNED}


def cost(method: str, path: str, **params: object) -> Cost:
    return ROUTES[method, path].cost(Params.of(params))


def test_the_table_is_the_sdks() -> None:
    assert len(ROWS) == 95
    assert len({path for _, path, _, _ in ROWS}) == 83


@pytest.mark.parametrize(("method", "path", "security", "weight"), ROWS, ids=lambda value: str(value))
def test_a_path_of_the_sdk_is_served_at_its_price(method: str, path: str, security: str, weight: str) -> None:
    assert ROUTES[method, path].security is SECURITIES[security]
    if weight in STEPS:
        assert {limit: cost(method, path, limit=limit).weight for limit in STEPS[weight]} == STEPS[weight]
    elif weight == "o":
        assert cost(method, path) == Cost(weight=0, ten_seconds=1, minute=1)
    elif weight == "b":
        assert cost(method, path) == Cost(weight=5, ten_seconds=5, minute=1)
    else:
        one, _, every = weight.partition("/")
        assert cost(method, path, symbol="BTCUSDT").weight == int(one)
        assert cost(method, path).weight == int(every or one)


@pytest.mark.parametrize("path", ["/fapi/v1/fundingRate", "/fapi/v1/fundingInfo"])
def test_funding_shares_a_pool(path: str) -> None:
    assert cost("GET", path).pool is Pool.FUNDING


def test_statistics_share_a_pool() -> None:
    assert cost("GET", "/futures/data/basis").pool is Pool.STATISTICS

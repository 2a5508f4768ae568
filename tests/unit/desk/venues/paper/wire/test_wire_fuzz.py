"""Whatever is asked, the answer is JSON: what was wanted, or a code and a sentence, and never a failure."""

from __future__ import annotations

import asyncio
import io
import json
from typing import Any, cast
from urllib.parse import quote, urlencode

import orjson
import pytest
from aiohttp.client_exceptions import ClientError
from hypothesis import given, settings
from hypothesis import strategies as st
from yarl import URL

from desk.venues.paper.settings import LimitSettings
from desk.venues.paper.wire.assembly import WallClocks, serve_venue
from desk.venues.paper.wire.pipeline import Question
from desk.venues.paper.wire.requests.params import Params
from desk.venues.paper.wire.requests.signing import sign, split_signature
from desk.venues.paper.wire.routes import ROUTES
from desk.venues.paper.wire.socket_api.ws_session import Session
from tests.unit.desk.venues.paper.wire.rig import KEYS, OWN, START_MS, FakeMarket, Rig, open_venue, play

NAMES = [
    "symbol", "pair", "contractType", "interval", "period", "limit", "startTime", "endTime", "fromId", "page", "side",
    "type", "positionSide", "timeInForce", "quantity", "price", "reduceOnly", "newClientOrderId", "newOrderRespType",
    "priceMatch", "selfTradePreventionMode", "goodTillDate", "orderId", "origClientOrderId", "batchOrders",
    "orderIdList", "origClientOrderIdList", "algoType", "algoId", "clientAlgoId", "triggerPrice", "callbackRate",
    "activatePrice", "closePosition", "workingType", "leverage", "marginType", "amount", "dualSidePosition",
    "multiAssetsMargin", "feeBurn", "asset", "downloadId", "listenKey", "incomeType", "countdownTime", "recvWindow",
    "modifyId", "stopPrice", "priceProtect",
]  # fmt: skip
VALUES = [
    "BTCUSDT", "btcusdt", "ETHUSDT", "XYZ", "", " ", "0", "1", "01", "+1", " 1", "-1", "1e-3", "1E5", "NaN", "Infinity",
    "0.001", "0.01", "60000", "59000.5", "1" * 19, "9" * 20, "9" * 400, "0." + "0" * 19 + "1", "0." + "3" * 40, "٣",
    "true", "TRUE", "false", "yes", "null", "BUY", "SELL", "LONG", "BOTH", "LIMIT", "market", "STOP", "STOP_MARKET",
    "TRAILING_STOP_MARKET", "CONDITIONAL", "GTC", "IOC", "GTX", "GTD", "OPPONENT_5", "QUEUE", "PERPETUAL", "1m", "5m",
    "1M", "ISOLATED", "CROSSED", "USDT", "[]", "[1]", "{}", "[{}]", "[[[", '[{"symbol":"BTCUSDT"}]', "[null,true,1.5]",
    str(START_MS), str(START_MS - 10**10), str(START_MS + 10**12), "\x00", "%", "&", "a=b", "'; --", "é", "\U0001f4a5",
]  # fmt: skip
PARAMS = st.dictionaries(st.sampled_from(NAMES), st.sampled_from(VALUES) | st.text(max_size=12), max_size=10)
ORDERS = st.fixed_dictionaries(
    {"symbol": st.sampled_from(["BTCUSDT", "ETHUSDT"]), "side": st.sampled_from(["BUY", "SELL"])},
    optional={
        name: st.sampled_from(VALUES)
        for name in ("type", "quantity", "price", "timeInForce", "triggerPrice", "reduceOnly", "closePosition")
    },
)
NEVER = LimitSettings(weight_per_minute=10**9, orders_per_minute=10**9, orders_per_ten_seconds=10**9)


def judge(status: int, body: object) -> None:
    told = orjson.loads(orjson.dumps(body))
    assert status < 500, told
    if status != 200:
        assert told.keys() == {"code", "msg"}, told
        assert (type(told["code"]), type(told["msg"])) == (int, str)
        assert told["code"] < 0


def question(method: str, path: str, values: dict[str, str]) -> Question:
    """A rightly signed request, as it would come over REST."""
    text = urlencode(values | {"timestamp": str(START_MS)}, quote_via=quote, errors="surrogatepass").encode()
    raw = text + b"&signature=" + sign(OWN.secret, text).encode()
    return Question(
        method=method,
        path=path,
        ip="127.0.0.1",
        host="127.0.0.1:1",
        read=lambda: Params.parse(raw.decode(), b""),
        prove=lambda route, params: GATE[0].admit(route.security, OWN.api_key, params, split_signature(raw, b"")),
    )


GATE: list[Any] = []


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(sorted(ROUTES)), PARAMS | ORDERS), min_size=1, max_size=12))
def test_no_request_over_rest_makes_the_venue_fail(asked: list[tuple[tuple[str, str], dict[str, str]]]) -> None:
    async def run() -> None:
        venue = open_venue(FakeMarket(), KEYS, lambda _: None)
        server = serve_venue(venue, KEYS, WallClocks(ms=lambda: START_MS, seconds=lambda: 0.0), limits=NEVER)
        GATE[:] = [server.pipeline.gate]
        for (method, path), values in asked:
            reply = await server.pipeline.answer(question(method, path, values))
            judge(reply.status, reply.body)

    asyncio.run(run())


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=3),
    max_leaves=8,
)
MESSAGES = st.fixed_dictionaries(
    {},
    optional={
        "id": JSON,
        "method": st.sampled_from(["order.place", "account.status", "session.logon", "depth", "ping", "x"]) | JSON,
        "params": st.dictionaries(st.sampled_from([*NAMES, "apiKey", "signature", "timestamp"]), JSON, max_size=6)
        | JSON,
    },
).map(json.dumps) | st.text(max_size=30)


@settings(max_examples=100, deadline=None)
@given(st.lists(MESSAGES.filter(lambda text: len(text) < 10_000), min_size=1, max_size=5))
def test_no_message_over_a_websocket_makes_the_venue_fail(texts: list[str]) -> None:
    async def run() -> None:
        venue = open_venue(FakeMarket(), KEYS, lambda _: None)
        server = serve_venue(venue, KEYS, WallClocks(ms=lambda: START_MS, seconds=lambda: 0.0), limits=NEVER)
        session = Session(START_MS)
        for text in texts:
            told = orjson.loads(orjson.dumps(await server.ws_api.answer(session, "127.0.0.1", "h", text)))
            judge(cast("int", told["status"]), told.get("error", told.get("result")))

    asyncio.run(run())


RAW: list[tuple[str, str, dict[str, str], bytes | None]] = [
    ("GET", "/", {}, None),
    ("GET", "/fapi/v1/%zz?%ff=%fe&=&&symbol", {}, None),
    ("GET", "/fapi/v1/klines?symbol=%00&interval=%F0%9F%92%A5", {}, None),
    ("GET", "/fapi/v3/account?timestamp=1&signature=%C3%A9", {"X-MBX-APIKEY": "\u00e9" * 64}, None),
    ("PATCH", "/fapi/v1/order", {}, b"x"),
    ("OPTIONS", "/fapi/v1/order", {}, None),
    ("POST", "/fapi/v1/order", {"Content-Type": "application/json"}, b'{"symbol":"BTCUSDT"}'),
    ("POST", "/fapi/v1/order", {}, b"\xff\xfe"),
    ("POST", "/fapi/v1/order", {}, b"a=" + b"x" * 1_100_000),
    ("GET", "/ws/btcusdt@trade", {"Upgrade": "websocket"}, None),
    ("GET", "/ws-fapi/v1", {"Upgrade": "websocket", "Connection": "Upgrade"}, None),
    ("GET", "/ws", {}, None),
    ("GET", "/paper/v1/headlines?since=x", {}, None),
    ("POST", "/paper/v1/clock/advance", {"X-Paper-Token": KEYS.admin_token}, b"[" * 50_000),
    ("GET", "/paper/v1/downloads/../../etc/passwd", {}, None),
]


@pytest.mark.parametrize(("method", "target", "headers", "body"), RAW, ids=range(len(RAW)))
def test_misuse_of_http_is_refused_in_json(
    method: str, target: str, headers: dict[str, str], body: bytes | None
) -> None:
    async def story(rig: Rig) -> None:
        url = URL(rig.url + target, encoded=True)
        try:
            async with rig.session.request(method, url, headers=headers, data=body and io.BytesIO(body)) as answer:
                judge(answer.status, await answer.json())
                assert answer.status >= 400
        except (ClientError, UnicodeError, ValueError) as error:
            pytest.fail(f"no answer: {error!r}")

    play(story)

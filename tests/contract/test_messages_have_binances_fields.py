"""What the paper exchange sends by itself has the fields that Binance sends; each difference has its reason.

A difference that is not listed fails, and so does a listed one that is gone.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from websockets.sync.client import ClientConnection, connect

from desk.venues.binance.connection import Connection
from desk.venues.binance.streams.addresses import market_urls, private_url
from desk.venues.binance.streams.listen_keys import ListenKeys
from tests.contract.conftest import SYMBOL
from tests.contract.test_answers_have_binances_fields import ask
from tests.venue_process import VenueProcess, running_venue

SAMPLES = Path(__file__).resolve().parents[3] / "shared" / "data" / "binance_json" / "nautilus"
pytestmark = pytest.mark.skipif(not SAMPLES.is_dir(), reason="the recorded samples of shared/data are not here")
WAIT_S = 20.0

USER, MARKET, OTHER = "rs_futures_user_data_json", "rs_futures_market_data_json", "py_ws_messages"
# The kind of message, the recording of it. A forced order needs a liquidation, which the exchange's own tests have.
KINDS = {
    "ORDER_TRADE_UPDATE NEW": f"{OTHER}/ws_futures_order_update_new_price_match.json",
    "ORDER_TRADE_UPDATE TRADE": f"{USER}/order_update_trade.json",
    "TRADE_LITE": f"{OTHER}/ws_futures_trade_lite.json",
    "ACCOUNT_UPDATE": f"{USER}/account_update.json",
    "ALGO_UPDATE NEW": f"{USER}/algo_update_new.json",
    "bookTicker": f"{MARKET}/book_ticker_stream.json",
    "depthUpdate": f"{MARKET}/depth_update_stream.json",
    "kline": f"{MARKET}/kline_stream_closed.json",
    "aggTrade": f"{MARKET}/agg_trade_stream.json",
    "trade": f"{MARKET}/trade_stream.json",
    "markPriceUpdate": f"{MARKET}/mark_price_stream.json",
    "24hrTicker": f"{MARKET}/ticker_stream.json",
}
NEWER = "documented since the recording was made"
# Fields that only one of the two has: `-` the recording alone, `+` the exchange alone.
DIFFERENCES: dict[str, dict[str, str]] = {
    "ORDER_TRADE_UPDATE NEW": {
        "-.o.W": "undocumented; null or a time in recordings",
        "-.o.N": "present and null on Binance until there is a fee, documented as absent",
        "-.o.n": "present and null on Binance until there is a fee, documented as absent",
        "+.o.pm": NEWER,
        "+.o.er": NEWER,
    },
    "ORDER_TRADE_UPDATE TRADE": {"+.o.pm": NEWER, "+.o.gtd": NEWER, "+.o.er": NEWER},
    "ALGO_UPDATE NEW": {"+.o.ia": NEWER},
    "aggTrade": {"+.nq": NEWER},
    "markPriceUpdate": {"+.ap": NEWER},
    "24hrTicker": {"+.ps": NEWER},
    "trade": {"+.X": "undocumented, sent by Binance in practice"},
}


def kind_of(message: Mapping[str, Any]) -> str:
    kind = str(message["e"])
    if kind == "ORDER_TRADE_UPDATE":
        return f"{kind} {message['o']['x']}"
    return f"{kind} {message['o']['X']}" if kind == "ALGO_UPDATE" else kind


def unwrapped(text: str | bytes) -> dict[str, Any]:
    message = json.loads(text)
    return message.get("data", message)


@pytest.fixture(scope="module")
def heard(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, dict[str, Any]]]:
    """One message of each kind, from an exchange on which an account opens, protects, rests and closes."""
    with running_venue(tmp_path_factory.mktemp("busy")) as venue, ExitStack() as closing:
        connection = Connection(venue.url, venue.key, venue.secret, timeout=5)
        closing.callback(connection.close)
        name = SYMBOL.lower()
        kinds = ("bookTicker", "depth@100ms", "kline_1m", "aggTrade", "trade", "markPrice@1s", "ticker")
        urls = market_urls(venue.url, [f"{name}@{kind}" for kind in kinds])
        addresses = [private_url(venue.url, ListenKeys(connection).ask()), *urls.values()]
        lines = [closing.enter_context(connect(url, close_timeout=0.5)) for url in addresses]
        trade(venue)
        venue.advance(2 * 60_000)
        yield collected(lines)


def trade(venue: VenueProcess) -> None:
    one = {"symbol": SYMBOL, "side": "BUY"}
    ask(venue, "POST", "/fapi/v1/order", one | {"type": "MARKET", "quantity": "0.01"})
    resting = {"type": "LIMIT", "quantity": "0.01", "price": "30000", "timeInForce": "GTC"}
    ask(venue, "POST", "/fapi/v1/order", one | resting)
    stop = {"algoType": "CONDITIONAL", "type": "STOP_MARKET", "triggerPrice": "30000", "closePosition": "true"}
    ask(venue, "POST", "/fapi/v1/algoOrder", one | {"side": "SELL"} | stop)


def collected(lines: list[ClientConnection]) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    end = time.monotonic() + WAIT_S
    while set(KINDS) - set(found) and time.monotonic() < end:
        for line in lines:
            try:
                message = unwrapped(line.recv(timeout=0.05))
            except TimeoutError:
                continue
            if "e" in message:
                found.setdefault(kind_of(message), message)
    return found


def fields(message: object, where: str = "") -> Iterator[str]:
    """Every field's place; the first row stands for a list."""
    if isinstance(message, dict):
        for name, value in message.items():
            yield f"{where}.{name}"
            yield from fields(value, f"{where}.{name}")
    elif isinstance(message, list) and message and isinstance(message[0], dict):
        yield from fields(message[0], f"{where}[]")


@pytest.mark.parametrize("kind", KINDS)
def test_a_message_has_the_fields_that_binance_sends(heard: dict[str, dict[str, Any]], kind: str) -> None:
    recorded = unwrapped((SAMPLES / KINDS[kind]).read_bytes())
    ours, theirs = set(fields(heard[kind])), set(fields(recorded))
    found = {f"-{name}" for name in theirs - ours} | {f"+{name}" for name in ours - theirs}
    assert found == set(DIFFERENCES.get(kind, {}))


def test_every_difference_has_its_reason() -> None:
    assert all(reason for listed in DIFFERENCES.values() for reason in listed.values())
    assert set(DIFFERENCES) <= set(KINDS)

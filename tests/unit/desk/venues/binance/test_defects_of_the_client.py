"""The fourteen defects of python-binance 1.0.37 that bite a desk, one row each, and what goes over the wire instead.

Each row shows, by the request that is sent or by what can be seen to happen, that the defect does not reach the venue.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import pytest

import desk.venues.binance as room
from desk.domain.errors import OutcomeUnknownError
from desk.domain.orders import Side
from desk.venues.binance import BinanceGateway
from desk.venues.binance.conditionals import TrailingRequest
from desk.venues.binance.library import rest_client
from desk.venues.binance.streams.depth import LocalBook
from tests.unit.desk.venues.binance.scripted_venue import Reply, ScriptedVenue, refused
from tests.unit.desk.venues.binance.streams.fake_lines import SILENCE, FakeLines
from tests.unit.desk.venues.binance.streams.test_user_stream import FakeKeys, Woken, stream
from tests.unit.desk.venues.binance.streams.told import account_event, expired_event, text
from tests.unit.desk.venues.binance.test_gateway_orders import ALGO, BUY, EXIT, ORDER, STOP, order_json, stop_json

SOURCES = "".join(file.read_text() for file in sorted(Path(room.__file__).parent.rglob("*.py")))
WAIT_S = 10.0


@dataclass
class Desk:
    venue: ScriptedVenue
    gateway: BinanceGateway

    def stops(self) -> dict[str, str]:
        """What goes out for a protective stop."""
        self.venue.answers(f"POST {ALGO}", Reply(stop_json()))
        assert self.gateway.submit_stop(STOP).algo_id == stop_json()["algoId"]
        return dict(self.venue.requests(f"POST {ALGO}")[-1].params)


def own_id(desk: Desk) -> None:
    assert desk.stops()["clientAlgoId"] == STOP.client_id


def activation_price(desk: Desk) -> None:
    answer = stop_json(orderType="TRAILING_STOP_MARKET", triggerPrice="0", closePosition=False, clientAlgoId="trail-1")
    desk.venue.answers(f"POST {ALGO}", Reply(answer))
    desk.gateway.submit_trailing(
        TrailingRequest(
            symbol="BTCUSDT",
            side=Side.SELL,
            quantity=Decimal("0.010"),
            callback=Decimal("0.012"),
            client_id="trail-1",
            activation=Decimal("61000.0"),
        )
    )
    sent = desk.venue.requests(f"POST {ALGO}")[-1].params
    assert (sent["activatePrice"], sent["callbackRate"], sent["reduceOnly"]) == ("61000", "1.2", "true")
    assert "activationPrice" not in sent


def trigger_price(desk: Desk) -> None:
    sent = desk.stops()
    assert sent["triggerPrice"] == "58800"
    assert "stopPrice" not in sent


def no_batches(desk: Desk) -> None:
    del desk
    assert "batch" not in SOURCES.replace("in one batch", "").lower()


def sweeps_of_both_lists(desk: Desk) -> None:
    for path in ("/fapi/v1/allOpenOrders", "/fapi/v1/algoOpenOrders"):
        desk.venue.answers(f"DELETE {path}", Reply({"code": 200, "msg": "done"}))
    desk.gateway.cancel_all("BTCUSDT")
    asked = [request.path for request in desk.venue.asked if request.method == "DELETE"]
    assert asked == ["/fapi/v1/allOpenOrders", "/fapi/v1/algoOpenOrders"]
    desk.venue.answers("GET /fapi/v1/openAlgoOrders", Reply([stop_json()]))
    assert [stop.client_id for stop in desk.gateway.open_stops()] == [STOP.client_id]


def no_test_orders(desk: Desk) -> None:
    del desk
    assert "futures_create_test_order" not in SOURCES


def stops_are_asked_for_where_they_live(desk: Desk) -> None:
    desk.venue.answers(f"GET {ALGO}", Reply(stop_json()))
    assert desk.gateway.find_stop("BTCUSDT", STOP.client_id) is not None
    assert desk.venue.requests(f"GET {ALGO}")[-1].params["clientAlgoId"] == STOP.client_id
    assert "ws_futures" not in SOURCES


def booleans(desk: Desk) -> None:
    desk.venue.answers(f"POST {ORDER}", Reply(order_json()), Reply(order_json(clientOrderId="i1-exit", side="SELL")))
    desk.gateway.submit(BUY)
    desk.gateway.submit(EXIT)
    desk.stops()
    raw = [request.raw for request in desk.venue.asked if request.method == "POST"]
    assert ["reduceOnly=false" in raw[0], "reduceOnly=true" in raw[1], "closePosition=true" in raw[2]] == [True] * 3
    assert not any("True" in word or "False" in word for word in raw)


def futures_time(desk: Desk) -> None:
    ahead = desk.venue.now_ms() + 3_600_000
    desk.venue.now_ms = lambda: ahead
    desk.venue.answers("GET /fapi/v1/openOrders", Reply([]))
    desk.gateway.open_orders()
    stamped = int(desk.venue.requests("GET /fapi/v1/openOrders")[-1].params["timestamp"])
    assert abs(stamped - ahead) < 60_000
    assert not [request for request in desk.venue.asked if request.path.startswith("/api/")]


def listen_key_expiry(desk: Desk) -> None:
    del desk
    keys, woken = FakeKeys(), Woken()
    opened = stream(FakeLines([text(expired_event())], [SILENCE]), woken, keys)
    opened.start()
    for _ in range(2):
        assert woken.bell.acquire(timeout=WAIT_S)
    opened.close()
    assert keys.asked >= 2


def no_overflow_and_no_last_reconnect(desk: Desk) -> None:
    """Twenty times what ends the library's loop, after more breaks than it comes back from."""
    del desk
    events = [text(account_event(wallet=str(number), at=1_790_000_000_000 + number)) for number in range(2_000)]
    woken = Woken()
    opened = stream(FakeLines(*([[]] * 6), [*events, SILENCE]), woken)
    opened.start()
    for _ in range(7 + len(events)):
        assert woken.bell.acquire(timeout=WAIT_S)
    opened.close()
    assert (opened.report().messages, opened.report().reconnects) == (len(events), 6)


def started_from_another_thread(desk: Desk) -> None:
    del desk
    woken = Woken()
    opened = stream(FakeLines([SILENCE]), woken)
    starter = threading.Thread(target=opened.start)
    starter.start()
    starter.join()
    assert woken.bell.acquire(timeout=WAIT_S)
    opened.close()


def sequenced_books(desk: Desk) -> None:
    """See test_depth for the whole of it: a diff that does not follow is never applied."""
    del desk
    assert "DepthCache" not in SOURCES
    kept = LocalBook("BTCUSDT")
    kept.start({"lastUpdateId": 10, "E": 1, "T": 1, "bids": [["1", "1"]], "asks": [["2", "1"]]})
    assert not kept.apply({"U": 13, "u": 14, "pu": 12, "E": 2, "T": 2, "b": [["1", "9"]], "a": []})
    assert kept.whole() is None


def answers_without_an_order_id(desk: Desk) -> None:
    assert "orderId" not in stop_json()
    assert "quantity" not in desk.stops()


DEFECTS: dict[str, Callable[[Desk], None]] = {
    "1 an id given to a conditional order is dropped": own_id,
    "2 activationPrice is not renamed": activation_price,
    "3 stopPrice is not renamed on the algo call": trigger_price,
    "4 batches do not route conditionals and garble parameters": no_batches,
    "5 cancel-all and open orders leave stops out": sweeps_of_both_lists,
    "6 test orders send conditionals to the wrong place": no_test_orders,
    "7 the socket API asks for stops as for orders": stops_are_asked_for_where_they_live,
    "8 booleans go out as True and False": booleans,
    "9 no time offset, or the spot venue's": futures_time,
    "10 an expired listen key is not noticed": listen_key_expiry,
    "11 a queue of 100 and five reconnects end the loop": no_overflow_and_no_last_reconnect,
    "12 a threaded manager is silent from another thread": started_from_another_thread,
    "13 the depth cache does not check the sequence": sequenced_books,
    "14 an algoId where an orderId is looked for": answers_without_an_order_id,
}


@pytest.mark.parametrize("defect", DEFECTS)
def test_a_defect_of_the_library_does_not_reach_the_venue(
    venue: ScriptedVenue, gateway: BinanceGateway, defect: str
) -> None:
    DEFECTS[defect](Desk(venue, gateway))


def test_the_library_still_has_the_first_of_them() -> None:
    """Should an upgrade mend it, the table above is to be read again."""
    sent: list[tuple[str, str]] = []
    client = object.__new__(rest_client().Client)
    client._request_futures_api = lambda method, path, *rest, data: sent.append((path, str(data)))
    client.futures_create_order(symbol="BTCUSDT", type="STOP_MARKET", newClientOrderId="ours", stopPrice="1")
    assert sent[0][0] == "algoOrder"
    assert "ours" not in sent[0][1]


def test_a_write_is_sent_once_whatever_the_venue_says(venue: ScriptedVenue, gateway: BinanceGateway) -> None:
    venue.answers(f"POST {ORDER}", refused(-1007, "Timeout waiting for response from backend server.", 503))
    with pytest.raises(OutcomeUnknownError):
        gateway.submit(BUY)
    assert len(venue.requests(f"POST {ORDER}")) == 1


def test_a_position_is_closed_by_one_order_that_can_only_reduce(venue: ScriptedVenue, gateway: BinanceGateway) -> None:
    held = {"symbol": "BTCUSDT", "positionAmt": "-0.030", "positionSide": "BOTH", "leverage": "3", "isolated": True}
    totals = {"totalWalletBalance": "9", "totalUnrealizedProfit": "0", "availableBalance": "9", "positions": [held]}
    risk = {"entryPrice": "5", "markPrice": "5", "unRealizedProfit": "0", "liquidationPrice": "0"}
    venue.answers("GET /fapi/v2/account", Reply(totals), Reply(totals | {"positions": []}))
    venue.answers("GET /fapi/v3/positionRisk", Reply([held | risk]), Reply([]))
    venue.answers(f"POST {ORDER}", Reply(order_json(clientOrderId="close-1")))
    assert gateway.close_position("BTCUSDT", "close-1") is not None
    sent = venue.requests(f"POST {ORDER}")[0].params
    assert (sent["side"], sent["quantity"], sent["type"], sent["reduceOnly"]) == ("BUY", "0.03", "MARKET", "true")
    assert gateway.close_position("BTCUSDT", "close-2") is None

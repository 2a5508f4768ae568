"""The gateway sends an order once, says the truth about what came of it, and never invents an end."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from desk.domain.errors import DataError, OutcomeUnknownError, VenueRejectedError, VenueUnavailableError
from desk.domain.orders import (
    OrderRequest,
    OrderStatus,
    OrderType,
    Side,
    StopRequest,
    StopStatus,
    StopType,
    TimeInForce,
)
from desk.venues.binance import BinanceGateway
from tests.unit.desk.venues.binance.conftest import KEY, SECRET
from tests.unit.desk.venues.binance.scripted_venue import (
    HANGS_UP,
    STALLS,
    TEARS_ITS_ANSWER,
    Reply,
    ScriptedVenue,
    refused,
)

ORDER, ALGO = "/fapi/v1/order", "/fapi/v1/algoOrder"
NOW = 1_780_000_000_000

BUY = OrderRequest(
    symbol="BTCUSDT",
    side=Side.BUY,
    type=OrderType.MARKET,
    quantity=Decimal("0.0100"),
    client_id="i1-entry",
    reduce_only=False,
)
EXIT = replace(BUY, side=Side.SELL, reduce_only=True, client_id="i1-exit")
STOP = StopRequest(
    symbol="BTCUSDT", side=Side.SELL, type=StopType.STOP_MARKET, trigger=Decimal("58800.0"), client_id="i1-stop"
)


def order_json(**changes: Any) -> dict[str, Any]:
    return {
        "symbol": "BTCUSDT",
        "orderId": 77,
        "clientOrderId": "i1-entry",
        "side": "BUY",
        "type": "MARKET",
        "status": "FILLED",
        "origQty": "0.010",
        "executedQty": "0.010",
        "cumQty": "0.010",
        "reduceOnly": False,
        "updateTime": NOW,
    } | changes


def stop_json(**changes: Any) -> dict[str, Any]:
    return {
        "algoId": 9001,
        "clientAlgoId": "i1-stop",
        "algoType": "CONDITIONAL",
        "orderType": "STOP_MARKET",
        "symbol": "BTCUSDT",
        "side": "SELL",
        "algoStatus": "NEW",
        "triggerPrice": "58800.00",
        "closePosition": True,
        "updateTime": NOW,
    } | changes


def test_an_order_goes_out_in_the_venues_words(venue: ScriptedVenue, gateway: BinanceGateway) -> None:
    venue.answers(f"POST {ORDER}", Reply(order_json()))
    view = gateway.submit(BUY)
    sent = venue.requests(f"POST {ORDER}")[0].params
    assert sent["quantity"] == "0.01"
    assert sent["newClientOrderId"] == "i1-entry"
    assert sent["reduceOnly"] == "false"
    assert "price" not in sent
    assert (view.status, view.filled) == (OrderStatus.FILLED, Decimal("0.010"))


def test_the_signature_covers_the_bytes_that_were_sent(venue: ScriptedVenue, gateway: BinanceGateway) -> None:
    venue.answers(f"POST {ORDER}", Reply(order_json()))
    gateway.submit(BUY)
    request = venue.requests(f"POST {ORDER}")[0]
    signed, _, signature = request.raw.rpartition("&signature=")
    assert signature == hmac.new(SECRET.encode(), signed.encode(), hashlib.sha256).hexdigest()
    assert request.headers["X-MBX-APIKEY"] == KEY
    assert request.params["recvWindow"] == "5000"


def test_a_limit_order_carries_its_price_and_how_long_it_stands(venue: ScriptedVenue, gateway: BinanceGateway) -> None:
    venue.answers(f"POST {ORDER}", Reply(order_json(type="LIMIT", status="NEW", executedQty="0")))
    gateway.submit(replace(BUY, type=OrderType.LIMIT, price=Decimal("6E+4"), time_in_force=TimeInForce.GTX))
    sent = venue.requests(f"POST {ORDER}")[0].params
    assert (sent["price"], sent["timeInForce"]) == ("60000", "GTX")


def test_a_limit_order_without_a_price_is_not_sent(venue: ScriptedVenue, gateway: BinanceGateway) -> None:
    with pytest.raises(DataError, match="no price"):
        gateway.submit(replace(BUY, type=OrderType.LIMIT))
    assert not venue.requests(f"POST {ORDER}")


def test_the_price_in_an_acknowledgement_is_not_believed(venue: ScriptedVenue, gateway: BinanceGateway) -> None:
    venue.answers(f"POST {ORDER}", Reply(order_json(avgPrice="61000.5", cumQuote="610")))
    assert gateway.submit(BUY).average_price is None


def test_the_price_of_a_queried_order_is_believed(venue: ScriptedVenue, gateway: BinanceGateway) -> None:
    venue.answers(f"GET {ORDER}", Reply(order_json(avgPrice="61000.5")))
    found = gateway.find("BTCUSDT", "i1-entry")
    assert found is not None
    assert found.average_price == Decimal("61000.5")


@pytest.mark.parametrize("fault", [HANGS_UP, TEARS_ITS_ANSWER], ids=["hangs up", "torn answer"])
def test_an_order_without_a_whole_answer_may_have_happened(
    venue: ScriptedVenue, gateway: BinanceGateway, fault: Reply
) -> None:
    venue.answers(f"POST {ORDER}", fault)
    with pytest.raises(OutcomeUnknownError):
        gateway.submit(BUY)
    assert len(venue.requests(f"POST {ORDER}")) == 1


def test_an_order_that_times_out_is_sent_once_and_may_have_happened(venue: ScriptedVenue) -> None:
    from desk.venues.binance import open_gateway

    impatient = open_gateway(venue.url, KEY, SECRET, timeout=0.2)
    venue.answers(f"POST {ORDER}", STALLS)
    with pytest.raises(OutcomeUnknownError):
        impatient.submit(BUY)
    assert len(venue.requests(f"POST {ORDER}")) == 1
    impatient.close()


UNCLEAR = [
    Reply(status=502, text="<html>bad gateway</html>"),
    Reply(status=200, text="<html>welcome</html>"),
    Reply(status=200, text='{"orderId": 1'),
    Reply(status=200, body={"orderId": "none"}),
    Reply(status=200, body=[]),
    Reply(status=302, text="", headers={"Location": "/elsewhere"}),
    Reply(status=400, text="<html>no</html>"),
    refused(-1007, "Timeout waiting for response from backend server.", 408),
    refused(-1006, "An unexpected response was received.", 400),
    refused(-1000, "Unknown error, please check your request or try again later.", 503),
]


@pytest.mark.parametrize("answer", UNCLEAR, ids=lambda reply: f"{reply.status} {reply.text or reply.body}"[:40])
def test_an_unclear_answer_to_an_order_may_have_happened(
    venue: ScriptedVenue, gateway: BinanceGateway, answer: Reply
) -> None:
    venue.answers(f"POST {ORDER}", answer)
    with pytest.raises(OutcomeUnknownError):
        gateway.submit(BUY)
    assert len(venue.requests(f"POST {ORDER}")) == 1


@pytest.mark.parametrize(
    "answer",
    [
        refused(-1003, "Too many requests.", 429),
        Reply({"code": -1003, "msg": "banned"}, 418, {"Retry-After": "120"}),
        refused(-1008, "Server is currently overloaded with other requests.", 503),
        Reply(status=503, text="Service Unavailable."),
        refused(-1015, "Too many new orders."),
        refused(-1021, "Timestamp for this request is outside of the recvWindow."),
    ],
    ids=lambda reply: f"{reply.status} {reply.text or reply.body}"[:30],
)
def test_a_venue_that_took_nothing_may_be_tried_later(
    venue: ScriptedVenue, gateway: BinanceGateway, answer: Reply
) -> None:
    venue.answers(f"POST {ORDER}", answer)
    with pytest.raises(VenueUnavailableError) as caught:
        gateway.submit(BUY)
    assert caught.value.hint
    assert len(venue.requests(f"POST {ORDER}")) == 1


def test_a_refusal_keeps_the_venues_code_and_words(venue: ScriptedVenue, gateway: BinanceGateway) -> None:
    venue.answers(f"POST {ORDER}", refused(-2019, "Margin is insufficient."))
    with pytest.raises(VenueRejectedError, match="Margin is insufficient") as caught:
        gateway.submit(BUY)
    assert caught.value.code == -2019


def test_an_answer_about_another_order_is_no_answer(venue: ScriptedVenue, gateway: BinanceGateway) -> None:
    venue.answers(f"POST {ORDER}", Reply(order_json(clientOrderId="somebody-else")))
    with pytest.raises(OutcomeUnknownError):
        gateway.submit(BUY)


def test_cancelling_what_is_gone_is_not_an_error(venue: ScriptedVenue, gateway: BinanceGateway) -> None:
    venue.answers(f"DELETE {ORDER}", refused(-2011, "Unknown order sent."))
    venue.answers(f"GET {ORDER}", Reply(order_json(avgPrice="1")))
    gateway.cancel("BTCUSDT", "i1-entry")


def test_a_cancel_refused_while_the_order_still_trades_is_an_error(
    venue: ScriptedVenue, gateway: BinanceGateway
) -> None:
    venue.answers(f"DELETE {ORDER}", refused(-2011, "Unknown order sent."))
    venue.answers(f"GET {ORDER}", Reply(order_json(status="NEW", executedQty="0", avgPrice="0")))
    with pytest.raises(VenueRejectedError):
        gateway.cancel("BTCUSDT", "i1-entry")


def test_an_unanswered_cancel_may_have_happened(venue: ScriptedVenue, gateway: BinanceGateway) -> None:
    venue.answers(f"DELETE {ORDER}", HANGS_UP)
    with pytest.raises(OutcomeUnknownError):
        gateway.cancel("BTCUSDT", "i1-entry")


@pytest.mark.parametrize("where", ["/fapi/v1/openOrders", "/fapi/v1/allOrders", ""])
def test_there_is_no_order_only_when_query_open_list_and_history_say_so(
    venue: ScriptedVenue, gateway: BinanceGateway, where: str
) -> None:
    venue.answers(f"GET {ORDER}", refused(-2013, "Order does not exist."))
    for path in ("/fapi/v1/openOrders", "/fapi/v1/allOrders"):
        venue.answers(f"GET {path}", Reply([order_json(avgPrice="1")] if path == where else []))
    assert (gateway.find("BTCUSDT", "i1-entry") is None) == (where == "")


def test_a_stop_rests_on_the_mark_price_and_closes_the_position(venue: ScriptedVenue, gateway: BinanceGateway) -> None:
    venue.answers(f"POST {ALGO}", Reply(stop_json()))
    view = gateway.submit_stop(STOP)
    sent = venue.requests(f"POST {ALGO}")[0].params
    assert sent["workingType"] == "MARK_PRICE"
    assert sent["closePosition"] == "true"
    assert sent["clientAlgoId"] == "i1-stop"
    assert sent["triggerPrice"] == "58800"
    assert "quantity" not in sent
    assert (view.algo_id, view.status, view.order_id) == (9001, StopStatus.NEW, None)


@pytest.mark.parametrize("change", [{"triggerPrice": "58000"}, {"closePosition": False}, {"side": "BUY"}])
def test_a_stop_acknowledged_differently_is_not_taken_as_protection(
    venue: ScriptedVenue, gateway: BinanceGateway, change: dict[str, Any]
) -> None:
    venue.answers(f"POST {ALGO}", Reply(stop_json(**change)))
    with pytest.raises(OutcomeUnknownError):
        gateway.submit_stop(STOP)


@pytest.mark.parametrize("where", ["/fapi/v1/openAlgoOrders", "/fapi/v1/allAlgoOrders", ""])
def test_there_is_no_stop_only_when_query_open_list_and_history_say_so(
    venue: ScriptedVenue, gateway: BinanceGateway, where: str
) -> None:
    venue.answers(f"GET {ALGO}", refused(-2013, "Order does not exist."))
    for path in ("/fapi/v1/openAlgoOrders", "/fapi/v1/allAlgoOrders"):
        venue.answers(f"GET {path}", Reply([stop_json()] if path == where else []))
    assert (gateway.find_stop("BTCUSDT", "i1-stop") is None) == (where == "")


def test_a_triggered_stop_names_the_order_it_became(venue: ScriptedVenue, gateway: BinanceGateway) -> None:
    venue.answers(f"GET {ALGO}", Reply(stop_json(algoStatus="FINISHED", actualOrderId="4242")))
    found = gateway.find_stop("BTCUSDT", "i1-stop")
    assert found is not None
    assert found.order_id == 4242


def test_removing_a_stop_that_is_gone_is_not_an_error(venue: ScriptedVenue, gateway: BinanceGateway) -> None:
    venue.answers(f"DELETE {ALGO}", refused(-2011, "Unknown order sent."))
    venue.answers("GET /fapi/v1/openAlgoOrders", Reply([]))
    gateway.cancel_stop("BTCUSDT", "i1-stop")


def test_removing_a_stop_that_still_rests_is_not_called_done(venue: ScriptedVenue, gateway: BinanceGateway) -> None:
    venue.answers(f"DELETE {ALGO}", refused(-2011, "Unknown order sent."))
    venue.answers("GET /fapi/v1/openAlgoOrders", Reply([stop_json()]))
    with pytest.raises(VenueRejectedError):
        gateway.cancel_stop("BTCUSDT", "i1-stop")


def test_entries_stop_at_half_the_weight_and_exits_pass(venue: ScriptedVenue, gateway: BinanceGateway) -> None:
    heavy = {"X-MBX-USED-WEIGHT-1M": "1201"}
    venue.answers("GET /fapi/v1/openOrders", Reply([], headers=heavy))
    venue.answers(f"POST {ORDER}", Reply(order_json(clientOrderId="i1-exit", side="SELL"), headers=heavy))
    venue.answers(f"POST {ALGO}", Reply(stop_json(), headers=heavy))
    gateway.open_orders()
    assert gateway.used_weight == 1201
    with pytest.raises(VenueUnavailableError, match="kept for exits"):
        gateway.submit(BUY)
    gateway.submit(EXIT)
    gateway.submit_stop(STOP)
    assert [request.params["newClientOrderId"] for request in venue.requests(f"POST {ORDER}")] == ["i1-exit"]

"""Whatever goes wrong, no error tells the key, the secret or a signature."""

from __future__ import annotations

import traceback
from collections.abc import Callable

import pytest

from desk.domain.errors import DeskError, PrerequisiteError
from desk.venues.binance import BinanceGateway, open_gateway
from tests.unit.desk.venues.binance.conftest import KEY, SECRET
from tests.unit.desk.venues.binance.scripted_venue import HANGS_UP, TEARS_ITS_ANSWER, Reply, Request, ScriptedVenue
from tests.unit.desk.venues.binance.test_gateway_orders import BUY, STOP


def echoes(request: Request) -> Reply:
    """A careless venue repeats the request, signature and key included, in its refusal."""
    return Reply({"code": -1100, "msg": f"Illegal characters: {request.raw} apiKey={KEY}"}, 400)


def echoes_as_html(request: Request) -> Reply:
    return Reply(status=500, text=f"<html>{request.path}?{request.raw}</html>")


def calls(gateway: BinanceGateway) -> list[Callable[[], object]]:
    return [gateway.account, gateway.open_stops, lambda: gateway.submit(BUY), lambda: gateway.submit_stop(STOP)]


@pytest.mark.parametrize("answer", [echoes, echoes_as_html, HANGS_UP, TEARS_ITS_ANSWER, Reply(text="nonsense")])
def test_no_error_tells_a_secret(
    venue: ScriptedVenue, gateway: BinanceGateway, answer: Reply | Callable[[Request], Reply]
) -> None:
    for route in (
        "GET /fapi/v2/account",
        "GET /fapi/v1/openAlgoOrders",
        "POST /fapi/v1/order",
        "POST /fapi/v1/algoOrder",
    ):
        venue.answers(route, answer)
    for call in calls(gateway):
        with pytest.raises(DeskError) as caught:
            call()
        told = "".join(traceback.format_exception(caught.value)) + caught.value.hint
        signatures = [request.params["signature"] for request in venue.asked if "signature" in request.params]
        assert signatures
        assert not [hidden for hidden in (KEY, SECRET, *signatures) if hidden in told]


def test_no_error_tells_a_secret_when_nobody_listens() -> None:
    gateway = open_gateway("http://127.0.0.1:9", KEY, SECRET)
    with pytest.raises(DeskError) as caught:
        gateway.submit(BUY)
    told = "".join(traceback.format_exception(caught.value))
    assert KEY not in told
    assert SECRET not in told
    gateway.close()


def test_a_gateway_printed_shows_no_secret(gateway: BinanceGateway) -> None:
    assert SECRET not in repr(gateway) + str(vars(gateway))


@pytest.mark.parametrize(
    "url",
    [
        "http://fapi.binance.com",
        "http://127.0.0.1.example.net",
        "http://localhost.example.net:80",
        "http://10.0.0.7:8000",
        "ftp://127.0.0.1",
        "https://",
        "fapi.binance.com",
        "http://key@127.0.0.1:1",
    ],
)
def test_a_key_never_goes_over_a_network_in_clear(url: str) -> None:
    with pytest.raises(PrerequisiteError):
        open_gateway(url, KEY, SECRET)


@pytest.mark.parametrize("url", ["http://localhost:9/", "http://[::1]:9", "http://127.0.0.2:9", "https://example.net"])
def test_loopback_and_tls_are_where_a_key_may_go(url: str) -> None:
    open_gateway(url, KEY, SECRET).close()

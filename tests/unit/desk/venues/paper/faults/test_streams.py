"""What a stream client meets: each fault on a real socket, beside a socket's promise that the rest is untouched."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import aiohttp
import pytest

from tests.unit.desk.venues.paper.faults.bad_luck import place, plan
from tests.unit.desk.venues.paper.wire.rig import MINUTE, Rig, play

Socket = aiohttp.ClientWebSocketResponse
ORDERS = {"channel": "user", "stream": "ORDER_TRADE_UPDATE"}


async def listen_key(rig: Rig) -> str:
    return (await rig.signed("POST", "/fapi/v1/listenKey"))[1]["listenKey"]


def on_the_user_stream(story: Callable[[Rig, Socket], Awaitable[None]], *rules: dict[str, Any]) -> None:
    async def run(rig: Rig) -> None:
        url = f"{rig.url}/private/ws?listenKey={await listen_key(rig)}&events=ORDER_TRADE_UPDATE/listenKeyExpired"
        async with rig.session.ws_connect(url, heartbeat=None) as socket:
            await story(rig, socket)

    play(run, faults=plan(*rules))


async def names(socket: Socket, count: int) -> list[str]:
    """The client ids of the next order updates."""
    return [(await asyncio.wait_for(socket.receive_json(), 2))["o"]["c"] for _ in range(count)]


async def orders(rig: Rig, *client_ids: str) -> None:
    for name in client_ids:
        assert (await place(rig, name))[0] == 200


@pytest.mark.parametrize(
    ("fault", "seen"),
    [
        ({"kind": "gap", "nth": [2]}, ["a", "c", "d"]),
        ({"kind": "gap", "nth": [2], "count": 2}, ["a", "d"]),
        ({"kind": "repeat", "nth": [2]}, ["a", "b", "b", "c", "d"]),
        ({"kind": "reorder", "nth": [1], "behind": 2}, ["b", "c", "a", "d"]),
        ({"kind": "reorder", "nth": [2]}, ["a", "c", "b", "d"]),
        ({"kind": "tardy", "nth": [2], "seconds": 0.05}, ["a", "b", "c", "d"]),
        ({"kind": "gap", "nth": [2], "channel": "market"}, ["a", "b", "c", "d"]),
    ],
)
def test_events_are_lost_repeated_or_out_of_order(fault: dict[str, Any], seen: list[str]) -> None:
    async def story(rig: Rig, socket: Socket) -> None:
        await orders(rig, "a", "b", "c", "d")
        assert await names(socket, len(seen)) == seen

    on_the_user_stream(story, {**ORDERS, **fault})


def test_a_tardy_event_comes_after_what_the_client_asked_for_meanwhile() -> None:
    async def story(rig: Rig, socket: Socket) -> None:
        await orders(rig, "a")
        await socket.send_json({"method": "LIST_SUBSCRIPTIONS", "id": 1})
        assert (await socket.receive_json())["id"] == 1
        assert await names(socket, 1) == ["a"]

    on_the_user_stream(story, {"kind": "tardy", "seconds": 0.05, **ORDERS})


def test_a_corrupt_frame_is_no_json() -> None:
    async def story(rig: Rig, socket: Socket) -> None:
        await orders(rig, "a", "b")
        with pytest.raises(ValueError, match=r"Expecting|Unterminated"):
            await socket.receive_json()
        assert await names(socket, 1) == ["b"]

    on_the_user_stream(story, {"kind": "corrupt", "nth": [1], **ORDERS})


@pytest.mark.parametrize(("abrupt", "seen"), [(True, 1006), (False, 1001)])
def test_a_connection_is_dropped_with_or_without_a_word(abrupt: bool, seen: int) -> None:
    async def story(rig: Rig, socket: Socket) -> None:
        await orders(rig, "a")
        assert (await asyncio.wait_for(socket.receive(), 2)).type in (aiohttp.WSMsgType.CLOSE, aiohttp.WSMsgType.CLOSED)
        assert socket.close_code == seen

    on_the_user_stream(story, {"kind": "disconnect", "abrupt": abrupt, **ORDERS})


def test_a_half_open_socket_neither_speaks_nor_answers_a_ping() -> None:
    async def story(rig: Rig, socket: Socket) -> None:
        await orders(rig, "a", "b")
        await socket.ping()
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(socket.receive(), 0.1)
        assert not socket.closed

    on_the_user_stream(story, {"kind": "half_open", "nth": [1], **ORDERS})


@pytest.mark.parametrize("quiet", [True, False])
def test_a_listen_key_dies_early_told_or_untold(quiet: bool) -> None:
    async def story(rig: Rig, socket: Socket) -> None:
        await rig.public("/fapi/v1/ping")
        rig.server.announcer.beat(keep=False)
        if not quiet:
            assert (await asyncio.wait_for(socket.receive_json(), 2))["e"] == "listenKeyExpired"
        await orders(rig, "a")
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(socket.receive(), 0.05)
        assert (await rig.signed("PUT", "/fapi/v1/listenKey"))[1]["code"] == -1125

    on_the_user_stream(story, {"kind": "kill_key", "quiet": quiet, "path": "/fapi/v1/ping"})


def test_frozen_market_data_stands_still_while_the_rest_goes_on() -> None:
    async def story(rig: Rig) -> None:
        async with rig.session.ws_connect(
            f"{rig.url}/public/stream?streams=btcusdt@bookTicker/ethusdt@bookTicker"
        ) as ws:
            seen: list[str] = []
            for minute in range(4):
                for symbol in ("BTCUSDT", "ETHUSDT"):
                    rig.market.moves.setdefault(symbol, {})[rig.now + MINUTE] = rig.market.prices[symbol] + minute
                await rig.step(MINUTE)
                while len(seen) < 2 * minute + 2:
                    try:
                        seen.append((await asyncio.wait_for(ws.receive_json(), 0.1))["stream"].split("@")[0])
                    except TimeoutError:
                        break
            assert seen.count("btcusdt") < seen.count("ethusdt")
            assert seen.count("btcusdt") >= 1

    frozen = {"kind": "freeze", "channel": "market", "stream": "btcusdt@*", "nth": [2], "for_s": 120}
    play(story, faults=plan(frozen))

"""Connections last as long as their clients answer pings, and no longer than a day."""

from __future__ import annotations

import pytest
from aiohttp import ClientWebSocketResponse, WSMsgType

from desk.venues.paper.wire.streams.liveness import Lifetime
from tests.unit.desk.venues.paper.wire.rig import Rig, play

PATHS = ["/ws/btcusdt@trade", "/ws-fapi/v1"]
QUICK = Lifetime(ping=0.01, pong=0.05)


async def closed_with(socket: ClientWebSocketResponse) -> int | None:
    while (await socket.receive(5)).type not in (WSMsgType.CLOSE, WSMsgType.CLOSED, WSMsgType.CLOSING):
        continue
    return socket.close_code


def test_the_times_are_the_published_ones() -> None:
    assert Lifetime() == Lifetime(ping=180.0, pong=600.0, life=86_400.0)


@pytest.mark.parametrize("path", PATHS)
def test_a_client_that_answers_no_ping_is_dropped(path: str) -> None:
    async def story(rig: Rig) -> None:
        socket = await rig.session.ws_connect(rig.url + path, autoping=False)
        assert await closed_with(socket) == 1008

    play(story, lifetime=QUICK)


def test_a_pong_that_repeats_no_ping_saves_nobody() -> None:
    async def story(rig: Rig) -> None:
        socket = await rig.session.ws_connect(rig.url + PATHS[0], autoping=False)
        while (message := await socket.receive(5)).type is WSMsgType.PING:
            await socket.pong(b"unasked")
        assert message.type is WSMsgType.CLOSE
        assert socket.close_code == 1008

    play(story, lifetime=QUICK)


def test_a_client_that_answers_its_pings_stays() -> None:
    async def story(rig: Rig) -> None:
        async with rig.session.ws_connect(rig.url + PATHS[1], autoping=False) as socket:
            for _ in range(12):
                message = await socket.receive(5)
                assert message.type is WSMsgType.PING
                await socket.pong(message.data)
            assert not socket.closed

    play(story, lifetime=QUICK)


def test_a_client_may_ping_the_venue() -> None:
    async def story(rig: Rig) -> None:
        async with rig.session.ws_connect(rig.url + PATHS[0], autoping=False) as socket:
            await socket.ping(b"are you there")
            message = await socket.receive(5)
            assert (message.type, bytes(message.data)) == (WSMsgType.PONG, b"are you there")

    play(story)


@pytest.mark.parametrize("path", PATHS)
def test_every_connection_ends_after_its_day(path: str) -> None:
    async def story(rig: Rig) -> None:
        socket = await rig.session.ws_connect(rig.url + path)
        assert await closed_with(socket) == 1001

    play(story, lifetime=Lifetime(life=0.02))

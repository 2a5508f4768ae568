"""A server that ends while somebody listens: sockets and streams are closed in order, and nothing is broken off."""

from __future__ import annotations

import asyncio
import logging
import socket
import threading
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

import httpx
import pytest
import uvicorn
from fastapi import FastAPI
from fastapi.responses import StreamingResponse
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from tests.unit.ui.conftest import ORIGIN, PASSWORD
from ui.console import live
from ui.server.access.identity import Role
from ui.server.house import House
from ui.server.leaving import Server
from ui.server.roof import build

PATIENCE = 20
RESTARTS = 1012


@dataclass
class Serving:
    """A server on a thread. It answers to the name of the house, wherever it listens."""

    server: uvicorn.Server
    thread: threading.Thread
    port: int

    def listen(self, path: str, **headers: str) -> ClientConnection:
        line = socket.create_connection(("127.0.0.1", self.port))
        return connect(f"{ORIGIN.replace('http', 'ws')}{path}", sock=line, additional_headers=headers)

    def end(self) -> None:
        self.server.should_exit = True
        self.thread.join(PATIENCE + 10)
        assert not self.thread.is_alive()


def endless() -> StreamingResponse:
    """As Gradio's page keeps one open for as long as it is shown."""

    async def alive() -> AsyncIterator[str]:
        yield "alive\n"
        await asyncio.Event().wait()

    return StreamingResponse(alive())


@contextmanager
def serving(house: House) -> Iterator[Serving]:
    def furnish(app: FastAPI) -> None:
        app.state.gallery = live.Gallery(house)
        app.include_router(live.router)
        app.add_api_route("/panel/endless", endless)

    listening = socket.create_server(("127.0.0.1", 0))
    # So patient that a listener who is not let go would be seen: its task would be broken off, and said to be.
    app = build(house, furnish=furnish)
    settings = uvicorn.Config(app, log_config=None, log_level="warning", timeout_graceful_shutdown=PATIENCE)
    server = Server(settings, over=app.state.over, ready=lambda: None)
    thread = threading.Thread(target=server.run, args=([listening],))
    thread.start()
    try:
        yield Serving(server, thread, listening.getsockname()[1])
    finally:
        server.should_exit = True
        thread.join(PATIENCE + 10)


def closed_with(line: ClientConnection) -> int | None:
    """The code with which the other side closed the line, once everything it had said was heard."""
    with suppress(ConnectionClosed):
        while True:
            line.recv(timeout=PATIENCE)
    return line.close_code


def troubles(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING]


def test_listeners_of_a_quiet_desk_are_let_go_when_the_server_ends(
    house: House, bearer: dict[str, str], caplog: pytest.LogCaptureFixture
) -> None:
    with serving(house) as served, served.listen("/api/v1/events", **bearer) as line:
        assert "no guard runs" in str(line.recv(timeout=PATIENCE))
        served.end()
        assert closed_with(line) == RESTARTS
    assert troubles(caplog) == []


def test_an_open_page_is_let_go_when_the_server_ends(house: House, caplog: pytest.LogCaptureFixture) -> None:
    house.access.set_password("operator", PASSWORD, role=Role.OPERATOR)
    with serving(house) as served:
        secret = {"name": "operator", "secret": PASSWORD}
        named = {"Origin": ORIGIN, "Host": ORIGIN.removeprefix("http://")}
        page = httpx.post(f"http://127.0.0.1:{served.port}/login", data=secret, headers=named, trust_env=False)
        cookie = "; ".join(f"{name}={value}" for name, value in page.cookies.items())
        with served.listen("/live", Cookie=cookie, Origin=ORIGIN) as line:
            assert line.recv(timeout=PATIENCE)
            served.end()
            assert closed_with(line) == RESTARTS
    assert troubles(caplog) == []


def test_a_stream_without_an_end_is_let_go_when_the_server_ends(
    house: House, bearer: dict[str, str], caplog: pytest.LogCaptureFixture
) -> None:
    headers = {**bearer, "Host": ORIGIN.removeprefix("http://")}
    with serving(house) as served:
        url = f"http://127.0.0.1:{served.port}/panel/endless"
        with httpx.stream("GET", url, headers=headers, trust_env=False, timeout=PATIENCE) as answer:
            lines = answer.iter_lines()
            assert next(lines) == "alive"
            served.end()
            assert list(lines) == []
    assert troubles(caplog) == []


def test_a_listener_that_leaves_a_quiet_desk_is_forgotten(house: House, bearer: dict[str, str]) -> None:
    with serving(house) as served:
        with served.listen("/api/v1/events", **bearer) as line:
            assert line.recv(timeout=PATIENCE)
            line.send("what is sent is not read, and holds up nothing")
        deadline = time.monotonic() + PATIENCE
        while served.server.server_state.tasks:
            assert time.monotonic() < deadline, "somebody is told who has left"
            served.thread.join(0.02)

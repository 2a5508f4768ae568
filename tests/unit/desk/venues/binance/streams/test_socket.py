"""A real socket on loopback: pings are answered, a dead other end is found, and no error quotes the address."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from websockets.sync.server import ServerConnection, serve

from desk.venues.binance.streams.socket import LineBrokenError, dialler

SECRET = "a-listen-key-nobody-may-read"


@contextmanager
def served(handler: Callable[[ServerConnection], None]) -> Iterator[str]:
    with serve(handler, "127.0.0.1", 0, ping_interval=None) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"ws://127.0.0.1:{server.socket.getsockname()[1]}/private/ws?listenKey={SECRET}"
        finally:
            server.shutdown()
            thread.join()


def test_texts_arrive_in_order_and_silence_is_none() -> None:
    over = threading.Event()

    def says(connection: ServerConnection) -> None:
        for word in ("one", "two"):
            connection.send(word)
        over.wait(10)

    with served(says) as url, dialler()(url) as line:
        assert [line.receive(5), line.receive(5), line.receive(0.01)] == ["one", "two", None]
        over.set()


def test_a_thousand_messages_in_one_go_are_all_there() -> None:
    def says(connection: ServerConnection) -> None:
        for number in range(3000):
            connection.send(str(number))
        connection.recv()

    with served(says) as url, dialler()(url) as line:
        assert [line.receive(5) for _ in range(3000)] == [str(number) for number in range(3000)]


def test_a_farewell_ends_the_line() -> None:
    served_ones = served(lambda connection: connection.close(1001))
    with served_ones as url, dialler()(url) as line, pytest.raises(LineBrokenError, match="1001"):
        line.receive(5)


def test_an_other_end_that_gives_no_sign_of_life_is_found() -> None:
    """The TCP connection stays up, the handshake was answered, and then nothing: no pong, no farewell."""
    listener = socket.create_server(("127.0.0.1", 0))
    stays = threading.Event()

    def half_open() -> None:
        from websockets.server import ServerProtocol

        connection, _ = listener.accept()
        protocol = ServerProtocol()
        protocol.receive_data(connection.recv(65536))
        request = protocol.events_received()[0]
        protocol.send_response(protocol.accept(request))  # type: ignore[arg-type]
        for data in protocol.data_to_send():
            connection.sendall(data)
        stays.wait(10)
        connection.close()

    thread = threading.Thread(target=half_open)
    thread.start()
    url = f"ws://127.0.0.1:{listener.getsockname()[1]}/private/ws"
    try:
        with (
            dialler(ping_every=0.05, pong_within=0.05)(url) as line,
            pytest.raises(LineBrokenError, match="no farewell"),
        ):
            assert line.receive(10) is None
    finally:
        stays.set()
        thread.join()
        listener.close()


def test_a_line_that_does_not_open_says_why_without_its_address() -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    with pytest.raises(LineBrokenError) as told, dialler()(f"ws://127.0.0.1:{port}/private/ws?listenKey={SECRET}"):
        pass
    assert SECRET not in str(told.value)
    assert told.value.__cause__ is None

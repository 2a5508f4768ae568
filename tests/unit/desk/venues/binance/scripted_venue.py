"""A small HTTP venue on loopback: it answers as told, remembers what it was asked, and misbehaves on the wire."""

from __future__ import annotations

import json
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl


@dataclass(frozen=True)
class Request:
    method: str
    path: str
    params: Mapping[str, str]
    headers: Mapping[str, str]
    raw: str


@dataclass(frozen=True)
class Reply:
    body: object = None
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    text: str | None = None
    fault: str = ""

    def encoded(self) -> bytes:
        return (json.dumps(self.body) if self.text is None else self.text).encode()


def refused(code: int, words: str = "no", status: int = 400) -> Reply:
    return Reply({"code": code, "msg": words}, status)


HANGS_UP = Reply(fault="hangs up")
TEARS_ITS_ANSWER = Reply({"orderId": 1}, fault="torn")
STALLS = Reply(fault="stalls")

Answer = Reply | Callable[[Request], Reply]


class ScriptedVenue:
    """Answers `METHOD path` with the scripted replies in turn; the last one repeats."""

    def __init__(self) -> None:
        self.asked: list[Request] = []
        self.now_ms = lambda: int(time.time() * 1000)
        self._script: dict[str, list[Answer]] = defaultdict(list)
        self._released = threading.Event()
        self.url = ""

    def answers(self, route: str, *replies: Answer) -> None:
        self._script[route] = list(replies)

    def requests(self, route: str) -> list[Request]:
        return [request for request in self.asked if f"{request.method} {request.path}" == route]

    def reply_to(self, request: Request) -> Reply:
        self.asked.append(request)
        route = f"{request.method} {request.path}"
        if route == "GET /fapi/v1/time" and route not in self._script:
            return Reply({"serverTime": self.now_ms()})
        script = self._script.get(route)
        if not script:
            return Reply({"code": -5000, "msg": f"no script for {route}"}, 404)
        answer = script.pop(0) if len(script) > 1 else script[0]
        return answer(request) if callable(answer) else answer

    def stall(self) -> None:
        self._released.wait(10)

    def release(self) -> None:
        self._released.set()


def _handler(venue: ScriptedVenue) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _serve(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            path, _, query = self.path.partition("?")
            raw = query + self.rfile.read(length).decode()
            reply = venue.reply_to(Request(self.command, path, dict(parse_qsl(raw)), dict(self.headers), raw))
            if reply.fault == "stalls":
                venue.stall()
            if reply.fault in ("stalls", "hangs up"):
                self.close_connection = True
                return
            body = reply.encoded()
            self.send_response(reply.status)
            for name, value in reply.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body) + (9 if reply.fault == "torn" else 0)))
            self.end_headers()
            self.wfile.write(body)
            self.close_connection = reply.fault == "torn"

        do_GET = do_POST = do_PUT = do_DELETE = _serve  # noqa: N815 - names that http.server looks for

        def log_message(self, format: str, *args: object) -> None:
            pass

    return Handler


class _Server(ThreadingHTTPServer):
    # A client may keep its connection open for as long as it likes; the test does not wait for it.
    daemon_threads = True
    block_on_close = False
    # A burst of callers waits; the standard library's queue of 5 would reset the rest.
    request_queue_size = 128


@contextmanager
def scripted_venue() -> Iterator[ScriptedVenue]:
    venue = ScriptedVenue()
    server = _Server(("127.0.0.1", 0), _handler(venue))
    venue.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield venue
    finally:
        venue.release()
        server.shutdown()
        thread.join()
        server.server_close()

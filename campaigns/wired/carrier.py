"""Carries the gateway's requests to the exchange's own server through memory, byte for byte, on virtual time.

Above it everything is what an operator runs: gateway, python-binance, requests, urllib3's reading of bodies. Below it,
too: aiohttp, the fault door, the pipeline. Only the kernel's sockets are missing, and the waiting.
"""

from __future__ import annotations

import asyncio
import http.client
import io
import re
from collections.abc import Mapping
from typing import Any, cast
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPResponse
from urllib3.exceptions import MaxRetryError, NewConnectionError, ProtocolError

from campaigns.wired.loop import VirtualLoop
from campaigns.wired.pipe import Pipe
from desk.venues.binance.budget import USED_WEIGHT_HEADER

WEIGHT_A_MINUTE = 2400
# Leverage, margin and the order itself are let through together.
_OF_ONE_ENTRY = 10
_LENGTH = re.compile(rb"(?i)\r\ncontent-length: *(\d+)\r\n")


class Carrier(HTTPAdapter):
    """In the place of sockets for one base URL. `down`: nobody listens there, and connections are refused.

    `heaviest` is the most request weight of one minute that the venue ever counted; `entered_late` counts entries that
    left while more than half of it was used, or while the venue had asked to be left alone.
    """

    def __init__(self, loop: VirtualLoop, server: Any) -> None:  # noqa: ANN401 - aiohttp's server, a factory of protocols
        super().__init__()
        self._loop, self._server = loop, server
        self._pipe: Pipe | None = None
        self.down, self.requests = False, 0
        self.heaviest, self.entered_late = 0, 0
        self._weight, self._quiet_until = (0, 0), 0.0

    def connect(self) -> Pipe:
        """A connection of its own, for a stream."""
        return Pipe(self._loop, cast("Any", self._server))

    def send(
        self,
        request: requests.PreparedRequest,
        stream: bool = False,
        timeout: Any = None,  # noqa: ANN401
        verify: Any = True,  # noqa: ANN401
        cert: Any = None,  # noqa: ANN401
        proxies: Mapping[str, str] | None = None,
    ) -> requests.Response:
        """One request and its answer; raises what `requests` raises where there is none."""
        self.requests += 1
        self.entered_late += _enters(request) and self._should_wait()
        url = urlsplit(request.url or "")
        if self.down:
            pool = HTTPConnectionPool(url.hostname or "")
            refused = NewConnectionError(cast("Any", pool), "connection refused")
            raise requests.exceptions.ConnectionError(MaxRetryError(pool, request.url or "", refused), request=request)
        try:
            heard = self._loop.run_until_complete(asyncio.wait_for(self._exchange(_written(request)), timeout))
        except TimeoutError:
            self._drop()
            raise requests.exceptions.ReadTimeout("no answer in time", request=request) from None
        return self._answer(request, heard)

    async def _exchange(self, raw: bytes) -> bytes:
        pipe = self._pipe
        if pipe is None or pipe.over:
            pipe = self._pipe = Pipe(self._loop, cast("Any", self._server))
        pipe.say(raw)
        await pipe.until(_whole)
        heard = pipe.take()
        if pipe.over:
            self._pipe = None
        return heard

    def _answer(self, request: requests.PreparedRequest, heard: bytes) -> requests.Response:
        parsed = http.client.HTTPResponse(cast("Any", _Heard(heard)), method=request.method)
        try:
            parsed.begin()
        except (http.client.HTTPException, OSError) as error:
            broken = ProtocolError("Connection aborted.", error)
            raise requests.exceptions.ConnectionError(broken, request=request) from None
        answer = HTTPResponse(
            body=parsed,
            headers=dict(parsed.headers.items()),
            status=parsed.status,
            version=parsed.version,
            reason=parsed.reason,
            preload_content=False,
            decode_content=False,
            original_response=parsed,
            request_method=request.method,
        )
        self._note(parsed)
        response = self.build_response(request, answer)
        # Read here, as a session does anyway: a body cut short raises.
        _ = response.content
        return response

    def _note(self, answer: http.client.HTTPResponse) -> None:
        """What the venue told of its limits."""
        if used := answer.headers.get(USED_WEIGHT_HEADER):
            self._weight = (int(used), int(self._loop.time() // 60))
            self.heaviest = max(self.heaviest, int(used))
        if answer.status in (418, 429) and (wait := answer.headers.get("Retry-After")):
            self._quiet_until = self._loop.time() + int(wait)

    def _should_wait(self) -> bool:
        used, minute = self._weight
        busy = used * 2 > WEIGHT_A_MINUTE + _OF_ONE_ENTRY and minute == int(self._loop.time() // 60)
        return busy or self._loop.time() < self._quiet_until

    def _drop(self) -> None:
        if self._pipe is not None:
            self._pipe.hang_up()
            self._pipe = None

    def close(self) -> None:
        """Hang up."""
        self._drop()


class _Heard:
    """Bytes as `http.client` wants them: something with a file in it."""

    def __init__(self, raw: bytes) -> None:
        self._raw = raw

    def makefile(self, mode: str) -> io.BytesIO:
        return io.BytesIO(self._raw)


def _enters(request: requests.PreparedRequest) -> bool:
    """Whether this is an order that may open."""
    path, words = urlsplit(request.url or "").path, f"{request.url} {request.body!r}"
    return request.method == "POST" and path.endswith("/fapi/v1/order") and "reduceOnly=true" not in words


def _written(request: requests.PreparedRequest) -> bytes:
    """The request as it travels."""
    body = request.body or b""
    raw = body.encode() if isinstance(body, str) else bytes(cast("bytes", body))
    headers = {**request.headers, "Host": urlsplit(request.url or "").netloc}
    if raw:
        headers["Content-Length"] = str(len(raw))
    lines = [f"{request.method} {request.path_url} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items())]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + raw


def _whole(heard: bytearray) -> bool:
    """Whether head and all of the body are here."""
    head = heard.find(b"\r\n\r\n")
    if head < 0:
        return False
    length = _LENGTH.search(heard[: head + 2])
    return len(heard) - head - 4 >= (int(length[1]) if length else 0)

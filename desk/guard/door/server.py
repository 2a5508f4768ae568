"""The guard's door on loopback: a few JSON requests, each with a bearer token, each with a body of a few kilobytes.

The crew's token may ask, look, halt and flatten: all it can do without approval is make the desk safer. Only the
operator's token may ask for a reset, and no model ever holds it.
"""

from __future__ import annotations

import hmac
import json
import logging
from collections.abc import Callable
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, cast
from urllib.parse import parse_qs, urlsplit

from desk.domain.errors import DeskError
from desk.guard.core import Guard
from desk.guard.door.wire import answer_to_data
from desk.guard.process.runtime import Runtime
from desk.guard.record.build import HEADER, build_hash
from desk.guard.record.journal import Journal
from desk.guard.secrets.veil import Veil

_LOG = logging.getLogger(__name__)
# Twice the largest intent: an oversized intent still gets a named refusal, a flood of bytes does not.
_BODY_MOST = 8192
_ROWS_MOST = 1000


class GuardServer(ThreadingHTTPServer):
    """Serves one runtime. `tokens` maps a bearer token to `crew` or `operator`; `venue` tells how its side fares."""

    daemon_threads = True
    block_on_close = False
    # The standard library queues 5: a sixth caller at once would be reset, and would read that as "no guard answers".
    request_queue_size = 128

    def __init__(
        self,
        address: tuple[str, int],
        *,
        runtime: Runtime,
        journal: Journal,
        tokens: dict[str, str],
        profile: str,
        veil: Veil | None = None,
        venue: Callable[[], dict[str, object]] = dict,
    ) -> None:
        self.runtime, self.journal, self.profile, self.venue = runtime, journal, profile, venue
        self.veil = veil or Veil()
        self._tokens = tokens
        super().__init__(address, _Handler)

    def role(self, header: str) -> str:
        """Whose token a request carries, or an empty text. Compares every token in constant time."""
        scheme, _, token = header.partition(" ")
        found = ""
        for known, role in self._tokens.items():
            if hmac.compare_digest(known.encode(), token.encode("utf-8", "surrogateescape")) and scheme == "Bearer":
                found = role
        return found


class _RefusedError(Exception):
    def __init__(self, status: HTTPStatus, message: str) -> None:
        super().__init__(message)
        self.status, self.message = status, message


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "guard"
    sys_version = ""
    timeout = 60
    # An answer is one small write; waiting for more to send would only delay it.
    disable_nagle_algorithm = True

    @property
    def _guard(self) -> GuardServer:
        return cast("GuardServer", self.server)

    def do_GET(self) -> None:
        """Answer a read."""
        self._answer(_READS)

    def do_POST(self) -> None:
        """Answer a request that acts."""
        self._answer(_ACTS)

    def _answer(self, routes: dict[str, tuple[str, _Route]]) -> None:
        try:
            body = self._body()
            url = urlsplit(self.path)
            role, route = routes.get(url.path, ("", None))
            if route is None:
                raise _RefusedError(HTTPStatus.NOT_FOUND, "no such request")
            self._admit(role)
            if url.path in _OF_ONE_BUILD and self.headers.get(HEADER, "") != build_hash():
                raise _RefusedError(HTTPStatus.CONFLICT, "build.differs: who asks runs other code than this guard")
            query = {name: values[-1] for name, values in parse_qs(url.query).items()}
            self._send(HTTPStatus.OK, route(self._guard, body, query))
        except _RefusedError as refused:
            self._send(refused.status, {"error": refused.message, "hint": ""})
        except DeskError as error:
            self._send(HTTPStatus.CONFLICT, {"error": error.message, "hint": error.hint})
        except Exception:
            _LOG.exception("the request failed")
            self._send(HTTPStatus.INTERNAL_SERVER_ERROR, {"error": "the guard failed to answer", "hint": ""})

    def _admit(self, role: str) -> None:
        """Raises _RefusedError unless the token's holder may make requests of `role`; `anyone` needs no token."""
        if role == "anyone":
            return
        holder = self._guard.role(self.headers.get("Authorization", ""))
        if not holder:
            raise _RefusedError(HTTPStatus.UNAUTHORIZED, "a bearer token is needed")
        if role == "operator" and holder != "operator":
            raise _RefusedError(HTTPStatus.FORBIDDEN, "only the operator's token may do this")

    def _body(self) -> str:
        length = self.headers.get("Content-Length", "0")
        if "Transfer-Encoding" in self.headers or not length.isascii() or not length.isdigit():
            self.close_connection = True
            raise _RefusedError(HTTPStatus.LENGTH_REQUIRED, "a body needs its length")
        if int(length) > _BODY_MOST:
            self.close_connection = True
            raise _RefusedError(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"a body is at most {_BODY_MOST} bytes")
        return self.rfile.read(int(length)).decode("utf-8", "surrogateescape")

    def _send(self, status: HTTPStatus, data: object) -> None:
        text = self._guard.veil.over(json.dumps(data, separators=(",", ":"))).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing: the journal is the record."""


_Route = Callable[[GuardServer, str, dict[str, str]], Any]


def _text_of(body: str, name: str) -> str:
    try:
        data = json.loads(body)
    except ValueError as error:
        raise _RefusedError(HTTPStatus.BAD_REQUEST, "the body is not JSON") from error
    value: object = cast("dict[str, object]", data).get(name) if isinstance(data, dict) else None
    if not isinstance(value, str) or not 0 < len(value.strip()) <= 500:
        raise _RefusedError(HTTPStatus.BAD_REQUEST, f'"{name}" is needed, as a text of at most 500 characters')
    return value.encode("utf-8", "replace").decode()


def _status(guard: Guard) -> Any:  # noqa: ANN401 - JSON
    return guard.status().model_dump(mode="json")


def _state(server: GuardServer, body: str, query: dict[str, str]) -> Any:  # noqa: ANN401 - JSON
    del body, query
    return server.runtime.ask(_status)


def _sync(server: GuardServer, body: str, query: dict[str, str]) -> Any:  # noqa: ANN401 - JSON
    del body, query

    def work(guard: Guard) -> Any:  # noqa: ANN401 - JSON
        guard.settle()
        return _status(guard)

    return server.runtime.ask(work)


def _intents(server: GuardServer, body: str, query: dict[str, str]) -> Any:  # noqa: ANN401 - JSON
    del query
    return answer_to_data(server.runtime.propose(body))


def _with_reason(act: Callable[[Guard, str], None]) -> _Route:
    """A route that makes the desk safer for a stated reason, and tells the state that follows."""

    def route(server: GuardServer, body: str, query: dict[str, str]) -> Any:  # noqa: ANN401 - JSON
        del query
        reason = _text_of(body, "reason")

        def work(guard: Guard) -> Any:  # noqa: ANN401 - JSON
            act(guard, reason)
            return _status(guard)

        return server.runtime.ask(work)

    return route


def _tighten(server: GuardServer, body: str, query: dict[str, str]) -> Any:  # noqa: ANN401 - JSON
    del query
    try:
        data = cast("dict[str, object]", json.loads(body))
        changes = {name: value for name, value in data.items() if isinstance(value, str) and len(value) <= 40}
    except (ValueError, AttributeError, RecursionError) as error:
        raise _RefusedError(HTTPStatus.BAD_REQUEST, "the body is not one JSON object") from error
    if not 0 < len(changes) == len(data) <= 20:
        raise _RefusedError(HTTPStatus.BAD_REQUEST, "limits are told by name, each value as a text")

    def work(guard: Guard) -> Any:  # noqa: ANN401 - JSON
        guard.tighten(changes)
        return _status(guard)

    return server.runtime.ask(work)


def _journal(server: GuardServer, body: str, query: dict[str, str]) -> Any:  # noqa: ANN401 - JSON
    del body
    after, limit = query.get("after", "0"), query.get("limit", "500")
    if not (after.isascii() and after.isdigit() and limit.isascii() and limit.isdigit()):
        raise _RefusedError(HTTPStatus.BAD_REQUEST, "after and limit are whole numbers")
    rows = server.journal.rows(int(after[:18]), min(int(limit[:9]), _ROWS_MOST))
    names = ("seq", "kind", "body", "previous", "hash")
    return {"rows": [{name: getattr(row, name) for name in names} for row in rows]}


def _health(server: GuardServer, body: str, query: dict[str, str]) -> Any:  # noqa: ANN401 - JSON
    del body, query
    silent = round(server.runtime.silent_seconds, 3)
    return {"profile": server.profile, "mode": server.runtime.mode, "silent_seconds": silent}


def _venue(server: GuardServer, body: str, query: dict[str, str]) -> Any:  # noqa: ANN401 - JSON
    del body, query
    return server.venue()


def _reset_request(server: GuardServer, body: str, query: dict[str, str]) -> Any:  # noqa: ANN401 - JSON
    del query
    reason = _text_of(body, "reason")

    def work(guard: Guard) -> Any:  # noqa: ANN401 - JSON
        code, ruling = guard.request_reset(reason)
        wall = guard.wall_ms - guard.lookout.mono
        return {"code": code, "valid_from": wall + ruling.from_mono, "valid_until": wall + ruling.until_mono}

    return server.runtime.ask(work)


def _reset_confirm(server: GuardServer, body: str, query: dict[str, str]) -> Any:  # noqa: ANN401 - JSON
    del query
    code = _text_of(body, "code")

    def work(guard: Guard) -> Any:  # noqa: ANN401 - JSON
        guard.confirm_reset(code)
        return _status(guard)

    return server.runtime.ask(work)


_READS: dict[str, tuple[str, _Route]] = {
    "/v1/state": ("crew", _state),
    "/v1/journal": ("crew", _journal),
    "/v1/venue": ("crew", _venue),
    "/v1/health": ("anyone", _health),
}
# What opens risk is heard only from the code that this guard knows; what makes the desk safer is heard from anyone.
_OF_ONE_BUILD = frozenset({"/v1/intents"})
_ACTS: dict[str, tuple[str, _Route]] = {
    "/v1/intents": ("crew", _intents),
    "/v1/sync": ("crew", _sync),
    "/v1/halt": ("crew", _with_reason(Guard.halt)),
    "/v1/flatten": ("crew", _with_reason(Guard.flatten)),
    "/v1/limits": ("crew", _tighten),
    "/v1/reset/request": ("operator", _reset_request),
    "/v1/reset/confirm": ("operator", _reset_confirm),
}

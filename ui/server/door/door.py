"""The door as ASGI middleware: it wraps the whole application, Gradio, MCP and sockets included.

Whoever passes is written into the request's state as `identity`; nothing behind the door looks at cookies or tokens
again. Browsers say where a request comes from (Host, Origin, Sec-Fetch-Site), and a page of ours proves itself by the
word in its cookie that no other site can read.
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass
from http import HTTPStatus
from http.cookies import CookieError, SimpleCookie
from typing import Any

from ui.server.access import Access, Identity
from ui.server.door.headers import replaced
from ui.server.door.paths import LOGIN, Way, way_of
from ui.server.door.place import Place
from ui.server.door.rates import Rates

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

MOST_BODY = 1024 * 1024
CSRF_HEADER = b"x-csrf-token"
# What a browser says of a request that a page of ours, or a person by hand, caused.
_OWN_SITES = frozenset({"same-origin", "none"})
_SAFE = frozenset({"GET", "HEAD"})


@dataclass(frozen=True, slots=True, kw_only=True)
class _Refused:
    """Why the door stays shut."""

    status: HTTPStatus
    message: str
    retry_after: float = 0.0
    to_login: bool = False


class Door:
    """Stands in front of `app`. `rates` bounds how often one person, program or address may ask."""

    def __init__(self, app: App, *, access: Access, place: Place, rates: Rates) -> None:
        self._app, self._access, self._place, self._rates = app, access, place, rates

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request pass, or answer it here."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        told = _Told(scope)
        identity, refused = self._judge(told)
        if refused is not None:
            await self._refuse(told, refused, receive, send)
            return
        scope.setdefault("state", {})["identity"] = identity
        await self._app(scope, _bounded(receive), self._dressed(told, send))

    def _judge(self, told: _Told) -> tuple[Identity | None, _Refused | None]:
        """Who it is, or why not, in the order the room's docstring tells."""
        if told.header(b"host") not in self._place.hosts:
            return None, _Refused(status=HTTPStatus.MISDIRECTED_REQUEST, message="this server has another name")
        way = way_of(told.method, told.path)
        if way is Way.SHUT:
            return None, _Refused(status=HTTPStatus.NOT_FOUND, message="there is nothing here")
        if self._foreign(told):
            return None, _Refused(status=HTTPStatus.FORBIDDEN, message="another site sent this request")
        if _too_large(told):
            return None, _Refused(status=HTTPStatus.REQUEST_ENTITY_TOO_LARGE, message="at most one MiB is read")
        identity = self._who(told)
        wait = self._rates.wait(identity.name if identity else f"@{told.client}")
        if wait > 0:
            message = "too many requests at once"
            return None, _Refused(status=HTTPStatus.TOO_MANY_REQUESTS, message=message, retry_after=wait)
        return identity, self._permit(told, way, identity)

    def _permit(self, told: _Told, way: Way, identity: Identity | None) -> _Refused | None:
        if way is Way.OPEN:
            return None
        if identity is None:
            return _Refused(status=HTTPStatus.UNAUTHORIZED, message="log in, or send a token", to_login=told.is_page)
        if not self._own_page(told, identity):
            return _Refused(status=HTTPStatus.FORBIDDEN, message="the request lacks the page's own token")
        if way is Way.OPERATE and not identity.operates:
            return _Refused(status=HTTPStatus.FORBIDDEN, message="this needs an operator")
        return None

    def _who(self, told: _Told) -> Identity | None:
        scheme, _, token = told.header(b"authorization").partition(" ")
        if scheme:
            return self._access.program(token) if scheme == "Bearer" else None
        cookie = told.cookie(self._place.cookie)
        # A socket's own traffic is no sign of life; opening a page is.
        return self._access.sessions.find(cookie, touch=told.method != "WEBSOCKET") if cookie else None

    def _foreign(self, told: _Told) -> bool:
        """Whether a browser says that a page of somebody else caused this; programs say nothing, and bring tokens."""
        origin, site = told.header(b"origin"), told.header(b"sec-fetch-site")
        if origin and origin not in self._place.origins:
            return True
        if told.method == "WEBSOCKET":
            return bool(told.cookie(self._place.cookie)) and not origin
        # A link from elsewhere may open the page, and the page alone.
        opens_a_page = told.method in _SAFE and told.header(b"sec-fetch-mode") == "navigate" and told.is_page
        return bool(site) and site not in _OWN_SITES and not opens_a_page

    def _own_page(self, told: _Told, identity: Identity) -> bool:
        """Whether what a session sends was sent by our page: it repeats a word that other sites cannot read."""
        if not identity.is_person or told.method in (*_SAFE, "WEBSOCKET"):
            return True
        return hmac.compare_digest(told.header(CSRF_HEADER).encode(), identity.csrf.encode())

    def _dressed(self, told: _Told, send: Send) -> Send:
        async def dressed(message: MutableMapping[str, Any]) -> None:
            if message["type"] == "http.response.start":
                own = list(message.get("headers", ()))
                message = {**message, "headers": replaced(own, told.path, secure=self._place.secure)}
            await send(message)

        return dressed

    async def _refuse(self, told: _Told, refused: _Refused, receive: Receive, send: Send) -> None:
        if told.method == "WEBSOCKET":
            await receive()
            await send({"type": "websocket.close", "code": 4000 + refused.status.value, "reason": refused.message})
            return
        headers = [(b"content-type", b"application/json")]
        if refused.retry_after:
            headers.append((b"retry-after", str(int(refused.retry_after) + 1).encode()))
        body = json.dumps({"error": refused.message, "hint": ""}).encode()
        status = refused.status.value
        if refused.to_login:
            status, body = HTTPStatus.SEE_OTHER.value, b""
            headers = [(b"location", LOGIN.encode())]
        headers.append((b"content-length", str(len(body)).encode()))
        dressed = self._dressed(told, send)
        await dressed({"type": "http.response.start", "status": status, "headers": headers})
        await dressed({"type": "http.response.body", "body": body})


class _Told:
    """What a request says of itself, read once."""

    def __init__(self, scope: Scope) -> None:
        self.method: str = "WEBSOCKET" if scope["type"] == "websocket" else str(scope["method"])
        self.path: str = scope["path"]
        self.client: str = (scope.get("client") or ("?",))[0]
        self._headers: dict[bytes, str] = {}
        for name, value in scope["headers"]:
            # A second header of the same name could say otherwise to somebody behind us: both together match nothing.
            text = value.decode("latin-1")
            self._headers[name] = f"{self._headers[name]}, {text}" if name in self._headers else text

    @property
    def is_page(self) -> bool:
        """Whether somebody opens a page, rather than a page fetching something."""
        return self.method in _SAFE and "text/html" in self.header(b"accept")

    def header(self, name: bytes) -> str:
        """A header, or an empty text."""
        return self._headers.get(name, "")

    def cookie(self, name: str) -> str:
        """A cookie, or an empty text."""
        try:
            found = SimpleCookie(self.header(b"cookie").replace(", ", "; ")).get(name)
        except CookieError:
            return ""
        return found.value if found else ""


def _too_large(told: _Told) -> bool:
    length = told.header(b"content-length")
    return bool(length) and (not length.isascii() or not length.isdigit() or int(length[:12]) > MOST_BODY)


def _bounded(receive: Receive) -> Receive:
    """A body that did not tell its length is cut off where it grows too large: the rest of it is never read."""
    taken = 0

    async def bounded() -> MutableMapping[str, Any]:
        nonlocal taken
        message = await receive()
        if message["type"] == "http.request":
            taken += len(message.get("body", b""))
            if taken > MOST_BODY:
                return {"type": "http.disconnect"}
        return message

    return bounded

"""python-binance made fit for a desk: pointed at one base URL, never pinging, never following redirects, thread-safe.

python-binance is imported when a client is opened: that costs half a second of CPU, too much for `import desk.guard`.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any, Protocol, TypeVar, cast
from urllib.parse import urlsplit

from desk.domain.errors import PrerequisiteError
from desk.venues.binance.budget import RequestBudget
from desk.venues.binance.library import rest_client

if TYPE_CHECKING:
    import requests
    from requests.adapters import BaseAdapter

T = TypeVar("T")

# A late order is worse than none: the venue drops a request that reaches it more than this after its timestamp.
RECV_WINDOW_MS = 5000
# Key permissions are served by the spot host, everything else by the futures host.
_SPOT_HOST = {"fapi.binance.com": "api.binance.com"}


class RestClient(Protocol):
    """What the connection uses of the client besides its `futures_…` methods."""

    timestamp_offset: int

    def close(self) -> None:
        """Drop the pooled sockets."""
        ...


def checked_url(base_url: str) -> str:
    """The base URL without a trailing slash.

    Raises:
        PrerequisiteError: when it is no URL, or would send a key in clear text over a network.
    """
    parts = urlsplit(base_url)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.username:
        raise PrerequisiteError("the venue's base URL must look like https://host or http://127.0.0.1:port")
    if parts.scheme == "http" and not _is_loopback(parts.hostname):
        raise PrerequisiteError(f"plain http to {parts.hostname}: only loopback may be spoken to without TLS")
    return base_url.rstrip("/")


def _is_loopback(host: str) -> bool:
    # By value, not by prefix: a name such as 127.0.0.1.example.net belongs to somebody else.
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def is_live(base_url: str) -> bool:
    """Whether this is the exchange where money is real."""
    return urlsplit(base_url).hostname in _SPOT_HOST


def open_client(
    base_url: str,
    api_key: str,
    secret: str,
    *,
    timeout: float,
    budget: RequestBudget,
    carrier: BaseAdapter | None = None,
) -> RestClient:
    """A python-binance client whose futures calls go to `base_url`; `timeout` (s) bounds connecting and each read.

    A `carrier` takes its requests to `base_url` in the network's place: campaigns play the network in one process.
    """
    library: Any = rest_client()

    class DeskClient(library.Client):
        """The class attributes are where python-binance takes its URLs and its receive window from."""

        FUTURES_URL = base_url + "/fapi"
        FUTURES_DATA_URL = base_url + "/futures/data"
        API_URL = _spot_url(base_url) + "/api"
        MARGIN_API_URL = _spot_url(base_url) + "/sapi"
        REQUEST_RECVWINDOW = RECV_WINDOW_MS

        def __init__(self) -> None:
            self._own = threading.local()
            # A redirected POST would be a second order; python-binance hands these through to requests.
            params = {"timeout": timeout, "allow_redirects": False}
            library.Client.__init__(self, api_key or None, secret or None, params, ping=False)
            self._session = cast("requests.Session", self.session)
            # Proxy variables and .netrc of the environment have no say in a loopback venue.
            self._session.trust_env = not base_url.startswith("http://")
            if carrier is not None:
                self._session.mount(base_url, carrier)

        def close(self) -> None:
            self._session.close()

        # python-binance keeps the last response on itself and reads it back: between threads that would hand one
        # caller another's answer, so each thread gets its own.
        @property
        def response(self) -> Any:  # noqa: ANN401 - the library's own untyped attribute
            return getattr(self._own, "response", None)

        @response.setter
        def response(self, value: Any) -> None:  # noqa: ANN401 - see above
            self._own.response = value

        # Static in the base class, and called there through the instance.
        @staticmethod
        def _handle_response(response: requests.Response) -> object:
            budget.observe(response.headers)
            return library.Client._handle_response(response)  # noqa: SLF001 - the base class's own step

    return _in_own_thread(DeskClient)


def _spot_url(base_url: str) -> str:
    host = urlsplit(base_url).hostname or ""
    return base_url.replace(host, _SPOT_HOST.get(host, host), 1)


def _in_own_thread(build: Callable[[], T]) -> T:
    """Build where python-binance's constructor finds an event loop of its own, so that it leaves none in ours."""
    import asyncio
    from concurrent.futures import ThreadPoolExecutor

    def with_loop() -> T:
        loop = asyncio.new_event_loop()
        asyncio.set_event_loop(loop)
        try:
            return build()
        finally:
            asyncio.set_event_loop(None)
            loop.close()

    with ThreadPoolExecutor(1, thread_name_prefix="open-client") as pool:
        return pool.submit(with_loop).result()

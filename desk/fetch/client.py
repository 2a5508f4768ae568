"""Reads public pages and posts to hooks: every hop is resolved first, judged, and connected to at that address.

Whoever answers with a private address, sends us on to one, changes its name's address in between, drips, bombs or
answers with something else than was asked gets a refusal with a name. No cookie, no proxy, no second try; a request
that carries a key follows nobody. OWASP's list against server-side request forgery is the measure (A10:2021).
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from ssl import SSLContext
from typing import TypeVar

import httpx

from desk.domain.errors import FetchError
from desk.fetch.addresses import is_own_ground, is_public
from desk.fetch.bodies import body_of
from desk.fetch.files import Heard, nobody, resumed_from, write_file
from desk.fetch.links import Link, read_link
from desk.fetch.values import Ask, Bounds, Endpoint

Resolver = Callable[[str], Sequence[str]]
Taken = TypeVar("Taken")
Take = Callable[[httpx.Response], Awaitable[Taken]]
_AGENT = "crewdesk/0.1 (news reader)"
_AT_ONCE = 8
# A whole file may take minutes; a line that says nothing for this long is dead.
_LONGEST_SILENCE = 30.0


def system_resolver(host: str) -> tuple[str, ...]:
    """Every address the system knows for a host. Raises OSError."""
    found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    return tuple(dict.fromkeys(str(entry[4][0]) for entry in found))


class GuardedClient:
    """The client. Thread-safe; call it from a thread without an event loop, and close it after use."""

    def __init__(
        self,
        *,
        bounds: Bounds | None = None,
        resolve: Resolver = system_resolver,
        vouched: frozenset[Endpoint] = frozenset(),
        private: bool = False,
        tls: SSLContext | None = None,
    ) -> None:
        """`private` is the operator's leave to reach this machine and its own network too, over http and any port."""
        self._bounds = bounds or Bounds()
        self._resolve = resolve
        self._vouched, self._private = vouched, private
        self._tls = tls or httpx.create_ssl_context(trust_env=False)
        # Threads of its own: a name that takes minutes to resolve must not hold up the loop that gave up on it.
        self._names = ThreadPoolExecutor(max_workers=_AT_ONCE, thread_name_prefix="names")

    def close(self) -> None:
        """Give the threads back."""
        self._names.shutdown(wait=False, cancel_futures=True)

    def read(self, asks: Sequence[Ask]) -> dict[str, bytes | FetchError]:
        """Each page by the name it was asked under, or why there is none. Raises nothing for a page's sake."""
        return asyncio.run(self._read_all(asks)) if asks else {}

    def save(self, ask: Ask, path: Path, heard: Heard = nobody) -> None:
        """Write a file to `path`, or write on where an earlier call was cut off; `heard` is told of bytes that came.

        What was written stays when this fails. Whether it is the right file is for its checksum to tell.

        Raises:
            FetchError: as `read` answers with.
        """
        have = resumed_from(path)
        headers = {"Accept-Encoding": "identity", **({"Range": f"bytes={have}-"} if have else {})}
        whole = Ask(name=ask.name, url=ask.url, kinds=ask.kinds, headers=headers)

        async def take(response: httpx.Response) -> None:
            await write_file(response, path, ask.kinds, self._bounds.size, have, heard)

        told = asyncio.run(self._guarded(whole, take))
        if isinstance(told, FetchError):
            raise told

    def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> FetchError | None:
        """Post this; None when it was taken with a 2xx, else why not. Of the answer the status alone is read."""

        async def take(response: httpx.Response) -> None:
            del response

        return asyncio.run(self._guarded(Ask(name="", url=url, kinds=frozenset(), headers=headers, body=body), take))

    async def _read_all(self, asks: Sequence[Ask]) -> dict[str, bytes | FetchError]:
        turn = asyncio.Semaphore(_AT_ONCE)

        async def in_turn(ask: Ask) -> bytes | FetchError:
            async with turn:
                return await self._read(ask)

        answers = await asyncio.gather(*(in_turn(ask) for ask in asks))
        return {ask.name: answer for ask, answer in zip(asks, answers, strict=True)}

    async def _read(self, ask: Ask) -> bytes | FetchError:
        async def take(response: httpx.Response) -> bytes:
            return await body_of(response, ask.kinds, self._bounds.size)

        return await self._guarded(ask, take)

    async def _guarded(self, ask: Ask, take: Take[Taken]) -> Taken | FetchError:
        # One connection a page: kept ones are found by address, and two hosts may share one.
        limits = httpx.Limits(max_keepalive_connections=0)
        try:
            async with (
                asyncio.timeout(self._bounds.seconds),
                httpx.AsyncHTTPTransport(verify=self._tls, limits=limits) as wire,
            ):
                return await self._follow(ask, wire, take)
        except FetchError as error:
            return error
        except TimeoutError:
            return FetchError(f"not read within {self._bounds.seconds:g} s", rule="slow")
        except (httpx.HTTPError, httpx.InvalidURL, UnicodeError) as error:
            return FetchError(f"not reached: {type(error).__name__}", rule="unreachable")
        except OSError as error:
            if error.filename:
                # A file of ours: a full disk is no fault of the page's.
                raise
            return FetchError(f"not reached: {type(error).__name__}", rule="unreachable")

    async def _follow(self, ask: Ask, wire: httpx.AsyncHTTPTransport, take: Take[Taken]) -> Taken:
        link = read_link(ask.url)
        for _ in range(self._bounds.redirects + 1):
            response = await wire.handle_async_request(await self._request(ask, link))
            try:
                if not response.has_redirect_location:
                    _refuse_status(response.status_code, ask)
                    return await take(response)
                if ask.headers:
                    raise FetchError("sent on elsewhere, and a key follows nobody", rule="redirect")
                link = read_link(response.headers["location"], base=link)
            finally:
                await response.aclose()
        raise FetchError(f"sent on more than {self._bounds.redirects} times", rule="redirect")

    async def _request(self, ask: Ask, link: Link) -> httpx.Request:
        address = await self._address(link)
        headers = {"Host": link.authority, "User-Agent": _AGENT, "Accept-Encoding": "gzip", **ask.headers}
        waits = dict.fromkeys(("connect", "read", "write", "pool"), min(self._bounds.seconds, _LONGEST_SILENCE))
        extensions = {"sni_hostname": link.host, "timeout": waits}
        method = "GET" if ask.body is None else "POST"
        return httpx.Request(method, link.at(address), headers=headers, content=ask.body, extensions=extensions)

    async def _address(self, link: Link) -> str:
        """The address to connect to, after every address of the host was judged. One bad one spoils them all."""
        asked = asyncio.get_running_loop().run_in_executor(self._names, self._resolve, link.host)
        found = tuple(await asked)
        if not found:
            raise FetchError("the host has no address", rule="unreachable")
        if all(Endpoint(address, link.port) in self._vouched for address in found):
            return found[0]
        if self._private and all(is_own_ground(address) for address in found):
            return found[0]
        if not all(is_public(address) for address in found):
            raise FetchError("the host is not on the public internet", rule="private_address")
        if link.scheme != "https" or link.port != 443:
            raise FetchError("public pages are read over https on its own port", rule="scheme")
        return found[0]


def _refuse_status(status: int, ask: Ask) -> None:
    if status == 429:
        raise FetchError("asked too often", rule="rate_limited")
    if status == 404:
        raise FetchError("there is no such page", rule="absent")
    taken = range(200, 300) if ask.body is not None else (200, 206) if "Range" in ask.headers else (200,)
    if status not in taken:
        raise FetchError(f"answered {status}", rule="status")

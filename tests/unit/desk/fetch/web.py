"""A small web on loopback: honest pages, hostile ones, and an inner service that nobody outside may ever reach."""

from __future__ import annotations

import asyncio
import gzip
import socket
import ssl
import threading
import zlib
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

from desk.fetch.client import GuardedClient
from desk.fetch.values import XML, Ask, Bounds, Endpoint

FEED = b"<?xml version='1.0'?><rss version='2.0'><channel><title>t</title></channel></rss>"
BOMB = gzip.compress(bytes(64 * 1024 * 1024))
Page = Callable[[asyncio.StreamWriter], Awaitable[None]]


def answer(body: bytes, kind: str = "application/rss+xml", *, status: str = "200 OK", more: str = "") -> bytes:
    """One response as it goes over the wire."""
    head = (
        f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n{more}Connection: close\r\n\r\n"
    )
    return head.encode() + body


def redirect(to: str) -> bytes:
    return answer(b"", status="302 Found", more=f"Location: {to}\r\n")


@dataclass(kw_only=True)
class Web:
    """Pages by path, served as bytes; whatever else is asked gets the inner service's secret."""

    pages: dict[str, bytes | Page] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    heads: list[str] = field(default_factory=list)
    port: int = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            path = head.split(" ")[1]
            self.asked.append(path)
            self.heads.append(head)
            page = self.pages.get(path, answer(b"the secret of the inner service", "text/xml"))
            if isinstance(page, bytes):
                writer.write(page)
                await writer.drain()
            else:
                await page(writer)
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            writer.close()


@contextmanager
def serving(*webs: Web, tls: ssl.SSLContext | None = None) -> Iterator[None]:
    """Serve each on a loopback port of its own for the length of the block."""
    loop, ready, done = asyncio.new_event_loop(), threading.Event(), asyncio.Event()

    async def run() -> None:
        servers = [await asyncio.start_server(web.serve, "127.0.0.1", 0, ssl=tls) for web in webs]
        for web, server in zip(webs, servers, strict=True):
            web.port = server.sockets[0].getsockname()[1]
        ready.set()
        await done.wait()
        for server in servers:
            server.close()
        pending = asyncio.all_tasks() - {asyncio.current_task()}
        for task in pending:
            task.cancel()
        await asyncio.gather(*pending, return_exceptions=True)

    thread = threading.Thread(target=lambda: loop.run_until_complete(run()), daemon=True)
    thread.start()
    assert ready.wait(10)
    try:
        yield
    finally:
        loop.call_soon_threadsafe(done.set)
        thread.join(10)
        loop.close()


def names(table: Mapping[str, tuple[str, ...]]) -> Callable[[str], tuple[str, ...]]:
    """A resolver that knows a few names, and numbers in every way the C library reads them."""

    def resolve(host: str) -> tuple[str, ...]:
        if host in table:
            return table[host]
        if ":" in host:
            return (host,)
        try:
            return (socket.inet_ntoa(socket.inet_aton(host)),)
        except OSError:
            raise socket.gaierror(f"no such name: {host}") from None

    return resolve


def client(
    web: Web,
    table: Mapping[str, tuple[str, ...]] | None = None,
    *,
    seconds: float = 5.0,
    tls: ssl.SSLContext | None = None,
) -> GuardedClient:
    """A client that may reach this one web, under the name `feed.test`, and nothing else that is private."""
    known = {"feed.test": ("127.0.0.1",), "localhost": ("127.0.0.1", "::1"), **(table or {})}
    vouched = frozenset({Endpoint("127.0.0.1", web.port)})
    return GuardedClient(bounds=Bounds(seconds=seconds), resolve=names(known), vouched=vouched, tls=tls)


def ask(web: Web, path: str = "/feed", *, name: str = "", scheme: str = "http") -> Ask:
    return Ask(name=name or path, url=f"{scheme}://feed.test:{web.port}{path}", kinds=XML)


def dripping(seconds: float) -> Page:
    """A page that sends one byte at a time, for as long as anybody listens."""

    async def drip(writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nX-Slow: ")
        while not writer.is_closing():
            writer.write(b"a")
            await writer.drain()
            await asyncio.sleep(seconds)

    return drip


def endless(writer: asyncio.StreamWriter) -> Awaitable[None]:
    """A page without an end."""

    async def flood() -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nConnection: close\r\n\r\n")
        while not writer.is_closing():
            writer.write(bytes(65536))
            await writer.drain()

    return flood()


def packed(body: bytes, packing: str = "gzip") -> bytes:
    return answer(body, more=f"Content-Encoding: {packing}\r\n")


def deflated() -> bytes:
    return packed(zlib.compress(FEED), "deflate")

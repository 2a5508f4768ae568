"""A body within its bounds: counted as it arrives and again as it unpacks, so that a bomb is met before it opens."""

from __future__ import annotations

import zlib

import httpx

from desk.domain.errors import FetchError

_GZIP = 16 + zlib.MAX_WBITS


async def body_of(response: httpx.Response, kinds: frozenset[str], limit: int) -> bytes:
    """The unpacked body. Raises FetchError for another content type or packing, and for one byte too many."""
    kind = response.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind not in kinds:
        raise FetchError(f"answered with {kind[:60] or 'no content type'}", rule="content_type")
    packing = response.headers.get("content-encoding", "").strip().lower()
    if packing not in ("", "identity", "gzip"):
        raise FetchError(f"packed as {packing[:20]}, which was not asked for", rule="encoding")
    return await _unpacked(response, limit) if packing == "gzip" else await _plain(response, limit)


async def _plain(response: httpx.Response, limit: int) -> bytes:
    body = bytearray()
    async for chunk in response.aiter_raw():
        body += chunk
        _refuse_beyond(len(body), limit)
    return bytes(body)


async def _unpacked(response: httpx.Response, limit: int) -> bytes:
    body, taken, unpack = bytearray(), 0, zlib.decompressobj(_GZIP)
    async for chunk in response.aiter_raw():
        taken += len(chunk)
        try:
            body += unpack.decompress(chunk, limit + 1 - len(body))
        except zlib.error:
            raise FetchError("the packed body is damaged", rule="encoding") from None
        _refuse_beyond(max(taken, len(body)), limit)
    if not unpack.eof or unpack.unused_data:
        raise FetchError("the packed body is torn or has something behind it", rule="encoding")
    return bytes(body)


def _refuse_beyond(size: int, limit: int) -> None:
    if size > limit:
        raise FetchError(f"longer than {limit} bytes", rule="too_large")

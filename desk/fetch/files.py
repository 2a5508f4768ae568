"""A file as it comes, onto the disk and bounded: cut off it stays, and the next call asks for the rest alone.

What is on the disk before its checksum was met is worth nothing; whoever asked for a file compares it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import httpx

from desk.domain.errors import FetchError

Heard = Callable[[int], None]
"""Is told how many bytes have come, a piece at a time."""

_RANGE = re.compile(r"bytes (\d+)-\d+/(?:\d+|\*)", re.ASCII)


def nobody(count: int) -> None:
    """The listener of a caller that wants no progress."""


def resumed_from(path: Path) -> int:
    """How many bytes of a file are there already."""
    return path.stat().st_size if path.exists() else 0


async def write_file(
    response: httpx.Response, path: Path, kinds: frozenset[str], limit: int, have: int, heard: Heard
) -> None:
    """Write a body to `path`: behind the `have` bytes there when the answer is a part, else from the start.

    Raises:
        FetchError: for another content type, a packed body, a part that begins elsewhere, or one byte too many.
    """
    kind = response.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind not in kinds:
        raise FetchError(f"answered with {kind[:60] or 'no content type'}", rule="content_type")
    if response.headers.get("content-encoding", "identity").strip().lower() not in ("", "identity"):
        raise FetchError("a file came packed, which was not asked for", rule="encoding")
    size = _begins_at(response, have)
    with path.open("r+b" if size else "wb") as file:
        file.seek(size)
        async for chunk in response.aiter_raw():
            size += len(chunk)
            if size > limit:
                raise FetchError(f"longer than {limit} bytes", rule="too_large")
            file.write(chunk)
            heard(len(chunk))


def _begins_at(response: httpx.Response, have: int) -> int:
    if response.status_code != 206:
        return 0
    told = _RANGE.fullmatch(response.headers.get("content-range", ""))
    if told is None or int(told[1]) != have:
        raise FetchError("the part that came is not the part that was asked for", rule="range")
    return have

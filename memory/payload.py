"""How a payload is written: one canonical text for equal values, and large parts kept once under their own hash.

Canonical JSON has sorted keys, no spaces, ASCII escapes and no NaN, so equal values have equal bytes. A string of
`LARGE` characters or more is replaced by `{"$blob": sha256}`; keys that start with `$` are escaped by another `$`, so
nothing a model writes can pass for such a reference.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from typing import Any

from desk.domain.errors import JournalError

LARGE = 512
BLOB = "$blob"


def canonical(value: Any) -> str:  # noqa: ANN401  any JSON value
    """The one text of a JSON value. Raises JournalError for NaN, infinities and values JSON does not have."""
    try:
        return json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False)
    except (TypeError, ValueError) as error:
        raise JournalError(f"not a JSON value: {error}") from None


def digest_of(data: bytes) -> str:
    """SHA-256 in hex."""
    return hashlib.sha256(data).hexdigest()


def text_bytes(text: str) -> bytes:
    """A string as stored. Lone surrogates, which a model can produce, survive the round trip."""
    return text.encode("utf-8", "surrogatepass")


def bytes_text(data: bytes) -> str:
    """The string that `text_bytes` stored."""
    return data.decode("utf-8", "surrogatepass")


def fold(value: Any, keep: Callable[[bytes], str]) -> Any:  # noqa: ANN401  any JSON value
    """The value with its large strings replaced by references; `keep` stores bytes and returns their digest."""
    if isinstance(value, str):
        return {BLOB: keep(text_bytes(value))} if len(value) >= LARGE else value
    if isinstance(value, Mapping):
        return {_escape(key): fold(part, keep) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [fold(part, keep) for part in value]
    return value


def unfold(value: Any, fetch: Callable[[str], bytes]) -> Any:  # noqa: ANN401  any JSON value
    """The value that `fold` was given."""
    if isinstance(value, dict):
        if set(value) == {BLOB}:
            return bytes_text(fetch(value[BLOB]))
        return {_unescape(key): unfold(part, fetch) for key, part in value.items()}
    if isinstance(value, list):
        return [unfold(part, fetch) for part in value]
    return value


def references(value: Any) -> set[str]:  # noqa: ANN401  any JSON value
    """The digests a folded value refers to."""
    if isinstance(value, dict):
        if set(value) == {BLOB}:
            return {value[BLOB]}
        return set().union(*(references(part) for part in value.values()))
    if isinstance(value, list):
        return set().union(*(references(part) for part in value))
    return set()


def _escape(key: object) -> str:
    if not isinstance(key, str):
        raise JournalError(f"not a JSON key: {key!r:.40}")
    return f"${key}" if key.startswith("$") else key


def _unescape(key: str) -> str:
    return key[1:] if key.startswith("$") else key

"""What is asked of a public page, what bounds the asking, and what comes back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

XML = frozenset(
    (
        "application/rss+xml",
        "application/atom+xml",
        "application/rdf+xml",
        "application/xml",
        "text/xml",
        "text/rss+xml",
    )
)
JSON = frozenset(("application/json",))
# What stores of files call a zip, and a text beside it whose ending they do not know.
ARCHIVE = frozenset(
    ("application/zip", "application/x-zip-compressed", "application/octet-stream", "binary/octet-stream")
)
NOTE = frozenset((*ARCHIVE, "text/plain"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """What one page may cost: `size` in bytes, as sent and as unpacked; `seconds` for everything, names included."""

    size: int = 1024 * 1024
    seconds: float = 5.0
    redirects: int = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """One page to read: a name of ours, its address, which content types answer, and headers such as a key.

    With a `body` it is posted.
    """

    name: str
    url: str
    kinds: frozenset[str]
    headers: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}), repr=False)
    body: bytes | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One numeric address and port that somebody vouches for, though it is not public. For tests on loopback."""

    address: str
    port: int

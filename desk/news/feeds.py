"""An RSS or Atom feed as headlines. The parser is bought; what it may be fed, and what is taken of it, is decided here.

Only titles with a time are taken, and tags that could be a symbol. Addresses, summaries and authors are not read at
all: nothing follows a link that a feed names.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from io import BytesIO
from typing import Any, cast

import feedparser  # pyright: ignore[reportMissingTypeStubs]

from desk.domain.errors import DataError
from desk.domain.market import Headline
from desk.news.text import RAW_LIMIT

MOST_ENTRIES = 200
# An honest feed of two hundred entries has a tenth of this; the parser takes seconds over a megabyte of nothing else.
_MOST_TAGS = 20_000
_MOST_TAGS_OF_AN_ENTRY = 12
_SYMBOL = re.compile(r"[A-Za-z0-9]{2,20}", re.ASCII)


def feed_headlines(body: bytes, source: str) -> tuple[Headline, ...]:
    """The headlines of a feed, in its order. Raises DataError when it is none."""
    if body.count(b"<") > _MOST_TAGS:
        raise DataError(f"{source} has more tags than any feed")
    parse = cast(Callable[..., Mapping[str, Any]], feedparser.parse)  # pyright: ignore[reportUnknownMemberType]
    # As a stream: given text, the parser would take an address or the name of a file for something to open.
    told = parse(BytesIO(body), sanitize_html=False, resolve_relative_uris=False)
    if not told.get("version"):
        raise DataError(f"{source} is no feed")
    entries: Iterable[Mapping[str, Any]] = told["entries"][:MOST_ENTRIES]
    return tuple(headline for entry in entries if (headline := _headline(entry, source)) is not None)


def _headline(entry: Mapping[str, Any], source: str) -> Headline | None:
    title, told = entry.get("title"), entry.get("published_parsed") or entry.get("updated_parsed")
    if not isinstance(title, str) or not title.strip() or told is None:
        return None
    try:
        at = datetime.fromtimestamp(calendar.timegm(told), tz=UTC)
    except (ValueError, OverflowError, OSError):
        return None
    return Headline(at=at, source=source, title=title[:RAW_LIMIT], symbols=_tags(entry.get("tags") or ()))


def _tags(told: Iterable[Mapping[str, Any]]) -> tuple[str, ...]:
    terms = (str(tag.get("term") or "") for tag in told)
    known = dict.fromkeys(term.upper() for term in terms if _SYMBOL.fullmatch(term))
    return tuple(known)[:_MOST_TAGS_OF_AN_ENTRY]

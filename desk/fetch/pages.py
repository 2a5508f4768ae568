"""Pages by name, asked again only when their time is over: a source that is down is served from what it last told.

A page is fresh for an hour and of use for a day, unless told otherwise. Who did not answer is left alone for a while,
who said it was asked too often for as long as a page is fresh. What was read is kept between runs.
"""

from __future__ import annotations

import hashlib
import logging
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from desk.domain.errors import FetchError, JournalError
from desk.fetch.values import Ask
from desk.ports import Clock, PageShelf

_log = logging.getLogger(__name__)


class PageReader(Protocol):
    """Reads pages, as `GuardedClient` does."""

    def read(self, asks: Sequence[Ask]) -> Mapping[str, bytes | FetchError]:
        """Each page by the name it was asked under, or why there is none."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """For how long a page is fresh, for how long it is of use, and how long after a failure nobody asks again."""

    fresh: timedelta = timedelta(hours=1)
    useful: timedelta = timedelta(hours=24)
    pause: timedelta = timedelta(minutes=5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """What a source told at `at`. `trouble` names what went wrong since, and is empty when nothing did."""

    body: bytes
    at: datetime
    trouble: str = ""


def trouble_of(page: Page | FetchError) -> str:
    """What is wrong with a source, though an older page of it may still serve; empty when nothing is."""
    return page.rule if isinstance(page, FetchError) else page.trouble


@dataclass(slots=True)
class _Place:
    """One source: its newest page, what it failed with since, and when it may be asked again."""

    page: tuple[datetime, bytes] | None = None
    trouble: str = ""
    again: datetime | None = None


class Pages:
    """Reads sources through a reader and a shelf. Thread-safe; whoever comes second waits and pays nothing."""

    def __init__(self, reader: PageReader, shelf: PageShelf | None, clock: Clock, terms: Terms | None = None) -> None:
        self._reader = reader
        self._shelf = shelf
        self._clock = clock
        self._terms = terms or Terms()
        self._places: dict[str, _Place] = {}
        self._lock = threading.Lock()

    def read(self, asks: Sequence[Ask]) -> dict[str, Page | FetchError]:
        """Each source's page, or why it has none. A page from the future of the desk's clock is none."""
        with self._lock:
            now = self._clock.now()
            places = {ask.name: self._place(ask) for ask in asks}
            due = [ask for ask in asks if self._is_due(places[ask.name], now)]
            answers = self._reader.read(due)
            for ask in due:
                self._take(places[ask.name], answers[ask.name], now)
                self._keep(ask, places[ask.name], now)
            return {name: self._told(place, now) for name, place in places.items()}

    def _place(self, ask: Ask) -> _Place:
        key = _key(ask)
        if key not in self._places:
            self._places[key] = _Place(page=self._recalled(key))
        return self._places[key]

    def _is_due(self, place: _Place, now: datetime) -> bool:
        if place.again is not None and now < place.again:
            return False
        return place.page is None or not timedelta(0) <= now - place.page[0] < self._terms.fresh

    def _take(self, place: _Place, told: bytes | FetchError, now: datetime) -> None:
        if isinstance(told, bytes):
            place.page, place.trouble, place.again = (now, told), "", None
            return
        place.trouble = told.rule
        place.again = now + (self._terms.fresh if told.rule == "rate_limited" else self._terms.pause)

    def _told(self, place: _Place, now: datetime) -> Page | FetchError:
        if place.page is not None and timedelta(0) <= now - place.page[0] <= self._terms.useful:
            return Page(body=place.page[1], at=place.page[0], trouble=place.trouble)
        return FetchError("nothing was read of it", rule=place.trouble or "unreachable")

    def _recalled(self, key: str) -> tuple[datetime, bytes] | None:
        try:
            return self._shelf.page(key) if self._shelf is not None else None
        except JournalError as error:
            _log.warning("the shelf of pages does not tell: %s", error)
            return None

    def _keep(self, ask: Ask, place: _Place, now: datetime) -> None:
        if self._shelf is None or place.page is None or place.page[0] != now:
            return
        try:
            self._shelf.keep_page(_key(ask), now, place.page[1])
        except JournalError as error:
            _log.warning("the shelf of pages keeps nothing: %s", error)


def _key(ask: Ask) -> str:
    """A source's name and a digest of its address: one that moved does not inherit what the other told."""
    return f"{ask.name}:{hashlib.sha256(ask.url.encode()).hexdigest()[:16]}"

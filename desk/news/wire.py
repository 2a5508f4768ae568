"""The desk's own wire: every public source of news in one stream, each story once, no source louder than its share."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from desk.domain.errors import DataError, FetchError
from desk.domain.market import Headline
from desk.fetch.pages import Page, Pages, trouble_of
from desk.fetch.values import XML, Ask
from desk.news.feeds import feed_headlines
from desk.news.newsapi import newsapi_asks, newsapi_headlines
from desk.news.stories import first_tellings
from desk.ports import Clock

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class WireSettings:
    """Where news come from. `feeds` are addresses by our name for them; `per_source` is the share of each.

    Without a `key` NewsAPI is not asked; `pages` are read of what it finds for `query`.
    """

    feeds: Mapping[str, str]
    per_source: int
    query: str = ""
    pages: int = 1
    key: str = ""


class NewsWire:
    """A `NewsFeed` over RSS, Atom and NewsAPI. Thread-safe."""

    def __init__(self, pages: Pages, settings: WireSettings, clock: Clock) -> None:
        self._pages = pages
        self._clock = clock
        self._per_source = settings.per_source
        feeds = tuple(Ask(name=name, url=url, kinds=XML) for name, url in settings.feeds.items())
        paid = newsapi_asks(settings.query, settings.pages, settings.key) if settings.key else ()
        self._feeds = frozenset(ask.name for ask in feeds)
        self._asks = (*feeds, *paid)
        self._parsed: dict[tuple[str, datetime], tuple[Headline, ...]] = {}
        self._trouble: dict[str, str] = {}
        self._sources: Mapping[str, str] = {}

    def sources(self) -> Mapping[str, str]:
        """What was wrong with each source when it was last read, empty where nothing was; none before the first read.

        One that is served from what it told before is wrong, too.
        """
        return self._sources

    def headlines(self, since: datetime) -> tuple[Headline, ...]:
        """Headlines at or after `since`, oldest first, each story once. Raises DataError when no source answered."""
        pages = self._pages.read(self._asks)
        told = {name: self._read(name, page) for name, page in pages.items()}
        self._sources = {
            n: trouble_of(page) if isinstance(told[n], tuple) else str(told[n]) for n, page in pages.items()
        }
        heard = {name: found for name, found in told.items() if isinstance(found, tuple)}
        self._tell(told)
        if not heard:
            trouble = ", ".join(f"{name}: {why}" for name, why in self._trouble.items())
            raise DataError(f"no news source answered ({trouble or 'none is configured'})")
        now = self._clock.now()
        found = [line for lines in heard.values() for line in self._share(lines, since, now)]
        return tuple(found[place] for place in first_tellings(found))

    def _share(self, lines: Sequence[Headline], since: datetime, now: datetime) -> Sequence[Headline]:
        """The newest lines of one source: one that floods pushes out only itself."""
        known = sorted((line for line in lines if since <= line.at <= now), key=lambda line: line.at)
        return known[-self._per_source :]

    def _read(self, name: str, page: Page | FetchError) -> tuple[Headline, ...] | str:
        if isinstance(page, FetchError):
            return page.rule
        mark = (name, page.at)
        if mark not in self._parsed:
            self._parsed = {known: lines for known, lines in self._parsed.items() if known[0] != name}
            try:
                parse = feed_headlines(page.body, name) if name in self._feeds else newsapi_headlines(page.body)
            except DataError as error:
                return error.message
            self._parsed[mark] = parse
        return self._parsed[mark]

    def _tell(self, told: Mapping[str, tuple[Headline, ...] | str]) -> None:
        """Say once that a source went silent, and once that it is back."""
        trouble = {name: found for name, found in told.items() if isinstance(found, str)}
        for name, why in trouble.items():
            if self._trouble.get(name) != why:
                _log.warning("news source %s gives nothing: %s", name, why)
        for name in self._trouble.keys() - trouble.keys():
            _log.info("news source %s is back", name)
        self._trouble = trouble

"""News and market context from the public internet, where the profile allows it and time is real; else nowhere.

One guarded client and one shelf serve both. An invented market has a wire of its own, which is read instead.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from config.loader import DeskConfig
from crews.running.services import Folder
from crews.view.told import tell
from desk.domain.errors import DeskError
from desk.ports import Clock, NewsFeed, OutlookFeed, PageShelf
from desk.venues.paper.admin import PaperAdmin

if TYPE_CHECKING:
    from desk.fetch.pages import PageReader, Pages

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class PublicPages:
    """The guarded client, and where what it read is kept."""

    reader: PageReader
    shelf: PageShelf | None

    def kept(self, clock: Clock, *, fresh: timedelta, useful: timedelta) -> Pages:
        """Pages that are asked for again when they are no longer fresh."""
        from desk.fetch.pages import Pages, Terms

        return Pages(self.reader, self.shelf, clock, Terms(fresh=fresh, useful=useful))


def open_public_pages(config: DeskConfig, folder: Folder, closing: ExitStack) -> PublicPages | None:
    """The way to public pages, or None where the profile allows none. What was opened is closed by `closing`."""
    if not config.profile.allows.public_pages:
        return None
    # The client and the database take a third of a second to import, which no other profile should pay.
    from desk.fetch.client import GuardedClient

    client = GuardedClient()
    closing.callback(client.close)
    return PublicPages(client, _shelf(config, folder, closing))


def open_news(
    config: DeskConfig, public: PublicPages | None, clock: Clock, paper: PaperAdmin | None
) -> NewsFeed | None:
    """The headlines of a profile, or None where it has no source of any."""
    source = config.profile.venue.source
    if source is not None and source.kind == "scenario":
        return paper
    if public is None:
        return None
    from desk.news.wire import NewsWire, WireSettings

    news = config.desk.news
    settings = WireSettings(
        feeds={feed.name: feed.url for feed in news.feeds},
        per_source=news.per_source,
        query=news.newsapi.query,
        pages=news.newsapi.pages,
        key=os.environ.get(news.newsapi.api_key_env, ""),
    )
    fresh, useful = timedelta(seconds=news.refresh_seconds), timedelta(hours=news.keep_hours)
    return NewsWire(public.kept(clock, fresh=fresh, useful=useful), settings, clock)


def open_outlook(config: DeskConfig, public: PublicPages | None, clock: Clock) -> OutlookFeed | None:
    """What public sources say of the market at large, or None where none is asked."""
    if public is None:
        return None
    from desk.context.sources import PublicOutlook

    context = config.desk.context
    fresh, useful = timedelta(seconds=context.refresh_seconds), timedelta(seconds=context.keep_seconds)
    return PublicOutlook(public.kept(clock, fresh=fresh, useful=useful), clock)


@runtime_checkable
class Sourced(Protocol):
    """A feed that knows how each of its sources fares."""

    def sources(self) -> Mapping[str, str]:
        """What is wrong with each source, empty where nothing is; none before the first read."""
        ...


def tell_sources(at: datetime, path: Path, **feeds: object) -> None:
    """Write down, for `crew doctor` to read, which sources of these feeds are down; nothing before the first read."""
    told = {name: dict(feed.sources()) for name, feed in feeds.items() if isinstance(feed, Sourced)}
    if any(told.values()):
        tell({"at": at.isoformat(), **told}, path)


def _shelf(config: DeskConfig, folder: Folder, closing: ExitStack) -> PageShelf | None:
    """The ledger's shelf of pages, or None with a warning: without it a new run asks every source anew."""
    from crews.record.bookkeeping import ledger_url
    from desk.ledger import Shelf

    try:
        shelf = Shelf(ledger_url(config, folder))
    except DeskError as error:
        _LOG.warning("pages are not kept between runs: %s", error)
        return None
    closing.callback(shelf.close)
    return shelf

"""Where headlines come from: the invented market's own wire, public sources where time is real, and else nowhere."""

from __future__ import annotations

import logging
import os
from contextlib import ExitStack
from datetime import timedelta
from typing import TYPE_CHECKING

from config.loader import DeskConfig
from crews.services import Folder
from desk.domain.errors import DeskError
from desk.ports import Clock, NewsFeed, PageShelf
from desk.venues.paper.admin import PaperAdmin

if TYPE_CHECKING:
    from desk.fetch.pages import PageReader

_LOG = logging.getLogger(__name__)


def open_news(
    config: DeskConfig,
    folder: Folder,
    clock: Clock,
    paper: PaperAdmin | None,
    closing: ExitStack,
    *,
    reader: PageReader | None = None,
) -> NewsFeed | None:
    """The headlines of a profile, or None where it has no source of any. What was opened is closed by `closing`."""
    source = config.profile.venue.source
    if source is not None and source.kind == "scenario":
        return paper
    if not config.profile.allows.public_pages:
        return None
    # The client, the parser and the database take a third of a second to import, which no other profile should pay.
    from desk.fetch.client import GuardedClient
    from desk.fetch.pages import Pages, Terms
    from desk.news.wire import NewsWire, WireSettings

    if reader is None:
        reader = client = GuardedClient()
        closing.callback(client.close)
    news = config.desk.news
    terms = Terms(fresh=timedelta(seconds=news.refresh_seconds), useful=timedelta(hours=news.keep_hours))
    settings = WireSettings(
        feeds={feed.name: feed.url for feed in news.feeds},
        per_source=news.per_source,
        query=news.newsapi.query,
        pages=news.newsapi.pages,
        key=os.environ.get(news.newsapi.api_key_env, ""),
    )
    return NewsWire(Pages(reader, _shelf(config, folder, closing), clock, terms), settings, clock)


def _shelf(config: DeskConfig, folder: Folder, closing: ExitStack) -> PageShelf | None:
    """The ledger's shelf of pages, or None with a warning: without it a new run asks every source anew."""
    from crews.bookkeeping import ledger_url
    from desk.ledger import Shelf

    try:
        shelf = Shelf(ledger_url(config, folder))
    except DeskError as error:
        _LOG.warning("pages are not kept between runs: %s", error)
        return None
    closing.callback(shelf.close)
    return shelf

"""Opens the market that the settings name. Only the chosen source is imported: an invented one needs no file reader."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeGuard

import structlog

from desk.domain.errors import DataError
from desk.venues.paper.engine.values import Bracket, SymbolSpec
from desk.venues.paper.settings import VenueSettings
from desk.venues.paper.settings.market import ListingSettings, ReplaySettings, ScenarioSettings, start_ms
from desk.venues.paper.sources import MarketSource, SleepingSource, UpstreamSource

_log = structlog.get_logger("paper")


def open_market(settings: VenueSettings) -> MarketSource:
    """The market source, ready except for connecting (see `UpstreamSource.open`).

    Raises:
        DataError: when a recording is broken or a symbol unknown.
    """
    source, listing = settings.source, settings.listing
    if isinstance(source, ScenarioSettings):
        return _scenario(source, listing, settings.grain_ms)
    if isinstance(source, ReplaySettings):
        return _replay(source, listing, settings.grain_ms)
    from desk.venues.paper.sources.live import LiveSource

    if listing.exchange_info is not None:
        _log.warning("exchange_info is not read: a live market has the contracts of the feed it follows")
    brackets = _brackets(listing)
    return LiveSource(source.symbols, rest_url=source.upstream, stream_url=source.upstream_stream, brackets=brackets)


def is_sleeping(source: MarketSource) -> TypeGuard[SleepingSource]:
    """Whether the market computes a symbol only when somebody looks at it."""
    return hasattr(type(source), "wake")


def is_upstream(source: MarketSource) -> TypeGuard[UpstreamSource]:
    """Whether the market is read from elsewhere while it happens.

    Asks the class, because a protocol check would read properties that such a source has no answer for before it opens.
    """
    return hasattr(type(source), "fetch_klines")


def _scenario(settings: ScenarioSettings, listing: ListingSettings, grain_ms: int | None) -> MarketSource:
    from desk.venues.paper.listing.catalogue import own_names
    from desk.venues.paper.sources.scenario import DEFAULT_START_MS, ScenarioSource

    start = DEFAULT_START_MS if settings.start is None else start_ms(settings.start)
    contracts = _contracts(listing)
    symbols = settings.symbols or tuple(contracts) or own_names(start)
    _check_listed(symbols, contracts, listing)
    return ScenarioSource(
        settings.seed, symbols=symbols, contracts=contracts, start_ms=start, grain_ms=grain_ms, asleep=True
    )


def _replay(settings: ReplaySettings, listing: ListingSettings, grain_ms: int | None) -> MarketSource:
    from desk.venues.paper.sources.replay import Recording, ReplaySource

    recordings = [
        Recording(symbol=file.symbol, path=file.path, interval=file.interval, funding=file.funding)
        for file in settings.files
    ]
    contracts = _contracts(listing)
    _check_listed([file.symbol for file in settings.files], contracts, listing)
    start = None if settings.start is None else start_ms(settings.start)
    end = None if settings.end is None else start_ms(settings.end)
    return ReplaySource(recordings, contracts=contracts, start_ms=start, end_ms=end, grain_ms=grain_ms)


def _contracts(listing: ListingSettings) -> dict[str, SymbolSpec]:
    """What the listing's files tell; nothing where it names none."""
    if listing.exchange_info is None:
        return {}
    from desk.venues.paper.listing.published import read_exchange_info

    return read_exchange_info(listing.exchange_info, _brackets(listing))


def _brackets(listing: ListingSettings) -> dict[str, tuple[Bracket, ...]]:
    if listing.brackets is None:
        return {}
    from desk.venues.paper.listing.published import read_brackets

    return read_brackets(listing.brackets)


def _check_listed(symbols: Sequence[str], contracts: Mapping[str, SymbolSpec], listing: ListingSettings) -> None:
    missing = [symbol for symbol in symbols if contracts and symbol not in contracts]
    if missing:
        raise DataError(f"{listing.exchange_info} does not list {', '.join(missing[:10])}")

"""Opens the market that the settings name. Only the chosen source is imported: an invented one needs no file reader."""

from __future__ import annotations

from typing import TypeGuard

from desk.venues.paper.settings import LiveSettings, ReplaySettings, ScenarioSettings, VenueSettings, start_ms
from desk.venues.paper.sources import MarketSource, UpstreamSource


def open_market(settings: VenueSettings) -> MarketSource:
    """The market source, ready except for connecting (see `UpstreamSource.open`).

    Raises:
        DataError: when a recording is broken or a symbol unknown.
    """
    source = settings.source
    if isinstance(source, ScenarioSettings):
        return _scenario(source, settings.grain_ms)
    if isinstance(source, ReplaySettings):
        return _replay(source, settings.grain_ms)
    return _live(source)


def is_upstream(source: MarketSource) -> TypeGuard[UpstreamSource]:
    """Whether the market is read from elsewhere while it happens.

    Asks the class, because a protocol check would read properties that such a source has no answer for before it opens.
    """
    return hasattr(type(source), "fetch_klines")


def _scenario(settings: ScenarioSettings, grain_ms: int | None) -> MarketSource:
    from desk.venues.paper.sources.scenario import ScenarioSource

    start = None if settings.start is None else start_ms(settings.start)
    return ScenarioSource(settings.seed, symbols=settings.symbols, start_ms=start, grain_ms=grain_ms)


def _replay(settings: ReplaySettings, grain_ms: int | None) -> MarketSource:
    from desk.venues.paper.sources.replay import Recording, ReplaySource

    recordings = [
        Recording(symbol=file.symbol, path=file.path, interval=file.interval, funding=file.funding)
        for file in settings.files
    ]
    start = None if settings.start is None else start_ms(settings.start)
    end = None if settings.end is None else start_ms(settings.end)
    return ReplaySource(recordings, start_ms=start, end_ms=end, grain_ms=grain_ms)


def _live(settings: LiveSettings) -> MarketSource:
    from desk.venues.paper.sources.live import LiveSource

    return LiveSource(settings.symbols, rest_url=settings.upstream, stream_url=settings.upstream_stream)

"""Who looks out for a kickoff, and by which rule its rounds go: from configuration to collaborators."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from contextlib import ExitStack

from config.loader import DeskConfig
from crews.running.clocks import VenueTime
from crews.seating import setup_of
from crews.watching.lookout import Lookout, SteppedLookout, StreamedLookout
from crews.watching.rounds import AlertRule, CrewName, Rounds
from desk.ports import Clock, MarketData, NewsFeed
from desk.screening.screen import ScreenParameters
from desk.screening.watch import Watch
from desk.venues.binance.public import BinancePublic


def is_screened(config: DeskConfig, symbols: Sequence[str]) -> bool:
    """Whether there are too many symbols to decide on all of them each round."""
    return len(symbols) > config.desk.screening.when_more_than


def open_watch(config: DeskConfig, symbols: Sequence[str]) -> Watch:
    """A watch over these symbols, each by its own thresholds."""
    setup = setup_of(config)
    rule = ScreenParameters(**config.desk.screening.model_dump(exclude={"when_more_than"}))
    return Watch(rule, {symbol: setup.tools_for(symbol).spikes for symbol in symbols})


def open_lookout(
    config: DeskConfig,
    symbols: Sequence[str],
    crews: Collection[CrewName],
    *,
    public: BinancePublic,
    market: MarketData,
    clock: Clock,
    news: NewsFeed | None,
    closing: ExitStack,
) -> Lookout | None:
    """A lookout over the streams where time is real; over finished minutes where somebody needs one; else none."""
    hours = config.desk.news.max_age_hours
    if config.profile.clock.mode == "real":
        lookout: Lookout = StreamedLookout(public, open_watch(config, symbols), clock, news=news, news_hours=hours)
    elif CrewName.SPIKE in crews or is_screened(config, symbols):
        lookout = SteppedLookout(market, open_watch(config, symbols), news=news, news_hours=hours)
    else:
        return None
    closing.callback(lookout.close)
    return lookout


def open_streamed(
    config: DeskConfig, symbols: Sequence[str], *, public: BinancePublic, closing: ExitStack
) -> StreamedLookout:
    """A lookout for whoever only watches: no headlines, and time as the venue tells it."""
    clock = VenueTime(public.server_time, stands_still=False)
    watch = open_watch(config, symbols)
    lookout = StreamedLookout(public, watch, clock, news=None, news_hours=config.desk.news.max_age_hours)
    closing.callback(lookout.close)
    return lookout


def open_rounds(config: DeskConfig, symbols: Sequence[str], crews: Collection[CrewName]) -> Rounds:
    """The rule of a kickoff's rounds."""
    spike = config.desk.spike_crew
    rule = AlertRule(
        least_excess=spike.least_excess,
        least_legitimacy=spike.least_legitimacy,
        most_an_hour=spike.most_an_hour,
        rest_seconds=spike.rest_seconds,
    )
    return Rounds(symbols, crews=crews, screened=is_screened(config, symbols), rule=rule)

"""A venue as it was left: its market opened, its state restored, its clock where it stopped.

The state file remembers the time; a virtual market goes on from there, however long the process was dead. A clock that
runs by itself is written down every few seconds only, so it goes on a little later than it was last written: nobody
sees a time twice. A live market cannot wait, so its clock starts at the present, and what happened meanwhile meets the
resting stops as a gap.
"""

from __future__ import annotations

import time
from dataclasses import dataclass

from desk.domain.errors import DataError
from desk.venues.paper.clock import ClockMode, VenueClock
from desk.venues.paper.engine.exchange import Exchange
from desk.venues.paper.engine.storage.store import Store
from desk.venues.paper.engine.values import House
from desk.venues.paper.keys import PAPER_ACCOUNT
from desk.venues.paper.markets import is_sleeping, is_upstream, open_market
from desk.venues.paper.settings import VenueSettings
from desk.venues.paper.settings.accounts import open_accounts
from desk.venues.paper.sources import MarketSource
from desk.venues.paper.venue import PaperVenue, VenueTime

# A running clock is written down at least this often in wall time; it goes on twice as far after what was written.
KEEP_SECONDS = 5.0
_LEAP_MS = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """A venue, its file, and whether it had been here before."""

    venue: PaperVenue
    store: Store
    restored: bool


async def open_venue(settings: VenueSettings) -> Opened:
    """Open the market, restore the state and meet the first quotes.

    Raises:
        DataError: when the market cannot be opened, or the state belongs to another stretch of time.
        JournalError: when the state file is damaged or in use.
        VenueUnavailableError: when a live market does not answer.
    """
    source = open_market(settings)
    store = Store(settings.state_file)
    try:
        if is_upstream(source):
            await source.open()
        return _restore(settings, source, store)
    except BaseException:
        await close_market(source)
        store.close()
        raise


async def close_market(source: MarketSource) -> None:
    """Stop following a market that is read from elsewhere; nothing to do for any other."""
    if is_upstream(source):
        await source.close()


def _restore(settings: VenueSettings, source: MarketSource, store: Store) -> Opened:
    accounts = settings.all_accounts()
    kept_ms = store.clock_ms()
    met_ms = source.start_ms - 1 if kept_ms is None else kept_ms
    _check_time(settings, source, kept_ms)
    resume_ms = met_ms + _leap(settings, kept_ms)
    if source.end_ms is not None:
        resume_ms = min(resume_ms, source.end_ms)
    shows_wall = is_upstream(source) or settings.clock.wall
    now_ms = max(_wall_ms() if shows_wall else resume_ms, source.start_ms)
    clock = VenueClock(settings.clock.mode, now_ms, speed=settings.clock.speed, end_ms=source.end_ms)
    venue_time = VenueTime(clock, max(met_ms, source.start_ms))
    money = settings.money
    exchange = Exchange(
        source.specs(),
        now_ms=venue_time.now_ms,
        realism=settings.realism.terms,
        readings=settings.readings.terms,
        house=House(insurance=money.insurance, auto_deleverage=money.auto_deleverage),
    )
    restored = store.load(exchange)
    venue = PaperVenue(
        exchange=exchange,
        source=source,
        time=venue_time,
        met_ms=met_ms,
        keep=lambda ms: _keep(store, exchange, ms),
    )
    exchange.open_account(PAPER_ACCOUNT, settings.deposit, others=money.assets, fee_tier=money.fee_tier)
    open_accounts(exchange, accounts)
    if is_sleeping(source):
        for symbol in exchange.priced:
            source.follow(symbol)
        exchange.let_wake(venue.wake)
        for symbol in source.early:
            venue.wake(symbol)
    venue.catch_up()
    venue.commit()
    return Opened(venue=venue, store=store, restored=restored)


def _keep(store: Store, exchange: Exchange, ms: int) -> None:
    store.save(exchange, clock_ms=ms)


def _wall_ms() -> int:
    return time.time_ns() // 1_000_000


def _leap(settings: VenueSettings, kept_ms: int | None) -> int:
    if kept_ms is None or settings.clock.mode is ClockMode.STEPPED:
        return 0
    return _LEAP_MS * (settings.clock.speed if settings.clock.mode is ClockMode.FASTER else 1)


def _check_time(settings: VenueSettings, source: MarketSource, kept_ms: int | None) -> None:
    if kept_ms is None or is_upstream(source):
        return
    ended = source.end_ms is not None and kept_ms > source.end_ms
    if kept_ms < source.start_ms - 1 or ended:
        raise DataError(
            f"{settings.state_file} stopped at {kept_ms}, which this market does not reach",
            hint="it belongs to another market: choose another state file, or remove it to start anew",
        )

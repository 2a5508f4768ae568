"""Questions about everything at once cost little on a market that computes only what is looked at."""

from __future__ import annotations

from decimal import Decimal

import pytest

from desk.venues.paper.clock import ClockMode, VenueClock
from desk.venues.paper.engine.exchange import Exchange
from desk.venues.paper.settings import WireSettings
from desk.venues.paper.sources.scenario import ScenarioSource
from desk.venues.paper.venue import PaperVenue, VenueTime
from desk.venues.paper.wire.account.downloads import Downloads
from desk.venues.paper.wire.calls import Desk
from desk.venues.paper.wire.market import rest_market
from desk.venues.paper.wire.market.tape import Tape
from desk.venues.paper.wire.requests.limits import RateLimits
from desk.venues.paper.wire.requests.params import Params
from desk.venues.paper.wire.streams.listen_keys import ListenKeys

HOUR = 3_600_000
NAMES = ("BTCUSDT", "ETHUSDT", "SOLUSDT", "XRPUSDT")


class Hall:
    """A venue on a sleeping market ten minutes after its start, asked as the wire asks."""

    def __init__(self, mode: ClockMode = ClockMode.REAL) -> None:
        self.source = ScenarioSource(7, symbols=NAMES, grain_ms=1_000, asleep=True)
        now = self.source.start_ms + 10 * 60_000
        clock = VenueClock(mode, now, monotonic_ns=lambda: 0)
        venue_time = VenueTime(clock, now)
        self.exchange = Exchange(self.source.specs(), now_ms=venue_time.now_ms)
        self.venue = PaperVenue(
            exchange=self.exchange, source=self.source, time=venue_time, met_ms=now, keep=lambda _: None
        )
        self.exchange.let_wake(self.venue.wake)
        self.desk = Desk(
            venue=self.venue,
            tape=Tape(self.venue),
            limits=RateLimits(now_ms=lambda: now, wall_ms=lambda: now, weight_per_minute=1, orders_per_minute=1,
                              orders_per_ten_seconds=1),
            listen_keys=ListenKeys(seconds=lambda: 0.0),
            end_listen_keys=lambda _: None,
            wire=WireSettings(),
            downloads=Downloads(),
        )  # fmt: skip

    @property
    def computed(self) -> list[str]:
        return list(self.source._coins)


def test_an_idle_moment_computes_one_symbol_and_changes_no_answer() -> None:
    hall, untouched = Hall(), Hall()
    steps = 0
    while hall.venue.look_ahead():
        steps += 1
        assert len(hall.computed) == steps
    assert hall.computed == list(NAMES)
    assert not hall.exchange.priced
    asked = Params.of({})
    assert rest_market.premium_index(hall.desk, asked) == rest_market.premium_index(untouched.desk, asked)


def test_a_market_that_somebody_steps_computes_nothing_ahead() -> None:
    hall = Hall(ClockMode.STEPPED)
    assert not hall.venue.look_ahead()
    assert hall.computed == []


def test_the_newest_funding_of_all_symbols_is_found_without_their_whole_history(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    hall = Hall()
    since: list[int | None] = []
    known = hall.source.funding_rates

    def watched(symbol: str, start_ms: int | None, end_ms: int | None, limit: int, now_ms: int) -> object:
        since.append(start_ms)
        return known(symbol, start_ms, end_ms, limit, now_ms)

    monkeypatch.setattr(hall.source, "funding_rates", watched)
    told = rest_market.funding_rate(hall.desk, Params.of({"limit": 10}))
    assert min(at for at in since if at is not None) > hall.source.start_ms - 5 * 24 * HOUR
    assert None not in since
    monkeypatch.undo()
    every = sorted((row.at_ms, row.symbol) for name in NAMES for row in hall.desk.tape.funding(name, None, None, 1_000))
    assert sorted((row["fundingTime"], row["symbol"]) for row in told)[1:] == every[-10:][1:]


def test_a_new_venue_has_trades_from_before_it_began() -> None:
    hall = Hall()
    rows = rest_market.trades(hall.desk, Params.of({"symbol": "SOLUSDT", "limit": 1_000}))
    assert len(rows) > 500
    numbers = [row["id"] for row in rows]
    assert numbers == list(range(numbers[0], numbers[0] + len(rows)))
    assert numbers[0] > 0
    times = [row["time"] for row in rows]
    assert times == sorted(times)
    assert times[-1] <= hall.venue.now_ms()
    assert all(Decimal(str(row["qty"])) > 0 for row in rows)
    again = rest_market.trades(hall.desk, Params.of({"symbol": "SOLUSDT", "limit": 1_000}))
    assert again == rows
    assert len(rest_market.agg_trades(hall.desk, Params.of({"symbol": "SOLUSDT"}))) == 500


def test_the_crowds_open_interest_is_told_from_the_first_moment() -> None:
    hall = Hall()
    told = rest_market.open_interest(hall.desk, Params.of({"symbol": "SOLUSDT"}))
    assert Decimal(str(told["openInterest"])) > 0

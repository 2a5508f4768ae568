"""A snapshot holds everything at one moment, or there is none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from crews.setup import DeskSetup
from crews.view.bars import BarCache
from crews.view.snapshot import SnapshotBuilder, account_brief
from desk.domain.errors import DataError, GuardError, StaleDataError
from desk.domain.market import Bar
from desk.market.snapshot import Snapshot
from tests.unit.crews.conftest import Look
from tests.unit.crews.fakes import FakeGuard, FakeMarket, FakeNews, FixedClock


def build(setup: DeskSetup, market: FakeMarket, *, news: FakeNews | None = None) -> Snapshot:
    builder = SnapshotBuilder(market=market, news=news, settings=setup.snapshot, source="test")
    try:
        return builder.build("BTCUSDT", market.clock.now(), FakeGuard(market.clock).state())
    finally:
        builder.close()


def test_equal_moments_give_equal_bytes(look: Look) -> None:
    assert look().to_json() == look().to_json()
    assert look().digest != look(seed=8).digest


def test_it_holds_the_symbol_its_leaders_and_the_account(look: Look, demo_setup: DeskSetup) -> None:
    snapshot = look(position="0.1", unrealized="-3")
    assert snapshot.intervals == demo_setup.snapshot.intervals
    assert [reference.symbol for reference in snapshot.references] == ["ETHUSDT"]
    position = snapshot.account.position("BTCUSDT")
    assert position is not None
    assert (position.quantity, position.unrealized) == (Decimal("0.1"), Decimal(-3))
    assert snapshot.account.max_leverage == 1


@pytest.mark.parametrize(("seconds", "fresh"), [(10, True), (10.5, False), (-10, True), (-11, False)])
def test_a_mark_from_another_time_is_refused(seconds: float, fresh: bool, demo_setup: DeskSetup) -> None:
    market = FakeMarket(FixedClock())
    market.mark_age = timedelta(seconds=seconds)
    if fresh:
        assert build(demo_setup, market).mark.price > 0
    else:
        with pytest.raises(StaleDataError):
            build(demo_setup, market)


def test_intervals_the_source_lacks_are_left_out(demo_setup: DeskSetup) -> None:
    market = FakeMarket(FixedClock(), intervals=("15m", "1h", "4h", "1d"))
    assert build(demo_setup, market).intervals == ("15m", "1h", "4h", "1d")


def test_without_any_candles_there_is_no_snapshot(demo_setup: DeskSetup) -> None:
    with pytest.raises(DataError, match="no candles"):
        build(demo_setup, FakeMarket(FixedClock(), intervals=("3m",)))


def test_news_that_do_not_answer_are_missing_and_news_that_are_empty_are_not(demo_setup: DeskSetup) -> None:
    clock = FixedClock()
    market = FakeMarket(clock)
    assert build(demo_setup, market).headlines is None
    assert build(demo_setup, market, news=FakeNews(clock=clock, silent=True)).headlines is None
    assert build(demo_setup, market, news=FakeNews(clock=clock)).headlines == ()


def test_a_guard_that_does_not_say_its_limits_is_not_believed() -> None:
    status = FakeGuard(FixedClock()).state()
    with pytest.raises(GuardError, match="max_gross"):
        account_brief(status.model_copy(update={"limits": {}}))


def test_bars_are_asked_for_once_and_then_only_the_new_ones() -> None:
    clock = FixedClock()
    market = FakeMarket(clock)
    cache = BarCache(market)
    for minutes in (0, 0, 1, 7, 400):
        clock.at += timedelta(minutes=minutes)
        assert cache.bars("BTCUSDT", "1m", 300, clock.now()) == FakeMarket(clock).bars("BTCUSDT", "1m", 300)
    assert [limit for _, _, limit in market.calls] == [300, 2, 8, 300]


def test_a_bar_that_changed_makes_everything_be_asked_for_again() -> None:
    clock = FixedClock()

    class Revised(FakeMarket):
        def bars(self, symbol: str, interval: str, limit: int) -> tuple[Bar, ...]:
            found = super().bars(symbol, interval, limit)
            return tuple(replace(bar, volume=bar.volume + len(self.calls)) for bar in found)

    market = Revised(clock)
    cache = BarCache(market)
    cache.bars("BTCUSDT", "1m", 50, clock.now())
    clock.at += timedelta(minutes=1)
    bars = cache.bars("BTCUSDT", "1m", 50, clock.now())
    assert [limit for _, _, limit in market.calls] == [50, 2, 50]
    assert len(bars) == 50


def test_a_clock_that_went_back_is_served_from_the_venue() -> None:
    clock = FixedClock()
    market = FakeMarket(clock)
    cache = BarCache(market)
    cache.bars("BTCUSDT", "1m", 50, clock.now())
    clock.at -= timedelta(hours=1)
    assert cache.bars("BTCUSDT", "1m", 50, clock.now())[-1].open_time < clock.now().timestamp() * 1000


def test_a_short_history_grows_without_being_asked_for_again() -> None:
    clock = FixedClock()

    class Young(FakeMarket):
        def bars(self, symbol: str, interval: str, limit: int) -> tuple[Bar, ...]:
            born = int(FixedClock().at.timestamp() * 1000) - 20 * 60_000
            found: Sequence[Any] = super().bars(symbol, interval, limit)
            return tuple(bar for bar in found if bar.open_time >= born)

    cache = BarCache(Young(clock))
    first = cache.bars("BTCUSDT", "1m", 300, clock.now())
    clock.at += timedelta(minutes=3)
    assert len(cache.bars("BTCUSDT", "1m", 300, clock.now())) == len(first) + 3

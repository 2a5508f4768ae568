"""The lookout over a stepped market: finished minutes walked once, picks and alerts kept until they are taken."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from crews.watching.alarms import alarm_briefs
from crews.watching.lookout import SteppedLookout
from desk.domain.errors import DataError
from desk.domain.market import Bar
from desk.domain.moments import to_ms
from desk.screening.screen import ScreenParameters
from desk.screening.watch import Watch
from desk.spikes.detect import SpikeParameters
from desk.spikes.values import SpikeDirection, SpikeType
from tests.unit.crews.fakes import NOW, FakeMarket, FakeNews, FixedClock

SYMBOLS = ("BTCUSDT", "ETHUSDT", "SOLUSDT")
START = NOW.replace(second=0)


class Jumping(FakeMarket):
    """A market in which one symbol jumps at one minute, with ten times its volume."""

    jump_at: datetime | None = None

    def bars(self, symbol: str, interval: str, limit: int) -> tuple[Bar, ...]:
        found = super().bars(symbol, interval, limit)
        if self.jump_at is None or symbol != "SOLUSDT":
            return found
        return tuple(self._jumped(bar) if bar.open_time >= to_ms(self.jump_at) else bar for bar in found)

    def _jumped(self, bar: Bar) -> Bar:
        assert self.jump_at is not None
        first = bar.open_time == to_ms(self.jump_at)
        up = replace(bar, high=bar.high * 1.05, close=bar.close * 1.05, volume=bar.volume * (40 if first else 1))
        return up if first else replace(up, open=bar.open * 1.05, low=bar.low * 1.05)


def opened(market: FakeMarket, news: FakeNews | None = None) -> SteppedLookout:
    watch = Watch(ScreenParameters(), dict.fromkeys(SYMBOLS, SpikeParameters(window=120)))
    return SteppedLookout(market, watch, news=news, news_hours=12)


def test_what_was_before_the_first_look_calls_for_nothing_and_what_comes_after_it_does() -> None:
    clock = FixedClock(START)
    market = Jumping(clock)
    lookout = opened(market)
    lookout.look(START)
    assert lookout.take().alerts == ()
    market.jump_at = START
    clock.at = START + timedelta(minutes=3)
    lookout.look(clock.at)
    seen = lookout.peek()
    assert [pick.symbol for pick in seen.picks] == ["SOLUSDT"]
    assert {alert.symbol for alert in seen.alerts} == {"SOLUSDT"}
    assert SpikeType.PRICE in {alert.alarm.found.type for alert in seen.alerts}
    assert lookout.take() == seen
    assert lookout.take().alerts == ()
    lookout.look(clock.at)
    assert lookout.take().alerts == ()


def test_a_market_without_minutes_is_told_once_and_calls_for_nothing() -> None:
    class Silent(FakeMarket):
        def bars(self, symbol: str, interval: str, limit: int) -> tuple[Bar, ...]:
            raise DataError("bars of fifteen minutes only")

    lookout = opened(Silent(FixedClock(START)))
    lookout.look(START)
    assert lookout.peek().picks == ()
    assert lookout.flow("BTCUSDT", START) is None


def test_clear_news_of_a_symbol_are_an_alert_and_a_source_that_is_down_is_not() -> None:
    clock = FixedClock(START)
    titles = ("Bitcoin soars to record high", "Regulator approves spot Bitcoin fund, investors buy")
    heard = opened(FakeMarket(clock), FakeNews(*titles, clock=clock))
    heard.look(START)
    assert {alert.alarm.found.type for alert in heard.take().alerts} == {SpikeType.NEWS_CATALYST}
    down = opened(FakeMarket(clock), FakeNews(clock=clock, silent=True))
    down.look(START)
    assert down.take().alerts == ()


def test_alerts_become_what_a_snapshot_keeps_of_them() -> None:
    clock = FixedClock(START)
    market = Jumping(clock)
    lookout = opened(market)
    lookout.look(START)
    market.jump_at = START
    clock.at = START + timedelta(minutes=2)
    lookout.look(clock.at)
    briefs = alarm_briefs(lookout.take().alerts)
    assert len(briefs) <= 4
    assert {brief.direction for brief in briefs if brief.type == SpikeType.PRICE.value} == {SpikeDirection.UP.value}
    assert all(START <= brief.at < clock.at for brief in briefs)

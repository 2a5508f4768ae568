"""Statistics of traders are asked for once a period, and again soon where the venue was silent."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from crews.view.crowd import KeptCrowd
from desk.domain.market import Crowd
from tests.unit.crews.fakes import NOW, FakeMarket, FixedClock


class Counted:
    """A feed that counts what it is asked."""

    def __init__(self, silent: tuple[str, ...] = ()) -> None:
        self.asked = 0
        self._silent = silent

    def crowd(self, symbol: str, period: str, points: int) -> Crowd:
        self.asked += 1
        return replace(FakeMarket(FixedClock()).crowd(symbol, period, points), silent=self._silent)


def test_within_a_period_nobody_is_asked_again_and_every_symbol_has_its_own() -> None:
    feed = Counted()
    kept = KeptCrowd(feed, "1h", 3)
    assert kept.at("BTCUSDT", NOW) is kept.at("BTCUSDT", NOW + timedelta(minutes=50))
    kept.at("ETHUSDT", NOW)
    assert feed.asked == 2
    kept.at("BTCUSDT", NOW + timedelta(minutes=60))
    assert feed.asked == 3


def test_who_was_silent_is_asked_again_the_next_minute() -> None:
    feed = Counted(silent=("top_long",))
    kept = KeptCrowd(feed, "1h", 3)
    for seconds in (0, 10, 60, 80):
        kept.at("BTCUSDT", NOW + timedelta(seconds=seconds))
    assert feed.asked == 2

"""The chart asks the venue for what is new: the mark each time, finished bars once, and never shows less for it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal

import pytest

from desk.domain.market import Bar, Mark
from desk.domain.moments import from_ms
from desk.venues.binance.bars import INTERVAL_MS
from ui.server.house import House
from ui.window.market import Candles, MarketPane

MINUTE = INTERVAL_MS["1m"]
BEGIN = 1_767_571_200_000


class Venue:
    """A market whose price in each minute is that minute's number, as far as its clock has come."""

    def __init__(self) -> None:
        self.now = BEGIN + 50 * MINUTE
        self.asked: list[tuple[str, int]] = []

    def marks(self, symbols: Sequence[str]) -> dict[str, Mark]:
        at = from_ms(self.now)
        price = Decimal((self.now - BEGIN) // MINUTE)
        terms = {"funding_rate": Decimal(0), "next_funding": at + timedelta(hours=8)}
        return {one: Mark(symbol=one, price=price, index=price, at=at, **terms) for one in symbols}

    def bars(self, symbol: str, interval: str, limit: int) -> tuple[Bar, ...]:
        del symbol
        self.asked.append((interval, limit))
        step = INTERVAL_MS[interval]
        end = BEGIN + (self.now - BEGIN) // step * step
        return tuple(self.bar(at, step) for at in range(end - limit * step, end, step))

    def bar(self, at: int, step: int) -> Bar:
        first = (at - BEGIN) / MINUTE
        last = first + step / MINUTE - 1
        return Bar(open_time=at, open=first, high=last, low=first, close=last, volume=step / MINUTE)

    def close(self) -> None:
        """Nothing is held."""


@pytest.fixture
def venue() -> Venue:
    return Venue()


def look(pane: MarketPane, venue: Venue, interval: str = "15m") -> Candles:
    pane._public, pane._fresh = venue, -1.0  # type: ignore[assignment]  # the reads a chart needs
    return pane.candles("BTCUSDT", interval)


def test_a_chart_that_is_looked_at_for_a_quarter_asks_for_each_bar_once(house: House, venue: Venue) -> None:
    pane = house.window.market
    look(pane, venue)
    venue.asked.clear()
    for _ in range(9):
        venue.now += MINUTE
        for _ in range(60):
            look(pane, venue)
    assert venue.asked == [("1m", 1)] * 9


@pytest.mark.parametrize("interval", ["1m", "5m", "15m", "1h", "1d"])
def test_what_is_asked_for_bit_by_bit_is_what_one_look_would_show(house: House, venue: Venue, interval: str) -> None:
    pane = house.window.market
    for seconds in (0, 1, 59, 61, 600, 7, 3600, 20, 86_400, 30):
        venue.now += seconds * 1000
        grown = look(pane, venue, interval)
        pane._seen.clear()
        whole = look(pane, venue, interval)
        assert grown == whole
        assert grown.bars[-1].open_time + 2 * INTERVAL_MS[interval] > venue.now

"""The watch: an alarm is an alert before the next event is read, and what stood behind it is asked then and there."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import numpy as np
import pytest

from desk.domain.errors import DataError
from desk.domain.market import Bar, Headline, Level, OrderBook
from desk.domain.moments import from_ms
from desk.domain.orders import Side
from desk.news.mood import read_news
from desk.screening.alert import Alert
from desk.screening.screen import ScreenParameters
from desk.screening.watch import MOST_ALERTS, Watch
from desk.spikes.detect import SpikeParameters
from desk.spikes.values import Severity, SpikeDirection, SpikeType
from desk.venues.binance.streams.market_events import BarUpdate, PublicTrade, ShownBook

MINUTE = 60_000
T0 = 1_722_000_000_000
NOW = T0 + 60 * MINUTE
SYMBOLS = ("AUSDT", "BUSDT", "CUSDT", "DUSDT")
SPIKES = SpikeParameters(price_sigma=5.0, price_floor_pct=0.1, volume_sigma=4.0, recent_bars=3, window=40)


def minutes(symbol: str) -> tuple[Bar, ...]:
    rng = np.random.default_rng(SYMBOLS.index(symbol))
    walk = 100 * np.exp(np.cumsum(rng.normal(0, 0.001, 59)))
    closes = [*walk.tolist(), 100.0]
    return tuple(Bar(T0 + n * MINUTE, p, p, p, p, float(np.exp(rng.normal(3, 0.3)))) for n, p in enumerate(closes))


def watch(told: list[Alert] | None = None) -> Watch:
    made = Watch(ScreenParameters(), dict.fromkeys(SYMBOLS, SPIKES), on_alert=(told if told is not None else []).append)
    for symbol in SYMBOLS:
        made.began(symbol, minutes(symbol))
    return made


def trade(symbol: str, price: str, *, quantity: str = "1", at: int = NOW, side: Side = Side.BUY) -> PublicTrade:
    return PublicTrade(
        symbol=symbol,
        trade_id=1,
        price=Decimal(price),
        quantity=Decimal(quantity),
        side=side,
        at_ms=at,
        sent_ms=at,
    )


def book(symbol: str, bid: str, ask: str, *, at: int = NOW) -> ShownBook:
    bids = tuple(Level(Decimal(99 - n), Decimal(bid)) for n in range(10))
    asks = tuple(Level(Decimal(101 + n), Decimal(ask)) for n in range(10))
    return ShownBook(symbol=symbol, book=OrderBook(symbol=symbol, at=from_ms(at), bids=bids, asks=asks), sent_ms=at)


def price_alert(made: Watch) -> Alert:
    """The alert of AUSDT's price."""
    return next(a for a in made.take() if a.symbol == "AUSDT" and a.alarm.found.type is SpikeType.PRICE)


def test_an_alarm_is_told_on_the_spot_and_taken_once() -> None:
    told: list[Alert] = []
    made = watch(told)
    made.heard(trade("AUSDT", "104"))
    assert [alert.symbol for alert in told] == ["AUSDT"]
    assert told[0].severity is Severity.EXTREME
    assert made.take() == tuple(told)
    assert made.take() == ()


def test_a_move_alone_without_volume_against_the_book_has_nothing_behind_it() -> None:
    made = watch()
    for other in SYMBOLS[1:]:
        made.heard(trade(other, "100"))
    made.heard(book("AUSDT", "1", "2"))
    made.heard(trade("AUSDT", "104"))
    told = price_alert(made).legitimacy
    assert (told.market_wide, told.volume_behind, told.book_agrees, told.headline) == (False, False, False, None)
    assert told.score == 0


def test_a_move_that_the_market_its_volume_and_its_book_share_is_genuine() -> None:
    made = watch()
    for other in SYMBOLS[1:]:
        made.heard(trade(other, "103"))
    made.heard(book("AUSDT", "2", "1"))
    made.heard(trade("AUSDT", "100.05", quantity="60"))
    made.heard(trade("AUSDT", "104"))
    alert = price_alert(made)
    assert (alert.legitimacy.market_wide, alert.legitimacy.volume_behind) == (True, True)
    assert (alert.legitimacy.book_agrees, alert.legitimacy.score) == (True, 1.0)
    assert alert.market is not None
    assert alert.market > 1.5


def test_what_was_not_heard_counts_neither_for_nor_against() -> None:
    made = watch()
    made.heard(book("AUSDT", "2", "1", at=NOW - 60_000))
    made.heard(trade("AUSDT", "104"))
    told = price_alert(made).legitimacy
    assert (told.market_wide, told.book_agrees, told.headline) == (None, None, None)


@pytest.mark.parametrize(("sources", "headline"), [(("a", "b"), True), (("a",), False)])
def test_a_headline_stands_behind_a_move_only_where_two_sources_tell_it(
    sources: tuple[str, ...], headline: bool
) -> None:
    titles = ("AUSDT soars to record high", "Regulator approves AUSDT fund, investors buy")
    at = from_ms(NOW - 5 * MINUTE)
    lines = [Headline(at=at, source=s, title=t, symbols=("AUSDT",)) for s, t in zip(sources, titles, strict=False)]
    made = watch()
    made.news(from_ms(NOW), {"AUSDT": replace(read_news(lines, "AUSDT", from_ms(NOW)))})
    assert [alert.alarm.found.type for alert in made.take()] == [SpikeType.NEWS_CATALYST]
    made.heard(trade("AUSDT", "104"))
    assert price_alert(made).legitimacy.headline is headline


def test_minutes_that_are_read_again_are_not_told_twice() -> None:
    once, twice = watch(), watch()
    twice.began("AUSDT", minutes("AUSDT"))
    twice.heard(BarUpdate(symbol="AUSDT", interval="1m", bar=minutes("AUSDT")[-1], closed=True, sent_ms=NOW))
    for made in (once, twice):
        made.heard(trade("AUSDT", "104"))
    assert price_alert(once) == price_alert(twice)


def test_the_flow_of_a_symbol_is_told_at_any_moment_and_of_a_stranger_is_none() -> None:
    made = watch()
    made.heard(trade("AUSDT", "100", side=Side.SELL))
    made.heard(book("AUSDT", "2", "1", at=NOW))
    made.heard(book("AUSDT", "2", "1", at=NOW + 500))
    made.heard(book("AUSDT", "3", "1", at=NOW + 1_000))
    flow = made.flow("AUSDT", from_ms(NOW + 2_000))
    assert flow is not None
    assert flow.book is not None
    assert (flow.book.looks, flow.takers.imbalance) == (1, -1.0)
    assert flow.book.bids.placed > 0
    assert made.flow("ZUSDT", datetime(2026, 1, 1, tzinfo=UTC)) is None


def test_what_is_loud_is_picked_and_alerts_that_nobody_takes_do_not_pile_up() -> None:
    made = watch()
    for n in range(MOST_ALERTS + 5):
        at = NOW + n * 16 * MINUTE
        made.heard(book("BUSDT", "9", "1", at=at))
    assert len(made.take()) == MOST_ALERTS
    made.heard(trade("AUSDT", "104"))
    assert [pick.symbol for pick in made.second(NOW + 1000)] == ["AUSDT"]
    assert price_alert(made).alarm.found.direction is SpikeDirection.UP


def test_an_event_of_a_symbol_that_is_not_watched_is_an_error() -> None:
    with pytest.raises(DataError):
        watch().heard(trade("ZUSDT", "1"))

"""What the crew may rely on in market data: the contract of `desk.ports.MarketData`, on an invented market."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from itertools import pairwise

import pytest

from desk.domain.errors import VenueRejectedError
from desk.venues.binance import BinancePublic
from desk.venues.binance.bars import INTERVAL_MS
from tests.contract.conftest import SYMBOL
from tests.venue_process import VenueProcess


@pytest.fixture
def data(paper: VenueProcess) -> Iterator[BinancePublic]:
    public = paper.public()
    yield public
    public.close()


def now_ms(data: BinancePublic) -> int:
    return int(data.server_time().timestamp() * 1000)


@pytest.mark.parametrize("interval", ["1m", "5m", "15m", "1h", "4h", "1d"])
def test_bars_are_finished_unbroken_and_up_to_now(data: BinancePublic, interval: str) -> None:
    step = INTERVAL_MS[interval]
    bars = data.bars(SYMBOL, interval, 100)
    assert len(bars) == 100
    assert {b.open_time - a.open_time for a, b in pairwise(bars)} == {step}
    assert 0 <= now_ms(data) - (bars[-1].open_time + step) < step


def test_a_bar_appears_when_it_closes_and_then_never_changes(paper: VenueProcess, data: BinancePublic) -> None:
    paper.advance(60_000 - now_ms(data) % 60_000 + 30_000)
    before = data.bars(SYMBOL, "1m", 3)
    paper.advance(29_000)
    assert data.bars(SYMBOL, "1m", 3) == before
    paper.advance(2_000)
    after = data.bars(SYMBOL, "1m", 3)
    assert after[:2] == before[1:]
    assert after[-1].open_time == before[-1].open_time + 60_000


def test_many_pages_agree_with_one(data: BinancePublic) -> None:
    assert data.bars(SYMBOL, "1m", 3200)[-1000:] == data.bars(SYMBOL, "1m", 1000)


def test_hours_are_made_of_their_minutes(data: BinancePublic) -> None:
    hour = data.bars(SYMBOL, "1h", 1)[0]
    minutes = [bar for bar in data.bars(SYMBOL, "1m", 120) if 0 <= bar.open_time - hour.open_time < 3_600_000]
    assert len(minutes) == 60
    assert (minutes[0].open, minutes[-1].close) == (hour.open, hour.close)
    assert (max(bar.high for bar in minutes), min(bar.low for bar in minutes)) == (hour.high, hour.low)
    assert sum(bar.volume for bar in minutes) == pytest.approx(hour.volume)


def test_the_book_surrounds_the_mark(data: BinancePublic) -> None:
    book, mark = data.book(SYMBOL, 20), data.marks([SYMBOL])[SYMBOL]
    assert (len(book.bids), len(book.asks)) == (20, 20)
    assert float(book.bids[-1].price) < float(mark.price) < float(book.asks[-1].price)
    assert data.server_time() - book.at < timedelta(minutes=1)


def test_funding_is_the_past_only(data: BinancePublic) -> None:
    points = data.funding(SYMBOL, 10)
    assert len(points) == 10
    assert all(a.at < b.at for a, b in pairwise(points))
    assert points[-1].at <= data.server_time()


def test_every_listed_symbol_has_rules_a_mark_and_bars(data: BinancePublic) -> None:
    rules = data.rules()
    assert {SYMBOL, "ETHUSDT"} <= set(rules)
    assert set(data.marks(list(rules))) == set(rules)
    assert all(data.bars(symbol, "1h", 5) for symbol in rules)


def test_a_symbol_that_is_not_listed_is_refused(data: BinancePublic) -> None:
    with pytest.raises(VenueRejectedError) as caught:
        data.bars("NOSUCHUSDT", "1m", 5)
    assert caught.value.code == -1121

"""On a real exchange: what the streams vouch for is what a request is answered, and costs no request."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from desk.venues.binance import BinancePublic
from desk.venues.binance.streamed import StreamedMarket
from desk.venues.binance.streams.market_stream import MarketStream
from tests.venue_process import VenueProcess, running_venue

SYMBOLS, INTERVALS = ("BTCUSDT", "ETHUSDT"), ("1m", "5m")
MINUTE_MS = 60_000
WAIT_S = 10.0


@pytest.fixture
def venue(tmp_path: Path) -> Iterator[VenueProcess]:
    with running_venue(tmp_path / "venue") as running:
        yield running


@pytest.fixture
def public(venue: VenueProcess) -> Iterator[BinancePublic]:
    opened = venue.public()
    yield opened
    opened.close()


def until(stream: MarketStream, holds: Callable[[], object]) -> None:
    """Wait until the streams' threads have brought something about."""
    changed = threading.Condition()

    def told() -> None:
        with changed:
            changed.notify_all()

    stream._on_change = told
    with changed:
        assert changed.wait_for(holds, timeout=WAIT_S)


def test_streams_and_requests_tell_the_same_market(venue: VenueProcess, public: BinancePublic) -> None:
    market = StreamedMarket(public, SYMBOLS, INTERVALS)
    stream = market.stream
    try:
        until(stream, lambda: all(one.book and one.mark is not None for one in stream.freshness()))
        until(stream, lambda: all(kept.known for kept in stream._bars.values()))
        for _ in range(7):
            now = venue.advance(MINUTE_MS)
            newest = now // MINUTE_MS * MINUTE_MS - MINUTE_MS
            until(stream, lambda due=newest: all(stream._bars[s, "1m"]._bars[-1].open_time >= due for s in SYMBOLS))
        read = public.marks(SYMBOLS)
        until(stream, lambda: all(_price(stream, name) == one.price for name, one in read.items()))
        asked = public.book("BTCUSDT", 20)
        until(stream, lambda: (kept := stream.book("BTCUSDT", 20, within=60)) and kept.bids == asked.bids)
        told = stream.book("BTCUSDT", 20, within=60)
        assert told is not None
        assert (told.bids, told.asks) == (asked.bids, asked.asks)
        assert {name: (one.price, one.index) for name, one in market.marks(SYMBOLS).items()} == {
            name: (one.price, one.index) for name, one in read.items()
        }
        for interval in INTERVALS:
            known = stream.bars("BTCUSDT", interval, 50, venue.now_ms())
            assert known == public.bars("BTCUSDT", interval, 50)
        reports = stream.reports()
        assert [(one.name, one.connected, one.unread, one.reconnects) for one in reports] == [
            ("public", True, 0, 0),
            ("market", True, 0, 0),
        ]
    finally:
        market.close()


def _price(stream: MarketStream, symbol: str) -> Decimal | None:
    mark = stream.mark(symbol, within=60)
    return None if mark is None else mark.price

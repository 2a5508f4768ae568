"""What the streams of the market tell is whole and fresh, or not told; a reader that stalls misses nothing."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import pytest

from desk.domain.errors import DataError, VenueUnavailableError
from desk.domain.market import Bar
from desk.venues.binance.streams.addresses import market_urls, stream_root
from desk.venues.binance.streams.candles import KeptBars
from desk.venues.binance.streams.latest import Latest
from desk.venues.binance.streams.market_events import BestPrice, market_event
from desk.venues.binance.streams.market_stream import MarketStream, Sources
from desk.venues.binance.streams.repairs import Need, Repairs
from desk.venues.binance.streams.socket import LineBrokenError, Socket
from tests.unit.desk.venues.binance.streams.fake_lines import SILENCE, FakeLines, NoPause, Said
from tests.unit.desk.venues.binance.streams.test_depth import Venue
from tests.unit.desk.venues.binance.streams.told import NOW, text

D = Decimal
MINUTE = 60_000
START = NOW // MINUTE * MINUTE
WAIT_S = 10.0


def best(number: int, *, symbol: str = "BTCUSDT") -> dict[str, Any]:
    prices = {"b": str(100 + number), "B": "1", "a": str(101 + number), "A": "2"}
    return {"e": "bookTicker", "u": number, "E": NOW + number, "T": NOW + number, "s": symbol, **prices}


def mark(*, at: int = NOW, price: str = "100") -> dict[str, Any]:
    return {"e": "markPriceUpdate", "E": at, "s": "BTCUSDT", "p": price, "i": price, "r": "0.0001", "T": at + MINUTE}


def bar(minute: int) -> Bar:
    return Bar(open_time=START + minute * MINUTE, open=1.0, high=2.0, low=1.0, close=2.0, volume=float(minute))


def kline(minute: int, *, closed: bool = True) -> dict[str, Any]:
    one = bar(minute)
    figures = {"o": "1", "h": "2", "l": "1", "c": "2", "v": str(minute), "x": closed}
    body = {"t": one.open_time, "T": one.open_time + MINUTE - 1, "s": "BTCUSDT", "i": "1m", **figures}
    return {"e": "kline", "E": one.open_time + MINUTE, "s": "BTCUSDT", "k": body}


@dataclass
class Bench:
    """A market stream over scripted lines; `until` waits for what the streams' threads bring about."""

    public: FakeLines = field(default_factory=lambda: FakeLines([SILENCE]))
    market: FakeLines = field(default_factory=lambda: FakeLines([SILENCE]))
    depth: Callable[[str], object] = lambda symbol: Venue(random.Random(1)).snapshot(1000)
    bars: Callable[[str, str], tuple[Bar, ...]] = lambda symbol, interval: (bar(0), bar(1))
    changed: threading.Condition = field(default_factory=threading.Condition)

    def dial(self, url: str) -> AbstractContextManager[Socket]:
        return (self.public if "/public/" in url else self.market).dial(url)

    def _told(self) -> None:
        with self.changed:
            self.changed.notify_all()

    @contextmanager
    def listening(self) -> Iterator[MarketStream]:
        stream = MarketStream(
            "http://127.0.0.1:1",
            ("BTCUSDT",),
            ("1m",),
            sources=Sources(depth=lambda symbol: self.depth(symbol), bars=lambda s, i: self.bars(s, i)),
            dial=self.dial,
            backoff=NoPause,
            on_change=self._told,
        )
        stream.start()
        try:
            yield stream
        finally:
            stream.close()

    def until(self, holds: Callable[[], object]) -> None:
        with self.changed:
            assert self.changed.wait_for(holds, timeout=WAIT_S)


def script(*said: dict[str, Any] | Said) -> list[Said | None]:
    return [*(text(word) if isinstance(word, dict) else word for word in said), SILENCE]


def test_streams_are_split_by_what_they_carry() -> None:
    urls = market_urls("https://fapi.binance.com", ["a@bookTicker", "a@depth@100ms", "a@markPrice@1s", "a@kline_1m"])
    assert urls == {
        "public": "wss://fstream.binance.com/public/stream?streams=a@bookTicker/a@depth@100ms",
        "market": "wss://fstream.binance.com/market/stream?streams=a@markPrice@1s/a@kline_1m",
    }
    assert stream_root("https://testnet.binancefuture.com") == "wss://fstream.binancefuture.com"
    assert stream_root("http://127.0.0.1:8000/") == "ws://127.0.0.1:8000"


def test_the_book_is_a_snapshot_and_every_change_since() -> None:
    venue = Venue(random.Random(7))
    snapshot = venue.snapshot(1000)
    changes = [venue.change() | {"s": "BTCUSDT"} for _ in range(20)]
    bench = Bench(public=FakeLines(script(best(1), *changes)), depth=lambda symbol: snapshot)
    with bench.listening() as stream:
        bench.until(
            lambda: (
                (book := stream.book("BTCUSDT", 3, within=60))
                and int(book.at.timestamp() * 1000)
                and stream._books["BTCUSDT"].update_id == venue.last
            )
        )
        book = stream.book("BTCUSDT", 3, within=60)
        assert book is not None
        assert [int(level.price) for level in book.bids] == sorted(venue.bids, reverse=True)[:3]


def test_a_gap_is_mended_by_a_new_snapshot_and_no_book_is_told_meanwhile() -> None:
    venue, held = Venue(random.Random(8)), threading.Event()
    first = venue.snapshot(1000)
    read: list[int] = []

    def depth(symbol: str) -> object:
        read.append(1)
        bench._told()
        if len(read) == 1:
            return first
        held.wait(WAIT_S)
        return venue.snapshot(1000)

    before = venue.change() | {"s": "BTCUSDT"}
    venue.change()
    after = venue.change() | {"s": "BTCUSDT"}
    gate = threading.Event()
    bench = Bench(public=FakeLines(script(best(1), lambda: gate.wait(WAIT_S) and None, before, after)), depth=depth)
    with bench.listening() as stream:
        bench.until(lambda: stream.book("BTCUSDT", 3, within=60))
        gate.set()
        bench.until(lambda: stream.book("BTCUSDT", 3, within=60) is None and len(read) >= 2)
        held.set()
        bench.until(lambda: stream.book("BTCUSDT", 3, within=60))
        assert stream._books["BTCUSDT"].update_id == venue.last


def test_bars_begin_with_a_read_and_go_on_by_the_stream() -> None:
    gate = threading.Event()
    bench = Bench(market=FakeLines(script(lambda: gate.wait(WAIT_S) and None, kline(2, closed=False), kline(2))))
    with bench.listening() as stream:
        bench.until(lambda: stream.bars("BTCUSDT", "1m", 2, START + 2 * MINUTE))
        gate.set()
        bench.until(lambda: stream.bars("BTCUSDT", "1m", 3, START + 3 * MINUTE))
        assert stream.bars("BTCUSDT", "1m", 3, START + 3 * MINUTE) == (bar(0), bar(1), bar(2))
        # The venue's clock says that one more has finished: what is here is not all of them.
        assert stream.bars("BTCUSDT", "1m", 3, START + 4 * MINUTE) is None


def test_a_gap_in_the_bars_is_read_over_rest() -> None:
    gate, reads = threading.Event(), [(bar(0), bar(1)), tuple(bar(n) for n in range(5))]
    bench = Bench(
        market=FakeLines(script(lambda: gate.wait(WAIT_S) and None, kline(4))),
        bars=lambda symbol, interval: reads.pop(0) if len(reads) > 1 else reads[0],
    )
    with bench.listening() as stream:
        bench.until(lambda: stream.bars("BTCUSDT", "1m", 2, START + 2 * MINUTE))
        gate.set()
        bench.until(lambda: stream.bars("BTCUSDT", "1m", 5, START + 5 * MINUTE))


def test_a_line_that_broke_leaves_nothing_known_until_it_is_heard_again() -> None:
    gate = threading.Event()

    def breaks() -> None:
        gate.wait(WAIT_S)
        raise LineBrokenError("on purpose")

    bench = Bench(market=FakeLines([text(mark()), breaks], [SILENCE]))
    with bench.listening() as stream:
        bench.until(lambda: stream.mark("BTCUSDT", within=60))
        gate.set()
        # The new line has its bars read: then the old mark is long forgotten.
        bench.until(lambda: stream.mark("BTCUSDT", within=60) is None)


def test_a_stalled_reader_finds_the_present_and_nothing_has_piled_up() -> None:
    bench = Bench(public=FakeLines(script(*(best(number) for number in range(3000)))))
    with bench.listening() as stream:
        bench.until(lambda: (now := stream.latest.get(BestPrice, "BTCUSDT")) and now.update_id == 2999)
        assert len(stream.latest._values) == 1


def test_an_older_price_does_not_replace_a_newer_one() -> None:
    latest = Latest()
    for number, kept in ((2, True), (1, False), (2, True)):
        event = market_event(best(number))
        assert event is not None
        assert latest.put(event) is kept


def test_what_is_too_old_is_not_told_and_its_age_is_known() -> None:
    now = [0.0]
    latest = Latest(monotonic=lambda: now[0])
    event = market_event(best(1))
    assert event is not None
    latest.put(event)
    now[0] = 3.0
    assert latest.get(BestPrice, "BTCUSDT", within=3) is not None
    now[0] = 3.1
    assert latest.get(BestPrice, "BTCUSDT", within=3) is None
    assert latest.age(BestPrice, "BTCUSDT") == 3.1
    assert latest.age(BestPrice, "ETHUSDT") is None


@pytest.mark.parametrize("said", ["no json", "[]", '{"e":"bookTicker"}', '{"e":"kline","s":"BTCUSDT","E":1,"k":{}}'])
def test_a_message_that_does_not_read_costs_itself_only(said: str) -> None:
    bench = Bench(public=FakeLines(script(said, best(1))))
    with bench.listening() as stream:
        bench.until(lambda: stream.latest.get(BestPrice, "BTCUSDT"))
        assert [report.unread for report in stream.reports()] == [1, 0]


def test_an_answer_to_a_subscription_is_no_event() -> None:
    assert market_event({"result": None, "id": 1}) is None


def test_bars_heard_while_the_series_is_read_are_joined_to_it() -> None:
    kept = KeptBars(MINUTE)
    assert not kept.heard(bar(2))
    assert kept.seed((bar(0), bar(1)))
    assert kept.newest(3, START + 3 * MINUTE) == (bar(0), bar(1), bar(2))
    assert kept.heard(bar(1))
    assert kept.newest(3, START + 3 * MINUTE) == (bar(0), bar(1), bar(2))


def test_a_repair_is_done_once_however_often_it_is_asked_for_and_again_when_it_failed() -> None:
    tried: list[Need] = []
    finished = threading.Event()

    def mend(need: Need) -> bool:
        tried.append(need)
        if len(tried) == 1:
            raise VenueUnavailableError("not now")
        if len(tried) == 2:
            raise DataError("nonsense")
        finished.set()
        return True

    repairs = Repairs(mend, backoff=NoPause())
    for _ in range(5):
        repairs.want(("book", "BTCUSDT", ""))
    repairs.start()
    assert finished.wait(WAIT_S)
    repairs.close()
    assert len(tried) == 3

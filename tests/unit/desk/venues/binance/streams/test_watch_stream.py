"""Many symbols by stream: a listener is told every event, and finished minutes without a hole."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from typing import Any

from desk.domain.errors import DataError
from desk.domain.market import Bar
from desk.venues.binance.streams.market_events import BarUpdate, MarketEvent, MarkUpdate, ShownBook, market_event
from desk.venues.binance.streams.socket import Socket
from desk.venues.binance.streams.watch_stream import WatchStream
from tests.unit.desk.venues.binance.streams.fake_lines import SILENCE, FakeLines, NoPause
from tests.unit.desk.venues.binance.streams.test_market_stream import WAIT_S, bar, kline, mark, script
from tests.unit.desk.venues.binance.streams.told import NOW


def depth20(bid: str = "99", ask: str = "101") -> dict[str, Any]:
    levels = {"b": [[bid, "2"], ["98", "1"]], "a": [[ask, "3"]], "U": 1, "u": 2, "pu": 0}
    body = {"e": "depthUpdate", "E": NOW, "T": NOW, "s": "BTCUSDT", **levels}
    return {"stream": "btcusdt@depth20@500ms", "data": body}


@dataclass
class Bench:
    """A watch over scripted lines that writes down what it is told."""

    public: FakeLines = field(default_factory=lambda: FakeLines([SILENCE]))
    market: FakeLines = field(default_factory=lambda: FakeLines([SILENCE]))
    minutes: Callable[[str], tuple[Bar, ...]] = lambda symbol: (bar(0), bar(1))
    events: list[MarketEvent] = field(default_factory=list[MarketEvent])
    begun: list[tuple[Bar, ...]] = field(default_factory=list[tuple[Bar, ...]])
    changed: threading.Condition = field(default_factory=threading.Condition)

    def heard(self, event: MarketEvent) -> None:
        if isinstance(event, MarkUpdate) and event.price == 13:
            raise DataError("not of use")
        with self.changed:
            self.events.append(event)
            self.changed.notify_all()

    def began(self, symbol: str, bars: tuple[Bar, ...]) -> None:
        with self.changed:
            self.begun.append(bars)
            self.changed.notify_all()

    def dial(self, url: str) -> AbstractContextManager[Socket]:
        return (self.public if "/public/" in url else self.market).dial(url)

    @contextmanager
    def listening(self) -> Iterator[WatchStream]:
        stream = WatchStream(
            "http://127.0.0.1:1",
            ("BTCUSDT",),
            self,
            minutes=lambda symbol: self.minutes(symbol),
            dial=self.dial,
            backoff=NoPause,
        )
        stream.start()
        try:
            yield stream
        finally:
            stream.close()

    def until(self, holds: Callable[[], object]) -> None:
        with self.changed:
            assert self.changed.wait_for(holds, timeout=WAIT_S)

    @property
    def closed(self) -> list[int]:
        return [int(one.bar.volume) for one in self.events if isinstance(one, BarUpdate)]


def test_the_nearest_levels_are_a_book_and_the_same_event_of_the_whole_book_is_not() -> None:
    shown = market_event(depth20())
    assert isinstance(shown, ShownBook)
    assert [int(level.price) for level in shown.book.bids] == [99, 98]
    assert not isinstance(market_event(depth20()["data"]), ShownBook)


def test_minutes_begin_with_a_read_and_go_on_by_the_stream_each_told_once() -> None:
    held = threading.Event()

    def wait() -> None:
        assert held.wait(WAIT_S)

    bench = Bench(market=FakeLines(script(wait, kline(2), kline(2), kline(3, closed=False), kline(3))))
    with bench.listening():
        bench.until(lambda: bench.begun)
        held.set()
        bench.until(lambda: bench.closed == [2, 3])
    assert [int(one.volume) for one in bench.begun[0]] == [0, 1]


def test_after_a_gap_the_minutes_are_read_and_told_as_a_new_beginning() -> None:
    held, reads = threading.Event(), iter([(bar(0), bar(1)), (bar(3), bar(4), bar(5))])

    def wait() -> None:
        assert held.wait(WAIT_S)

    bench = Bench(market=FakeLines(script(wait, kline(5), mark())), minutes=lambda symbol: next(reads))
    with bench.listening():
        bench.until(lambda: bench.begun)
        held.set()
        bench.until(lambda: len(bench.begun) == 2)
    assert [int(one.volume) for one in bench.begun[1]] == [3, 4, 5]
    assert bench.closed == []


def test_an_event_the_listener_cannot_use_costs_itself_only() -> None:
    bench = Bench(market=FakeLines(script(mark(price="13"), mark())), public=FakeLines(script(depth20())))
    with bench.listening() as stream:
        bench.until(lambda: len(bench.events) == 2)
        assert sum(report.unread for report in stream.reports()) == 1

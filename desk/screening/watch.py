"""The watch: everything that is listened to, in one place; alerts at once, scores each second, flow whenever asked.

Events come from the streams' threads and questions from the crew's. Each is answered under one lock that is held for
microseconds: an alarm is raised before the next event is read, and stands here until somebody takes it.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime

from desk.domain.market import Bar, OrderBook
from desk.domain.moments import to_ms
from desk.market.order_flow import Flow, OrderFlow
from desk.news.values import NewsReading
from desk.screening.alert import Alert, Witnesses, alert_of
from desk.screening.listen import hear
from desk.screening.screen import Pick, Screen, ScreenParameters
from desk.screening.turns import RegimeTurns
from desk.spikes.detect import SpikeParameters
from desk.spikes.live import Alarm
from desk.venues.binance.streams.market_events import BarUpdate, ForcedOrder, MarketEvent, PublicTrade, ShownBook

# Alerts that nobody took: the oldest give way.
MOST_ALERTS = 256
# A book looked at more often says nothing more of what was cancelled; one older than this is no witness.
LOOK_MS, BOOK_MS = 1_000, 5_000
_MINUTE_MS, _QUARTER_MS = 60_000, 15_000


class Watch:
    """Watches symbols for alarms, picks and flow. Thread-safe; `on_alert` is called on the thread that heard it."""

    def __init__(
        self,
        rule: ScreenParameters,
        spikes: Mapping[str, SpikeParameters],
        *,
        on_alert: Callable[[Alert], None] = lambda alert: None,
    ) -> None:
        self._lock = threading.Lock()
        self._screen = Screen(rule, spikes)
        self._rule, self._spikes = rule, dict(spikes)
        self._flows = {symbol: OrderFlow() for symbol in spikes}
        self._turns = {symbol: RegimeTurns() for symbol in spikes}
        self._books: dict[str, tuple[int, OrderBook]] = {}
        self._looked: dict[str, int] = {}
        self._newest: dict[str, int] = {}
        self._news: dict[str, NewsReading] = {}
        self._alerts: deque[Alert] = deque(maxlen=MOST_ALERTS)
        self.on_alert = on_alert

    @property
    def symbols(self) -> tuple[str, ...]:
        """Who is watched."""
        return tuple(self._spikes)

    def began(self, symbol: str, bars: tuple[Bar, ...]) -> None:
        """The newest finished minutes of a symbol; those it has been told of already are not told twice."""
        with self._lock:
            for bar in bars:
                self._minute(symbol, bar)

    def heard(self, event: MarketEvent) -> None:
        """One event. Raises DataError for a symbol that is not watched, and for a broken book."""
        with self._lock:
            if isinstance(event, BarUpdate):
                if event.closed:
                    self._minute(event.symbol, event.bar)
                return
            alarms = hear(self._screen, event)
            self._flow(event)
            alerts = [self._alert(alarm) for alarm in alarms]
            self._alerts.extend(alerts)
        for alert in alerts:
            self.on_alert(alert)

    def walked(self, symbol: str, bar: Bar) -> None:
        """A finished minute that nobody heard: its price walked open, the nearer extreme, the other one, close."""
        near, far = (bar.low, bar.high) if bar.close >= bar.open else (bar.high, bar.low)
        with self._lock:
            alerts: list[Alert] = []
            for place, price in enumerate((bar.open, near, far, bar.close)):
                at = bar.open_time + place * _QUARTER_MS
                alarms = self._screen.trade(symbol, at, price, bar.volume / 4)
                alerts += [self._alert(alarm) for alarm in alarms]
            self._alerts.extend(alerts)
            self._minute(symbol, bar)
        for alert in alerts:
            self.on_alert(alert)

    def news(self, now: datetime, readings: Mapping[str, NewsReading]) -> None:
        """What the headlines say of each symbol now; fresh ones with a clear mood are an alarm of their own."""
        with self._lock:
            self._news |= readings
            alarms = [a for s, reading in readings.items() for a in self._screen.news(s, to_ms(now), reading)]
            alerts = [self._alert(alarm) for alarm in alarms]
            self._alerts.extend(alerts)
        for alert in alerts:
            self.on_alert(alert)

    def second(self, at: int) -> tuple[Pick, ...]:
        """The symbols that are worth a model now; see `Screen.second`."""
        with self._lock:
            return self._screen.second(at)

    def take(self) -> tuple[Alert, ...]:
        """The alerts since they were last taken, oldest first."""
        with self._lock:
            alerts = tuple(self._alerts)
            self._alerts.clear()
            return alerts

    def flow(self, symbol: str, now: datetime) -> Flow | None:
        """See `crews.view.snapshot.Flows`."""
        with self._lock:
            flow = self._flows.get(symbol)
            return None if flow is None else flow.reading(to_ms(now))

    def _minute(self, symbol: str, bar: Bar) -> None:
        if bar.open_time > self._newest.get(symbol, -1):
            self._screen.bar(symbol, bar)
            self._newest[symbol] = bar.open_time
            if self._turns[symbol].minute(bar):
                self._screen.turned(symbol, bar.open_time + _MINUTE_MS)

    def _flow(self, event: MarketEvent) -> None:
        match event:
            case PublicTrade():
                flow, price, quantity = self._flows[event.symbol], float(event.price), float(event.quantity)
                flow.trade(event.at_ms, price, quantity, event.side)
            case ForcedOrder():
                price, quantity = float(event.average_price), float(event.quantity)
                self._flows[event.symbol].forced(event.at_ms, price, quantity, event.side)
            case ShownBook():
                self._books[event.symbol] = (event.sent_ms, event.book)
                if event.sent_ms - self._looked.get(event.symbol, -LOOK_MS) >= LOOK_MS:
                    self._looked[event.symbol] = event.sent_ms
                    self._flows[event.symbol].book(event.book)
            case _:
                pass

    def _alert(self, alarm: Alarm) -> Alert:
        seen, book = self._books.get(alarm.symbol, (-BOOK_MS, None))
        return alert_of(
            alarm,
            Witnesses(
                own=self._screen.stream(alarm.symbol),
                book=book if alarm.at - seen < BOOK_MS else None,
                others=self._others(alarm.symbol),
                news=self._news.get(alarm.symbol),
            ),
        )

    def _others(self, symbol: str) -> Iterator[float]:
        for other in self._spikes:
            moved = None if other == symbol else self._screen.stream(other).moved
            if moved is not None:
                yield moved

"""The lookout: many symbols watched between two rounds, so that a round is about the few that matter.

Where time passes by itself the market is heard on its streams, and a thread scores every second. Where it is stepped
nobody could hear it: each finished minute is read and walked along its open, extremes and close. Both end in the same
watch, which raises the same alerts. Headlines are read once a minute for all.
"""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from crews.view.bars import BarCache
from desk.domain.errors import DataError, DeskError
from desk.domain.market import Bar
from desk.domain.moments import to_ms
from desk.market.order_flow import Flow
from desk.news.mood import read_news
from desk.ports import Clock, MarketData, NewsFeed
from desk.screening.alert import Alert
from desk.screening.screen import Pick
from desk.screening.watch import MOST_ALERTS, Watch
from desk.venues.binance.public import BinancePublic
from desk.venues.binance.streams.health import StreamReport

_LOG = logging.getLogger(__name__)
MINUTE, SECOND_S = "1m", 1.0
# As much as tells what is usual, and the minutes that finish meanwhile.
MINUTES_READ = 1_000
_NEWS_EVERY = timedelta(minutes=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Calls:
    """What was seen since it was last asked: symbols worth a model, the loudest first, and alerts, oldest first."""

    picks: tuple[Pick, ...]
    alerts: tuple[Alert, ...]


class Lookout(Protocol):
    """Watches until closed. Thread-safe; raises nothing for a market's sake."""

    def peek(self) -> Calls:
        """What was seen and nobody has taken yet."""
        ...

    def look(self, now: datetime) -> None:
        """Read what does not tell itself: headlines, and the minutes of a market that is stepped."""
        ...

    def take(self) -> Calls:
        """All that was seen since it was last taken."""
        ...

    def flow(self, symbol: str, now: datetime) -> Flow | None:
        """See `crews.view.snapshot.Flows`."""
        ...

    def reports(self) -> tuple[StreamReport, ...]:
        """How its streams fare; none where it has none."""
        ...

    def close(self) -> None:
        """Stop watching."""
        ...


class _Seen:
    """Picks and alerts until they are taken, and the headlines that every lookout reads."""

    def __init__(self, watch: Watch, news: NewsFeed | None, news_hours: float) -> None:
        self._watch, self._news, self._news_hours = watch, news, timedelta(hours=news_hours)
        self._lock = threading.Lock()
        self._picks: dict[str, Pick] = {}
        self._alerts: deque[Alert] = deque(maxlen=MOST_ALERTS)
        self._read_news: datetime | None = None

    def peek(self) -> Calls:
        """What was seen and nobody has taken yet."""
        with self._lock:
            return self._calls()

    def take(self) -> Calls:
        """All that was seen since it was last taken."""
        with self._lock:
            calls = self._calls()
            self._picks.clear()
            self._alerts.clear()
            return calls

    def _calls(self) -> Calls:
        self._alerts.extend(self._watch.take())
        picks = sorted(self._picks.values(), key=lambda pick: (-pick.score, pick.symbol))
        return Calls(picks=tuple(picks), alerts=tuple(self._alerts))

    def _pick(self, at: int) -> None:
        picks = self._watch.second(at)
        with self._lock:
            self._picks |= {pick.symbol: pick for pick in picks}

    def _look_at_news(self, now: datetime) -> None:
        if self._news is None or (self._read_news is not None and now - self._read_news < _NEWS_EVERY):
            return
        self._read_news = now
        with suppress(DataError):
            lines = [line for line in self._news.headlines(now - self._news_hours) if line.at <= now]
            symbols = self._watch.symbols
            self._watch.news(now, {symbol: read_news(lines, symbol, now, known=symbols) for symbol in symbols})


class StreamedLookout(_Seen):
    """A `Lookout` over streams."""

    def __init__(
        self, public: BinancePublic, watch: Watch, clock: Clock, *, news: NewsFeed | None, news_hours: float
    ) -> None:
        super().__init__(watch, news, news_hours)
        self._clock = clock
        self._stream = public.watch_stream(watch.symbols, watch)
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._seconds, name="lookout", daemon=True)
        self._stream.start()
        self._thread.start()

    def look(self, now: datetime) -> None:
        """Read the headlines; the streams tell the rest."""
        self._look_at_news(now)

    def flow(self, symbol: str, now: datetime) -> Flow | None:
        """See `crews.view.snapshot.Flows`."""
        return self._watch.flow(symbol, now)

    def reports(self) -> tuple[StreamReport, ...]:
        """How its streams fare."""
        return self._stream.reports()

    def close(self) -> None:
        """Stop listening."""
        self._ending.set()
        self._thread.join(timeout=SECOND_S + 1)
        self._stream.close()

    def _seconds(self) -> None:
        while not self._ending.wait(SECOND_S):
            self._pick(to_ms(self._clock.now()))


class SteppedLookout(_Seen):
    """A `Lookout` over finished minutes, for a market that moves only when somebody moves it."""

    def __init__(self, market: MarketData, watch: Watch, *, news: NewsFeed | None, news_hours: float) -> None:
        super().__init__(watch, news, news_hours)
        self._bars = BarCache(market)
        self._newest: dict[str, int] = {}
        self._silent = False

    def look(self, now: datetime) -> None:
        """Walk the minutes that finished since the last look, all symbols minute by minute, and read the headlines."""
        self._look_at_news(now)
        fresh = [(bar.open_time, symbol, bar) for symbol in self._watch.symbols for bar in self._fresh(symbol, now)]
        minutes = sorted(fresh, key=lambda one: one[:2])
        for place, (opened, symbol, bar) in enumerate(minutes):
            self._watch.walked(symbol, bar)
            if place + 1 == len(minutes) or minutes[place + 1][0] != opened:
                self._pick(opened + 60_000)

    def flow(self, symbol: str, now: datetime) -> Flow | None:
        """None: nobody listens here."""
        return None

    def reports(self) -> tuple[StreamReport, ...]:
        """It has no streams."""
        return ()

    def close(self) -> None:
        """It keeps nothing open."""

    def _fresh(self, symbol: str, now: datetime) -> Sequence[Bar]:
        try:
            bars = self._bars.bars(symbol, MINUTE, MINUTES_READ, now)
        except DeskError as error:
            # Recorded bars may be longer than minutes: then nothing is picked, and whoever asks is told why once.
            if not self._silent:
                _LOG.warning("minutes of %s cannot be watched: %s", symbol, error)
            self._silent = True
            return ()
        known = self._newest.get(symbol)
        if bars:
            self._newest[symbol] = bars[-1].open_time
        if known is None:
            self._watch.began(symbol, tuple(bars))
            return ()
        return [bar for bar in bars if bar.open_time > known]

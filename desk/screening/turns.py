"""When a symbol's regime turns: its minutes made into bars of five, followed by the regime's own stream.

Only whole bars of five minutes count; after a gap the bar that was under way is dropped. What the regime was at first
is no turn.
"""

from __future__ import annotations

from desk.domain.market import Bar
from desk.regime.live import RegimeStream
from desk.regime.values import Regime

INTERVAL, MINUTES = "5m", 5
_MINUTE_MS = 60_000


class RegimeTurns:
    """One symbol's regime on five minutes. Minutes come in order."""

    def __init__(self) -> None:
        self._stream = RegimeStream((INTERVAL,))
        self._running: list[Bar] = []
        self.regime: Regime | None = None

    def minute(self, bar: Bar) -> bool:
        """Take in a finished minute; whether the regime turned with it."""
        place = bar.open_time // _MINUTE_MS % MINUTES
        follows = not self._running or bar.open_time == self._running[-1].open_time + _MINUTE_MS
        if place != len(self._running) or not follows:
            self._running = [] if place else [bar]
            return False
        self._running.append(bar)
        if len(self._running) < MINUTES:
            return False
        self._stream.push(INTERVAL, _whole(self._running))
        self._running = []
        return self._turned()

    def _turned(self) -> bool:
        reading, before = self._stream.reading, self.regime
        self.regime = before if reading is None else reading.regime
        return before is not None and self.regime is not before


def _whole(minutes: list[Bar]) -> Bar:
    return Bar(
        minutes[0].open_time,
        minutes[0].open,
        max(bar.high for bar in minutes),
        min(bar.low for bar in minutes),
        minutes[-1].close,
        sum(bar.volume for bar in minutes),
    )

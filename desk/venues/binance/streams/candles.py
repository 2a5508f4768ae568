"""Finished bars of one symbol and interval, kept whole by the stream: each follows the last, or none is told.

Bars are final when the venue says so, and never change after. A gap makes the series unknown until it is read anew over
REST; a bar heard twice changes nothing.
"""

from __future__ import annotations

import threading

from desk.domain.market import Bar

MOST_BARS = 2000


class KeptBars:
    """A series with the newest finished bar last. `heard` from the stream's thread, the rest from any."""

    def __init__(self, step_ms: int) -> None:
        self._step = step_ms
        self._lock = threading.Lock()
        self._bars: tuple[Bar, ...] = ()
        # Bars that finished while the series is being read.
        self._early: tuple[Bar, ...] = ()

    @property
    def known(self) -> bool:
        """Whether there is a series to go on from."""
        return bool(self._bars)

    @property
    def last(self) -> Bar | None:
        """The newest finished bar, or None while nothing is known."""
        bars = self._bars
        return bars[-1] if bars else None

    @property
    def all(self) -> tuple[Bar, ...]:
        """Every bar that is known, oldest first."""
        return self._bars

    def lost(self) -> None:
        """The stream broke: what finished meanwhile is not known."""
        with self._lock:
            self._bars = self._early = ()

    def seed(self, bars: tuple[Bar, ...]) -> bool:
        """Begin anew from finished bars read over REST; False when what was heard meanwhile does not follow them."""
        with self._lock:
            early, self._early = self._early, ()
            self._bars = bars[-MOST_BARS:]
            return all(self._take(bar) for bar in early)

    def heard(self, bar: Bar) -> bool:
        """A bar finished; False when it does not follow, and the series is to be read anew."""
        with self._lock:
            return self._take(bar)

    def newest(self, limit: int, now_ms: int) -> tuple[Bar, ...] | None:
        """The `limit` newest bars finished at `now_ms` of the venue's clock, or None unless all of them are here."""
        bars = self._bars
        expected = now_ms // self._step * self._step - self._step
        if len(bars) < limit or bars[-1].open_time < expected:
            return None
        return bars[-limit:]

    def _take(self, bar: Bar) -> bool:
        if not self._bars:
            self._early = (*self._early[-MOST_BARS:], bar)
            return False
        behind = bar.open_time - self._bars[-1].open_time
        if behind <= 0:
            return True
        if behind != self._step:
            self._bars, self._early = (), (bar,)
            return False
        self._bars = (*self._bars[1 - MOST_BARS :], bar)
        return True

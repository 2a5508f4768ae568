"""The judge's own books of an account: equity as it was told, the day it began with, and the heights it fell from.

Money in USDT as exact fractions, times in ms UTC.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from datetime import UTC, datetime
from fractions import Fraction

from campaigns.oracle.allowed import Allowed

DAY_MS, HOUR_MS = 86_400_000, 3_600_000
_Kept = tuple[int, Fraction, Fraction, tuple[tuple[int, Fraction], ...]]


@dataclass
class Day:
    """One UTC day. `floor` is where its loss is spent, `granted` what was lost below it when nobody could act.

    `earliest` is the floor of who was told an equity without its time, and cannot say which side of midnight it was on.
    `told`: the account was shown on this day, and the desk knew that it was this day.
    """

    number: int
    baseline: Fraction
    floor: Fraction
    earliest: Fraction
    lowest: Fraction
    crossed_ms: int | None = None
    granted: Fraction = Fraction(0)
    told: bool = False


@dataclass
class Books:
    """Equity over time, as the account was told it."""

    allowed: Allowed
    days: list[Day] = field(default_factory=list[Day])
    peak: Fraction = Fraction(0)
    _last: Fraction = Fraction(0)
    _timed: Fraction = Fraction(0)
    _highs: deque[tuple[int, Fraction]] = field(default_factory=deque[tuple[int, Fraction]])
    _kept: _Kept | None = None

    def told(self, at_ms: int, equity: Fraction, *, timed: bool = True) -> None:
        """The account was shown this equity; `timed`: and the desk knew what time it was."""
        day = self.begin(at_ms, equity)
        if not day.told:
            self._first(day, equity, timed=timed)
        self._last = equity
        self._timed = equity if timed else max(equity, self._timed)
        self.peak = max(self.peak, equity)
        hour = at_ms // HOUR_MS
        while self._highs and self._highs[0][0] < hour - 24:
            self._highs.popleft()
        if self._highs and self._highs[-1][0] == hour:
            equity = max(equity, self._highs.pop()[1])
        self._highs.append((hour, equity))

    def remembered(self) -> None:
        """The desk has written a row: what it was told until now, whoever comes after it may know."""
        self._kept = (len(self.days), self.peak, self._last, tuple(self._highs))

    def forgotten(self) -> None:
        """The desk was killed: what it was told since its last row, it took with it."""
        if self._kept is not None:
            days, self.peak, self._last, highs = self._kept
            del self.days[days:]
            self._highs = deque(highs)

    def begin(self, at_ms: int, equity: Fraction) -> Day:
        """The day of this moment; its baseline is the first equity known of it, or the last before it if higher.

        What was lost while nobody looked belongs to the new day.
        """
        number = at_ms // DAY_MS
        if not self.days or self.days[-1].number < number:
            equity, kept = max(equity, self._last), 1 - self.allowed.day_loss
            self.days.append(Day(number, equity, equity * kept, max(equity, self._timed) * kept, equity))
        return self.days[-1]

    def _first(self, day: Day, equity: Fraction, *, timed: bool) -> None:
        """The day began while the account could not be read: for the desk it begins with what it is shown now."""
        kept = 1 - self.allowed.day_loss
        day.earliest = max(day.earliest, max(equity, self._timed) * kept)
        if timed:
            day.baseline, day.floor = max(day.baseline, equity), max(day.floor, equity * kept)
            day.told = True

    def restart_peak(self, equity: Fraction) -> None:
        """A human accepted today's equity as the new height."""
        self.peak = equity

    @property
    def rolling_high(self) -> Fraction:
        """The highest equity told in the last 24 hours."""
        return max((equity for _, equity in self._highs), default=Fraction(0))

    def floor(self) -> Fraction:
        """The equity at which the first of the three loss limits is reached."""
        return max(self.days[-1].floor, self._other_floors())

    def earliest(self) -> Fraction:
        """The equity at which a desk may say that one of them is reached, having been told no time over midnight."""
        return max(self.days[-1].earliest, self._other_floors())

    def _other_floors(self) -> Fraction:
        rolling = self.rolling_high * (1 - self.allowed.rolling_loss)
        return max(rolling, self.peak * (1 - self.allowed.drawdown))


def date_of(at_ms: int) -> str:
    """The UTC date of a moment, ISO 8601."""
    return f"{datetime.fromtimestamp(at_ms / 1000, UTC):%Y-%m-%d}"

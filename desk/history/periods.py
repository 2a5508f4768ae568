"""Days and months of UTC, by the names recordings are filed under: 2024-08-05 and 2024-08."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from desk.domain.errors import DataError
from desk.domain.moments import from_ms, to_ms

_DAY = timedelta(days=1)
_NAMED = re.compile(r"(\d{4})-(\d{2})(?:-(\d{2}))?", re.ASCII)


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """A day or a whole month: `first` up to, not including, `end`."""

    first: date
    end: date

    def __str__(self) -> str:
        return self.first.isoformat() if self.is_day else f"{self.first:%Y-%m}"

    @property
    def is_day(self) -> bool:
        """Whether this is a single day."""
        return self.end - self.first == _DAY

    @property
    def from_ms(self) -> int:
        """Its first moment, ms UTC."""
        return _ms(self.first)

    @property
    def to_ms(self) -> int:
        """The first moment after it, ms UTC."""
        return _ms(self.end)

    @property
    def days(self) -> tuple[Period, ...]:
        """Its days, in order."""
        count = (self.end - self.first).days
        return tuple(day_of(self.first + number * _DAY) for number in range(count))


def day_of(moment: date) -> Period:
    """One day."""
    return Period(moment, moment + _DAY)


def month_of(moment: date) -> Period:
    """The whole month that a day lies in."""
    first = moment.replace(day=1)
    return Period(first, (first + timedelta(days=32)).replace(day=1))


def period_named(name: str) -> Period:
    """The period of a name such as 2024-08 or 2024-08-05. Raises DataError for any other."""
    found = _NAMED.fullmatch(name)
    try:
        if found is None:
            raise ValueError
        start = date(int(found[1]), int(found[2]), int(found[3] or 1))
    except ValueError:
        raise DataError(f"{name!r:.20} is neither a month nor a day", hint="2024-08, or 2024-08-05") from None
    return day_of(start) if found[3] else month_of(start)


def period_at(at_ms: int, *, by_day: bool) -> Period:
    """The day or month that a moment falls in."""
    moment = from_ms(at_ms).date()
    return day_of(moment) if by_day else month_of(moment)


def months(first: date, end: date) -> tuple[Period, ...]:
    """Every month that has a day in `first` up to, not including, `end`."""
    found: list[Period] = []
    while first < end:
        found.append(month_of(first))
        first = found[-1].end
    return tuple(found)


def _ms(day: date) -> int:
    return to_ms(datetime.combine(day, time(), tzinfo=UTC))

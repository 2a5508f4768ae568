"""Moments as venues and journals write them: whole milliseconds since 1970, UTC, exact in both directions."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from desk.domain.errors import DataError

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def to_ms(moment: datetime) -> int:
    """Milliseconds since 1970 of an aware time, rounded down.

    Raises:
        DataError: for a naive time: nobody can say which moment it is.
    """
    if moment.tzinfo is None:
        raise DataError("a time without a zone")
    since = moment - _EPOCH
    return since.days * 86_400_000 + since.seconds * 1000 + since.microseconds // 1000


def from_ms(value: int) -> datetime:
    """The aware UTC time of a count of milliseconds.

    Raises:
        DataError: when the calendar has no such year.
    """
    try:
        return _EPOCH + timedelta(milliseconds=value)
    except OverflowError as error:
        raise DataError("a time beyond the calendar") from error

"""A recorded Fear & Greed index: a csv with `date` and `value`, one row a day, as its publisher keeps it."""

from __future__ import annotations

import csv
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from desk.domain.errors import DataError
from desk.domain.moments import to_ms
from desk.learning.sight import Mood


def read_mood(path: Path) -> Mood:
    """The index of a file. A day's value is known from the end of that day on: who publishes when is not recorded.

    Raises:
        DataError: naming the file and the row that is broken.
    """
    at: list[int] = []
    values: list[float] = []
    try:
        with path.open(encoding="utf-8", newline="") as file:
            for number, row in enumerate(csv.DictReader(file), 2):
                at.append(_day(row["date"], path, number) + 86_400_000)
                values.append(_value(row["value"], path, number))
                if len(at) > 1 and at[-1] <= at[-2]:
                    raise DataError(f"{path.name}, row {number}: days are out of order or repeated")
    except (OSError, KeyError, UnicodeDecodeError) as error:
        raise DataError(f"{path} is no recorded index: it needs the columns date and value") from error
    return Mood(at=np.array(at, dtype=np.int64), value=np.array(values, dtype=np.float64))


def _day(text: str, path: Path, row: int) -> int:
    try:
        return to_ms(datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC))
    except ValueError as error:
        raise DataError(f"{path.name}, row {row}: {text!r:.40} is no day") from error


def _value(text: str, path: Path, row: int) -> float:
    try:
        value = float(text)
    except ValueError as error:
        raise DataError(f"{path.name}, row {row}: {text!r:.40} is no number") from error
    if not 0 <= value <= 100:
        raise DataError(f"{path.name}, row {row}: the index is 0 to 100, not {value:g}")
    return value

"""Recorded headlines from a CSV file, each with the moment from which it could be known.

Needed are the columns `published_at` (ISO 8601, UTC where no zone is written) and `title`; `source` is read where it is
there. A stamp of exactly midnight is a date without a time: such a headline is known only once that day is over.
"""

from __future__ import annotations

import csv
import gzip
from collections.abc import Mapping
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

from desk.domain.errors import DataError
from desk.domain.market import Headline

_DAY = timedelta(days=1)


def read_headlines(path: Path) -> tuple[Headline, ...]:
    """The headlines of a file, plain or gzipped, oldest first.

    Raises:
        DataError: naming file and row, when a column is missing or a time does not read.
    """
    opened = gzip.open if path.suffix == ".gz" else open
    try:
        with opened(path, "rt", encoding="utf-8", newline="") as file:
            found = [_headline(row, path, number) for number, row in enumerate(csv.DictReader(file), 2)]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise DataError(f"{path}: cannot be read: {error}") from error
    if not found:
        raise DataError(f"{path}: holds no headline")
    return tuple(sorted(found, key=lambda one: one.at))


def _headline(row: Mapping[str, str | None], path: Path, number: int) -> Headline:
    stamp, title = row.get("published_at"), row.get("title")
    if not stamp or title is None:
        raise DataError(f"{path}: row {number}: needs published_at and title")
    try:
        at = datetime.fromisoformat(stamp)
    except ValueError:
        raise DataError(f"{path}: row {number}: {stamp!r:.40} is no time") from None
    at = at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    known = at + _DAY if at.time() == time(0) else at
    return Headline(at=known, source=row.get("source") or "", title=title, symbols=())

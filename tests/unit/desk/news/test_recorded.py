"""Recorded headlines come with the moment they could be known, and a broken file is named with its row."""

from __future__ import annotations

import gzip
from datetime import UTC, datetime
from pathlib import Path

import pytest

from desk.domain.errors import DataError
from desk.news.recorded import read_headlines
from desk.strategies.tones import read_tones

ROWS = """published_at,source,title
2021-10-18 13:58:00,Desk,Bitcoin surges to a record high
2021-10-15 00:00:00,Desk,Exchange hacked and funds stolen
2021-10-16T10:00:00+02:00,,Ethereum rallies
"""


def written(folder: Path, text: str, name: str = "news.csv") -> Path:
    path = folder / name
    path.write_bytes(gzip.compress(text.encode()) if name.endswith(".gz") else text.encode())
    return path


@pytest.mark.parametrize("name", ["news.csv", "news.csv.gz"])
def test_headlines_come_oldest_first_with_the_moment_they_could_be_known(tmp_path: Path, name: str) -> None:
    found = read_headlines(written(tmp_path, ROWS, name))
    assert [one.at for one in found] == [
        datetime(2021, 10, 16, tzinfo=UTC),
        datetime(2021, 10, 16, 8, tzinfo=UTC),
        datetime(2021, 10, 18, 13, 58, tzinfo=UTC),
    ], "a date without a time is known once its day is over"
    assert found[1].source == ""


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("published_at,title\nyesterday,Bitcoin falls\n", "row 2: 'yesterday' is no time"),
        ("when,title\n2021-10-18,Bitcoin falls\n", "row 2: needs published_at and title"),
        ("published_at,title\n", "holds no headline"),
    ],
)
def test_what_does_not_read_is_named_by_file_and_row(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(DataError, match=says):
        read_headlines(written(tmp_path, text))


def test_tones_follow_the_words_and_count_no_sooner_than_they_were_known(tmp_path: Path) -> None:
    tones = read_tones(read_headlines(written(tmp_path, ROWS)))
    assert tones.score[0] < 0 < tones.score[2]
    day = 86_400_000
    at = tones.at[2:3]
    assert tones.mood(at, day)[1].tolist() == [0.0], "published this very millisecond: known from the next on"
    assert tones.mood(at + 1, day)[1].tolist() == [1.0]
    assert tones.mood(at + 1, 10 * day)[1].tolist() == [3.0]

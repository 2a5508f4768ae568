"""The anchor of a record only rises, and a record without the row it names is not written to."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from desk.domain.errors import JournalError
from memory.anchor import Anchor, anchor_of, read_anchor
from memory.audit import AuditLog

A, B = "a" * 64, "b" * 64


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "record.sqlite.head"


def test_an_anchor_rises_and_never_falls(file: Path) -> None:
    anchor, other = Anchor(file), Anchor(file)
    assert anchor.told() is None
    anchor.rise(7, A)
    other.rise(5, B)
    assert read_anchor(file) == anchor.told() == (7, A)
    other.rise(8, B)
    assert read_anchor(file) == (8, B)
    for one in (anchor, other):
        one.close()


@pytest.mark.parametrize("text", [b"7 " + A.encode(), f"{7:020d} {A}".encode(), f"{7:020d} {'g' * 64}\n".encode()])
def test_a_torn_anchor_is_told(file: Path, text: bytes) -> None:
    file.write_bytes(text)
    with pytest.raises(JournalError, match="torn"):
        read_anchor(file)


def test_where_nothing_was_written_there_is_no_anchor(file: Path) -> None:
    assert read_anchor(file) is None
    Anchor(file).close()
    assert read_anchor(file) is None


def test_the_anchor_names_the_newest_row_of_the_log(log: AuditLog, path: Path, record: Callable[..., str]) -> None:
    record("d1", "BTCUSDT")
    assert read_anchor(anchor_of(path)) == log.head()
    record("d2", "BTCUSDT")
    assert read_anchor(anchor_of(path)) == log.head()


def test_the_anchor_stands_before_the_first_row(log: AuditLog, path: Path) -> None:
    assert read_anchor(anchor_of(path)) == log.head()


def test_an_older_copy_of_the_log_is_not_written_to(
    log: AuditLog, path: Path, record: Callable[..., str], clock: Any, tmp_path: Path
) -> None:
    record("d1", "BTCUSDT")
    older = Path(shutil.copy(path, tmp_path / "older"))
    record("d2", "BTCUSDT")
    log.close()
    shutil.copy(older, path)
    with pytest.raises(JournalError, match="not the log that was written last"):
        AuditLog(path, clock)
    AuditLog(path, clock, create=False).close()


def test_a_log_that_vanished_is_not_begun_anew(
    log: AuditLog, path: Path, record: Callable[..., str], clock: Any
) -> None:
    record("d1", "BTCUSDT")
    log.close()
    path.unlink()
    with pytest.raises(JournalError, match="not the log that was written last"):
        AuditLog(path, clock)

"""A copy is whole, whoever holds the file: never half a commit, and never a wait without end."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from desk.domain.errors import JournalError
from desk.ledger import keeping
from desk.ledger.keeping import copy_file

# Holds the file for itself, as the paper exchange does, and writes two rows that belong together, again and again.
WRITER = """
import sqlite3, sys, time
db = sqlite3.connect(sys.argv[1], isolation_level=None)
db.execute("PRAGMA locking_mode=EXCLUSIVE")
db.execute("CREATE TABLE pair (name TEXT, number INTEGER, filling TEXT)")
for number in range(10_000):
    db.execute("BEGIN IMMEDIATE")
    for name in ("one", "other"):
        db.execute("INSERT INTO pair VALUES (?, ?, ?)", (name, number, "x" * 3000))
    if sys.argv[2] == "open" and number == 50:
        # More than its memory holds: half of the change stands in the file already.
        db.execute("PRAGMA cache_size=5")
        db.executemany("INSERT INTO pair VALUES ('half', 0, ?)", [("x" * 3000,)] * 200)
        print("ready", flush=True)
        sys.stdin.readline()
    db.execute("COMMIT")
    if number == 50:
        print("ready", flush=True)
    time.sleep(0.05 if number >= 50 else 0)
"""


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keeping, "_BUSY_SECONDS", 0.05)


def holder(path: Path, way: str) -> Iterator[Path]:
    with subprocess.Popen(
        [sys.executable, "-c", WRITER, str(path), way], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        yield path
        process.kill()


@pytest.fixture
def held(tmp_path: Path) -> Iterator[Path]:
    yield from holder(tmp_path / "state.sqlite", "writing")


@pytest.fixture
def in_a_transaction(tmp_path: Path) -> Iterator[Path]:
    yield from holder(tmp_path / "state.sqlite", "open")


def test_a_file_that_another_program_holds_and_writes_is_copied_between_two_of_its_commits(held: Path) -> None:
    target = held.with_name("copy.sqlite")
    copy_file(held, target)
    with closing(sqlite3.connect(target)) as copy:
        counts = dict(copy.execute("SELECT name, count(*) FROM pair GROUP BY name").fetchall())
    assert counts["one"] == counts["other"] >= 51


def test_a_file_whose_transaction_stays_open_is_not_copied(
    in_a_transaction: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeping, "_READINGS", 5)
    target = in_a_transaction.with_name("copy.sqlite")
    with pytest.raises(JournalError, match="without a pause"):
        copy_file(in_a_transaction, target)
    assert not target.exists()

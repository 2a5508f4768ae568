"""One flipped byte anywhere in the audit log or the guard's journal is found, and so is an older copy of either."""

from __future__ import annotations

import random
import shutil
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from config.loader import load_desk
from crews.audit.verified import Verified
from crews.audit.verify import verify
from crews.backup.making import make
from crews.backup.restoring import restore
from crews.record.bookkeeping import DATABASE_VARIABLE
from crews.running.services import Folder, folder_of
from memory.chunks import inflate
from tests.crew_command import Operator

POSITIONS = 60

pytestmark = [pytest.mark.timeout(300), pytest.mark.xdist_group("kickoff")]


@dataclass(frozen=True)
class Record:
    """What one kickoff left: as it was in between, and as it is at its end."""

    earlier: Folder
    now: Folder


@pytest.fixture(scope="module")
def record(tmp_path_factory: pytest.TempPathFactory) -> Record:
    operator = Operator(tmp_path_factory.mktemp("operator"))
    first = operator.crew("kickoff", "SOLUSDT", "--json", timeout=200)
    assert first.code == 0, first.err
    now = folder_of("demo", home=operator.home / "var")
    earlier = Folder(shutil.copytree(now.root, operator.home / "earlier"))
    second = operator.crew("kickoff", "BTCUSDT", "--cycles", "4", "--json", timeout=200)
    assert second.code == 0, second.err
    assert any(told["intent_id"] for told in second.lines), "the second kickoff must ask the guard"
    return Record(earlier, now)


@pytest.fixture
def copy(record: Record, tmp_path: Path) -> Folder:
    return Folder(shutil.copytree(record.now.root, tmp_path / "copy"))


def checked(folder: Folder) -> Verified:
    return verify(folder.audit, folder.journal)


def _blobs(connection: sqlite3.Connection, names: list[str]) -> list[tuple[str, int, bytes]]:
    return connection.execute("SELECT * FROM blobs ORDER BY rowid").fetchall() if "blobs" in names else []


def dump(path: Path) -> list[Any] | None:
    """All that can be read out of a database; None when reading fails."""
    try:
        connection = sqlite3.connect(path)
        try:
            names = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
            tables = [connection.execute(f"SELECT * FROM {name} ORDER BY rowid").fetchall() for name in sorted(names)]
            # A packed blob is read unpacked: the few bits that deflate leaves unused at its end mean nothing.
            unpacked = [(digest, inflate(body, size)) for digest, size, body in _blobs(connection, names)]
            return [
                names,
                [rows for name, rows in zip(sorted(names), tables, strict=True) if name != "blobs"],
                unpacked,
            ]
        finally:
            connection.close()
    except (sqlite3.Error, ValueError, OverflowError):
        return None


def test_what_a_kickoff_wrote_verifies_with_its_links(record: Record) -> None:
    told = checked(record.now)
    assert told.ok, told.findings
    assert told.links == 1
    assert told.audit.rows > 40
    assert told.journal.counts["replayed_alike"] == told.journal.counts["events"] > 0


@pytest.mark.parametrize("which", ["audit", "journal"])
def test_every_flipped_byte_is_found_or_changes_nothing_that_can_be_read(copy: Folder, which: str) -> None:
    path: Path = getattr(copy, which)
    whole, before = path.read_bytes(), dump(path)
    rng = random.Random(f"2026 {which}")
    positions = {*range(0, 100, 7), *rng.sample(range(100, len(whole)), POSITIONS)}
    found = 0
    for position in sorted(positions):
        changed = bytearray(whole)
        changed[position] ^= 1 << rng.randrange(8)
        path.write_bytes(changed)
        if checked(copy).ok:
            assert dump(path) == before, f"byte {position} changed what is read, and nobody said so"
        else:
            found += 1
    assert found > len(positions) // 3


@pytest.mark.parametrize("which", ["audit", "journal"])
def test_an_older_copy_put_back_is_found(record: Record, copy: Folder, which: str) -> None:
    shutil.copy(getattr(record.earlier, which), getattr(copy, which))
    told = checked(copy)
    assert not told.ok
    assert told.findings[0].file == getattr(copy, which).name
    assert "older copy" in told.findings[0].problem


@pytest.mark.parametrize(
    ("which", "names"), [("audit", "an older copy, or a stranger asked"), ("journal", "another or missing")]
)
def test_an_older_copy_with_its_anchor_is_found_by_the_other_file(
    record: Record, copy: Folder, which: str, names: str
) -> None:
    old, path = getattr(record.earlier, which), getattr(copy, which)
    shutil.copy(old, path)
    shutil.copy(f"{old}.head", f"{path}.head")
    [first, *_] = checked(copy).findings
    assert names in first.problem
    assert first.row


def _drop_last(table: str) -> Callable[[sqlite3.Connection], None]:
    def change(db: sqlite3.Connection) -> None:
        db.execute(f"DELETE FROM {table} WHERE seq = (SELECT max(seq) FROM {table})")

    return change


def _drop_last_and_mend_the_head(table: str) -> Callable[[sqlite3.Connection], None]:
    def change(db: sqlite3.Connection) -> None:
        _drop_last(table)(db)
        db.execute(f"UPDATE head SET (seq, hash) = (SELECT seq, hash FROM {table} ORDER BY seq DESC LIMIT 1)")

    return change


def _swap(table: str) -> Callable[[sqlite3.Connection], None]:
    def change(db: sqlite3.Connection) -> None:
        for old, new in ((4, -4), (5, 4), (-4, 5)):
            db.execute(f"UPDATE {table} SET seq = ? WHERE seq = ?", (new, old))

    return change


@pytest.mark.parametrize("change", [_drop_last, _drop_last_and_mend_the_head, _swap])
@pytest.mark.parametrize(("which", "table"), [("audit", "rows"), ("journal", "row")])
def test_a_row_dropped_or_two_swapped_are_found(copy: Folder, which: str, table: str, change: Any) -> None:
    path: Path = getattr(copy, which)
    db = sqlite3.connect(path)
    with db:
        change(table)(db)
    db.close()
    told = checked(copy)
    assert not told.ok
    assert told.findings[0].file == path.name
    assert told.findings[0].row


@pytest.mark.parametrize("which", ["audit", "journal"])
def test_a_file_that_vanished_is_found(copy: Folder, which: str) -> None:
    getattr(copy, which).unlink()
    assert "missing" in checked(copy).findings[0].problem


@pytest.mark.parametrize("which", ["audit", "journal"])
def test_an_anchor_taken_away_is_found(copy: Folder, which: str) -> None:
    path: Path = getattr(copy, which)
    path.with_name(f"{path.name}.head").unlink()
    assert "is missing" in checked(copy).findings[0].problem


def test_a_record_verifies_at_any_moment_of_a_kickoff(tmp_path: Path) -> None:
    operator = Operator(tmp_path)
    folder = folder_of("demo", home=operator.home / "var")
    running = operator.start("kickoff", "BTCUSDT", "ETHUSDT", "--cycles", "3", "--json")
    seen: set[tuple[int, int]] = set()
    try:
        while running.poll() is None:
            told = checked(folder)
            assert told.ok, told.findings
            seen.add((told.audit.rows, told.journal.rows))
    finally:
        _, err = running.communicate(timeout=120)
    assert running.returncode == 0, err
    assert len(seen) > 5


def test_checking_writes_nothing(copy: Folder) -> None:
    before = {path: path.read_bytes() for path in sorted(copy.root.rglob("*")) if path.is_file()}
    assert checked(copy).ok
    assert {path: path.read_bytes() for path in sorted(copy.root.rglob("*")) if path.is_file()} == before


def test_a_backup_of_a_desk_that_decided_comes_back_with_its_whole_record(
    record: Record, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(DATABASE_VARIABLE, raising=False)
    config = load_desk("demo", environ={})
    path, manifest = make(config, record.now, tmp_path / "backups", root=None, now=datetime(2026, 3, 1, tzinfo=UTC))
    names = {one.name for one in manifest.files}
    assert {"desk/ledger.sqlite", "desk/venue/state.sqlite", "desk/spending.sqlite"} <= names
    back = Folder(tmp_path / "elsewhere" / "demo")
    restore(path, back)
    assert checked(back).ok
    assert checked(back).to_json() == checked(record.now).to_json()
    for secret in ("guard/crew.token", "guard/operator.token", "venue/keys.json"):
        assert not (back.root / secret).exists()

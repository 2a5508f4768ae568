"""The journal: durable before it is acted on, chained, and never believed when a byte of what it says has changed."""

from __future__ import annotations

import json
import os
import random
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from desk.domain.errors import JournalError, PrerequisiteError
from desk.domain.intents import Action
from desk.guard.record.journal import GENESIS, MemoryJournal, SqliteJournal, open_journal, read_rows, verify
from desk.guard.record.replay import CHECKPOINT, checkpoint_body, replay, restore
from desk.guard.vocabulary.state import state_hash
from tests.unit.desk.guard.bench import Bench

FLIPS = int(os.environ.get("GUARD_JOURNAL_FLIPS", "250"))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "guard" / "journal.sqlite"


@pytest.fixture
def journal(path: Path) -> Iterator[SqliteJournal]:
    opened = open_journal(path)
    yield opened
    opened.close()


def filled(path: Path, rows: int = 40) -> Path:
    journal = open_journal(path)
    for number in range(rows):
        journal.append("event", json.dumps({"number": number, "text": "x" * (number * 7 % 200)}))
    journal.close()
    return path


def rewrite(path: Path, *statements: str) -> None:
    db = sqlite3.connect(path)
    for statement in statements:
        db.execute(statement)
    db.commit()
    db.close()


def test_rows_come_back_in_order_and_verify(journal: SqliteJournal, path: Path) -> None:
    rows = [journal.append("event", f'{{"n":{number}}}') for number in range(5)]
    assert list(journal.rows()) == rows
    assert list(journal.rows(after=2, limit=2)) == rows[2:4]
    assert verify(path) == {row.seq: row.hash for row in rows}


def test_every_row_is_on_disk_when_append_returns(journal: SqliteJournal, path: Path) -> None:
    assert journal._db.execute("PRAGMA synchronous").fetchone() == (2,)
    assert journal._db.execute("PRAGMA journal_mode").fetchone() == ("delete",)
    row = journal.append("event", "{}")
    assert list(read_rows(path)) == [row]


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE row SET body = replace(body, '3', '4') WHERE seq = 4",
        "UPDATE row SET kind = 'rules' WHERE seq = 9",
        "UPDATE row SET hash = replace(hash, 'a', 'b') WHERE seq = 40",
        "DELETE FROM row WHERE seq = 17",
        "DELETE FROM row WHERE seq = 40",
        "DELETE FROM row WHERE seq = 1",
        "DELETE FROM row",
        "DELETE FROM head",
        "UPDATE head SET seq = 39",
        "INSERT INTO row SELECT 41, kind, body, hash, hash FROM row WHERE seq = 40",
        "UPDATE row SET seq = seq + 100 WHERE seq > 20",
    ],
)
def test_an_altered_missing_added_or_moved_row_is_found(path: Path, change: str) -> None:
    rewrite(filled(path), change)
    with pytest.raises(JournalError):
        verify(path)
    with pytest.raises(JournalError):
        open_journal(path)


def test_two_rows_that_change_places_are_found(path: Path) -> None:
    rewrite(
        filled(path),
        "UPDATE row SET seq = 1000 WHERE seq = 5",
        "UPDATE row SET seq = 5 WHERE seq = 6",
        "UPDATE row SET seq = 6 WHERE seq = 1000",
    )
    with pytest.raises(JournalError) as caught:
        verify(path)
    assert caught.value.position == 5


def test_a_flipped_byte_is_found_or_changes_nothing_that_can_be_read(path: Path, tmp_path: Path) -> None:
    original = filled(path, 300).read_bytes()
    rows = list(read_rows(path))
    chance, found, silent = random.Random(7), 0, 0
    copy = tmp_path / "flipped.sqlite"
    for at in sorted(chance.sample(range(len(original)), FLIPS)):
        damaged = bytearray(original)
        damaged[at] ^= 1 << chance.randrange(8)
        copy.write_bytes(damaged)
        try:
            verify(copy)
        except JournalError:
            found += 1
            continue
        silent += 1
        assert list(read_rows(copy)) == rows, f"byte {at} changed what is read and was not found"
    assert found > silent


@pytest.mark.parametrize("share", [0.0, 0.1, 0.5, 0.9, 0.999])
def test_a_torn_journal_is_refused(path: Path, share: float) -> None:
    original = filled(path).read_bytes()
    path.write_bytes(original[: int(len(original) * share)])
    with pytest.raises(JournalError):
        open_journal(path)


def test_a_journal_that_vanished_is_not_begun_anew(path: Path) -> None:
    filled(path).unlink()
    with pytest.raises(JournalError, match="missing"):
        open_journal(path)


def test_an_older_copy_put_back_is_refused(path: Path, tmp_path: Path) -> None:
    shutil.copy(filled(path, 10), tmp_path / "old")
    journal = open_journal(path)
    journal.append("event", '{"latch":true}')
    journal.close()
    shutil.copy(tmp_path / "old", path)
    with pytest.raises(JournalError, match="not the journal"):
        open_journal(path)


def test_a_head_file_that_lags_by_a_killed_write_is_believed(path: Path) -> None:
    head = filled(path).with_name("journal.sqlite.head")
    before = head.read_bytes()
    journal = open_journal(path)
    journal.append("event", "{}")
    journal.close()
    head.write_bytes(before)
    open_journal(path).close()


def test_two_guards_never_share_a_journal(journal: SqliteJournal, path: Path) -> None:
    with pytest.raises(PrerequisiteError, match="another guard"):
        open_journal(path)


def test_a_disk_that_refuses_is_an_error_and_nothing_is_added(journal: SqliteJournal, path: Path) -> None:
    journal.append("event", "{}")
    head = journal.head()
    journal._db.execute("PRAGMA query_only=ON")
    with pytest.raises(JournalError):
        journal.append("event", "{}")
    assert journal.head() == head
    journal._db.execute("PRAGMA query_only=OFF")
    journal.append("event", "{}")
    assert len(verify(path)) == 2


def test_a_kill_at_any_moment_leaves_a_journal_that_verifies_and_lost_nothing_acknowledged(path: Path) -> None:
    script = (
        "import sys; from pathlib import Path; from desk.guard.record.journal import open_journal\n"
        "journal = open_journal(Path(sys.argv[1]))\n"
        "while True:\n    print(journal.append('event', '{}').seq, flush=True)\n"
    )
    for delay in (0.05, 0.07, 0.09, 0.12, 0.15, 0.21):
        process = subprocess.Popen([sys.executable, "-c", script, str(path)], stdout=subprocess.PIPE, text=True)
        assert process.stdout is not None
        first = process.stdout.readline()
        assert first
        time.sleep(delay)
        process.kill()
        acknowledged = [int(line) for line in (first + process.stdout.read()).split("\n")[:-1] if line.isdigit()]
        process.wait()
        process.stdout.close()
        assert len(verify(path)) >= max(acknowledged)
    journal = open_journal(path)
    assert journal.head()[1] != GENESIS
    journal.close()


def test_the_journal_alone_rebuilds_the_state(path: Path) -> None:
    journal = open_journal(path)
    bench = Bench(journal=journal)
    bench.open()
    bench.venue.move("BTCUSDT", "50400")
    bench.look(70)
    bench.guard.halt("test")
    live = state_hash(bench.guard.state)
    assert state_hash(replay(journal.rows()).state) == live
    assert state_hash(replay(journal.rows(), from_start=True).state) == live
    journal.close()
    assert state_hash(replay(read_rows(path)).state) == live


def test_a_checkpoint_spares_the_replay_and_is_compared_when_asked(bench: Bench) -> None:
    bench.open()
    bench.journal.append(CHECKPOINT, checkpoint_body(bench.guard.state))
    bench.look(70)
    short, whole = replay(bench.journal.rows()), replay(bench.journal.rows(), from_start=True)
    assert short.state == whole.state == bench.guard.state == restore(bench.journal).state
    assert short.events < whole.events


def test_checkpoints_are_written_by_themselves_and_a_start_needs_only_what_followed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("desk.guard.core.CHECKPOINT_EVERY", 10)
    bench = Bench()
    for _ in range(12):
        bench.open()
        bench.propose(Action.CLOSE)
        bench.look(61)
    assert sum(row.kind == CHECKPOINT for row in bench.journal.rows()) >= 5
    again = restore(bench.journal)
    assert again.events < 20
    assert again.state == bench.guard.state == replay(bench.journal.rows(), from_start=True).state


def test_a_checkpoint_that_forgives_is_found() -> None:
    bench = Bench()
    forgiving = checkpoint_body(bench.guard.state)
    bench.guard.halt("test")
    bench.journal.append(CHECKPOINT, forgiving)
    with pytest.raises(JournalError, match="checkpoint"):
        replay(bench.journal.rows(), from_start=True)


def test_a_row_that_replays_to_another_answer_is_found(bench: Bench) -> None:
    bench.propose(symbol="DOGEUSDT")
    rows = list(bench.journal.rows())
    forged = MemoryJournal()
    for row in rows:
        forged.append(row.kind, row.body.replace("symbol.not_allowed", "symbol.is_allowed"))
    with pytest.raises(JournalError, match="another answer"):
        replay(forged.rows())


def test_an_upgrade_keeps_the_latch_though_its_answers_may_differ(monkeypatch: pytest.MonkeyPatch) -> None:
    bench = Bench()
    bench.propose(symbol="DOGEUSDT")
    bench.guard.halt("test")
    forged = MemoryJournal()
    for row in bench.journal.rows():
        forged.append(row.kind, row.body.replace("symbol.not_allowed", "the words of an older build"))
    monkeypatch.setattr("desk.guard.record.replay.build_hash", lambda: "another build")
    again = replay(forged.rows(), from_start=True)
    assert (again.state.mode, again.compared) == ("LOCKED", 0)


def test_looks_that_change_nothing_are_not_journalled(bench: Bench) -> None:
    bench.open()
    before = bench.journal.head()
    bench.look(1, times=20)
    assert bench.journal.head() == before


def test_without_a_journal_nothing_opens_and_what_closes_still_goes_out(bench: Bench) -> None:
    bench.open()

    def full(kind: str, body: str) -> None:
        raise JournalError("disk full")

    bench.journal.append = full
    assert bench.propose(symbol="ETHUSDT").verdict.rule == "journal.broken"
    assert bench.entries() == 1
    bench.guard.halt("still works")
    bench.look(1, times=3)
    assert (bench.flat, bench.mode) == (True, "LOCKED")
    assert ("CRITICAL" in {level for level, _ in bench.told}) is True

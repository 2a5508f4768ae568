"""One changed byte anywhere in the audit log is found, or sits where nothing is read from."""

from __future__ import annotations

import random
import sqlite3
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from desk.domain.errors import DeskError
from memory.audit import AuditLog
from memory.payload import digest_of
from memory.rows import GENESIS, chain

POSITIONS = 1500


def readable(log: AuditLog) -> Any:
    """Everything a reader can get out of the log."""
    listed = log.decisions(1000)
    rows = tuple(log.rows(decision.decision_id) for decision in listed)
    digests = [row.payload["digest"] for of_one in rows for row in of_one if row.kind == "snapshot"]
    intents = [log.decision_of(f"{decision.decision_id}-intent") for decision in listed]
    return listed, rows, [log.snapshot(digest) for digest in digests], intents, log.since(0, 10_000), log.head()


def found_or_harmless(file: Path, clock: Any, before: Any) -> bool:
    try:
        log = AuditLog(file, clock, create=False)
    except DeskError:
        return True
    try:
        return not log.verify().ok or readable(log) == before
    finally:
        log.close()


@pytest.fixture
def written(log: AuditLog, record: Callable[..., str], path: Path) -> tuple[bytes, Any]:
    for number, symbol in enumerate(("BTCUSDT", "ETHUSDT", "SOLUSDT", "BTCUSDT")):
        record(f"d{number}", symbol)
    record("large", size=60_000)
    log.put_snapshot(b"".join(b"[%d,%d]," % (n, n * n) for n in range(3000)))
    return path.read_bytes(), readable(log)


def test_every_flipped_byte_is_found_or_changes_nothing_that_can_be_read(
    written: tuple[bytes, Any], tmp_path: Path, clock: Any
) -> None:
    whole, before = written
    rng = random.Random(20260301)
    head = set(range(100))
    positions = sorted(head | set(rng.sample(range(100, len(whole)), min(POSITIONS, len(whole) - 100))))
    file = tmp_path / "flipped.sqlite"
    missed: list[int] = []
    for position in positions:
        flipped = bytearray(whole)
        flipped[position] ^= rng.randrange(1, 256)
        file.write_bytes(flipped)
        if not found_or_harmless(file, clock, before):
            missed.append(position)
    assert missed == []


def test_most_flips_are_found_and_not_merely_harmless(written: tuple[bytes, Any], tmp_path: Path, clock: Any) -> None:
    """Guards the test above: where text of a row stands, a flip must be *found*."""
    whole, _ = written
    file = tmp_path / "flipped.sqlite"
    for text in (b"get_limits", b"OPEN_LONG", b"approved", b"BTCUSDT ok", b"d1-intent", b"offline rules"):
        position = whole.index(text)
        flipped = bytearray(whole)
        flipped[position + 1] ^= 0x01
        file.write_bytes(flipped)
        log = AuditLog(file, clock, create=False)
        assert not log.verify().ok, text
        log.close()


CHANGES = [
    ("seq", "UPDATE rows SET seq = 1000 WHERE seq = 5"),
    ("at", "UPDATE rows SET at = at + 1 WHERE seq = 5"),
    ("decision_id", "UPDATE rows SET decision_id = 'd9' WHERE seq = 5"),
    ("kind", "UPDATE rows SET kind = 'error' WHERE seq = 5"),
    ("agent", "UPDATE rows SET agent = 'chart' WHERE seq = 5"),
    ("body", "UPDATE rows SET body = replace(body, 'NORMAL', 'LOCKED') WHERE seq = 5"),
    ("hash", f"UPDATE rows SET hash = '{'0' * 64}' WHERE seq = 5"),
    ("a row taken out", "DELETE FROM rows WHERE seq = 5"),
    ("the last row taken out", "DELETE FROM rows WHERE seq = (SELECT max(seq) FROM rows)"),
    ("the first row taken out", "DELETE FROM rows WHERE seq = 1"),
    ("a row put in", f"INSERT INTO rows SELECT 1 + max(seq), 1, 'd0', 'error', '', '{{}}', '{'0' * 64}' FROM rows"),
    ("head.seq", "UPDATE head SET seq = seq - 1"),
    ("head.hash", f"UPDATE head SET hash = '{'f' * 64}'"),
    ("head taken out", "DELETE FROM head"),
    ("blob digest", f"UPDATE blobs SET digest = '{'a' * 64}' WHERE rowid = 1"),
    ("blob size", "UPDATE blobs SET size = size + 1 WHERE rowid = 1"),
    ("blob body", "UPDATE blobs SET body = x'789c4b4c04000126a1ed' WHERE rowid = 1"),
    ("a blob taken out", "DELETE FROM blobs WHERE rowid = 1"),
    ("snapshot digest", f"UPDATE snapshots SET digest = '{'a' * 64}' WHERE rowid = 1"),
    ("snapshot parts", "UPDATE snapshots SET parts = zeroblob(64) WHERE rowid = 1"),
    (
        "a snapshot's parts in another order",
        "UPDATE snapshots SET parts = CAST(substr(parts, 33) || substr(parts, 1, 32) AS BLOB)",
    ),
    ("a snapshot cut short", "UPDATE snapshots SET parts = substr(parts, 1, 7)"),
    ("a snapshot taken out", "DELETE FROM snapshots WHERE rowid = 1"),
    ("an index dropped", "DROP INDEX intents"),
    ("a trigger planted", "CREATE TRIGGER t AFTER INSERT ON rows BEGIN DELETE FROM rows WHERE seq = 1; END"),
]


@pytest.mark.parametrize("change", [sql for _, sql in CHANGES], ids=[name for name, _ in CHANGES])
def test_every_stored_field_is_covered(written: tuple[bytes, Any], log: AuditLog, path: Path, change: str) -> None:
    connection = sqlite3.connect(path)
    with connection:
        connection.execute(change)
    connection.close()
    found = log.verify()
    assert not found.ok
    assert found.problem


def test_the_first_bad_row_is_named(written: tuple[bytes, Any], log: AuditLog) -> None:
    log._connection.execute("UPDATE rows SET agent = 'chart' WHERE seq IN (7, 20)")
    found = log.verify()
    assert (found.bad, found.problem, found.rows) == (7, "the row does not match its hash", 6)


def test_two_rows_that_change_places_are_found(written: tuple[bytes, Any], log: AuditLog) -> None:
    log._connection.execute("UPDATE rows SET seq = 100000 WHERE seq = 3")
    log._connection.execute("UPDATE rows SET seq = 3 WHERE seq = 4")
    log._connection.execute("UPDATE rows SET seq = 4 WHERE seq = 100000")
    assert log.verify().bad == 3


def test_a_rewritten_blob_under_an_honest_size_is_found(written: tuple[bytes, Any], log: AuditLog) -> None:
    size = log._connection.execute("SELECT size FROM blobs WHERE rowid = 1").fetchone()[0]
    log._connection.execute("UPDATE blobs SET body = ? WHERE rowid = 1", (zlib.compress(b"z" * size),))
    assert "was altered" in log.verify().problem


def test_a_blob_that_unpacks_without_end_is_found_before_it_fills_memory(log: AuditLog) -> None:
    digest = log.put_snapshot(b"small" * 10)
    bomb = zlib.compress(b"\0" * 50_000_000)
    log._connection.execute("UPDATE blobs SET body = ? WHERE digest = ?", (bomb, digest))
    assert "was altered" in log.verify().problem


def test_a_well_hashed_row_that_refers_to_nothing_is_found(log: AuditLog) -> None:
    body = '{"intent_id":"ghost"}'
    digest = chain(GENESIS, 1, 5, "d1", "fill", "", body)
    log._connection.execute("INSERT INTO rows VALUES (1, 5, 'd1', 'fill', '', ?, ?)", (body, digest))
    log._connection.execute("UPDATE head SET seq = 1, hash = ?", (digest,))
    found = log.verify()
    assert found.bad == 1
    assert "an intent this decision never made" in found.problem


def test_an_altered_snapshot_is_not_handed_out(log: AuditLog) -> None:
    digest = log.put_snapshot(b"true" * 100)
    log._connection.execute("UPDATE blobs SET body = ?", (zlib.compress(b"false" * 80),))
    with pytest.raises(DeskError, match="was altered"):
        log.snapshot(digest)
    assert digest_of(b"true" * 100) == digest

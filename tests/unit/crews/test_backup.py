"""A backup is whole, verified and without secrets; what comes back starts where the desk was, latch and loss too."""

from __future__ import annotations

import os
import sqlite3
import tarfile
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from config.loader import DeskConfig, load_desk
from crews.audit.verify import verify
from crews.backup.archive import check
from crews.backup.contents import parts_of
from crews.backup.making import kept, make, thin
from crews.backup.restoring import restore
from crews.record.bookkeeping import DATABASE_VARIABLE
from crews.running.services import Folder
from desk.domain.errors import DeskError, JournalError, PrerequisiteError
from desk.guard.record.journal import open_journal
from desk.guard.vocabulary.state import state_hash
from desk.ledger import EquityRow, Ledger, sqlite_url
from memory.audit import AuditLog, Entry
from tests.postgres_server import PostgresServer
from tests.unit.desk.guard.bench import WHOLE, Bench
from tests.unit.memory.conftest import TestClock

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
POINT = EquityRow(at=NOW, equity=Decimal("9700.5"), wallet=Decimal(9800), unrealized=Decimal("-99.5"))
SECRETS = ("guard/crew.token", "guard/operator.token", "venue/admin.token", "venue/keys.json")


@dataclass
class Desk:
    """A desk that has lost three per cent of the day on one trade."""

    folder: Folder
    config: DeskConfig
    bench: Bench

    def backup(self, minutes: int = 0) -> Path:
        at = NOW + timedelta(minutes=minutes)
        return make(self.config, self.folder, self.folder.root.parent / "backups", root=None, now=at)[0]


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    monkeypatch.delenv(DATABASE_VARIABLE, raising=False)
    folder = Folder(tmp_path / "demo")
    journal = open_journal(folder.journal)
    bench = Bench(WHOLE, journal=journal, boot=False)
    bench.venue.fee = Decimal(0)
    bench.start()
    with closing(AuditLog(folder.audit, TestClock())) as audit:
        # Asked of the audit log first, as the desk does.
        audit.append_all("d1", [Entry(kind="intent", payload={"intent_id": "intent-1", "body": "{}"})])
    bench.open(stop_pct=Decimal("0.05"), target_pct=Decimal("0.3"))
    bench.venue.move("BTCUSDT", "48500")
    bench.look()
    with closing(Ledger(sqlite_url(folder.ledger))) as ledger:
        ledger.record(POINT)
    for name in SECRETS:
        (folder.root / name).parent.mkdir(parents=True, exist_ok=True)
        (folder.root / name).write_text(f"s3cret {name}")
    yield Desk(folder, load_desk("demo", environ={}), bench)
    journal.close()


def elsewhere(desk: Desk) -> Folder:
    return Folder(desk.folder.root.parent / "elsewhere" / "demo")


def guard_of(folder: Folder, desk: Desk) -> Bench:
    """The guard that starts on what was restored, before the same venue."""
    journal = open_journal(folder.journal)
    again = Bench(WHOLE, journal=journal, boot=False)
    again.venue, again.clock, again.count = desk.bench.venue, desk.bench.clock, desk.bench.count
    again.start()
    journal.close()
    return again


def test_a_restored_guard_starts_with_the_latch_and_the_days_loss_it_had(desk: Desk) -> None:
    desk.bench.guard.halt("something is odd")
    before = desk.bench.guard.status()
    assert before.equity < before.day.baseline
    restored = restore(desk.backup(), elsewhere(desk))
    assert restored.manifest.latched == "manual"
    again = guard_of(elsewhere(desk), desk)
    after = again.guard.status()
    assert again.mode == "LOCKED"
    assert (after.latch, after.day.baseline, after.day.limit) == (before.latch, before.day.baseline, before.day.limit)
    assert again.propose().verdict.rule.startswith("mode.")


def test_what_comes_back_is_what_was_kept(desk: Desk) -> None:
    (desk.folder.root / "certificates").mkdir()
    (desk.folder.root / "certificates" / "trend.json").write_text("{}")
    restore(desk.backup(), elsewhere(desk))
    back = elsewhere(desk)
    assert verify(back.audit, back.journal).ok
    with closing(Ledger(sqlite_url(back.ledger))) as ledger:
        assert ledger.equity() == (POINT,)
    assert (back.certificates / "trend.json").read_text() == "{}"
    assert state_hash(guard_of(back, desk).guard.state) == state_hash(desk.bench.start().state)


def test_no_secret_is_in_a_backup(desk: Desk) -> None:
    path = desk.backup()
    with tarfile.open(path) as tar:
        inside = [(member.name, tar.extractfile(member)) for member in tar.getmembers()]
        assert not any(b"s3cret" in (file.read() if file else b"") for _, file in inside)
        assert not any(name.endswith((".token", "keys.json")) for name, _ in inside)
    assert path.stat().st_mode & 0o077 == 0


def test_one_flipped_byte_anywhere_in_an_archive_restores_nothing(desk: Desk, tmp_path: Path) -> None:
    path = desk.backup()
    whole = path.read_bytes()
    for at in range(0, len(whole), max(1, len(whole) // 40)):
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
        try:
            same = check(path)
        except DeskError:
            with pytest.raises(DeskError):
                restore(path, elsewhere(desk))
            assert not elsewhere(desk).root.exists()
        else:
            # The byte sits where nothing is read from, such as the time in gzip's own header.
            path.write_bytes(whole)
            assert same == check(path)


def test_a_record_that_does_not_verify_is_not_kept_as_if_it_did(desk: Desk) -> None:
    with closing(sqlite3.connect(desk.folder.audit)) as rows:
        rows.execute("UPDATE rows SET body = '{}'")
        rows.commit()
    with pytest.raises(JournalError, match="does not verify, so it is not kept"):
        desk.backup()


def test_data_that_are_there_are_set_aside_only_when_somebody_says_so(desk: Desk) -> None:
    path = desk.backup()
    with pytest.raises(PrerequisiteError, match="has data already"):
        restore(path, desk.folder)
    restored = restore(path, desk.folder, replace=True)
    assert restored.aside is not None
    assert (restored.aside / "guard" / "journal.sqlite").exists()
    assert not restored.halted


def test_nothing_is_restored_over_a_desk_that_runs(desk: Desk) -> None:
    path = desk.backup()
    run = desk.folder.root / "run" / "console.json"
    run.parent.mkdir()
    run.write_text(f'{{"pid": {os.getpid()}, "url": "http://127.0.0.1:1"}}')
    with pytest.raises(PrerequisiteError, match="the console of this profile runs"):
        restore(path, desk.folder, replace=True)
    assert desk.folder.audit.exists()


def test_a_latch_is_not_lifted_by_an_older_backup(desk: Desk) -> None:
    path = desk.backup()
    desk.bench.guard.halt("since then")
    with pytest.raises(PrerequisiteError, match=r"latched \(manual\), and the backup is not"):
        restore(path, desk.folder, replace=True)


def test_over_a_journal_that_does_not_read_the_desk_comes_back_halted(desk: Desk) -> None:
    path = desk.backup()
    desk.folder.journal.write_bytes(b"no journal" * 500)
    assert restore(path, desk.folder, replace=True).halted
    assert desk.folder.halt_file.exists()


def test_a_backup_of_another_profile_is_refused(desk: Desk) -> None:
    with pytest.raises(PrerequisiteError, match="of profile demo, not of paper"):
        restore(desk.backup(), Folder(desk.folder.root.parent / "paper"))


def test_only_the_newest_backups_of_a_profile_stay(desk: Desk) -> None:
    made = [desk.backup(minutes) for minutes in range(4)]
    other = made[0].with_name("demo-notes.crew.tar.gz")
    other.write_text("somebody's own file")
    assert thin(made[0].parent, "demo", 2) == made[:2]
    assert kept(made[0].parent, "demo") == made[2:]
    assert other.exists()


def test_a_servers_ledger_is_in_the_archive_as_a_file(
    desk: Desk, postgres: PostgresServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(DATABASE_VARIABLE, postgres.database())
    with closing(Ledger(os.environ[DATABASE_VARIABLE])) as ledger:
        ledger.record(POINT)
    restored = restore(desk.backup(), elsewhere(desk))
    assert restored.manifest.ledger == "postgresql"
    with closing(Ledger(sqlite_url(elsewhere(desk).ledger))) as ledger:
        assert ledger.equity() == (POINT,)


LEFT_OUT = {
    "replies": "a cache", "memory": "made from the audit log", "crew_token": "a secret", "operator_token": "a secret",
    "admin_token": "a secret", "market_report": "of a run", "sources_report": "of a run", "alerts": "told once",
}  # fmt: skip


def test_whatever_a_profile_keeps_is_in_a_backup_or_left_out_for_a_reason(tmp_path: Path) -> None:
    folder = Folder(tmp_path / "demo")
    told = {part.path for part in parts_of(folder)} | {folder.audit, folder.journal, folder.ledger}
    paths = {name for name, kind in vars(Folder).items() if isinstance(kind, property)}
    forgotten = {name for name in paths if getattr(folder, name) not in told} - set(LEFT_OUT)
    assert forgotten == set()

"""Nobody touched the record: the audit log, the guard's journal, and that each says what the other says.

Each file's hashes find what was changed in it, and the anchor beside it an older copy of it put back. What the two
know of each other finds the rest: a verdict in the audit log names a row of the guard's journal, and an intent that the
journal answers stands in the audit log. So whoever rewrites one whole file, chain and all, is found by the other.

Nothing is locked for long: the journal is copied in one reading, then checked in the copy, so that neither a kickoff
nor the guard waits. What either writes meanwhile is left for the next time.
"""

from __future__ import annotations

import json
import sqlite3
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

from crews.audit.verified import Checked, Finding, Verified
from desk.domain.errors import JournalError
from desk.guard.process.clock import SystemClock
from desk.guard.record import journal
from desk.guard.record.replay import EVENT, replay
from memory.anchor import anchor_of, read_anchor
from memory.audit import AuditLog, AuditRow
from memory.rows import Kind

# What SQLite and its driver raise on a damaged file; a text that is no longer text is a ValueError.
_DAMAGE = (sqlite3.Error, ValueError, OverflowError)
_CHUNK = 500
_BUSY_SECONDS = 10.0


@dataclass(slots=True)
class _Told:
    """What the audit log tells of the guard."""

    intents: set[str] = field(default_factory=set[str])
    verdicts: list[tuple[int, Mapping[str, Any]]] = field(default_factory=list[tuple[int, Mapping[str, Any]]])


@dataclass(slots=True)
class _Answered:
    """What the guard's journal tells of the crew: the hash of each row, and every verdict given, by intent."""

    hashes: dict[int, str] = field(default_factory=dict[int, str])
    verdicts: dict[str, list[tuple[int, Mapping[str, Any]]]] = field(
        default_factory=dict[str, list[tuple[int, Mapping[str, Any]]]]
    )


def verify(audit: Path, guard_journal: Path) -> Verified:
    """Check both files and the links between them. Writes nothing; damage is a finding, never an exception."""
    answered_before = _head_of(guard_journal)
    told, checked_audit, found = _audit(audit)
    answered, checked_journal, more = _journal(guard_journal)
    links = 0
    if not found and not more:
        links, between = _links(audit, told, guard_journal, answered)
        more = [*between, *_unasked(guard_journal, answered, told, answered_before)]
    return Verified(audit=checked_audit, journal=checked_journal, links=links, findings=(*found, *more))


def _audit(path: Path) -> tuple[_Told, Checked, list[Finding]]:
    """The audit log by itself: its own check, its anchor, and what it tells of the guard."""
    told, name = _Told(), path.name
    try:
        anchor = read_anchor(anchor_of(path))
        if not path.exists():
            lost = [Finding(file=name, row=None, problem="the file is missing, and one was here")] if anchor else []
            return told, Checked(file=name), lost
        log = AuditLog(path, SystemClock(), create=False)
    except JournalError as error:
        return told, Checked(file=name), [_finding(name, error)]
    try:
        report = log.verify()
        checked = Checked(file=name, rows=report.rows, head=report.head, counts={"parts": report.blobs})
        if not report.ok:
            return told, checked, [Finding(file=name, row=report.bad, problem=report.problem)]
        for row in _rows(log, report.rows):
            _take(row, told)
        return told, checked, _anchored(path, anchor, report.rows, log.hash_of)
    except JournalError as error:
        return told, Checked(file=name), [_finding(name, error)]
    finally:
        log.close()


def _journal(path: Path) -> tuple[_Answered, Checked, list[Finding]]:
    """The guard's journal by itself: its chain, its anchor, and that every answer in it follows from its events."""
    answered, name = _Answered(), path.name
    try:
        anchor = read_anchor(anchor_of(path))
        if not path.exists():
            lost = [Finding(file=name, row=None, problem="the file is missing, and one was here")] if anchor else []
            return answered, Checked(file=name), lost
        whole = _read_whole(path)
        if not whole:
            return answered, Checked(file=name), _anchored(path, anchor, 0, answered.hashes.get)
        with tempfile.TemporaryDirectory(prefix="crew-verify-") as folder:
            copy = Path(folder) / name
            copy.write_bytes(whole)
            answered.hashes = journal.verify(copy)
            rows = list(journal.read_rows(copy))
        replayed = replay(rows, from_start=True)
    except JournalError as error:
        return answered, Checked(file=name), [_finding(name, error)]
    for row in rows:
        verdict = json.loads(row.body).get("verdict") if row.kind == EVENT else None
        if verdict is not None:
            answered.verdicts.setdefault(str(verdict["intent_id"]), []).append((row.seq, verdict))
    counts = {"events": replayed.events, "replayed_alike": replayed.compared}
    head = rows[-1].hash if rows else journal.GENESIS
    checked = Checked(file=name, rows=len(rows), head=head, counts=counts)
    return answered, checked, _anchored(path, anchor, len(rows), answered.hashes.get)


def _links(audit: Path, told: _Told, guard_journal: Path, answered: _Answered) -> tuple[int, list[Finding]]:
    """Every verdict of the audit log against the journal: the row it names, and what the guard said."""
    found: list[Finding] = []
    for seq, payload in told.verdicts:
        named, digest = payload.get("journal_seq"), payload.get("journal_hash")
        if answered.hashes.get(cast(int, named)) != digest or digest is None:
            problem = f"the verdict names row {named} of {guard_journal.name}, which is another or missing there"
            found.append(Finding(file=audit.name, row=seq, problem=problem))
        elif not any(_alike(payload, verdict) for _, verdict in answered.verdicts.get(payload["intent_id"], ())):
            problem = f"the verdict is not what {guard_journal.name} says of intent {payload['intent_id']}"
            found.append(Finding(file=audit.name, row=seq, problem=problem))
    return len(told.verdicts) - len(found), found


def _unasked(path: Path, answered: _Answered, told: _Told, until: int) -> Iterator[Finding]:
    """Intents that the guard answered before the audit log was read, and that the log does not know."""
    for intent_id, verdicts in answered.verdicts.items():
        seq = verdicts[0][0]
        if intent_id and intent_id not in told.intents and seq <= until:
            problem = (
                f"answers intent {intent_id}, which the audit log does not have: an older copy, or a stranger asked"
            )
            yield Finding(file=path.name, row=seq, problem=problem)


def _anchored(
    path: Path, anchor: tuple[int, str] | None, rows: int, hash_of: Callable[[int], str | None]
) -> list[Finding]:
    """Whether the record still ends where its anchor, read before it, said, or further."""
    name = path.name
    if anchor is None:
        # It may have been begun since: whoever writes makes the anchor before the first row.
        lost = rows > 0 and read_anchor(anchor_of(path)) is None
        missing = f"{name}.head, which names the newest row, is missing"
        return [Finding(file=name, row=None, problem=missing)] if lost else []
    seq, digest = anchor
    if seq == 0 or hash_of(seq) == digest:
        return []
    problem = f"an older copy: {name}.head names row {seq}" if seq > rows else f"{name}.head names another row {seq}"
    return [Finding(file=name, row=min(seq, rows + 1), problem=problem)]


def _head_of(path: Path) -> int:
    """How far the guard's journal reached before anything else was read; 0 when it does not say."""
    try:
        connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=_BUSY_SECONDS)
        try:
            found = connection.execute("SELECT max(seq) FROM head").fetchone()[0]
            return int(found or 0)
        finally:
            connection.close()
    except _DAMAGE:
        return 0


def _read_whole(path: Path) -> bytes:
    """The database as it stands between two commits, or nothing where a guard has only begun to make it.

    It is SQLite's own reading: a commit that a kill cut off is rolled back first.
    """
    try:
        connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=rw", uri=True, timeout=_BUSY_SECONDS)
        try:
            connection.execute("PRAGMA query_only = ON")
            # The shared lock first, with patience: reading the pages by itself would not wait for a commit at hand.
            connection.execute("BEGIN")
            begun = connection.execute("SELECT count(*) FROM sqlite_master WHERE name = 'head'").fetchone()[0]
            return connection.serialize() if begun else b""
        finally:
            connection.close()
    except _DAMAGE as error:
        raise JournalError(f"the database is damaged: {error}") from None


def _rows(log: AuditLog, until: int) -> Iterator[AuditRow]:
    """The rows that were verified, in short steps."""
    last = 0
    while last < until:
        chunk = log.since(last, min(_CHUNK, until - last))
        if not chunk:
            raise JournalError("rows vanished while they were read", position=last + 1)
        yield from chunk
        last = chunk[-1].seq


def _take(row: AuditRow, told: _Told) -> None:
    if row.kind is Kind.INTENT:
        told.intents.add(row.payload["intent_id"])
    elif row.kind is Kind.VERDICT:
        told.verdicts.append((row.seq, row.payload))


def _alike(noted: Mapping[str, Any], answered: Mapping[str, Any]) -> bool:
    return all(str(noted.get(name)) == str(answered.get(name)) for name in ("outcome", "rule", "quantity"))


def _finding(name: str, error: JournalError) -> Finding:
    return Finding(file=name, row=error.position, problem=error.message)

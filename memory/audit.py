"""The audit log: what every agent was told, answered and asked for, in order, and never changed afterwards.

Rows are only appended. Each carries the hash of the row before it, so a changed, dropped, swapped or inserted row
breaks the chain; a head row holds the last hash, so a lost tail is seen too. A small file beside it (`.head`) names the
newest row, so that nobody goes on writing to an older copy put back. Large parts are stored once by SHA-256.
`append` returns only when the row is durable.
"""

from __future__ import annotations

import json
import re
import zlib
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from threading import RLock
from typing import Any

from desk.domain.errors import JournalError
from desk.guard.secrets.veil import Veil
from desk.ports import Clock
from memory import verify as checks
from memory.anchor import Anchor, anchor_of
from memory.chunks import inflate, parts_of, split
from memory.payload import canonical, digest_of, fold, unfold
from memory.payloads import REQUIRED
from memory.rows import GENESIS, AuditRow, DecisionSummary, Entry, Kind, VerifyReport, chain, from_micros, to_micros
from memory.store import DAMAGE, connect, writing

__all__ = ["AuditLog", "AuditRow", "DecisionSummary", "Entry", "Kind", "VerifyReport"]

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9:_.-]{0,79}", re.ASCII)
_AGENT = re.compile(r"([a-z][a-z0-9_-]{0,39})?", re.ASCII)
# Level 1 costs a third of the time of the default for a tenth more space, and a decision waits for it.
_LEVEL = 1
_REMEMBERED = 20_000
_COLUMNS = "seq, at, decision_id, kind, agent, body, hash"


@dataclass(slots=True)
class _Batch:
    """What one caller wants kept together, and what became of it."""

    decision_id: str
    drafts: list[tuple[Entry, str]]
    packed: dict[str, tuple[int, bytes]]
    manifests: Mapping[str, bytes] = field(default_factory=dict[str, bytes])
    rows: tuple[AuditRow, ...] | None = None
    error: JournalError | None = None


class AuditLog:
    """One audit database. Threads may share it; several processes may read and write it at once."""

    def __init__(self, path: Path, clock: Clock, *, create: bool = True, veil: Veil | None = None) -> None:
        """Open the log at `path` to write; `create=False` opens one that is there, to read.

        What the `veil` hides is in no row: models and libraries repeat what they were given.

        Raises:
            PrerequisiteError: there is none to read.
            JournalError: it is no audit log, or not the one that was written last.
        """
        self._connection = connect(path, create=create, genesis=GENESIS)
        self._lock = RLock()
        self._path = path
        self._anchor = self._anchored() if create else None
        self._clock = clock
        self._veil = veil or Veil()
        self._stored: set[str] = set()
        self._snapshots: set[str] = set()
        self._waiting: deque[_Batch] = deque()

    def append(self, decision_id: str, kind: str, payload: Mapping[str, Any], *, agent: str = "") -> AuditRow:
        """Write one row and return it once it is durable.

        Raises:
            JournalError: when the row cannot be kept: a missing key, a value that is not JSON, a full disk.
        """
        return self.append_all(decision_id, (Entry(kind=kind, payload=payload, agent=agent),))[0]

    def append_all(self, decision_id: str, entries: Iterable[Entry]) -> tuple[AuditRow, ...]:
        """Write several rows in one durable step: all of them or none. Raises JournalError."""
        if not _NAME.fullmatch(decision_id):
            raise JournalError(f"not a decision id: {decision_id!r:.40}")
        blobs: dict[str, bytes] = {}
        drafts = [(entry, _body(self._veiled(entry), blobs)) for entry in entries]
        return self._commit(_Batch(decision_id, drafts, self._pack(blobs)))

    def _veiled(self, entry: Entry) -> Entry:
        shown = repr(entry.payload)
        if self._veil.over(shown) == shown:
            return entry
        return replace(entry, payload=json.loads(self._veil.over(canonical(entry.payload))))

    def put_snapshot(self, data: bytes) -> str:
        """Keep a snapshot's bytes durably and return their SHA-256. What two snapshots share is kept once."""
        digest = digest_of(data)
        if digest not in self._snapshots:
            parts = {digest_of(part): part for part in split(data)}
            manifest = b"".join(bytes.fromhex(digest_of(part)) for part in split(data))
            self._commit(_Batch("", [], self._pack(parts), {digest: manifest}))
        return digest

    def snapshot(self, digest: str) -> bytes:
        """The bytes kept under this digest. Raises JournalError when absent or altered."""
        found = self._all("SELECT parts FROM snapshots WHERE digest = ?", digest)
        if not found:
            raise JournalError(f"the audit log has no snapshot {digest[:12]}")
        data = b"".join(self._blob(part) for part in parts_of(found[0][0]))
        if digest_of(data) != digest:
            raise JournalError(f"snapshot {digest[:12]} was altered", hint="run `crew audit verify`")
        return data

    def rows(self, decision_id: str, *, kind: str = "") -> tuple[AuditRow, ...]:
        """The rows of a decision in order, payloads whole; only those of one kind if asked. Raises JournalError."""
        query = f"SELECT {_COLUMNS} FROM rows WHERE decision_id = ? ORDER BY seq"  # noqa: S608  our own column list
        rows = (self._row(found) for found in self._all(query, decision_id) if not kind or found[3] == kind)
        return tuple(rows)

    def since(self, seq: int, limit: int = 100) -> tuple[AuditRow, ...]:
        """Rows after `seq` in order, of every decision: for whoever follows the log."""
        query = f"SELECT {_COLUMNS} FROM rows WHERE seq > ? ORDER BY seq LIMIT ?"  # noqa: S608  our own column list
        return tuple(self._row(found) for found in self._all(query, seq, limit))

    def decisions(self, limit: int = 20, symbol: str = "", skip: int = 0) -> tuple[DecisionSummary, ...]:
        """The newest decisions but for `skip`, newest first; only those on `symbol` if given."""
        query = (
            "SELECT decision_id, at, json_extract(body, '$.symbol') FROM rows WHERE kind = 'run' "
            "AND (? = '' OR json_extract(body, '$.symbol') = ?) ORDER BY seq DESC LIMIT ? OFFSET ?"
        )
        return tuple(self._summary(*found) for found in self._all(query, symbol, symbol, limit, skip))

    def decision_of(self, intent_id: str) -> str | None:
        """The decision that made this intent, so that a fill or an outcome can be written beside it."""
        query = "SELECT decision_id FROM rows WHERE kind = 'intent' AND json_extract(body, '$.intent_id') = ?"
        found = self._all(query, intent_id)
        return found[0][0] if found else None

    def head(self) -> tuple[int, str]:
        """Number of rows and the last hash: what to note elsewhere as proof of what the log was."""
        found = self._all("SELECT seq, hash FROM head")
        if len(found) != 1:
            raise JournalError("the audit log has no head row", hint="run `crew audit verify`")
        return found[0][0], found[0][1]

    def verify(self) -> VerifyReport:
        """Walk everything: pages, indexes, chain, head, blobs and links."""
        with self._lock:
            return checks.verify(self._connection)

    def hash_of(self, seq: int) -> str | None:
        """The hash of a row by its number; None when the log has no such row."""
        found = self._all("SELECT hash FROM rows WHERE seq = ?", seq)
        return found[0][0] if found else None

    def close(self) -> None:
        """Close the database. What was acknowledged is already durable."""
        with self._lock:
            self._connection.close()
            if self._anchor is not None:
                self._anchor.close()
                self._anchor = None

    def _anchored(self) -> Anchor:
        """The anchor of this log, after a look whether it names a row of it."""
        anchor = Anchor(anchor_of(self._path))
        try:
            told = anchor.told()
            if told is None:
                # Before the first row, so that a log with rows and without an anchor is one that lost it.
                anchor.rise(*self.head())
            elif told[0] and self.hash_of(told[0]) != told[1]:
                raise JournalError(
                    f"{self._path.name} is not the log that was written last: row {told[0]} is another or missing",
                    position=told[0],
                    hint="keep it as evidence; `crew audit verify` says more, `crew kickoff --fresh` starts anew",
                )
        except JournalError:
            anchor.close()
            self._connection.close()
            raise
        return anchor

    def _commit(self, batch: _Batch) -> tuple[AuditRow, ...]:
        """Make a batch durable. Whoever gets the lock takes along all that wait: one sync serves several agents."""
        self._waiting.append(batch)
        with self._lock:
            if batch.rows is None and batch.error is None:
                self._flush([self._waiting.popleft() for _ in range(len(self._waiting))])
        if batch.error is not None:
            raise batch.error
        return batch.rows or ()

    def _flush(self, batches: Sequence[_Batch]) -> None:
        written: list[tuple[AuditRow, ...]] = []
        try:
            with writing(self._connection):
                for batch in batches:
                    self._keep(batch)
                    written.append(self._chain(batch.decision_id, batch.drafts) if batch.drafts else ())
            self._raise_anchor(written)
        except BaseException as error:
            # Those that wait must not take silence for success, whatever stopped this thread.
            told = error if isinstance(error, JournalError) else JournalError(f"the write was interrupted: {error!r}")
            for batch in batches:
                batch.error = told
            if not isinstance(error, Exception):
                raise
            return
        for batch, rows in zip(batches, written, strict=True):
            self._remember(batch)
            batch.rows = rows

    def _raise_anchor(self, written: Sequence[tuple[AuditRow, ...]]) -> None:
        last = next((rows[-1] for rows in reversed(written) if rows), None)
        if last is not None and self._anchor is not None:
            self._anchor.rise(last.seq, last.hash)

    def _pack(self, blobs: Mapping[str, bytes]) -> dict[str, tuple[int, bytes]]:
        """Compress before the write lock is taken, and only what this process has not stored before."""
        new = {digest: data for digest, data in blobs.items() if digest not in self._stored}
        return {digest: (len(data), zlib.compress(data, _LEVEL)) for digest, data in new.items()}

    def _keep(self, batch: _Batch) -> None:
        blobs = [(digest, size, body) for digest, (size, body) in batch.packed.items()]
        self._connection.executemany("INSERT OR IGNORE INTO blobs VALUES (?, ?, ?)", blobs)
        self._connection.executemany("INSERT OR IGNORE INTO snapshots VALUES (?, ?)", batch.manifests.items())

    def _remember(self, batch: _Batch) -> None:
        if len(self._stored) > _REMEMBERED:
            self._stored.clear()
            self._snapshots.clear()
        self._stored.update(batch.packed)
        self._snapshots.update(batch.manifests)

    def _chain(self, decision_id: str, drafts: Sequence[tuple[Entry, str]]) -> tuple[AuditRow, ...]:
        seq, previous = self.head()
        last = self._connection.execute("SELECT max(seq), hash FROM rows").fetchone()
        if last != ((seq, previous) if seq else (None, None)):
            raise JournalError("the audit log does not end where its head says", position=seq)
        written: list[AuditRow] = []
        for entry, body in drafts:
            seq += 1
            at = to_micros(self._clock.now())
            previous = chain(previous, seq, at, decision_id, entry.kind, entry.agent, body)
            values = (seq, at, decision_id, str(entry.kind), entry.agent, body, previous)
            self._connection.execute("INSERT INTO rows VALUES (?, ?, ?, ?, ?, ?, ?)", values)
            written.append(_as_row(values, entry.payload))
        self._connection.execute("UPDATE head SET seq = ?, hash = ?", (seq, previous))
        return tuple(written)

    def _all(self, query: str, *values: object) -> list[Any]:
        with self._lock:
            try:
                return self._connection.execute(query, values).fetchall()
            except DAMAGE as error:
                raise JournalError(f"the audit log cannot be read: {error}") from None

    def _blob(self, digest: str) -> bytes:
        found = self._all("SELECT size, body FROM blobs WHERE digest = ?", digest)
        if not found:
            raise JournalError(f"the audit log has no part {digest[:12]}", hint="run `crew audit verify`")
        data = inflate(found[0][1], found[0][0])
        if digest_of(data) != digest:
            raise JournalError(f"part {digest[:12]} was altered", hint="run `crew audit verify`")
        return data

    def _row(self, found: Sequence[Any]) -> AuditRow:
        try:
            return _as_row(found, unfold(json.loads(found[5]), self._blob))
        except (ValueError, TypeError, AttributeError) as error:
            raise JournalError(f"row {found[0]} is damaged: {error}", position=found[0]) from None

    def _summary(self, decision_id: str, at: int, symbol: str) -> DecisionSummary:
        query = (
            "SELECT kind, body FROM rows WHERE decision_id = ? AND kind IN ('decision', 'intent', 'verdict', 'outcome')"
        )
        parts = {kind: unfold(json.loads(body), self._blob) for kind, body in self._all(query, decision_id)}
        decision = parts.get(Kind.DECISION, {}).get("decision") or {}
        verdict, rule = _ending(parts)
        return DecisionSummary(
            decision_id=decision_id,
            at=from_micros(at),
            symbol=symbol,
            action=str(decision.get("action", "")),
            conviction=str(decision.get("conviction", "")),
            verdict=verdict,
            rule=rule,
            outcome=str(parts.get(Kind.OUTCOME, {}).get("pnl", "")),
        )


def _ending(parts: Mapping[str, Mapping[str, Any]]) -> tuple[str, str]:
    """How a decision ended and by which rule, also where the guard was never asked or never answered."""
    if told := parts.get(Kind.VERDICT):
        return str(told["outcome"]), str(told["rule"])
    if Kind.DECISION not in parts:
        return "", ""
    if Kind.INTENT in parts:
        return "unreachable", "guard_unreachable"
    caps = parts[Kind.DECISION]["caps"]
    return ("abstained" if "no_decision" in caps else "not_asked"), str(caps[-1]) if caps else "hold"


def _body(entry: Entry, blobs: dict[str, bytes]) -> str:
    """The row's text, with its large parts put into `blobs`."""
    if not _AGENT.fullmatch(entry.agent):
        raise JournalError(f"not an agent's name: {entry.agent!r:.40}")
    if entry.kind not in REQUIRED:
        raise JournalError(f"not a kind of row: {entry.kind!r:.40}")
    missing = sorted(REQUIRED[entry.kind] - set(entry.payload))
    if missing:
        raise JournalError(f"a {entry.kind} row needs {', '.join(missing)}")

    def keep(data: bytes) -> str:
        digest = digest_of(data)
        blobs[digest] = data
        return digest

    return canonical(fold(entry.payload, keep))


def _as_row(values: Sequence[Any], payload: Mapping[str, Any]) -> AuditRow:
    seq, at, decision_id, kind, agent, _, digest = values
    return AuditRow(
        seq=seq, at=from_micros(at), decision_id=decision_id, kind=Kind(kind), agent=agent, payload=payload, hash=digest
    )

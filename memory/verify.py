"""Walk the whole audit log and name the first thing that does not hold.

Checked: the schema to the letter, SQLite's own pages and indexes, every row's hash over the one before, the head, every
blob against its digest, every reference to a blob, and every intent and model call that a row refers to. A flipped byte
is therefore either found or sits where nothing is read from. Nobody who rewrites the whole file is stopped by this:
against that, compare the head with the guard's journal, whose hash each verdict row carries.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Iterator
from typing import Any, NamedTuple

from memory.chunks import inflate, parts_of
from memory.payload import digest_of, references
from memory.rows import GENESIS, Kind, VerifyReport, chain
from memory.store import DAMAGE, SCHEMA, schema_of

CHUNK = 500
PARTS_AT_HAND = 5_000
NEEDS_INTENT = frozenset({Kind.VERDICT, Kind.ORDER, Kind.STOP, Kind.FILL, Kind.OUTCOME})


class Flaw(Exception):  # noqa: N818  a finding that ends the walk, never seen by a caller
    """The first thing that does not hold, and the row at fault if one is."""

    def __init__(self, problem: str, seq: int | None = None) -> None:
        super().__init__(problem)
        self.problem = problem
        self.seq = seq


class _Raw(NamedTuple):
    seq: int
    at: int
    decision_id: str
    kind: str
    agent: str
    body: str
    hash: str


def verify(connection: sqlite3.Connection) -> VerifyReport:
    """Check everything. Reads in short steps, so that a kickoff can go on writing meanwhile."""
    walk = _Walk(connection)
    try:
        walk.database()
        walk.rows()
        walk.blobs()
        walk.snapshots()
    except Flaw as flaw:
        return walk.report(flaw.seq, flaw.problem)
    except DAMAGE as error:
        return walk.report(walk.seq + 1, f"the database is damaged: {error}")
    return walk.report(None, "")


class _Walk:
    """One walk, and how far it came."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._digests: dict[str, int] = {}
        self._snapshots: dict[str, int] = {}
        self._parts: dict[str, bytes] = {}
        self._intents: dict[str, str] = {}
        self._calls: set[tuple[str, str]] = set()
        self._blobs = 0
        self.seq = 0
        self.hash = GENESIS

    def report(self, bad: int | None, problem: str) -> VerifyReport:
        return VerifyReport(rows=self.seq, blobs=self._blobs, head=self.hash, bad=bad, problem=problem)

    def database(self) -> None:
        """Pages, indexes and schema."""
        if schema_of(self._connection) != SCHEMA:
            raise Flaw("the schema was changed")
        found = self._connection.execute("PRAGMA integrity_check(1)").fetchone()[0]
        if found != "ok":
            raise Flaw(f"the database is damaged: {' '.join(str(found).split())[:200]}")

    def rows(self) -> None:
        """The chain, up to a moment at which it and the head agree."""
        while True:
            for row in self._rows_after():
                self._row(row)
            # One statement, so that a writer cannot come between the two readings.
            seq, head = self._head()
            if seq == self.seq:
                break
            if seq < self.seq:
                raise Flaw(f"the head says {seq} rows, the log has more", self.seq)
            if not self._connection.execute("SELECT 1 FROM rows WHERE seq = ?", (self.seq + 1,)).fetchone():
                raise Flaw(f"rows are missing: the head says {seq}", self.seq + 1)
        if head != self.hash:
            raise Flaw("the head does not match the last row", self.seq)

    def blobs(self) -> None:
        """Every blob against its digest, then every reference against the blobs."""
        seen: set[str] = set()
        for digest, size, body in self._in_order("digest, size, body", "blobs"):
            if digest_of(inflate(body, size)) != digest:
                raise Flaw(f"blob {str(digest)[:12]} was altered", self._digests.get(digest))
            seen.add(digest)
            self._blobs += 1
        self._all_there(self._digests, seen, "blob")

    def snapshots(self) -> None:
        """Every snapshot put together from its parts again, then every row's snapshot against them."""
        seen: set[str] = set()
        for digest, manifest in self._in_order("digest, parts", "snapshots"):
            whole = hashlib.sha256()
            for part in parts_of(manifest):
                whole.update(self._part(part))
            if whole.hexdigest() != digest:
                raise Flaw(f"snapshot {str(digest)[:12]} was altered", self._snapshots.get(digest))
            seen.add(digest)
        self._all_there(self._snapshots, seen, "snapshot")

    def _all_there(self, wanted: dict[str, int], seen: set[str], what: str) -> None:
        missing = [(seq, digest) for digest, seq in wanted.items() if digest not in seen]
        if missing:
            seq, digest = min(missing)
            raise Flaw(f"{what} {digest[:12]} is missing", seq)

    def _part(self, digest: str) -> bytes:
        """A part that `blobs` has checked, or nothing. Neighbouring snapshots share most, so a few are kept at hand."""
        if digest not in self._parts:
            if len(self._parts) > PARTS_AT_HAND:
                self._parts.clear()
            found = self._connection.execute("SELECT size, body FROM blobs WHERE digest = ?", (digest,)).fetchone()
            self._parts[digest] = inflate(found[1], found[0]) if found else b""
        return self._parts[digest]

    def _head(self) -> tuple[int, str]:
        found = self._connection.execute("SELECT seq, hash FROM head WHERE id = 1").fetchall()
        if len(found) != 1:
            raise Flaw("the head row is missing")
        return found[0]

    def _rows_after(self) -> Iterator[_Raw]:
        while True:
            chunk = self._connection.execute(
                "SELECT seq, at, decision_id, kind, agent, body, hash FROM rows WHERE seq > ? ORDER BY seq LIMIT ?",
                (self.seq, CHUNK),
            ).fetchall()
            yield from (_Raw(*found) for found in chunk)
            if len(chunk) < CHUNK:
                return

    def _row(self, row: _Raw) -> None:
        if row.seq != self.seq + 1:
            raise Flaw("a row is missing", self.seq + 1)
        if chain(self.hash, *row[:6]) != row.hash:
            raise Flaw("the row does not match its hash", row.seq)
        self._links(row, json.loads(row.body))
        self.seq, self.hash = row.seq, row.hash

    def _links(self, row: _Raw, payload: dict[str, Any]) -> None:
        """Hashed rows are as they were written; what they refer to must exist as well."""
        for digest in references(payload):
            self._digests.setdefault(digest, row.seq)
        if row.kind == Kind.SNAPSHOT:
            self._snapshots.setdefault(payload["digest"], row.seq)
        elif row.kind == Kind.INTENT:
            self._intents[payload["intent_id"]] = row.decision_id
        elif row.kind in NEEDS_INTENT and self._intents.get(payload["intent_id"]) != row.decision_id:
            raise Flaw(f"the {row.kind} row refers to an intent this decision never made", row.seq)
        elif row.kind == Kind.PROMPT:
            self._calls.add((row.decision_id, payload["call"]))
        elif row.kind in (Kind.REPLY, Kind.TOOL_CALL) and (row.decision_id, payload["call"]) not in self._calls:
            raise Flaw(f"the {row.kind} row refers to a prompt that is not there", row.seq)

    def _in_order(self, columns: str, table: str) -> Iterator[Any]:
        """All rows of a table in short steps."""
        last = 0
        query = f"SELECT rowid, {columns} FROM {table} WHERE rowid > ? ORDER BY rowid LIMIT ?"  # noqa: S608  our own names
        while True:
            chunk = self._connection.execute(query, (last, CHUNK)).fetchall()
            yield from (found[1:] for found in chunk)
            if len(chunk) < CHUNK:
                return
            last = chunk[-1][0]

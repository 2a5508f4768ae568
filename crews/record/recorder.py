"""What one decision writes to the audit log: rows in order, kept together until a stage is over, then made durable.

A durable write waits for the disk, so rows are written stage by stage; nothing leaves for the guard before the rows
that led to it are on disk. A decision that crashes loses at most the rows of the stage it was in.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping
from typing import Any, Protocol

from memory.rows import Entry, Kind


class Audit(Protocol):
    """Where every stage is recorded. `memory.audit.AuditLog` keeps this contract; it is thread-safe."""

    def append_all(self, decision_id: str, entries: Iterable[Entry]) -> object:
        """Write several rows durably, all or none. Raises JournalError."""
        ...

    def put_snapshot(self, data: bytes) -> str:
        """Keep a snapshot's bytes durably; returns their sha256. Raises JournalError."""
        ...


class Recorder:
    """The rows of one decision. Thread-safe."""

    def __init__(self, audit: Audit, decision_id: str) -> None:
        self._audit = audit
        self._decision_id = decision_id
        self._lock = threading.Lock()
        self._waiting: list[Entry] = []

    def note(self, kind: Kind, payload: Mapping[str, Any], *, agent: str = "") -> None:
        """Add a row to those that wait."""
        entry = Entry(kind=kind, payload=payload, agent=agent)
        with self._lock:
            self._waiting.append(entry)

    def keep_snapshot(self, data: bytes) -> str:
        """Keep a snapshot's bytes. Raises JournalError."""
        return self._audit.put_snapshot(data)

    def flush(self) -> None:
        """Make all waiting rows durable. Raises JournalError; the rows then still wait."""
        with self._lock:
            if self._waiting:
                self._audit.append_all(self._decision_id, tuple(self._waiting))
                self._waiting.clear()

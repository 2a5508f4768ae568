"""The record: decisions as they were made, and what the models last said, read from the audit log alone."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from threading import Lock

from crews.audit.counterfactual import Otherwise, otherwise
from crews.audit.replay import ReplayReport, replay
from crews.audit.why import Why, why
from crews.running.services import Folder
from desk.domain.errors import PrerequisiteError
from desk.guard.process.clock import SystemClock
from memory.audit import AuditLog, AuditRow, DecisionSummary
from memory.rows import Kind
from ui.window.sought import Found, Seeker, Sought

# So many trades in a row that nobody of the crew decided, and its last word is not looked for any further back.
_LOOKED_THROUGH, _ASKED_AT_ONCE = 2000, 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Voices:
    """Who spoke in the newest decision: when, which models, and who abstained."""

    decision_id: str
    at: datetime
    models: tuple[str, ...]
    reported: tuple[str, ...]
    abstained: tuple[tuple[str, str], ...]
    ended: bool


class RecordPane:
    """Reads one profile's audit log, which may not be there yet. Thread-safe."""

    def __init__(self, folder: Folder) -> None:
        self._folder, self._lock = folder, Lock()
        self._log: AuditLog | None = None
        self._voices: Voices | None = None
        self._seeker = Seeker()

    def close(self) -> None:
        """Close the log."""
        with self._lock:
            if self._log is not None:
                self._log.close()
            self._log = None

    def log(self) -> AuditLog:
        """The log, for reading. Raises PrerequisiteError before the first decision, JournalError for a damaged one."""
        with self._lock:
            if self._log is not None and not self._folder.audit.exists():
                # The profile's data were set aside: what is still open is the old file.
                self._log.close()
                self._log = None
            if self._log is None:
                if not self._folder.audit.exists():
                    raise PrerequisiteError(
                        "nothing has been decided yet", hint="crew kickoff, or /kickoff in the chat"
                    )
                self._log = AuditLog(self._folder.audit, SystemClock(), create=False)
            return self._log

    def decisions(self, *, symbol: str = "", limit: int = 100) -> Sequence[DecisionSummary]:
        """The newest decisions, newest first; none before the first."""
        with suppress(PrerequisiteError):
            return self.log().decisions(limit=limit, symbol=symbol)
        return ()

    def sought(self, sought: Sought) -> Found:
        """A page of decisions that pass filters; an empty one before the first. Raises JournalError."""
        with suppress(PrerequisiteError):
            return self._seeker.find(self.log(), sought)
        return Found()

    def newest(self, symbol: str = "") -> str:
        """The newest decision's id. Raises PrerequisiteError when there is none."""
        found = self.log().decisions(limit=1, symbol=symbol)
        if not found:
            about = f" on {symbol}" if symbol else ""
            raise PrerequisiteError(f"nothing has been decided{about} yet", hint="/kickoff")
        return found[0].decision_id

    def named(self, beginning: str) -> str:
        """The one decision whose id begins so. Raises PrerequisiteError when it is none, or more than one."""
        if self.log().rows(beginning):
            return beginning
        found = [
            one.decision_id for one in self.decisions(limit=_LOOKED_THROUGH) if one.decision_id.startswith(beginning)
        ]
        if len(found) == 1:
            return found[0]
        raise PrerequisiteError(
            f"{len(found) or 'no'} decisions begin with {beginning[:80]}", hint="the Decisions tab lists them"
        )

    def rows(self, decision_id: str) -> Sequence[AuditRow]:
        """Every row of a decision in order. Raises PrerequisiteError when there is no such decision."""
        rows = self.log().rows(decision_id)
        if not rows:
            raise PrerequisiteError(f"there is no decision {decision_id[:80]}", hint="the Decisions tab lists them")
        return rows

    def why(self, decision_id: str) -> Why:
        """The explanation of a decision. Raises PrerequisiteError when there is no such decision."""
        return why(self.log(), decision_id)

    def replay(self, decision_id: str) -> ReplayReport:
        """The decision made again from its record, byte by byte. Raises PrerequisiteError or JournalError."""
        return replay(self.log(), decision_id)

    def otherwise(self, decision_id: str, *, without: tuple[str, ...]) -> Otherwise | None:
        """The decision as if these agents had not reported. Raises PrerequisiteError."""
        return otherwise(self.log(), decision_id, without=without)

    def voices(self) -> Voices | None:
        """Who of the crew spoke last, or None before its first decision. A trade that somebody asked for is no word."""
        newest = self.decisions(limit=_ASKED_AT_ONCE)
        with self._lock:
            kept = self._voices
        for one in newest:
            # A decision that is still being made goes on growing: it is read anew until it has ended.
            if kept is not None and kept.decision_id == one.decision_id and kept.ended:
                return kept
            found = _voices(one, self.rows(one.decision_id))
            if found.models:
                with self._lock:
                    self._voices = found
                return found
        return None


def _voices(newest: DecisionSummary, rows: Sequence[AuditRow]) -> Voices:
    run = next((row.payload for row in rows if row.kind is Kind.RUN), {})
    return Voices(
        decision_id=newest.decision_id,
        at=newest.at,
        models=tuple(sorted(set(run.get("models", {}).values()))),
        reported=tuple(dict.fromkeys(row.agent for row in rows if row.kind is Kind.REPORT)),
        abstained=tuple((row.agent, str(row.payload["reason"])) for row in rows if row.kind is Kind.ABSTENTION),
        ended=any(row.kind is Kind.DECISION for row in rows),
    )

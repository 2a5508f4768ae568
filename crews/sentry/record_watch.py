"""The audit log as a person should hear of it: refused orders, models in trouble, errors, alarms that were answered.

It goes on where it stopped, also after a kill; on its first day it begins with what comes from then on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from crews.sentry.following import follow
from desk.alerts import Alert, Kind, Level, Outbox
from memory.audit import AuditLog
from memory.rows import AuditRow
from memory.rows import Kind as Row

_MARK = "audit"
_SPIKE_RUN = "-spike"
# Data that is missing is the market's affair; the rest is the model's.
_NO_TROUBLE = frozenset({"data_missing"})


class RecordWatch:
    """Follows one audit log. `log` opens it and raises PrerequisiteError before there is one."""

    def __init__(self, log: Callable[[], AuditLog], outbox: Outbox) -> None:
        self._log, self._outbox = log, outbox

    def look(self) -> Iterator[Alert]:
        """What is new since the last look. Raises JournalError when the log cannot be read."""
        for log, row in follow(self._log, self._outbox, _MARK):
            yield from self._told(log, row)

    def _told(self, log: AuditLog, row: AuditRow) -> Iterator[Alert]:
        payload: dict[str, Any] = dict(row.payload)
        if row.kind is Row.VERDICT and str(payload["outcome"]).lower() == "refused":
            symbol = self._symbol(log, row.decision_id)
            yield Alert(
                kind=Kind.REFUSED,
                level=Level.WARNING,
                title=f"{symbol}: refused by {payload['rule']}",
                text=f"{payload['message']}\n{row.decision_id}",
                key=f"{symbol}/{payload['rule']}",
            )
        elif row.kind is Row.ABSTENTION and payload["reason"] not in _NO_TROUBLE:
            reason = str(payload["reason"]).replace("_", " ")
            yield Alert(
                kind=Kind.MODEL,
                level=Level.WARNING,
                title=f"{row.agent} abstained: {reason}",
                text=f"{payload['detail']}\n{row.decision_id}",
                key=f"{row.agent}/{reason}",
            )
        elif row.kind is Row.ERROR:
            title = f"{payload['stage']} failed: {payload['error']}"
            yield Alert(
                kind=Kind.MODEL,
                level=Level.WARNING,
                title=title,
                text=f"{payload['message']}\n{row.decision_id}",
                key=title,
            )
        elif row.kind is Row.RUN and str(payload["run_id"]).endswith(_SPIKE_RUN):
            symbol = str(payload["symbol"])
            title = f"{symbol}: an alarm called the spike crew"
            yield Alert(kind=Kind.SPIKE, level=Level.INFO, title=title, text=row.decision_id, key=f"{symbol}/called")

    def _symbol(self, log: AuditLog, decision_id: str) -> str:
        runs = log.rows(decision_id, kind=Row.RUN)
        return str(runs[0].payload["symbol"]) if runs else decision_id

"""The audit log as a program should hear of it: every decision as a signal, every order, and every trade's two ends.

Only a desk that has a channel or a webhook naming one of these kinds looks: nobody else's outbox fills with it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from crews.sentry.following import follow
from desk.alerts import Alert, Kind, Level, Outbox
from memory.audit import AuditLog
from memory.rows import AuditRow
from memory.rows import Kind as Row

_MARK = "traffic"
_KINDS = {
    Row.DECISION: Kind.SIGNAL,
    Row.ORDER: Kind.ORDER,
    Row.STOP: Kind.ORDER,
    Row.FILL: Kind.TRADE,
    Row.OUTCOME: Kind.TRADE,
}


class TrafficWatch:
    """Follows one audit log for these kinds alone."""

    def __init__(self, log: Callable[[], AuditLog], outbox: Outbox, kinds: frozenset[Kind]) -> None:
        self._log, self._outbox, self._kinds = log, outbox, kinds

    def look(self) -> Iterator[Alert]:
        """What is new since the last look. Raises JournalError when the log cannot be read."""
        for log, row in follow(self._log, self._outbox, _MARK):
            kind = _KINDS.get(row.kind)
            if kind is not None and kind in self._kinds:
                yield _told(kind, row, _symbol(log, row))


def _told(kind: Kind, row: AuditRow, symbol: str) -> Alert:
    words, told = _WORDS[row.kind](row.payload)
    return Alert(
        kind=kind,
        level=Level.INFO,
        title=f"{symbol}: {words}",
        text=row.decision_id,
        key=f"{row.decision_id}/{row.seq}",
        once=True,
        data={"decision_id": row.decision_id, "symbol": symbol, "event": row.kind.value, **told},
    )


def _signal(payload: Any) -> tuple[str, dict[str, Any]]:  # noqa: ANN401  a row's JSON
    decision = dict(payload["decision"])
    told = {name: decision.get(name) for name in ("action", "conviction", "stop_pct", "target_pct")}
    return f"{told['action']}, conviction {told['conviction']}", {**told, "caps": list(payload["caps"])}


def _order(payload: Any) -> tuple[str, dict[str, Any]]:  # noqa: ANN401  a row's JSON
    return f"{payload.get('role', 'order')} {payload.get('status', '')}".strip(), dict(payload)


def _fill(payload: Any) -> tuple[str, dict[str, Any]]:  # noqa: ANN401  a row's JSON
    return f"opened {payload.get('quantity')} at {payload.get('price')}", dict(payload)


def _outcome(payload: Any) -> tuple[str, dict[str, Any]]:  # noqa: ANN401  a row's JSON
    return f"closed, {payload['pnl']} USDT by {payload['reason']}", dict(payload)


_WORDS: dict[Row, Callable[[Any], tuple[str, dict[str, Any]]]] = {
    Row.DECISION: _signal,
    Row.ORDER: _order,
    Row.STOP: _order,
    Row.FILL: _fill,
    Row.OUTCOME: _outcome,
}


def _symbol(log: AuditLog, row: AuditRow) -> str:
    if told := row.payload.get("symbol"):
        return str(told)
    runs = log.rows(row.decision_id, kind=Row.RUN)
    return str(runs[0].payload["symbol"]) if runs else row.decision_id

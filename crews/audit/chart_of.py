"""The chart a decision was made on, drawn again from its stored snapshot: the same bytes whenever it is asked for."""

from __future__ import annotations

from crews.audit.replay import Record, setup_from
from desk.domain.errors import PrerequisiteError
from desk.market.snapshot import Snapshot
from memory.rows import Kind
from tools.chart import picture_of


def chart_of(audit: Record, decision_id: str) -> bytes:
    """The picture as PNG bytes.

    Raises:
        PrerequisiteError: when the log has no such decision, or it ended before it looked at the market.
        DataError: when the snapshot holds too few candles for a picture.
    """
    rows = audit.rows(decision_id)
    digest = next((row.payload["digest"] for row in rows if row.kind is Kind.SNAPSHOT), None)
    config = next((row.payload["config"] for row in rows if row.kind is Kind.RUN), None)
    if digest is None or config is None:
        raise PrerequisiteError(f"no decision {decision_id[:40]} that looked at the market", hint="crew audit list")
    snapshot = Snapshot.from_json(audit.snapshot(digest))
    settings = setup_from(config).tools_for(snapshot.symbol)
    return picture_of(snapshot.candles(settings.chart_interval), settings)

"""Indexes that every page of the API is read by, so that a year of rows is not walked for a hundred of them.

The number in `schema_version` gives way to Alembic's own mark; going down brings it back, so that a program of that
time opens the store again.
"""

from __future__ import annotations

from alembic import op
from sqlalchemy import Column, Integer, column, table

revision = "0002"
down_revision = "0001"

_SHAPE = 1
_INDEXES = (
    ("signals_by_time", "signals", ("at",)),
    ("signals_by_symbol", "signals", ("symbol", "at")),
    ("signals_by_score", "signals", ("symbol", "score", "at")),
    ("decisions_by_action", "decisions", ("action", "at")),
    ("decisions_by_verdict", "decisions", ("verdict", "at")),
    ("decisions_by_rule", "decisions", ("rule", "at")),
    ("trades_by_time", "trades", ("opened_at",)),
    ("breaker_by_time", "breaker_events", ("at",)),
    ("context_by_time", "market_context", ("at",)),
    ("charts_by_time", "chart_readings", ("at",)),
    ("costs_by_agent", "costs", ("agent", "at")),
)


def upgrade() -> None:
    """Make the indexes; the shape's number goes."""
    for name, of, columns in _INDEXES:
        op.create_index(name, of, list(columns))
    op.drop_table("schema_version", if_exists=True)


def downgrade() -> None:
    """Drop the indexes; the shape's number is back. No row is touched."""
    op.create_table("schema_version", Column("version", Integer, primary_key=True, autoincrement=False))
    op.bulk_insert(table("schema_version", column("version", Integer)), [{"version": _SHAPE}])
    for name, of, _ in reversed(_INDEXES):
        op.drop_index(name, of)

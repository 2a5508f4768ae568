"""The ledger as it was before it had revisions: twelve kinds of rows, the shelf of pages, and `schema_version`.

A store of that time carries no mark of Alembic's, and may lack tables that came later: what is missing is made, what is
there stays. That is also how an empty database begins.
"""

from __future__ import annotations

from alembic import op
from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, MetaData, String, Table, Text

from desk.ledger.columns import Amount, Moment

revision = "0001"
down_revision = None

_TABLES = MetaData()

Table("schema_version", _TABLES, Column("version", Integer, primary_key=True, autoincrement=False))

Table(
    "decisions",
    _TABLES,
    Column("decision_id", String(80), primary_key=True),
    Column("run_id", String(64), nullable=False),
    Column("at", Moment, nullable=False),
    Column("profile", String(40), nullable=False),
    Column("symbol", String(20), nullable=False),
    Column("action", String(20), nullable=False),
    Column("conviction", Amount, nullable=False),
    Column("verdict", String(20), nullable=False),
    Column("rule", String(80), nullable=False),
    Column("intent_id", String(80)),
    Column("mark", Amount, nullable=False),
    Column("equity", Amount, nullable=False),
    Column("snapshot_hash", String(64), nullable=False),
    Index("decisions_by_symbol", "symbol", "at"),
    Index("decisions_by_time", "at"),
)

Table(
    "signals",
    _TABLES,
    Column("symbol", String(20), primary_key=True),
    Column("interval", String(4), primary_key=True),
    Column("at", Moment, primary_key=True),
    Column("score", Integer, nullable=False),
    Column("threshold", Integer, nullable=False),
    Column("direction", String(10), nullable=False),
)

Table(
    "trades",
    _TABLES,
    Column("intent_id", String(80), primary_key=True),
    Column("decision_id", String(80), nullable=False),
    Column("symbol", String(20), nullable=False),
    Column("quantity", Amount, nullable=False),
    Column("opened_at", Moment, nullable=False),
    Column("entry_price", Amount, nullable=False),
    Column("closed_at", Moment),
    Column("exit_price", Amount),
    Column("fees", Amount),
    Column("funding", Amount),
    Column("pnl", Amount),
    Column("exit_reason", String(80)),
    Index("trades_by_close", "closed_at"),
    Index("trades_by_symbol", "symbol", "opened_at"),
)

Table(
    "equity",
    _TABLES,
    Column("at", Moment, primary_key=True, autoincrement=False),
    Column("equity", Amount, nullable=False),
    Column("wallet", Amount, nullable=False),
    Column("unrealized", Amount, nullable=False),
)

Table(
    "breaker_events",
    _TABLES,
    Column("journal_seq", BigInteger, primary_key=True, autoincrement=False),
    Column("at", Moment, nullable=False),
    Column("event", String(40), nullable=False),
    Column("reason", String(200), nullable=False),
    Column("equity", Amount, nullable=False),
)

Table(
    "costs",
    _TABLES,
    Column("decision_id", String(80), primary_key=True),
    Column("agent", String(40), primary_key=True),
    Column("at", Moment, nullable=False),
    Column("model", String(120), nullable=False),
    Column("requests", Integer, nullable=False),
    Column("prompt_tokens", Integer, nullable=False),
    Column("completion_tokens", Integer, nullable=False),
    Column("usd", Amount, nullable=False),
    Index("costs_by_time", "at"),
)

Table(
    "market_context",
    _TABLES,
    Column("symbol", String(20), primary_key=True),
    Column("at", Moment, primary_key=True),
    Column("appetite", String(20), nullable=False),
    Column("btc_trend", String(20)),
    Column("btc_strength", Amount),
    Column("volatility", String(20)),
    Column("fear_greed", Integer),
    Column("btc_dominance", Amount),
    Column("total_cap_usd", Amount),
    Column("correlation_btc", Amount),
    Column("missing", String(200), nullable=False),
)

Table(
    "chart_readings",
    _TABLES,
    Column("symbol", String(20), primary_key=True),
    Column("interval", String(4), primary_key=True),
    Column("at", Moment, primary_key=True),
    Column("last_close", Amount, nullable=False),
    Column("read_by", String(40), nullable=False),
    Column("trend", String(10), nullable=False),
    Column("score", Integer, nullable=False),
    Column("confidence", Amount, nullable=False),
    Column("picture_trend", String(10)),
    Column("picture_score", Integer),
    Column("picture_confidence", Amount),
    Column("model", String(120), nullable=False),
)

Table(
    "pages",
    _TABLES,
    Column("key", String(120), primary_key=True),
    Column("at", Moment, nullable=False),
    Column("body", LargeBinary, nullable=False),
)

Table(
    "forecasts",
    _TABLES,
    Column("decision_id", String(80), primary_key=True),
    Column("agent", String(40), primary_key=True),
    Column("at", Moment, nullable=False),
    Column("until", Moment, nullable=False),
    Column("symbol", String(20), nullable=False),
    Column("model", String(120), nullable=False),
    Column("regime", String(20), nullable=False),
    Column("event", String(10), nullable=False),
    Column("probability", Amount, nullable=False),
    Column("called", Integer, nullable=False),
    Column("mark", Amount, nullable=False),
    Column("distance", Amount, nullable=False),
    Column("outcome", Integer),
    Index("forecasts_by_time", "at"),
    Index("forecasts_by_outcome", "outcome", "until"),
)

Table(
    "shadows",
    _TABLES,
    Column("desk", String(20), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("decision_id", String(80), nullable=False),
    Column("at", Moment, nullable=False),
    Column("equity", Amount, nullable=False),
    Column("book", Text, nullable=False),
    Index("shadows_by_time", "desk", "at"),
    Index("shadows_by_decision", "desk", "decision_id", unique=True),
)

Table(
    "tries",
    _TABLES,
    Column("digest", String(64), primary_key=True),
    Column("family", String(80), nullable=False),
    Column("strategy", String(80), nullable=False),
    Column("at", Moment, nullable=False),
    Column("days", Integer, nullable=False),
    Column("sharpe", Amount, nullable=False),
    Index("tries_by_family", "family"),
)

Table(
    "strategy_trades",
    _TABLES,
    Column("strategy", String(80), primary_key=True),
    Column("settings", String(16), primary_key=True),
    Column("source", String(20), primary_key=True),
    Column("symbol", String(20), primary_key=True),
    Column("interval", String(4), primary_key=True),
    Column("opened_at", Moment, primary_key=True),
    Column("closed_at", Moment, nullable=False),
    Column("side", String(5), nullable=False),
    Column("regime", String(20), nullable=False),
    Column("gain", Amount, nullable=False),
    Column("risked", Amount, nullable=False),
    Index("strategy_trades_by_close", "closed_at"),
)


def upgrade() -> None:
    """Make the tables and indexes that are not there."""
    bind = op.get_bind()
    _TABLES.create_all(bind)
    for table in _TABLES.tables.values():
        for index in table.indexes:
            index.create(bind, checkfirst=True)


def downgrade() -> None:
    """Drop every table, and all that was recorded with them."""
    _TABLES.drop_all(op.get_bind())

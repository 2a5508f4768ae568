"""The tables of the ledger. Each has the natural key that makes writing the same thing twice harmless.

They are what the revisions in `desk.ledger.migrations` come to: whoever changes one here writes a revision there.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, MetaData, String, Table, Text

from desk.ledger.columns import Amount, Moment

METADATA = MetaData()

DECISIONS = Table(
    "decisions",
    METADATA,
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
    Index("decisions_by_action", "action", "at"),
    Index("decisions_by_verdict", "verdict", "at"),
    Index("decisions_by_rule", "rule", "at"),
)

SIGNALS = Table(
    "signals",
    METADATA,
    Column("symbol", String(20), primary_key=True),
    Column("interval", String(4), primary_key=True),
    Column("at", Moment, primary_key=True),
    Column("score", Integer, nullable=False),
    Column("threshold", Integer, nullable=False),
    Column("direction", String(10), nullable=False),
    Index("signals_by_time", "at"),
    Index("signals_by_symbol", "symbol", "at"),
    Index("signals_by_score", "symbol", "score", "at"),
)

TRADES = Table(
    "trades",
    METADATA,
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
    # NULL for a trade that was entered before these were kept: nobody may say of it that it was uncertified.
    Column("strategy", String(80)),
    Column("certificate", String(32)),
    Index("trades_by_close", "closed_at"),
    Index("trades_by_symbol", "symbol", "opened_at"),
    Index("trades_by_time", "opened_at"),
)

EQUITY = Table(
    "equity",
    METADATA,
    Column("at", Moment, primary_key=True, autoincrement=False),
    Column("equity", Amount, nullable=False),
    Column("wallet", Amount, nullable=False),
    Column("unrealized", Amount, nullable=False),
    # NULL of a point that was written before these were kept, or that an older guard told.
    Column("transfers", Amount),
)

BREAKER = Table(
    "breaker_events",
    METADATA,
    Column("journal_seq", BigInteger, primary_key=True, autoincrement=False),
    Column("at", Moment, nullable=False),
    Column("event", String(40), nullable=False),
    Column("reason", String(200), nullable=False),
    Column("equity", Amount, nullable=False),
    Index("breaker_by_time", "at"),
)

COSTS = Table(
    "costs",
    METADATA,
    Column("decision_id", String(80), primary_key=True),
    Column("agent", String(40), primary_key=True),
    Column("at", Moment, nullable=False),
    Column("model", String(120), nullable=False),
    Column("requests", Integer, nullable=False),
    Column("prompt_tokens", Integer, nullable=False),
    Column("completion_tokens", Integer, nullable=False),
    Column("usd", Amount, nullable=False),
    Index("costs_by_time", "at"),
    Index("costs_by_agent", "agent", "at"),
)

# A figure nobody told is NULL, which is not the same as zero.
CONTEXT = Table(
    "market_context",
    METADATA,
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
    Index("context_by_time", "at"),
)

# Both readings of one chart, side by side; a picture that nobody looked at is NULL.
CHARTS = Table(
    "chart_readings",
    METADATA,
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
    Index("charts_by_time", "at"),
)

PAGES = Table(
    "pages",
    METADATA,
    Column("key", String(120), primary_key=True),
    Column("at", Moment, nullable=False),
    Column("body", LargeBinary, nullable=False),
)

FORECASTS = Table(
    "forecasts",
    METADATA,
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

# One account kept by each desk that does not think; `book` is what it holds, so that the next look goes on from there.
SHADOWS = Table(
    "shadows",
    METADATA,
    Column("desk", String(20), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("decision_id", String(80), nullable=False),
    Column("at", Moment, nullable=False),
    Column("equity", Amount, nullable=False),
    Column("book", Text, nullable=False),
    Index("shadows_by_time", "desk", "at"),
    Index("shadows_by_decision", "desk", "decision_id", unique=True),
)

# Everything that was ever tried on recorded data: what the best of them is worth depends on how many there were.
TRIES = Table(
    "tries",
    METADATA,
    Column("digest", String(64), primary_key=True),
    Column("family", String(80), nullable=False),
    Column("strategy", String(80), nullable=False),
    Column("at", Moment, nullable=False),
    Column("days", Integer, nullable=False),
    Column("sharpe", Amount, nullable=False),
    Index("tries_by_family", "family"),
)

# What a strategy's trades came to, by the regime they were opened in. `settings` tells its parameters from others.
STRATEGY_TRADES = Table(
    "strategy_trades",
    METADATA,
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

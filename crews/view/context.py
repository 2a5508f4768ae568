"""The market at large as a row of the ledger: what a decision saw of it, to six digits, and what nobody told."""

from __future__ import annotations

from decimal import Decimal

from desk.context.reading import read_context
from desk.ledger import ContextRow
from desk.market.snapshot import Snapshot
from tools.rounding import short


def context_row(snapshot: Snapshot) -> ContextRow:
    """The context of a snapshot."""
    reading, told = read_context(snapshot), snapshot.outlook
    btc = reading.btc
    return ContextRow(
        symbol=snapshot.symbol,
        at=snapshot.at,
        appetite=reading.appetite.value,
        btc_trend=None if btc is None else btc.trend.value,
        btc_strength=None if btc is None else _exact(btc.strength),
        volatility=None if btc is None or btc.volatility is None else btc.volatility.value,
        fear_greed=reading.fear_greed,
        btc_dominance=_exact(reading.btc_dominance),
        total_cap_usd=None if told is None or told.total_cap is None else _exact(told.total_cap.value),
        correlation_btc=_exact(reading.correlation_btc),
        missing=",".join(name.value for name in reading.missing),
    )


def _exact(value: float | None) -> Decimal | None:
    return None if value is None else Decimal(repr(short(value)))

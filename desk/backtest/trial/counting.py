"""Every run is counted in the ledger, the same one once: whoever tries long enough finds something, and pays for it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from decimal import Decimal

from desk.backtest.recordings import Market
from desk.backtest.terms import AccountTerms
from desk.backtest.trial.days import DAYS_A_YEAR, ratio
from desk.backtest.trial.values import Candidate, Result
from desk.ledger.ledger import Ledger
from desk.ledger.values import Tried, TryRow

_DIGITS = Decimal("1e-12")


def count_in(
    ledger: Ledger,
    market: Market,
    candidates: Sequence[Candidate],
    runs: Sequence[Result],
    terms: AccountTerms,
    at: datetime,
) -> Tried:
    """Write every run down and tell how much was tried on this data in all. Raises JournalError."""
    return count_runs(ledger, market, [one.label for one in candidates], runs, terms, at)


def count_runs(
    ledger: Ledger, market: Market, labels: Sequence[str], runs: Sequence[Result], terms: AccountTerms, at: datetime
) -> Tried:
    """The same of runs that no candidate planned; each label tells how what was tried was set. Raises JournalError."""
    for label, result in zip(labels, runs, strict=True):
        row = TryRow(
            digest=_digest(market, result.name, label, terms),
            family=market.family,
            strategy=result.name,
            at=at,
            days=len(result.daily),
            sharpe=Decimal(ratio(result.daily) / DAYS_A_YEAR**0.5).quantize(_DIGITS),
        )
        ledger.note_try(row)
    return ledger.tried(market.family)


def _digest(market: Market, name: str, label: str, terms: AccountTerms) -> str:
    tape = market.tape
    told = {
        "strategy": name,
        "parameters": label,
        "terms": asdict(terms),
        "symbols": tape.symbols,
        "interval": market.interval,
        "span": (int(tape.open_time[0]), int(tape.open_time[-1])),
    }
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()

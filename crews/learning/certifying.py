"""The crew before the examiner: its own days on this desk, beside those who do not think, by the rules of every policy.

What is examined is the crew as it is set up now: agents, tasks, models, rules and limits. Days of a crew that was set
up otherwise are another crew's, and each of those counts as a try. All days are out of sample: they were not known when
the crew decided. What was paid in or taken out is neither gain nor loss.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from itertools import takewhile
from pathlib import Path

import numpy as np

from config.loader import DeskConfig
from desk.backtest.measures import drawdown
from desk.certificates.files import write
from desk.domain.errors import PrerequisiteError
from desk.ledger import DecisionRow, Ledger, TryRow
from desk.ledger.ledger import LONGEST
from desk.ledger.pages import Asked, Pages
from desk.promotion.exam import Examined, Standards, examine
from desk.promotion.issue import issue
from desk.promotion.record import Record, daily_sharpe
from desk.shadow.comparing import Curve, daily_returns
from desk.shadow.desks import Shadow

# Everything that decides is the crew; where its reports are read from and what it may trade is not.
_NOT_THE_CREW = frozenset({"database", "symbols"})
_PEERS = (Shadow.HOLD, Shadow.RANDOM)
_ROUND = 50
_DIGITS = Decimal("1e-12")

ConfigOf = Callable[[str], DeskConfig]
"""The configuration that a decision was made under. Raises JournalError or ConfigError."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CrewExamined:
    """The answers, and what they are about: the crew's digest, the symbols it decided on, first and last day."""

    examined: Examined
    digest: str
    symbols: tuple[str, ...]
    first: date
    last: date


def crew_digest(config: DeskConfig) -> str:
    """The hash of all that decides how the crew decides. A certificate holds for this crew and no other."""
    told = json.loads(config.to_json())
    desk = {key: value for key, value in told["desk"].items() if key not in _NOT_THE_CREW}
    parts = {"agents": told["agents"], "tasks": told["tasks"], "desk": desk}
    return hashlib.sha256(json.dumps(parts, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def examine_crew(
    config: DeskConfig,
    ledger: Ledger,
    pages: Pages,
    config_of: ConfigOf,
    now: datetime,
    standards: Standards | None = None,
) -> CrewExamined:
    """The examination of the crew as it is set up now, deflated for every crew that decided here.

    Raises:
        PrerequisiteError: this crew has not decided on two days yet.
        JournalError: ledger or audit log cannot be read.
    """
    own, curve = crew_digest(config), ledger.daily_prices()
    decided = _decided(pages, sorted(curve))
    crews = {day: crew_digest(config_of(rows[0].decision_id)) for day, rows in decided.items()}
    days = _unbroken(crews, own)
    shadows = {one.value: ledger.daily_shadow(one.value) for one in _PEERS}
    shared = [day for day in days if day in curve and all(day in kept for kept in shadows.values())]
    if len(shared) < 2:
        raise PrerequisiteError(
            "the crew as it is set up now has not decided on two days yet",
            hint="let it decide on demo or paper; whoever changes its configuration begins anew",
        )
    symbols = tuple(sorted({row.symbol for day in shared for row in decided[day]}))
    family = f"crew {'+'.join(symbols)}"
    _note_tries(ledger, family, crews, curve, now)
    tried = ledger.tried(family)
    traded = set(shared[1:])
    trades = [one for one in ledger.trades(limit=LONGEST) if one.closed_at and one.closed_at.date() in traded]
    prices = np.array([float(curve[day]) for day in shared])
    record = Record(
        daily=daily_returns(curve, shared),
        trades=len(trades),
        drawdown=drawdown(prices, float(prices[0]))[0],
        tries=max(1, tried.count),
        spread=tried.spread,
        peers={name: daily_returns(kept, shared) for name, kept in shadows.items()},
    )
    return CrewExamined(
        examined=examine(record, standards), digest=own, symbols=symbols, first=shared[0], last=shared[-1]
    )


def certify(found: CrewExamined, strategy: str, folder: Path, token: str, now: datetime) -> Path:
    """Write the certificate of a crew that has passed. Raises PrerequisiteError for one that has not."""
    certificate = issue(
        found.examined,
        strategy=strategy,
        artefact=found.digest,
        symbols=found.symbols,
        now=now,
        shown=(("days", f"{found.first} to {found.last}"),),
    )
    return write(certificate, folder, token)


def _decided(pages: Pages, days: Sequence[date]) -> dict[date, tuple[DecisionRow, ...]]:
    """The last decisions of each UTC day that has any, newest first: a round of every symbol, not a day of minutes."""
    found: dict[date, tuple[DecisionRow, ...]] = {}
    for day in days:
        since = datetime.combine(day, time(), UTC)
        rows = pages.decisions(Asked(since=since, until=since + timedelta(days=1), limit=_ROUND))
        if rows:
            found[day] = rows
    return found


def _unbroken(crews: Mapping[date, str], own: str) -> list[date]:
    """The newest days on end that this crew decided on, oldest first."""
    return sorted(takewhile(lambda day: crews[day] == own, sorted(crews, reverse=True)))


def _note_tries(ledger: Ledger, family: str, crews: Mapping[date, str], curve: Curve, now: datetime) -> None:
    """Every crew that decided here was a try, the same one once."""
    for digest in sorted(set(crews.values())):
        days = [day for day in sorted(crews) if crews[day] == digest and day in curve]
        daily = daily_returns(curve, days) if len(days) > 1 else np.zeros(0)
        row = TryRow(
            digest=hashlib.sha256(f"{family}|{digest}".encode()).hexdigest(),
            family=family,
            strategy="crew",
            at=now,
            days=len(daily),
            sharpe=Decimal(daily_sharpe(daily)).quantize(_DIGITS),
        )
        ledger.note_try(row)

"""One UTC day of the desk as figures: decided, traded, won and lost against the limit, spent, and who was right.

Read from the ledger and the book of spending alone. A day nobody recorded is a day with zeros, which is not the same as
a good day: `recorded` says whether the account was seen at all.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from config.loader import DeskConfig
from crews.learning.scoring import Scorer, standings
from crews.record.bookkeeping import ledger_url
from crews.running.services import Folder
from crews.seating import setup_of
from crews.spending.costs import open_book
from desk.domain.money import ZERO, plain
from desk.ledger import BreakerRow, EquityRow, Ledger, Point, TradeRow, sqlite_url
from desk.ledger.units import came_in
from memory.standing import Standing, weight

_MOST = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """What an agent's word has been worth by the end of the day: hits of calls, the interval, and its weight."""

    agent: str
    standing: Standing
    weight: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """The figures. Money in USDT, `limit` the loss of the day that trips the breaker; `usd` is what models cost.

    `transfers` is what came in between the first and the last look, below zero what went out; `lowest` is without it.
    """

    profile: str
    day: date
    recorded: bool
    actions: Mapping[str, int]
    verdicts: Mapping[str, int]
    refusals: Mapping[str, int]
    trades: tuple[TradeRow, ...]
    began: Decimal
    ended: Decimal
    lowest: Decimal
    transfers: Decimal
    limit: Decimal
    breaker: tuple[BreakerRow, ...]
    requests: int
    tokens: int
    usd: Decimal
    words: tuple[Word, ...]

    @property
    def decisions(self) -> int:
        """How many were made."""
        return sum(self.actions.values())

    @property
    def pnl(self) -> Decimal:
        """What the account gained over the day, open positions included; money that came in is no gain."""
        return self.ended - self.transfers - self.began

    @property
    def worst(self) -> Decimal:
        """The largest loss from the day's first equity."""
        return max(self.began - self.lowest, ZERO)

    @property
    def booked(self) -> Decimal:
        """The sum of the trades that ended, fees and funding taken off."""
        return sum((trade.pnl or ZERO for trade in self.trades), ZERO)

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values."""
        return {
            "profile": self.profile,
            "day": self.day.isoformat(),
            "recorded": self.recorded,
            "decisions": self.decisions,
            "actions": dict(self.actions),
            "verdicts": dict(self.verdicts),
            "refusals": dict(self.refusals),
            "trades": len(self.trades),
            "wins": sum((trade.pnl or ZERO) > ZERO for trade in self.trades),
            "booked": plain(self.booked),
            "began": plain(self.began),
            "ended": plain(self.ended),
            "transfers": plain(self.transfers),
            "pnl": plain(self.pnl),
            "worst": plain(self.worst),
            "limit": plain(self.limit),
            "breaker": [f"{event.event}: {event.reason}" for event in self.breaker],
            "requests": self.requests,
            "tokens": self.tokens,
            "usd": plain(self.usd),
            "agents": {one.agent: {**one.standing.to_json(), "weight": plain(one.weight)} for one in self.words},
        }


def read_day(config: DeskConfig, folder: Folder, day: date) -> Day:
    """The day as it stands in the books. Raises JournalError when the ledger cannot be read."""
    begin = datetime.combine(day, time(), UTC)
    url = ledger_url(config, folder)
    if url == sqlite_url(folder.ledger) and not folder.ledger.exists():
        return _figures(config, folder, None, begin)
    with closing(Ledger(url)) as ledger:
        return _figures(config, folder, ledger, begin)


def newest_day(config: DeskConfig, folder: Folder, now: datetime) -> date:
    """The day to report: yesterday; where the market's time is not ours, the day of the newest decision."""
    url = ledger_url(config, folder)
    if config.profile.clock.mode != "real" and (url != sqlite_url(folder.ledger) or folder.ledger.exists()):
        with closing(Ledger(url)) as ledger:
            newest = ledger.decisions(limit=1)
        if newest:
            return newest[0].at.astimezone(UTC).date()
    return (now.astimezone(UTC) - timedelta(days=1)).date()


def _figures(config: DeskConfig, folder: Folder, ledger: Ledger | None, begin: datetime) -> Day:
    end = begin + timedelta(days=1)
    decided = [row for row in ledger.decisions(since=begin, limit=_MOST) if row.at < end] if ledger else []
    points = [row for row in ledger.equity(since=begin, limit=_MOST) if row.at < end] if ledger else []
    breaker = [row for row in ledger.breaker_events(since=begin, limit=_MOST) if row.at < end] if ledger else []
    closed = _closed(ledger, begin, end) if ledger else ()
    began, ended, lowest, transfers = _equity(points)
    spent = _spent(config, folder, begin.date())
    return Day(
        profile=config.profile.name,
        day=begin.date(),
        recorded=bool(points),
        actions=Counter(row.action for row in decided),
        verdicts=Counter(row.verdict for row in decided),
        refusals=Counter(row.rule for row in decided if row.verdict.lower() == "refused"),
        trades=closed,
        began=began,
        ended=ended,
        lowest=lowest,
        transfers=transfers,
        limit=began * config.desk.limits.daily_loss,
        breaker=tuple(breaker),
        requests=spent[0],
        tokens=spent[1],
        usd=spent[2],
        words=_words(config, ledger, end) if ledger else (),
    )


def _closed(ledger: Ledger, begin: datetime, end: datetime) -> tuple[TradeRow, ...]:
    rows = ledger.trades(limit=_MOST)
    return tuple(row for row in rows if row.closed_at is not None and begin <= row.closed_at < end)


def _equity(rows: list[EquityRow]) -> tuple[Decimal, Decimal, Decimal, Decimal]:
    """The first equity and the last, the lowest without what came in, and what came in."""
    if not rows:
        return ZERO, ZERO, ZERO, ZERO
    moved = list(came_in(Point(row.at, row.equity, row.transfers) for row in rows))
    lowest = min(row.equity - by_then for row, by_then in zip(rows, moved, strict=True))
    return rows[0].equity, rows[-1].equity, lowest, moved[-1]


def _spent(config: DeskConfig, folder: Folder, day: date) -> tuple[int, int, Decimal]:
    if not folder.spending.exists():
        return 0, 0, ZERO
    with closing(open_book(config, folder)) as book:
        agents = book.day(day.isoformat()).values()
    return (
        sum(one.requests for one in agents),
        sum(one.tokens for one in agents),
        sum((one.usd for one in agents), ZERO),
    )


def _words(config: DeskConfig, ledger: Ledger, now: datetime) -> tuple[Word, ...]:
    setup = setup_of(config)
    measure, prior = setup.trust.measure, setup.trust.prior
    records = standings(Scorer(ledger, setup).known(now), now, measure)
    return tuple(
        Word(agent=agent, standing=one, weight=weight(one, prior.get(agent, ZERO), measure).value)
        for (agent, model, regime), one in sorted(records.items())
        if not model and not regime
    )

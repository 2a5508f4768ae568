"""All panes of one profile, and what they mean together."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

import numpy as np

from config.loader import DeskConfig
from crews.running.pause import Paused, paused
from crews.running.services import Folder
from crews.spending.costs import open_book
from desk.backtest.doubt import Interval
from desk.domain.money import ZERO
from desk.guard.process.clock import SystemClock
from memory.spending import Day
from ui.window.books import BooksPane
from ui.window.breakdown import Breakdown, BreakdownKeeper, breakdown_of
from ui.window.curve import Curve, CurveKeeper
from ui.window.endings import Endings, endings_of
from ui.window.guard import GuardPane
from ui.window.intelligence import IntelligencePane
from ui.window.keeping import UntilAnotherCloses
from ui.window.line import LineKeeper, Point
from ui.window.market import MarketPane
from ui.window.performance import Doubt, Track, factor_of, track_of
from ui.window.record import RecordPane
from ui.window.services import ServicesPane
from ui.window.unattended import UnattendedPane


@dataclass(frozen=True, slots=True, kw_only=True)
class Spending:
    """What the models cost today (UTC, this machine's clock) against the day's limit, in USD."""

    agents: Mapping[str, Day]
    usd: Decimal
    limit: Decimal
    tokens: int
    requests: int


class Window:
    """The window on one profile. Thread-safe; close it after use."""

    def __init__(self, config: DeskConfig, folder: Folder) -> None:
        self.config, self.folder = config, folder
        self.guard = GuardPane(folder)
        self.market = MarketPane(config, folder)
        self.record = RecordPane(folder)
        self.intelligence = IntelligencePane(self.record)
        self.books = BooksPane(config, folder)
        self.services = ServicesPane(folder)
        self.unattended = UnattendedPane(folder)
        self._curve, self._doubt, self._breakdown = CurveKeeper(), Doubt(), BreakdownKeeper()
        self._lines, self._endings = LineKeeper(), UntilAnotherCloses(Endings())
        self._factor = UntilAnotherCloses[Interval | None](None)

    def close(self) -> None:
        """Give back what the panes hold."""
        for pane in (self.guard, self.market, self.record, self.books):
            pane.close()

    @property
    def symbols(self) -> tuple[str, ...]:
        """What the desk may trade."""
        return self.config.desk.symbols

    def paused(self) -> Paused | None:
        """Whether somebody let the crew pause."""
        return paused(self.folder)

    def now(self) -> datetime:
        """The desk's own present: the newest decision's time, or this machine's before the first."""
        newest = self.record.decisions(limit=1)
        return newest[0].at if newest else SystemClock().now()

    def spending(self) -> Spending:
        """Today's costs. Raises PrerequisiteError when the book cannot be read."""
        limit = self.config.desk.budget.day.usd
        if not self.folder.spending.exists():
            return Spending(agents={}, usd=ZERO, limit=limit, tokens=0, requests=0)
        with closing(open_book(self.config, self.folder)) as book:
            agents = book.day()
        return Spending(
            agents=agents,
            usd=sum((day.usd for day in agents.values()), ZERO),
            limit=limit,
            tokens=sum(day.tokens for day in agents.values()),
            requests=sum(day.requests for day in agents.values()),
        )

    def track(self, *, since: datetime | None = None) -> Track:
        """The track record so far, or from a moment on. Raises JournalError."""
        ledger = self.books.ledger()
        if ledger is None:
            return track_of((), Curve())
        if since is None:
            return track_of(ledger.results(), self._curve.whole(ledger), self._doubt)
        return track_of(ledger.results(since=since), Curve().followed_by(ledger.points(since=since)))

    def line(self) -> list[Point]:
        """Equity as a line, oldest first; none before the first decision. Raises JournalError."""
        ledger = self.books.ledger()
        return self._lines.whole(ledger).equity if ledger else []

    def price_line(self) -> list[Point]:
        """What a unit of the account was worth, as a line; a transfer does not move it. Raises JournalError."""
        ledger = self.books.ledger()
        return self._lines.whole(ledger).prices if ledger else []

    def daily_returns(self) -> np.ndarray:
        """Returns from one UTC day's last point to the next one's. Raises JournalError."""
        ledger = self.books.ledger()
        return (self._curve.whole(ledger) if ledger else Curve()).daily()

    def endings(self) -> Endings:
        """Closed trades by symbol and by how they ended. Raises JournalError."""
        ledger, pages = self.books.ledger(), self.books.pages()
        return self._endings.of(ledger, lambda: endings_of(pages)) if ledger and pages else Endings()

    def profit_factor(self) -> Interval | None:
        """Gains over losses of all closed trades, with its interval. Raises JournalError."""
        ledger = self.books.ledger()
        return self._factor.of(ledger, lambda: factor_of(ledger.results())) if ledger else None

    def breakdown(self, *, since: datetime | None = None) -> Breakdown:
        """Closed trades by strategy, regime and agent, all of them or from a moment on. Raises JournalError."""
        ledger = self.books.ledger()
        if ledger is None:
            return breakdown_of(())
        return self._breakdown.whole(ledger) if since is None else breakdown_of(ledger.grounds(since=since))

"""Step one of a decision: gather everything it may look at into one frozen snapshot, or refuse to decide.

Market data that is missing or stale raises: nothing is decided on it. News that does not answer is recorded as missing,
which is not the same as no news. The account is the guard's view of it, never the venue's.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Protocol

from crews.setup import SnapshotSettings
from crews.view.bars import BarCache
from crews.view.crowd import KeptCrowd
from desk.domain.errors import DataError, GuardError, StaleDataError
from desk.domain.market import FundingPoint, Headline, Mark
from desk.domain.moments import from_ms
from desk.domain.money import signed_amount
from desk.guard.vocabulary.status import GuardStatus
from desk.market.order_flow import Flow
from desk.market.snapshot import AccountBrief, AlarmBrief, BarSeries, PositionBrief, Reference, Snapshot
from desk.ports import CrowdFeed, MarketData, NewsFeed, OutlookFeed

_log = logging.getLogger(__name__)
_WORKERS = 8
# What the tools compare a symbol with: sudden moves on the shortest bars, co-movement and volatility on hours.
_REFERENCE_INTERVALS = ("1m", "5m", "15m", "1h")


class Flows(Protocol):
    """Whoever listens to markets. Thread-safe, and raises nothing."""

    def flow(self, symbol: str, now: datetime) -> Flow | None:
        """What flowed through a symbol's market up to now; None where nobody listens to it."""
        ...


class SnapshotBuilder:
    """Builds snapshots from market, news and guard. Thread-safe; keeps nothing but finished bars and its threads."""

    def __init__(
        self,
        *,
        market: MarketData,
        news: NewsFeed | None,
        settings: SnapshotSettings,
        source: str,
        outlook: OutlookFeed | None = None,
        advised: Callable[[Snapshot], Snapshot] | None = None,
        crowd: CrowdFeed | None = None,
        flows: Flows | None = None,
    ) -> None:
        self._market = market
        self._news = news
        self._outlook = outlook
        self._advised = advised
        self._crowd = None if crowd is None else KeptCrowd(crowd, settings.crowd_period, settings.crowd_points)
        self._flows = flows
        self._settings = settings
        self._source = source
        self._bars = BarCache(market)
        self._pool = ThreadPoolExecutor(max_workers=_WORKERS, thread_name_prefix="snapshot")

    def build(
        self, symbol: str, now: datetime, status: GuardStatus, alarms: tuple[AlarmBrief, ...] | None = None
    ) -> Snapshot:
        """Everything about `symbol` at `now`, and the alarms that called for it if any did.

        Raises DataError, StaleDataError or VenueError.
        """
        settings = self._settings
        others = tuple(name for name in settings.references if name != symbol)
        book = self._pool.submit(self._market.book, symbol, settings.book_levels)
        funding = self._pool.submit(self._funding, symbol)
        marks = self._pool.submit(self._market.marks, (symbol, *others))
        news = self._pool.submit(self._headlines, now)
        outlook = None if self._outlook is None else self._pool.submit(self._outlook.outlook)
        crowd = None if self._crowd is None else self._pool.submit(self._crowd.at, symbol, now)
        series = self._series(symbol, settings.intervals, settings.bars, now)
        leaders = {name: self._series(name, self._common(), settings.reference_bars, now) for name in others}
        bars = _gathered(symbol, series)
        if not bars:
            raise DataError(f"no candles of {symbol} on any of {', '.join(settings.intervals)}")
        fresh = {name: self._fresh(mark, now) for name, mark in marks.result().items()}
        snapshot = Snapshot(
            symbol=symbol,
            at=now,
            source=self._source,
            mark=fresh[symbol],
            bars=bars,
            book=book.result(),
            funding=funding.result(),
            headlines=news.result(),
            references=tuple(
                Reference(symbol=name, mark=fresh[name], bars=_gathered(name, parts)) for name, parts in leaders.items()
            ),
            account=account_brief(status),
            outlook=None if outlook is None else outlook.result(),
            crowd=None if crowd is None else crowd.result(),
            flow=None if self._flows is None else self._flows.flow(symbol, now),
            alarms=alarms,
        )
        return snapshot if self._advised is None else self._advised(snapshot)

    def close(self) -> None:
        """Give the threads back."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _common(self) -> tuple[str, ...]:
        return tuple(i for i in self._settings.intervals if i in _REFERENCE_INTERVALS)

    def _series(
        self, symbol: str, intervals: tuple[str, ...], count: int, now: datetime
    ) -> dict[str, Future[BarSeries | None]]:
        return {i: self._pool.submit(self._one_series, symbol, i, count, now) for i in intervals}

    def _one_series(self, symbol: str, interval: str, count: int, now: datetime) -> BarSeries | None:
        """One interval, or None where the source has no bars of it, as a replay of longer bars has none shorter."""
        try:
            return BarSeries(interval=interval, bars=self._bars.bars(symbol, interval, count, now))
        except DataError as error:
            _log.info("no %s bars of %s: %s", interval, symbol, error)
            return None

    def _funding(self, symbol: str) -> tuple[FundingPoint, ...]:
        """Charges of the past; none where a source has none, as candles recorded without their funding."""
        try:
            return self._market.funding(symbol, self._settings.funding_points)
        except DataError as error:
            _log.info("no funding history of %s: %s", symbol, error)
            return ()

    def _fresh(self, mark: Mark, now: datetime) -> Mark:
        age = abs((now - mark.at).total_seconds())
        if age > self._settings.max_age:
            raise StaleDataError(f"the mark of {mark.symbol} is {age:.1f} s from the desk's clock")
        return mark

    def _headlines(self, now: datetime) -> tuple[Headline, ...] | None:
        if self._news is None:
            return None
        since = now - timedelta(hours=self._settings.news_hours)
        try:
            found = self._news.headlines(since)
        except DataError as error:
            _log.warning("no news source answered: %s", error)
            return None
        return _newest_of_each([item for item in found if item.at <= now], self._settings.max_headlines)


def _newest_of_each(found: Sequence[Headline], most: int) -> tuple[Headline, ...]:
    """At most so many, in their order: each source's newest, then each one's second: nobody crowds out another."""
    turn: Counter[str] = Counter()
    ranked: list[tuple[int, int]] = []
    for place in reversed(range(len(found))):
        ranked.append((turn[found[place].source], -place))
        turn[found[place].source] += 1
    return tuple(found[place] for place in sorted(-back for _, back in sorted(ranked)[:most]))


def _gathered(symbol: str, parts: dict[str, Future[BarSeries | None]]) -> tuple[BarSeries, ...]:
    found = (part.result() for part in parts.values())
    return tuple(series for series in found if series is not None and series.bars)


def account_brief(status: GuardStatus) -> AccountBrief:
    """The guard's status as the snapshot keeps it. Raises GuardError when it lacks the gross limit."""
    return AccountBrief(
        at=from_ms(status.venue_time),
        mode=status.mode,
        latch=None if status.latch is None else status.latch.reason,
        equity=status.equity,
        peak=status.peak,
        day_baseline=status.day.baseline,
        day_limit=status.day.limit,
        day_loss=status.day.loss,
        day_left=status.day.left,
        rolling_loss=status.rolling.loss,
        rolling_left=status.rolling.left,
        drawdown=status.drawdown.value,
        drawdown_limit=status.drawdown.limit,
        gap_used=status.gap_budget.used,
        gap_left=status.gap_budget.left,
        max_leverage=_limit(status, "max_gross"),
        unexplained=len(status.unexplained),
        open_intents=len(status.open_intents),
        positions=tuple(
            PositionBrief(
                symbol=position.symbol,
                quantity=position.quantity,
                entry=position.entry,
                mark=position.mark,
                unrealized=position.unrealized,
                stop=position.stop,
                target=position.target,
            )
            for position in status.positions
        ),
    )


def _limit(status: GuardStatus, name: str) -> Decimal:
    try:
        return signed_amount(str(status.limits[name]))
    except (KeyError, DataError) as error:
        raise GuardError(f"the guard's state does not say its limit {name}") from error

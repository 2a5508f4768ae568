"""The recorded markets each strategy is walked over, and how long it learns and trades there.

Every account stands alone; a row of the page is the mean of its accounts, day by day. Scalpers get quarter hours, where
they live; pairs and hedges get accounts of several symbols; headlines were recorded for half a year only.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from desk.backtest.recordings import FromFiles, Market, Wanted, open_market

DATA = Path(__file__).resolve().parents[3] / "shared" / "data"
NEWS = DATA / "news" / "crypto_headlines_stream.csv.gz"
FOUR = ("BTCUSDT", "ETHUSDT", "XRPUSDT", "ADAUSDT")


@dataclass(frozen=True, kw_only=True)
class Ground:
    """Accounts, each of some symbols on one interval, and the days of a step."""

    accounts: Sequence[tuple[str, ...]]
    interval: str
    train_days: int
    test_days: int
    since: datetime | None = None
    until: datetime | None = None

    @property
    def told(self) -> str:
        """The ground in one cell."""
        return f"{', '.join('+'.join(s.removesuffix('USDT') for s in one) for one in self.accounts)} {self.interval}"


HOURS = Ground(accounts=[(symbol,) for symbol in FOUR], interval="1h", train_days=365, test_days=90)
QUARTERS = Ground(accounts=[("BTCUSDT",), ("ETHUSDT",)], interval="15m", train_days=180, test_days=60)
PAIRS = Ground(accounts=[FOUR[:2], FOUR[2:]], interval="1h", train_days=365, test_days=90)
ALL_OF_THEM = Ground(accounts=[FOUR], interval="1h", train_days=365, test_days=90)
HEADLINES = Ground(
    accounts=[("BTCUSDT",)],
    interval="1h",
    train_days=60,
    test_days=20,
    since=datetime(2021, 10, 1, tzinfo=UTC),
    until=datetime(2022, 4, 1, tzinfo=UTC),
)
ELSEWHERE = {
    "micro-trend": QUARTERS,
    "range-scalp": QUARTERS,
    "cross-pair": PAIRS,
    "portfolio-hedge": ALL_OF_THEM,
    "news-mood": HEADLINES,
}


def ground_of(strategy: str) -> Ground:
    """Where a strategy is walked."""
    return ELSEWHERE.get(strategy, HOURS)


@cache
def market_of(symbols: tuple[str, ...], interval: str, since: datetime | None, until: datetime | None) -> Market:
    """One account's market, read once."""
    wanted = Wanted(symbols=symbols, interval=interval, since=since, until=until)
    return open_market(wanted, FromFiles(paths=[DATA]))


def markets_of(ground: Ground) -> list[Market]:
    """The markets of a ground's accounts."""
    return [market_of(one, ground.interval, ground.since, ground.until) for one in ground.accounts]

"""How the desk has done, with the doubt about it: no rate and no ratio stands without its interval and its number.

Sharpe is the mean daily return over its standard deviation, times the root of 365, against doing nothing; its interval
is a stationary bootstrap, see `desk.backtest.doubt`. Returns and falls are those of a unit of the account, which no
deposit and no withdrawal moves. Rates have Wilson's interval. Below twenty trades or ten days a figure is None: of so
few it would be chance.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

import numpy as np

from desk.backtest.doubt import Interval, bootstrap, gains_over_losses
from desk.backtest.measures import sharpe, wilson
from desk.domain.money import ZERO
from desk.ledger import Result
from ui.window.curve import Curve

ENOUGH_TRADES, ENOUGH_DAYS = 20, 10
_DAY_MS = 86_400_000
_BLOCK_DAYS, _DRAWS = 5, 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """A rate with its interval at 95 %, and of how many."""

    estimate: float
    low: float
    high: float
    of: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Track:
    """What closed trades and the equity curve come to. Money in USDT; `drawdown` is a fraction of the peak.

    `first` and `last` are the account's equity. A deposit or withdrawal moves these two, and no other figure.
    """

    trades: int
    wins: int
    pnl: Decimal
    fees: Decimal
    funding: Decimal
    average_win: Decimal | None
    average_loss: Decimal | None
    profit_factor: Decimal | None
    win_rate: Share | None
    days: int
    sharpe: Interval | None
    drawdown: float
    first: Decimal | None
    last: Decimal | None


class Doubt:
    """The interval of a Sharpe ratio: drawn five hundred times, so once for the same days. Thread-safe."""

    def __init__(self) -> None:
        self._known: tuple[bytes, Interval | None] = (b"", None)

    def sharpe(self, daily: np.ndarray) -> Interval | None:
        """The ratio of daily returns with its interval; None of too few days, or of days that do not vary."""
        days, (known, interval) = daily.tobytes(), self._known
        if days != known:
            interval = _sharpe(daily) if len(daily) >= ENOUGH_DAYS else None
            # One assignment: another thread sees the old pair or the new one.
            self._known = (days, interval)
        return interval


def track_of(results: Sequence[Result], curve: Curve, doubt: Doubt | None = None) -> Track:
    """The figures of closed trades and of an equity curve."""
    pnls = [one.pnl for one in results]
    won, lost = [pnl for pnl in pnls if pnl > ZERO], [-pnl for pnl in pnls if pnl < ZERO]
    daily = curve.daily()
    return Track(
        trades=len(pnls),
        wins=len(won),
        pnl=sum(pnls, ZERO),
        fees=sum((one.fees for one in results), ZERO),
        funding=sum((one.funding for one in results), ZERO),
        average_win=_mean(won),
        average_loss=_mean(lost),
        profit_factor=sum(won, ZERO) / sum(lost, ZERO) if lost and len(pnls) >= ENOUGH_TRADES else None,
        win_rate=share_of(len(won), len(pnls)) if len(pnls) >= ENOUGH_TRADES else None,
        days=len(daily),
        sharpe=(doubt or Doubt()).sharpe(daily),
        drawdown=curve.drawdown,
        first=curve.first,
        last=curve.last,
    )


def factor_of(results: Sequence[Result]) -> Interval | None:
    """Gains over losses with its interval; None of too few trades, or where none was won or none lost."""
    if len(results) < ENOUGH_TRADES:
        return None
    return gains_over_losses(np.array([one.pnl for one in results], dtype=np.float64))


def _mean(values: Sequence[Decimal]) -> Decimal | None:
    return sum(values, ZERO) / len(values) if values else None


def share_of(successes: int, tries: int) -> Share:
    """A rate with its interval, of one try or more."""
    low, high = wilson(successes, tries)
    return Share(estimate=successes / tries, low=low, high=high, of=tries)


def _sharpe(daily: np.ndarray) -> Interval | None:
    if sharpe(daily, _DAY_MS) is None:
        return None
    return bootstrap(daily, lambda some: sharpe(some, _DAY_MS) or 0.0, block=_BLOCK_DAYS, draws=_DRAWS)

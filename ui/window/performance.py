"""How the desk has done, with the doubt about it: no rate and no ratio stands without its interval and its number.

Sharpe is the mean daily return of equity over its standard deviation, times the root of 365, against doing nothing;
its interval is a stationary bootstrap, see `desk.backtest.doubt`. Rates have Wilson's interval. Below twenty trades or
ten days a figure is None: of so few it would be chance.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import numpy as np

from desk.backtest.doubt import Interval, bootstrap
from desk.backtest.measures import drawdown, sharpe, wilson
from desk.domain.money import ZERO
from desk.ledger import EquityRow, TradeRow

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
    """What closed trades and the equity curve come to. Money in USDT; `drawdown` is a fraction of the peak."""

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


def track_of(trades: Sequence[TradeRow], equity: Sequence[EquityRow]) -> Track:
    """The figures of closed trades and of an equity curve, oldest point first."""
    results = [trade.pnl for trade in trades if trade.pnl is not None]
    won, lost = [pnl for pnl in results if pnl > ZERO], [-pnl for pnl in results if pnl < ZERO]
    daily = daily_returns(equity)
    curve = np.array([float(point.equity) for point in equity], dtype=np.float64)
    return Track(
        trades=len(results),
        wins=len(won),
        pnl=sum(results, ZERO),
        fees=sum((trade.fees for trade in trades if trade.fees is not None), ZERO),
        funding=sum((trade.funding for trade in trades if trade.funding is not None), ZERO),
        average_win=_mean(won),
        average_loss=_mean(lost),
        profit_factor=sum(won, ZERO) / sum(lost, ZERO) if lost and len(results) >= ENOUGH_TRADES else None,
        win_rate=_share(len(won), len(results)) if len(results) >= ENOUGH_TRADES else None,
        days=len(daily),
        sharpe=_sharpe(daily) if len(daily) >= ENOUGH_DAYS else None,
        drawdown=drawdown(curve, float(curve[0]))[0] if len(curve) else 0.0,
        first=equity[0].equity if equity else None,
        last=equity[-1].equity if equity else None,
    )


def daily_returns(equity: Sequence[EquityRow]) -> np.ndarray:
    """Returns from one UTC day's last point to the next one's; days without a point are passed over."""
    closes: dict[date, float] = {point.at.date(): float(point.equity) for point in equity}
    values = np.array(list(closes.values()), dtype=np.float64)
    return values[1:] / values[:-1] - 1 if len(values) > 1 else np.array([], dtype=np.float64)


def _mean(values: Sequence[Decimal]) -> Decimal | None:
    return sum(values, ZERO) / len(values) if values else None


def _share(successes: int, tries: int) -> Share:
    low, high = wilson(successes, tries)
    return Share(estimate=successes / tries, low=low, high=high, of=tries)


def _sharpe(daily: np.ndarray) -> Interval | None:
    if sharpe(daily, _DAY_MS) is None:
        return None
    return bootstrap(daily, lambda some: sharpe(some, _DAY_MS) or 0.0, block=_BLOCK_DAYS, draws=_DRAWS)

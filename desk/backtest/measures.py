"""What an equity curve and its trades are worth, in traders' words. A year has 365 days: this market never closes."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from desk.backtest.outcome import Exit, Outcome
from desk.domain.rates import wilson
from desk.indicators.columns import Column

YEAR_MS = 365 * 86_400_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Measures:
    """Fractions unless said otherwise; None where there is nothing to measure.

    `win_rate_interval` is Wilson's at 95 %. `profit_factor` is gains over losses of closed trades. `turnover` is what
    was traded over the mean equity, a year. `exposure` is the share of bars with a position.
    """

    total_return: float
    yearly_return: float | None
    sharpe: float | None
    sortino: float | None
    max_drawdown: float
    longest_drawdown_bars: int
    calmar: float | None
    trades: int
    win_rate: float | None
    win_rate_interval: tuple[float, float] | None
    profit_factor: float | None
    average_win: float | None
    average_loss: float | None
    turnover: float
    exposure: float
    fees: float
    funding: float
    stops: int
    targets: int
    liquidations: int


def measure(outcome: Outcome, step_ms: int) -> Measures:
    """Everything about one outcome whose bars are `step_ms` long."""
    years = len(outcome.equity) * step_ms / YEAR_MS
    total = float(outcome.equity[-1] / outcome.deposit - 1.0) if len(outcome.equity) else 0.0
    yearly = (1.0 + total) ** (1.0 / years) - 1.0 if years > 0 and total > -1 else None
    deepest, longest = drawdown(outcome.equity, outcome.deposit)
    returns, net = outcome.returns, outcome.column("net")
    won, lost = net[net > 0], net[net < 0]
    rate = len(won) / len(net) if len(net) else None
    return Measures(
        total_return=total,
        yearly_return=yearly,
        sharpe=sharpe(returns, step_ms),
        sortino=sortino(returns, step_ms),
        max_drawdown=deepest,
        longest_drawdown_bars=longest,
        calmar=yearly / deepest if yearly is not None and deepest > 0 else None,
        trades=len(net),
        win_rate=rate,
        win_rate_interval=wilson(len(won), len(net)) if len(net) else None,
        profit_factor=float(won.sum() / -lost.sum()) if len(lost) else None,
        average_win=float(won.mean()) if len(won) else None,
        average_loss=float(lost.mean()) if len(lost) else None,
        turnover=_turnover(outcome, years),
        exposure=_exposure(outcome),
        fees=float(outcome.column("fees").sum()),
        funding=float(outcome.column("funding").sum()),
        stops=int(outcome.ended_by(Exit.STOP).sum()),
        targets=int(outcome.ended_by(Exit.TARGET).sum()),
        liquidations=int(outcome.ended_by(Exit.LIQUIDATION).sum()),
    )


def sharpe(returns: Column, step_ms: int) -> float | None:
    """Mean over standard deviation of the returns, a year, against doing nothing; None where they do not vary."""
    spread = float(returns.std(ddof=1)) if len(returns) > 1 else 0.0
    return float(returns.mean()) / spread * math.sqrt(YEAR_MS / step_ms) if spread > 0 else None


def sortino(returns: Column, step_ms: int) -> float | None:
    """As Sharpe, over the root mean square of the losses alone."""
    below = math.sqrt(float(np.mean(np.minimum(returns, 0.0) ** 2))) if len(returns) else 0.0
    return float(returns.mean()) / below * math.sqrt(YEAR_MS / step_ms) if below > 0 else None


def drawdown(equity: Column, deposit: float) -> tuple[float, int]:
    """The deepest fall from a peak as a fraction of it, and the longest stretch of bars below one."""
    if not len(equity):
        return 0.0, 0
    peak = np.maximum.accumulate(np.concatenate(([deposit], equity)))[1:]
    at_peak = np.flatnonzero(equity >= peak)
    longest = int(np.diff(at_peak, prepend=-1, append=len(equity)).max()) - 1
    return float(np.max(1.0 - equity / peak)), longest


def _turnover(outcome: Outcome, years: float) -> float:
    if not len(outcome.trades) or years <= 0:
        return 0.0
    prices = outcome.column("entry_price") + outcome.column("exit_price")
    return float((outcome.column("quantity") * prices).sum() / outcome.equity.mean() / years)


def _exposure(outcome: Outcome) -> float:
    bars = len(outcome.equity)
    if not bars:
        return 0.0
    held = np.zeros(bars + 1, dtype=np.int64)
    np.add.at(held, outcome.column("entry_row").astype(np.int64), 1)
    np.add.at(held, outcome.column("exit_row").astype(np.int64) + 1, -1)
    return float((np.cumsum(held)[:bars] > 0).mean())

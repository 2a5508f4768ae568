"""What a trial hears and finds. Fractions unless said otherwise; `daily` columns are returns of whole UTC days."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from desk.backtest.doubt import Interval
from desk.backtest.honesty import Betrayal
from desk.backtest.measures import Measures
from desk.backtest.outcome import Outcome
from desk.backtest.plan import Plan
from desk.backtest.replay.values import Comparison
from desk.backtest.strategy import Strategy
from desk.indicators.columns import Column, Times


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A strategy as it could be set; `label` tells its parameters from those of the others."""

    label: str
    strategy: Strategy


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Result:
    """One run: what came of it, in measures, and by UTC day."""

    name: str
    outcome: Outcome
    measures: Measures
    daily: Column


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Baseline:
    """What somebody without the strategy would have had. `lead` is the strategy's yearly return above it."""

    result: Result
    note: str
    lead: Interval | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Chance:
    """The strategy's trades in another order, many times: who holds as long and turns over as much, without a reason.

    `better` is the share of them that did at least as well, with the run itself counted among them.
    """

    draws: int
    median: float
    low: float
    high: float
    better: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubt:
    """How much of the result is luck. `deflated` is the chance that the true ratio is above that of the luckiest try.

    `yearly` is the mean daily return times 365, `sharpe` a year's; both with block-bootstrap intervals. `overfitting`
    is the chance that the best variant of one half of the time is below the median in the other; None with one variant.
    """

    days: int
    yearly: Interval
    sharpe: Interval
    tries: int
    spread: float
    deflated: float | None
    overfitting: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Honesty:
    """Wishes that change with what came later, or with how much came before; nothing of either in an honest one."""

    hindsight: tuple[Betrayal, ...]
    memory: tuple[Betrayal, ...]
    rows: int

    @property
    def holds(self) -> bool:
        """Whether both checks found nothing."""
        return not self.hindsight and not self.memory


@dataclass(frozen=True, slots=True, kw_only=True)
class Strain:
    """The same wishes at other costs: the factor on fees and slippage, and what was left."""

    costs: float
    result: Result


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """One step of a walk-forward: who did best on the rows before `first`, and what he made of those up to `last`."""

    trained_from: int
    first: int
    last: int
    label: str
    trained_sharpe: float | None
    total_return: float
    trades: int


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class WalkForward:
    """Out of sample only: each stretch is traded with what was known before it. `equity` starts at 1."""

    windows: tuple[Window, ...]
    equity: Column
    rows: Times
    daily: Column
    yearly: Interval
    sharpe: Interval
    max_drawdown: float
    trades: int


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Trial:
    """Everything found. `first` is the row after the warm-up: nobody is measured before it. `wishes` begin there."""

    result: Result
    wishes: Plan
    label: str
    first: int
    baselines: tuple[Baseline, ...]
    chance: Chance | None
    doubt: Doubt | None
    honesty: Honesty
    strains: tuple[Strain, ...] = ()
    walk: WalkForward | None = None
    replay: Comparison | None = None
    variants: Sequence[str] = ()

"""What the risk room answers with: the account in numbers, named reasons, and advice that never holds a quantity."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class RiskVerdict(StrEnum):
    """What the state of the account allows, in the specialist's view. The guard decides for itself."""

    OK = "OK"
    CAUTION = "CAUTION"
    NO_NEW_EXPOSURE = "NO_NEW_EXPOSURE"


class RiskReason(StrEnum):
    """Why a verdict is not better than it is."""

    LATCHED = "LATCHED"
    NOT_NORMAL = "NOT_NORMAL"
    UNEXPLAINED = "UNEXPLAINED"
    DAY_LIMIT_SPENT = "DAY_LIMIT_SPENT"
    DAY_LIMIT_NEAR = "DAY_LIMIT_NEAR"
    ROLLING_LIMIT_SPENT = "ROLLING_LIMIT_SPENT"
    ROLLING_LIMIT_NEAR = "ROLLING_LIMIT_NEAR"
    DRAWDOWN_SPENT = "DRAWDOWN_SPENT"
    DRAWDOWN_NEAR = "DRAWDOWN_NEAR"
    GAP_BUDGET_SPENT = "GAP_BUDGET_SPENT"
    GAP_BUDGET_NEAR = "GAP_BUDGET_NEAR"
    LEVERAGE_SPENT = "LEVERAGE_SPENT"
    LEVERAGE_HIGH = "LEVERAGE_HIGH"
    LIQUIDATION_NEAR = "LIQUIDATION_NEAR"
    UNPROTECTED_POSITION = "UNPROTECTED_POSITION"
    TAIL_LOSS_HIGH = "TAIL_LOSS_HIGH"
    VOLATILITY_HIGH = "VOLATILITY_HIGH"
    FUNDING_COSTLY = "FUNDING_COSTLY"
    ACCOUNT_STALE = "ACCOUNT_STALE"


@dataclass(frozen=True, slots=True, kw_only=True)
class PositionRisk:
    """One open position in numbers, all fractions. Distances are from the mark; None where unknown.

    `to_liquidation` falls back to an isolated-margin estimate from the leverage and says so.
    """

    symbol: str
    long: bool
    exposure: float
    unrealized: float
    to_stop: float | None
    to_liquidation: float | None
    liquidation_estimated: bool
    funding_24h: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TailRisk:
    """One-day loss of the open positions: fractions of equity, never negative; None when flat or unknown.

    `filtered_*` are of the same past, scaled to today's volatility; `calm` is the median of that scale: below 1 today
    is calmer than the past was, above 1 wilder.
    """

    confidence: float
    var: float | None
    cvar: float | None
    observations: int
    filtered_var: float | None = None
    filtered_cvar: float | None = None
    calm: float | None = None

    @property
    def worst(self) -> float | None:
        """The larger CVaR of the two, which is the one to be careful by."""
        return max((one for one in (self.cvar, self.filtered_cvar) if one is not None), default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class SizeAdvice:
    """How much of the usual size the conditions call for, in [0, 1], and the distances that suit the volatility.

    Distances are fractions of the price. The guard alone turns any of this into a quantity.
    """

    fraction: float
    daily_volatility: float | None
    stop_pct: float
    target_pct: float


@dataclass(frozen=True, slots=True, kw_only=True)
class RiskReading:
    """The state of the account. `*_left` are unspent fractions of their limits, in [0, 1].

    Leverages are multiples of equity; `funding_24h` is the cost of the next day as a fraction of equity, below zero
    when the account is paid.
    """

    symbol: str
    verdict: RiskVerdict
    reasons: tuple[RiskReason, ...]
    equity: float
    gross_leverage: float
    net_leverage: float
    leverage_left: float
    day_left: float
    rolling_left: float
    drawdown_left: float
    gap_left: float
    funding_24h: float
    positions: tuple[PositionRisk, ...]
    tail: TailRisk
    size: SizeAdvice

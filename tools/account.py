"""Tools over the account: its risk in numbers, and the limits the desk and the guard hold it to. They only read."""

from __future__ import annotations

from desk.domain.market import Mark
from desk.market.candles import Candles
from desk.risk.account import read_risk
from desk.risk.values import RiskReading, RiskReason, RiskVerdict
from tools.rounding import compact, short
from tools.tool import NoArgs, Result, Tool, ToolContext, Trust

_RISK_INTERVALS = ("1h", "15m", "4h", "5m", "1d")


class PositionResult(Result):
    """One open position; exposure and unrealised profit as fractions of equity, distances as fractions of the mark."""

    symbol: str
    long: bool
    exposure: float
    unrealized: float
    to_stop: float | None
    to_liquidation: float | None
    liquidation_estimated: bool
    funding_24h: float | None


class TailResult(Result):
    """One-day loss of the open positions, as fractions of equity; `filtered_*` scaled to the volatility of today."""

    confidence: float
    var: float | None
    cvar: float | None
    observations: int
    filtered_var: float | None
    filtered_cvar: float | None
    calm: float | None


class SizeResult(Result):
    """How much of the usual size the conditions call for, and the distances that suit the volatility."""

    fraction: float
    daily_volatility: float | None
    stop_pct: float
    target_pct: float


class RiskResult(Result):
    """The state of the account; every `*_left` is the unspent fraction of a limit."""

    symbol: str
    verdict: RiskVerdict
    reasons: list[RiskReason]
    equity: float
    gross_leverage: float
    net_leverage: float
    leverage_left: float
    day_left: float
    rolling_left: float
    drawdown_left: float
    gap_left: float
    funding_24h: float
    positions: list[PositionResult]
    tail: TailResult
    size: SizeResult


def risk_reading(context: ToolContext) -> RiskReading:
    """The account's risk for a decision on the snapshot's symbol. Also what code holds the decision against."""
    snapshot = context.snapshot
    marks: dict[str, Mark] = {snapshot.symbol: snapshot.mark}
    marks.update({reference.symbol: reference.mark for reference in snapshot.references})
    return read_risk(snapshot.account, snapshot.symbol, snapshot.at, candles=candles_at_hand(context), marks=marks)


def candles_at_hand(context: ToolContext) -> dict[str, Candles]:
    """The bars that speak best of risk, by symbol, where the snapshot has any."""
    snapshot, found = context.snapshot, dict[str, Candles]()
    for symbol, series in ((snapshot.symbol, snapshot.bars), *((r.symbol, r.bars) for r in snapshot.references)):
        present = {s.interval for s in series if s.bars}
        interval = next((i for i in _RISK_INTERVALS if i in present), None)
        if interval is not None:
            found[symbol] = snapshot.candles(interval, symbol)
    return found


def _risk(context: ToolContext, args: NoArgs) -> RiskResult:
    return RiskResult.model_validate(compact(risk_reading(context)))


GET_ACCOUNT_RISK = Tool(
    name="get_account_risk",
    description="Equity, leverage, what is left of each limit, tail loss, positions, and advice on size and distances.",
    args=NoArgs,
    result=RiskResult,
    trust=Trust.TRUSTED,
    side_effect=False,
    compute=_risk,
)


class LimitsResult(Result):
    """What a decision will be held to. Amounts in USDT, the rest as fractions unless named otherwise."""

    mode: str
    latched: bool
    equity: float
    day_loss: float
    day_left: float
    rolling_left: float
    drawdown: float
    drawdown_limit: float
    gap_used: float
    gap_left: float
    max_leverage: float
    open_positions: int
    open_intents: int
    unexplained: int
    min_confidence: float
    max_conviction: float
    stop_pct: tuple[float, float]
    target_pct: tuple[float, float]


def _limits(context: ToolContext, args: NoArgs) -> LimitsResult:
    account, settings = context.snapshot.account, context.settings
    return LimitsResult(
        mode=account.mode,
        latched=account.latch is not None,
        equity=short(account.equity),
        day_loss=short(account.day_loss),
        day_left=short(account.day_left),
        rolling_left=short(account.rolling_left),
        drawdown=short(account.drawdown),
        drawdown_limit=short(account.drawdown_limit),
        gap_used=short(account.gap_used),
        gap_left=short(account.gap_left),
        max_leverage=short(account.max_leverage),
        open_positions=sum(1 for position in account.positions if position.quantity),
        open_intents=account.open_intents,
        unexplained=account.unexplained,
        min_confidence=settings.min_confidence,
        max_conviction=settings.max_conviction,
        stop_pct=settings.stop_bounds,
        target_pct=settings.target_bounds,
    )


GET_LIMITS = Tool(
    name="get_limits",
    description="The guard's mode and what is left of its limits, and the bounds a decision is held to.",
    args=NoArgs,
    result=LimitsResult,
    trust=Trust.TRUSTED,
    side_effect=False,
    compute=_limits,
)

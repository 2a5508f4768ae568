"""Tools over positions together, and before there is one: concentration, the cost of holding, what a record bears."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from pydantic import Field

from desk.domain.errors import ToolRefusedError
from desk.market.funding import funding_interval
from desk.risk.concentration import concentration
from desk.risk.holding import holding
from desk.risk.kelly import kelly_advice
from tools.account import candles_at_hand
from tools.rounding import compact
from tools.tool import Args, NoArgs, Result, Tool, ToolContext, Trust


class ContributionResult(Result):
    """One position: notional over equity, share of all money at stake, share of the variance (below zero: a hedge)."""

    symbol: str
    weight: float
    share: float
    of_risk: float | None


class ConcentrationResult(Result):
    """How many positions these are really: by money (`effective`), and by how they move (`independent`)."""

    positions: list[ContributionResult]
    effective: float | None
    independent: float | None
    correlation: float | None
    bars: int


def _concentration(context: ToolContext, args: NoArgs) -> ConcentrationResult:
    account = context.snapshot.account
    if account.equity <= 0:
        raise ToolRefusedError("no_data", "the account has no equity to measure positions by")
    weights = {p.symbol: float(p.quantity * p.mark / account.equity) for p in account.positions}
    found = concentration(weights, candles_at_hand(context))
    if found is None:
        return ConcentrationResult(positions=[], effective=None, independent=None, correlation=None, bars=0)
    return ConcentrationResult.model_validate(compact(found))


GET_CONCENTRATION = Tool(
    name="get_concentration",
    description="How concentrated the open positions are: each one's share of money and of risk, and independent bets.",
    args=NoArgs,
    result=ConcentrationResult,
    trust=Trust.TRUSTED,
    side_effect=False,
    compute=_concentration,
)


class HoldingArgs(Args):
    """A position that might be opened."""

    long: Annotated[bool, Field(description="true to be long, false to be short")]
    leverage: Annotated[float, Field(ge=1, le=125, description="as it would be set at the venue")]
    hours: Annotated[float, Field(gt=0, le=720, description="for how long it would be held")]
    stop_pct: Annotated[float, Field(gt=0, lt=1, description="distance of the stop, a fraction of the price")]


class HoldingResult(Result):
    """Fractions: of the price to liquidation and break-even; funding, above zero where paid, of notional and margin."""

    long: bool
    leverage: float
    to_liquidation: float
    funding: float
    funding_of_margin: float
    break_even: float
    stop_is_reached_first: bool


def _holding(context: ToolContext, args: HoldingArgs) -> HoldingResult:
    snapshot = context.snapshot
    found = holding(
        long=args.long,
        leverage=args.leverage,
        rate=float(snapshot.mark.funding_rate),
        interval=funding_interval(snapshot.funding),
        held=timedelta(hours=args.hours),
        stop=args.stop_pct,
    )
    return HoldingResult.model_validate(compact(found))


GET_HOLDING_COST = Tool(
    name="get_holding_cost",
    description="What a position would cost and risk by being held: liquidation distance, funding at the present rate.",
    args=HoldingArgs,
    result=HoldingResult,
    trust=Trust.TRUSTED,
    side_effect=False,
    compute=_holding,
)


class KellyArgs(Args):
    """A record of trades."""

    wins: Annotated[int, Field(ge=0, le=1_000_000)]
    losses: Annotated[int, Field(ge=0, le=1_000_000)]
    payoff: Annotated[float, Field(gt=0, le=1_000, description="average win over average loss")]


class KellyResult(Result):
    """Shares of equity to venture: on the record as it stands, on the low end of its win rate, and as advised."""

    full: float
    doubted: float
    advised: float
    win_rate: float
    win_rate_low: float
    payoff: float
    trades: int


def _kelly(context: ToolContext, args: KellyArgs) -> KellyResult:
    if args.wins + args.losses == 0:
        raise ToolRefusedError("no_data", "a record of no trades justifies nothing")
    return KellyResult.model_validate(compact(kelly_advice(args.wins, args.losses, args.payoff)))


GET_KELLY_FRACTION = Tool(
    name="get_kelly_fraction",
    description="What share of equity a record of trades justifies, doubted and capped; 0 when it proves no edge.",
    args=KellyArgs,
    result=KellyResult,
    trust=Trust.TRUSTED,
    side_effect=False,
    compute=_kelly,
)

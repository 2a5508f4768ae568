"""The market at large as a tool. Its numbers come partly from others' servers, so it counts as strangers' writing."""

from __future__ import annotations

from desk.context.reading import BTC, ETH, read_context
from desk.context.values import Appetite, Calm, Feeling, Missing, Trend
from tools.rounding import compact
from tools.tool import NoArgs, Result, SymbolName, Tool, ToolContext, Trust


class LeaderResult(Result):
    """One market by its hourly bars: changes and yearly volatility in per cent, the trend's strength in [0, 1]."""

    symbol: SymbolName
    price: float
    change_1h: float | None
    change_24h: float | None
    change_4d: float | None
    trend: Trend
    strength: float
    volatility: Calm | None
    volatility_pct: float | None


class ContextResult(Result):
    """BTC, ETH and the symbol's own market, what public sources say, and what is missing of it all."""

    btc: LeaderResult | None
    eth: LeaderResult | None
    own: LeaderResult | None
    correlation_btc: float | None
    appetite: Appetite
    votes: int
    fear_greed: int | None
    feeling: Feeling | None
    btc_dominance: float | None
    eth_dominance: float | None
    total_cap_usd_bn: float | None
    cap_change_24h: float | None
    premium_pct: float | None
    missing: list[Missing]


def _context(context: ToolContext, args: NoArgs) -> ContextResult:
    reading = compact(read_context(context.snapshot))
    if context.snapshot.symbol in (BTC, ETH):
        reading["own"] = None  # said already
    return ContextResult.model_validate(reading)


GET_MARKET_CONTEXT = Tool(
    name="get_market_context",
    description="BTC, ETH, dominance, Fear & Greed, trend, volatility class, risk appetite, and what is missing.",
    args=NoArgs,
    result=ContextResult,
    trust=Trust.UNTRUSTED,
    side_effect=False,
    compute=_context,
)

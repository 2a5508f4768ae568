"""Tools over computed analysis: indicators, the weighted signal, the regime. Thin: they ask the desk and answer."""

from __future__ import annotations

from dataclasses import asdict

from desk.domain.errors import ToolRefusedError
from desk.indicators.panel import indicator_panel
from desk.regime.detect import read_regime
from desk.regime.values import EvidenceCode, Regime
from desk.signals.weighted import Direction, SignalName, SignalReason, weigh
from tools.market import Interval
from tools.rounding import compact, short
from tools.tool import Args, NoArgs, Result, Tool, ToolContext, Trust


class IndicatorsArgs(Args):
    """Which candles the indicators are computed on."""

    interval: Interval


class IndicatorsResult(Result):
    """Every indicator at the newest finished bar; one without enough history is absent from `values`."""

    symbol: str
    interval: str
    bars: int
    values: dict[str, float]


def _indicators(context: ToolContext, args: IndicatorsArgs) -> IndicatorsResult:
    if args.interval not in context.snapshot.intervals:
        have = ", ".join(context.snapshot.intervals)
        raise ToolRefusedError("no_such_interval", f"no {args.interval} candles in this snapshot; it has {have}")
    panel = asdict(indicator_panel(context.snapshot.candles(args.interval)))
    bars = panel.pop("bars")
    values = {name: short(value) for name, value in panel.items() if value is not None}
    return IndicatorsResult(symbol=context.snapshot.symbol, interval=args.interval, bars=bars, values=values)


GET_INDICATORS = Tool(
    name="get_indicators",
    description="EMA, SMA, MACD, RSI, VWAP, Bollinger, ATR, ADX, OBV, Stochastic, CCI, MFI, ROC, Donchian, Keltner.",
    args=IndicatorsArgs,
    result=IndicatorsResult,
    trust=Trust.TRUSTED,
    side_effect=False,
    compute=_indicators,
)


class SignalVote(Result):
    """One vote: who, how much, on what."""

    name: SignalName
    contribution: int
    reason: SignalReason


class SignalResult(Result):
    """The sum of the votes. `direction` is NONE while the score is below the threshold."""

    interval: str
    score: int
    threshold: int
    direction: Direction
    parts: list[SignalVote]


def _signal(context: ToolContext, args: NoArgs) -> SignalResult:
    interval = context.settings.signal_interval
    signal = weigh(indicator_panel(context.snapshot.candles(interval)), context.settings.signals)
    return SignalResult.model_validate({"interval": interval, **compact(signal)})


GET_WEIGHTED_SIGNAL = Tool(
    name="get_weighted_signal",
    description="The weighted vote of MACD, VWAP, EMA alignment and RSI: score, threshold, direction and parts.",
    args=NoArgs,
    result=SignalResult,
    trust=Trust.TRUSTED,
    side_effect=False,
    compute=_signal,
)


class Odds(Result):
    """Probabilities of the four regimes."""

    bull: float
    bear: float
    sideways: float
    volatile: float


class EvidenceItem(Result):
    """One measured fact in [-1, 1]."""

    code: EvidenceCode
    value: float


class TimeframeResult(Result):
    """The regime on one interval, and for how many of its bars it has stood."""

    interval: str
    regime: Regime
    held_bars: int
    odds: Odds
    evidence: list[EvidenceItem]


class RegimeResult(Result):
    """The regime of the leading interval; confidence is its lead, agreement how many intervals share it."""

    regime: Regime
    odds: Odds
    confidence: float
    agreement: float
    timeframes: list[TimeframeResult]


def _regime(context: ToolContext, args: NoArgs) -> RegimeResult:
    return RegimeResult.model_validate(compact(read_regime(context.snapshot.all_candles())))


GET_REGIME = Tool(
    name="get_regime",
    description="Bull, bear, sideways or volatile: probabilities on each interval, one leading, with evidence.",
    args=NoArgs,
    result=RegimeResult,
    trust=Trust.TRUSTED,
    side_effect=False,
    compute=_regime,
)

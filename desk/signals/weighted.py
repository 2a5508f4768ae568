"""The weighted signal: MACD, VWAP, EMA alignment and RSI each vote, and the sum speaks from the threshold on."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from desk.domain.errors import ConfigError
from desk.indicators.panel import IndicatorPanel


class Direction(StrEnum):
    """Which way a signal points."""

    LONG = "LONG"
    SHORT = "SHORT"
    NONE = "NONE"


class SignalName(StrEnum):
    """Who votes."""

    MACD = "MACD"
    VWAP = "VWAP"
    EMA_CROSS = "EMA_CROSS"
    RSI = "RSI"


class SignalReason(StrEnum):
    """What a vote was cast on."""

    MACD_ABOVE_SIGNAL = "MACD_ABOVE_SIGNAL"
    MACD_BELOW_SIGNAL = "MACD_BELOW_SIGNAL"
    CLOSE_ABOVE_VWAP = "CLOSE_ABOVE_VWAP"
    CLOSE_BELOW_VWAP = "CLOSE_BELOW_VWAP"
    EMA_9_ABOVE_21 = "EMA_9_ABOVE_21"
    EMA_9_21_50_RISING = "EMA_9_21_50_RISING"
    EMA_9_21_50_200_RISING = "EMA_9_21_50_200_RISING"
    EMA_9_BELOW_21 = "EMA_9_BELOW_21"
    EMA_9_21_50_FALLING = "EMA_9_21_50_FALLING"
    EMA_9_21_50_200_FALLING = "EMA_9_21_50_200_FALLING"
    RSI_OVERSOLD = "RSI_OVERSOLD"
    RSI_OVERBOUGHT = "RSI_OVERBOUGHT"
    BALANCED = "BALANCED"
    TOO_LITTLE_HISTORY = "TOO_LITTLE_HISTORY"


@dataclass(frozen=True, slots=True, kw_only=True)
class SignalParameters:
    """Weights of the votes, the score from which the signal speaks, and the RSI bounds (0..100)."""

    macd: int = 1
    vwap: int = 1
    ema_weak: int = 1
    ema_medium: int = 2
    ema_strong: int = 3
    rsi: int = 1
    threshold: int = 3
    rsi_oversold: float = 30.0
    rsi_overbought: float = 70.0

    def __post_init__(self) -> None:
        """Refuse weights that cannot mean anything. Raises ConfigError."""
        weights = (self.macd, self.vwap, self.ema_weak, self.ema_medium, self.ema_strong, self.rsi)
        if min(weights) < 0 or self.threshold < 1 or not self.ema_weak <= self.ema_medium <= self.ema_strong:
            raise ConfigError("weights are not negative, rise for EMA, and the threshold is at least 1", file="signals")
        if not 0 < self.rsi_oversold < self.rsi_overbought < 100:
            raise ConfigError("RSI bounds lie between 0 and 100, oversold below overbought", file="signals")


@dataclass(frozen=True, slots=True, kw_only=True)
class SignalPart:
    """One vote: who, how much (signed), and on what."""

    name: SignalName
    contribution: int
    reason: SignalReason


@dataclass(frozen=True, slots=True, kw_only=True)
class WeightedSignal:
    """The sum of the votes. `direction` is NONE while |score| is below `threshold`."""

    score: int
    threshold: int
    direction: Direction
    parts: tuple[SignalPart, ...]

    @property
    def strength(self) -> int:
        """|score|."""
        return abs(self.score)


def weigh(panel: IndicatorPanel, parameters: SignalParameters) -> WeightedSignal:
    """Let every indicator of the panel vote. One that lacks history abstains with a reason."""
    parts = (_macd(panel, parameters), _vwap(panel, parameters), _ema(panel, parameters), _rsi(panel, parameters))
    score = sum(part.contribution for part in parts)
    speaks = abs(score) >= parameters.threshold
    direction = Direction.NONE if not speaks else Direction.LONG if score > 0 else Direction.SHORT
    return WeightedSignal(score=score, threshold=parameters.threshold, direction=direction, parts=parts)


def _part(name: SignalName, contribution: int, reason: SignalReason) -> SignalPart:
    return SignalPart(name=name, contribution=contribution, reason=reason)


def _macd(panel: IndicatorPanel, parameters: SignalParameters) -> SignalPart:
    name, histogram = SignalName.MACD, panel.macd_histogram
    if histogram is None:
        return _part(name, 0, SignalReason.TOO_LITTLE_HISTORY)
    if histogram == 0:
        return _part(name, 0, SignalReason.BALANCED)
    if histogram > 0:
        return _part(name, parameters.macd, SignalReason.MACD_ABOVE_SIGNAL)
    return _part(name, -parameters.macd, SignalReason.MACD_BELOW_SIGNAL)


def _vwap(panel: IndicatorPanel, parameters: SignalParameters) -> SignalPart:
    name = SignalName.VWAP
    if panel.vwap_20 is None:
        return _part(name, 0, SignalReason.TOO_LITTLE_HISTORY)
    if panel.close == panel.vwap_20:
        return _part(name, 0, SignalReason.BALANCED)
    if panel.close > panel.vwap_20:
        return _part(name, parameters.vwap, SignalReason.CLOSE_ABOVE_VWAP)
    return _part(name, -parameters.vwap, SignalReason.CLOSE_BELOW_VWAP)


_RISING = (SignalReason.EMA_9_ABOVE_21, SignalReason.EMA_9_21_50_RISING, SignalReason.EMA_9_21_50_200_RISING)
_FALLING = (SignalReason.EMA_9_BELOW_21, SignalReason.EMA_9_21_50_FALLING, SignalReason.EMA_9_21_50_200_FALLING)


def _ema(panel: IndicatorPanel, parameters: SignalParameters) -> SignalPart:
    """9 over 21 votes weakly, in order with 50 medium, in order with 200 strongly; the mirror for falling."""
    name = SignalName.EMA_CROSS
    if panel.ema_9 is None or panel.ema_21 is None:
        return _part(name, 0, SignalReason.TOO_LITTLE_HISTORY)
    sign = (panel.ema_9 > panel.ema_21) - (panel.ema_9 < panel.ema_21)
    if sign == 0:
        return _part(name, 0, SignalReason.BALANCED)
    medium = panel.ema_50 is not None and sign * (panel.ema_21 - panel.ema_50) > 0
    strong = (
        medium and panel.ema_50 is not None and panel.ema_200 is not None and sign * (panel.ema_50 - panel.ema_200) > 0
    )
    steps = int(medium) + int(strong)
    weight = (parameters.ema_weak, parameters.ema_medium, parameters.ema_strong)[steps]
    return _part(name, sign * weight, (_RISING if sign > 0 else _FALLING)[steps])


def _rsi(panel: IndicatorPanel, parameters: SignalParameters) -> SignalPart:
    name, rsi = SignalName.RSI, panel.rsi_14
    if rsi is None:
        return _part(name, 0, SignalReason.TOO_LITTLE_HISTORY)
    if rsi <= parameters.rsi_oversold:
        return _part(name, parameters.rsi, SignalReason.RSI_OVERSOLD)
    if rsi >= parameters.rsi_overbought:
        return _part(name, -parameters.rsi, SignalReason.RSI_OVERBOUGHT)
    return _part(name, 0, SignalReason.BALANCED)

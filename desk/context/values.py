"""What is read of the market at large: classes and bounded numbers, each of which may be missing and then says so."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Trend(StrEnum):
    """Where a market goes."""

    UP = "UP"
    DOWN = "DOWN"
    SIDEWAYS = "SIDEWAYS"


class Appetite(StrEnum):
    """Whether the market at large seeks risk or sheds it."""

    RISK_ON = "RISK_ON"
    RISK_OFF = "RISK_OFF"
    MIXED = "MIXED"


class Calm(StrEnum):
    """How much a market moves, against what it moved before."""

    LOW = "LOW"
    NORMAL = "NORMAL"
    HIGH = "HIGH"
    EXTREME = "EXTREME"


class Feeling(StrEnum):
    """The five classes of the Fear & Greed index."""

    EXTREME_FEAR = "EXTREME_FEAR"
    FEAR = "FEAR"
    NEUTRAL = "NEUTRAL"
    GREED = "GREED"
    EXTREME_GREED = "EXTREME_GREED"


class Missing(StrEnum):
    """What a reading lacks: bars of a leader, or one of the public sources."""

    BTC_BARS = "BTC_BARS"
    ETH_BARS = "ETH_BARS"
    OWN_BARS = "OWN_BARS"
    FEAR_GREED = "FEAR_GREED"
    DOMINANCE = "DOMINANCE"
    TOTAL_CAP = "TOTAL_CAP"
    PRICES_ELSEWHERE = "PRICES_ELSEWHERE"


@dataclass(frozen=True, slots=True, kw_only=True)
class LeaderReading:
    """One market by its hourly bars. Changes are in per cent; None where its history is too short.

    `strength` of the trend is in [0, 1]; `volatility_pct` is that of a day, a year long (365 days).
    """

    symbol: str
    price: float
    change_1h: float | None
    change_24h: float | None
    change_4d: float | None
    trend: Trend
    strength: float
    volatility: Calm | None
    volatility_pct: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ContextReading:
    """The market at large at one moment. `votes`, at most five, made up the appetite; `missing` names what is not here.

    `correlation_btc` is of hourly returns, in [-1, 1]; `premium_pct` is the venue's BTC over its price elsewhere.
    """

    btc: LeaderReading | None
    eth: LeaderReading | None
    own: LeaderReading | None
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
    missing: tuple[Missing, ...]

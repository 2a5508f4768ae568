"""What the learner sees of each bar: one column a figure, over a whole series or over the few bars of a snapshot.

    trend               how far close, EMA 9, 21 and 50 stand apart in one order, -1 falling to +1 rising
    momentum            move of 10 bars in units of what 10 bars of ATR 14 would wander
    rsi                 RSI 14
    macd                MACD histogram in ATR
    volatility          where ATR ranks among its last 250 values, -1 calmest to +1 wildest
    regime              0 bull, 1 bear, 2 sideways, 3 volatile: the likeliest by the desk's own rule
    leader_trend        the trend of the market's leader at the same moments
    leader_correlation  correlation of the last 30 returns with the leader's
    fear_greed          the newest Fear & Greed index known as the bar ended, 0 to 100

NaN is unknown, never a guess. A row depends on bars up to its own alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from desk.domain.errors import DataError
from desk.indicators import classic
from desk.indicators.columns import Column, Times
from desk.market.candles import Candles
from desk.market.correlation import rolling_correlation
from desk.regime.facts import FACTS, fact_table
from desk.regime.rule import odds_table
from desk.regime.values import EvidenceCode

MEMORY = 320
"""Bars after which a row no longer depends on how many there were: 250 ranked values of an average of 14, and room."""

_MOMENTUM_BARS, _CORRELATION_BARS = 10, 30
_DAY_MS = 86_400_000


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Mood:
    """A daily index: what was published at `at` (ms UTC, ascending) holds until the next, for two days at most."""

    at: Times
    value: Column

    def on(self, moments: Times) -> Column:
        """The newest value published by each moment; NaN where there is none, or where it is older than two days."""
        rows = np.searchsorted(self.at, moments, side="right") - 1
        known = (rows >= 0) & (moments - self.at[np.maximum(rows, 0)] <= 2 * _DAY_MS)
        return np.where(known, self.value[np.maximum(rows, 0)], np.nan)


def look(candles: Candles, *, leader: Candles | None = None, mood: Mood | None = None) -> Mapping[str, Column]:
    """Every figure at every bar. Without a leader or a mood theirs are unknown.

    Raises:
        DataError: when the leader's bars are of another interval.
    """
    facts = fact_table(candles)
    atr = classic.atr(candles.high, candles.low, candles.close)
    columns = {
        "trend": _fact(facts, EvidenceCode.ALIGNMENT),
        "momentum": _momentum(candles.close, atr),
        "rsi": classic.rsi(candles.close),
        "macd": _over(classic.macd(candles.close)[2], atr),
        "volatility": _fact(facts, EvidenceCode.VOLATILITY),
        "regime": _regime(facts),
    }
    unknown = np.full(len(candles), np.nan)
    ends = candles.open_time + candles.step_ms
    columns |= {"leader_trend": unknown, "leader_correlation": unknown} if leader is None else _beside(candles, leader)
    columns["fear_greed"] = unknown if mood is None else mood.on(ends)
    return columns


def _fact(facts: np.ndarray, code: EvidenceCode) -> Column:
    return np.ascontiguousarray(facts[:, FACTS.index(code)])


def _regime(facts: np.ndarray) -> Column:
    known = ~np.isnan(facts).any(axis=1)
    column = np.full(len(facts), np.nan)
    if known.any():
        column[known] = odds_table(facts[known]).argmax(axis=1)
    return column


def _momentum(close: Column, atr: Column) -> Column:
    moved = np.full(len(close), np.nan)
    moved[_MOMENTUM_BARS:] = close[_MOMENTUM_BARS:] - close[:-_MOMENTUM_BARS] if len(close) > _MOMENTUM_BARS else np.nan
    return _over(moved, atr * np.sqrt(_MOMENTUM_BARS))


def _over(part: Column, whole: Column) -> Column:
    still = np.where(np.isnan(part) | np.isnan(whole), np.nan, 0.0)
    return np.divide(part, whole, out=still, where=whole > 0)


def _beside(candles: Candles, leader: Candles) -> dict[str, Column]:
    """The leader's figures at the bars that both have."""
    if leader.step_ms != candles.step_ms:
        raise DataError(f"the leader's bars are of {leader.interval}, not of {candles.interval}")
    _, mine, theirs = np.intersect1d(candles.open_time, leader.open_time, assume_unique=True, return_indices=True)
    trend, together = np.full(len(candles), np.nan), np.full(len(candles), np.nan)
    trend[mine] = _fact(fact_table(leader), EvidenceCode.ALIGNMENT)[theirs]
    if leader.symbol != candles.symbol and len(mine) > _CORRELATION_BARS:
        returns = np.diff(np.log(candles.close[mine])), np.diff(np.log(leader.close[theirs]))
        together[mine[1:]] = rolling_correlation(*returns, _CORRELATION_BARS)
    return {"leader_trend": trend, "leader_correlation": together}

"""What an agent's word is worth: its record against what happened, with the interval that says how sure that is.

An observation is everything an agent said within one horizon, on all symbols together: forecasts whose times overlap
share their luck, and counting each would make any interval too narrow. Observations fade with a half-life. Chance is
what the same calls would have hit at random against the same outcomes, so that calling `up` in a rising market earns
nothing. Interval: Wilson's score interval (Wilson 1927, J. Am. Stat. Assoc. 22) on the effective number of
observations, (sum w)^2 / sum w^2 (Kish 1965).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from decimal import ROUND_DOWN, Decimal
from enum import StrEnum
from typing import Any

from desk.ledger.values import ForecastRow

_GRID = Decimal("0.0001")
_DAY_SECONDS = 86_400.0


class Basis(StrEnum):
    """Why a weight is what it is."""

    EARNED = "earned"
    UNPROVEN = "unproven"
    REFUTED = "refuted"


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """How records are judged.

    `half_life_days` of an observation, `sigmas` of the interval's half width, the `least` observations needed, and the
    lead over chance of the interval's lower end that gives the whole weight.
    """

    half_life_days: float
    sigmas: float
    least: float
    full_lead: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """One record. `observations` is the effective number; rates in [0, 1]; `brier` 0 is perfect, 0.25 a coin's.

    `calls` counts the forecasts that took a side, `forecasts` all of them.
    """

    forecasts: int
    calls: int
    observations: float
    hits: float
    low: float
    high: float
    chance: float
    brier: float

    @property
    def proven(self) -> bool:
        """Whether the interval lies above chance as a whole."""
        return self.low > self.chance

    @property
    def refuted(self) -> bool:
        """Whether the interval lies below chance as a whole."""
        return self.high < self.chance

    def to_json(self) -> dict[str, Any]:
        """The standing as JSON, figures to four places."""
        return {name: round(value, 4) for name, value in asdict(self).items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Weight:
    """What an agent's agreement counts in a decision, in [0, 1], and why."""

    value: Decimal
    basis: Basis

    def to_json(self) -> dict[str, str]:
        """The weight as JSON."""
        return {"weight": format(self.value, "f"), "basis": self.basis.value}

    @staticmethod
    def from_json(told: dict[str, str]) -> Weight:
        """The weight this was made from."""
        return Weight(value=Decimal(told["weight"]), basis=Basis(told["basis"]))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Observation:
    """What was said within one horizon: shares of hits, of `yes`, and of outcomes that came true; and its weight."""

    hit: float
    said: float
    came: float
    weight: float


def standing(rows: Sequence[ForecastRow], now: datetime, measure: Measure) -> Standing:
    """The record these forecasts, whose outcomes are known, make at `now`."""
    called = [row for row in rows if row.called]
    seen = [_observed(group, now, measure) for group in _groups(called)]
    total, squares = sum(one.weight for one in seen), sum(one.weight**2 for one in seen)
    observations = total * total / squares if squares else 0.0
    hits = _mean((one.hit, one.weight) for one in seen)
    said, came = _mean((one.said, one.weight) for one in seen), _mean((one.came, one.weight) for one in seen)
    low, high = wilson(hits, observations, measure.sigmas)
    return Standing(
        forecasts=len(rows),
        calls=len(called),
        observations=observations,
        hits=hits,
        low=low,
        high=high,
        chance=max(0.5, said * came + (1.0 - said) * (1.0 - came)) if seen else 0.5,
        brier=_mean((_brier(row), _faded(row, now, measure)) for row in rows) if rows else 0.25,
    )


def weight(record: Standing, prior: Decimal, measure: Measure) -> Weight:
    """What this record earns; the prior, marked as unproven, until it says something one way or the other."""
    if record.observations >= measure.least and record.proven:
        lead = min(1.0, (record.low - record.chance) / measure.full_lead)
        return Weight(value=Decimal(lead).quantize(_GRID, rounding=ROUND_DOWN), basis=Basis.EARNED)
    if record.observations >= measure.least and record.refuted:
        return Weight(value=Decimal(0), basis=Basis.REFUTED)
    return Weight(value=prior, basis=Basis.UNPROVEN)


def reason(record: Standing, measure: Measure) -> str:
    """Why a record earns what `weight` says, in one line of figures."""
    if record.observations < measure.least:
        return f"{record.observations:.0f} of {measure.least:g} observations"
    if record.proven:
        lead = record.low - record.chance
        return f"at least {lead:.1%} over chance; from {measure.full_lead:.0%} on the word counts in full"
    if record.refuted:
        return f"at most {record.high:.1%} where chance is {record.chance:.1%}: worse than none"
    return f"between {record.low:.1%} and {record.high:.1%}, which leaves room for chance ({record.chance:.1%})"


def wilson(share: float, observations: float, sigmas: float) -> tuple[float, float]:
    """Wilson's score interval of a share; the whole of [0, 1] without an observation."""
    if observations <= 0.0:
        return 0.0, 1.0
    z2 = sigmas * sigmas
    middle = share + z2 / (2.0 * observations)
    spread = sigmas * math.sqrt(share * (1.0 - share) / observations + z2 / (4.0 * observations * observations))
    scale = 1.0 + z2 / observations
    return max(0.0, (middle - spread) / scale), min(1.0, (middle + spread) / scale)


def _groups(rows: Sequence[ForecastRow]) -> Iterable[list[ForecastRow]]:
    """Forecasts in groups that do not overlap in time: each begins where the one before it has ended."""
    group: list[ForecastRow] = []
    for row in sorted(rows, key=lambda one: (one.at, one.symbol, one.decision_id)):
        if group and row.at >= group[0].until:
            yield group
            group = []
        group.append(row)
    if group:
        yield group


def _observed(group: Sequence[ForecastRow], now: datetime, measure: Measure) -> _Observation:
    said = [row.probability > Decimal("0.5") for row in group]
    came = [bool(row.outcome) for row in group]
    count = len(group)
    return _Observation(
        hit=sum(a == b for a, b in zip(said, came, strict=True)) / count,
        said=sum(said) / count,
        came=sum(came) / count,
        weight=_faded(group[0], now, measure),
    )


def _faded(row: ForecastRow, now: datetime, measure: Measure) -> float:
    age = max(0.0, (now - row.at).total_seconds()) / _DAY_SECONDS
    return 0.5 ** (age / measure.half_life_days)


def _brier(row: ForecastRow) -> float:
    return (float(row.probability) - float(row.outcome or 0)) ** 2


def _mean(values: Iterable[tuple[float, float]]) -> float:
    """The weighted mean; zero of nothing."""
    pairs = list(values)
    total = sum(weight for _, weight in pairs)
    return sum(value * weight for value, weight in pairs) / total if total else 0.0

"""What an account is held to, read from the judge's own file: exact fractions, times in ms."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

_FILE = Path(__file__).with_name("limits.json")


@dataclass(frozen=True, kw_only=True)
class Allowed:
    """One set of limits. Losses, sizes, stops are fractions of 1; `gap` by symbol, and only its symbols may trade."""

    position: Fraction
    gross: Fraction
    leverage: Fraction
    day_loss: Fraction
    rolling_loss: Fraction
    drawdown: Fraction
    gap: Mapping[str, Fraction]
    risk: Fraction
    stop_nearest: Fraction
    stop_farthest: Fraction
    turnover: Fraction
    entries_minute: int
    entries_day: int


@dataclass(frozen=True, kw_only=True)
class Allowances:
    """What nobody could do better: `naked_ms` without a stop, `silent_ms` between two attempts to end that.

    `leaving` is what going to market costs, of the notional that leaves: fee, half a spread, a walk into the book.
    `on_its_way_ms`: an order may leave so much later than it was decided, and its caps on numbers count decisions.
    `baseline` is how far two honest readings of a day's first equity may lie apart, `rounding` what a venue rounds.
    """

    naked_ms: int
    silent_ms: int
    on_its_way_ms: int
    leaving: Fraction
    baseline: Fraction
    rounding: Fraction


def allowed(name: str) -> Allowed:
    """The limits of this name: `usual` or `bold`."""
    return Allowed(**{key: _exact(value) for key, value in _file()[name].items()})


def allowances() -> Allowances:
    """What is granted beyond the limits."""
    return Allowances(**{key: _exact(value) for key, value in _file()["allowances"].items()})


@cache
def _file() -> dict[str, Any]:
    return json.loads(_FILE.read_text(encoding="utf-8"))


def _exact(value: Any) -> Any:  # noqa: ANN401 - parsed JSON
    if isinstance(value, str):
        return Fraction(value)
    return {name: Fraction(text) for name, text in value.items()} if isinstance(value, dict) else value

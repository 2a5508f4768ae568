"""Figures of a report in words, the same on a page and on a terminal; a dash where there is nothing to measure."""

from __future__ import annotations

from collections.abc import Callable, Mapping

NOTHING = "–"


def percent(value: float | None, digits: int = 1) -> str:
    """A fraction as per cent, with its sign."""
    return NOTHING if value is None else f"{value * 100 + 0.0:+.{digits}f} %".replace("-", "−")


def number(value: float | None, digits: int = 2) -> str:
    """A plain number."""
    return NOTHING if value is None else f"{value:,.{digits}f}".replace("-", "−")


def share(value: float | None) -> str:
    """A fraction of one as per cent without a sign."""
    return NOTHING if value is None else f"{value * 100:.1f} %"


def money(value: float) -> str:
    """An amount in whole units of the quote asset."""
    return f"{value + 0.0:,.0f}".replace("-", "−")


def ends(interval: Mapping[str, float] | None, shown: Callable[[float], str] = percent) -> str:
    """The ends of an interval as `trial_json` tells it."""
    return NOTHING if interval is None else f"{shown(interval['low'])} to {shown(interval['high'])}"

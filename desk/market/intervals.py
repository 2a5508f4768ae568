"""The bar lengths the desk reads, by Binance's names. Larger ones are whole multiples of smaller ones."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from desk.domain.errors import DataError

MINUTE_MS = 60_000
INTERVAL_MS: Mapping[str, int] = MappingProxyType(
    {
        "1m": MINUTE_MS,
        "3m": 3 * MINUTE_MS,
        "5m": 5 * MINUTE_MS,
        "15m": 15 * MINUTE_MS,
        "30m": 30 * MINUTE_MS,
        "1h": 60 * MINUTE_MS,
        "2h": 120 * MINUTE_MS,
        "4h": 240 * MINUTE_MS,
        "1d": 1440 * MINUTE_MS,
    }
)


def interval_ms(interval: str) -> int:
    """Length of an interval in milliseconds. Raises DataError for a name the desk does not read."""
    try:
        return INTERVAL_MS[interval]
    except KeyError:
        raise DataError(f"unknown bar interval {interval!r:.20}") from None


def interval_of(step_ms: int) -> str:
    """The name of an interval of this length. Raises DataError for a length the desk does not read."""
    name = next((name for name, length in INTERVAL_MS.items() if length == step_ms), None)
    if name is None:
        raise DataError(f"no bar interval lasts {step_ms} ms")
    return name

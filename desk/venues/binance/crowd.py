"""The venue's statistics of a symbol's traders: four questions, each of which may stay unanswered without the others.

They live apart from the rest (`/futures/data`), cost no request weight but have a limit of their own, and reach thirty
days back. A practice venue may not have them at all.
Source: Binance USD-M futures, "Open Interest Statistics", "Long/Short Ratio", "Taker Buy/Sell Volume", 2026.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import NamedTuple

from desk.domain.errors import DataError, VenueError
from desk.domain.market import Crowd, Gauge
from desk.venues.binance.connection import Connection
from desk.venues.binance.fields import Fields, each

PERIODS = ("5m", "15m", "30m", "1h", "2h", "4h", "6h", "12h", "1d")
MOST_POINTS = 500


class _Question(NamedTuple):
    """A method of python-binance, and what a row of its answer says."""

    method: str
    value: Callable[[Fields], float]


def _held(row: Fields) -> float:
    return float(row.not_negative("sumOpenInterest"))


def _long(row: Fields) -> float:
    share = float(row.not_negative("longAccount"))
    if share > 1:
        raise DataError(f"{share} of the accounts are long, which is more than all of them")
    return share


def _bought(row: Fields) -> float:
    bought, sold = float(row.not_negative("buyVol")), float(row.not_negative("sellVol"))
    return bought / (bought + sold) if bought + sold > 0 else 0.5


_QUESTIONS: Mapping[str, _Question] = MappingProxyType(
    {
        "open_interest": _Question("futures_open_interest_hist", _held),
        "accounts_long": _Question("futures_global_longshort_ratio", _long),
        "top_long": _Question("futures_top_longshort_position_ratio", _long),
        "taker_buys": _Question("futures_taker_longshort_ratio", _bought),
    }
)


def read_crowd(venue: Connection, symbol: str, period: str, points: int) -> Crowd:
    """Ask all four. What is not told, or told in a way that makes no sense, is empty and named."""
    if period not in PERIODS or not 1 <= points <= MOST_POINTS:
        raise DataError(f"no statistics of {points} times {period}: the venue keeps 1 to {MOST_POINTS} of 5m to 1d")
    params: dict[str, object] = {"symbol": symbol, "period": period, "limit": points}
    told = dict(_answers(venue, params))
    silent = tuple(name for name in _QUESTIONS if not told.get(name))
    return Crowd(period=period, silent=silent, **{name: told.get(name, ()) for name in _QUESTIONS})


def _answers(venue: Connection, params: dict[str, object]) -> Iterator[tuple[str, tuple[Gauge, ...]]]:
    for name, question in _QUESTIONS.items():
        try:
            yield name, venue.read(question.method, _series(name, question), params)
        except (VenueError, DataError):
            continue


def _series(name: str, question: _Question) -> Callable[[object], tuple[Gauge, ...]]:
    def parse(body: object) -> tuple[Gauge, ...]:
        found = each(body, name, lambda row: Gauge(value=question.value(row), at=row.moment("timestamp")))
        return tuple(sorted(found, key=lambda gauge: gauge.at))

    return parse

"""Open interest and long/short ratios under /futures/data, of a market that can tell what its crowd holds.

The market tells the crowd hour by hour; between two hours a figure moves evenly. Only hours that are over are told, so
the last moment of a shorter period may be up to an hour old. A market that knows no crowd (a recording, the live feed)
has no record of it, which is an empty list.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from desk.venues.paper.sources.crowd import CrowdRow
from desk.venues.paper.wire.calls import Desk
from desk.venues.paper.wire.figures import Json, figure, fixed
from desk.venues.paper.wire.market import rest_statistics
from desk.venues.paper.wire.market.tape import INTERVALS
from desk.venues.paper.wire.requests.params import Params

_HOUR_MS: Final = INTERVALS["1h"]


@dataclass(frozen=True, slots=True)
class _Moment:
    """A moment between the ends of two hours, as a share of the way from the first to the second."""

    at_ms: int
    before: CrowdRow
    after: CrowdRow
    share: Decimal

    def of(self, figure_of: Callable[[CrowdRow], Decimal]) -> Decimal:
        """A figure at this moment."""
        first, second = figure_of(self.before), figure_of(self.after)
        return first + (second - first) * self.share


def open_interest_history(desk: Desk, params: Params) -> list[Json]:
    """GET openInterestHist: what the crowd holds, in base asset and in dollars. Nobody here counts a coin's supply."""
    return [
        {
            "symbol": symbol,
            "sumOpenInterest": fixed(moment.of(lambda row: row.open_interest), 8),
            "sumOpenInterestValue": fixed(moment.of(lambda row: row.value), 8),
            "CMCCirculatingSupply": "",
            "timestamp": moment.at_ms,
        }
        for symbol, moment in _moments(desk, params)
    ]


def accounts_ratio(desk: Desk, params: Params) -> list[Json]:
    """GET globalLongShortAccountRatio: of all accounts."""
    return _ratios(desk, params, lambda row: row.accounts_long)


def top_accounts_ratio(desk: Desk, params: Params) -> list[Json]:
    """GET topLongShortAccountRatio: of the largest accounts."""
    return _ratios(desk, params, lambda row: row.top_accounts_long)


def top_positions_ratio(desk: Desk, params: Params) -> list[Json]:
    """GET topLongShortPositionRatio: of what the largest accounts hold."""
    return _ratios(desk, params, lambda row: row.top_positions_long)


def _ratios(desk: Desk, params: Params, long_of: Callable[[CrowdRow], Decimal]) -> list[Json]:
    rows: list[Json] = []
    for symbol, moment in _moments(desk, params):
        long = moment.of(long_of)
        rows.append(
            {
                "symbol": symbol,
                "longShortRatio": fixed(long / (1 - long), 4) if long < 1 else figure(long),
                "longAccount": fixed(long, 4),
                "shortAccount": fixed(1 - long, 4),
                "timestamp": moment.at_ms,
            }
        )
    return rows


def _moments(desk: Desk, params: Params) -> Iterator[tuple[str, _Moment]]:
    symbol = desk.symbol(params)
    _, period, start, end, limit = rest_statistics.bar_request(desk, params, symbol)
    rows = desk.tape.crowd(symbol)
    if not rows:
        return
    step, ends = INTERVALS[period], [row.at_ms + _HOUR_MS for row in rows]
    first = max(ends[0], 0 if start is None else start)
    last = min(ends[-1], desk.tape.now_ms() if end is None else end)
    moments = range(-(-first // step) * step, last + 1, step)
    # One more was asked for than is told, as for bars.
    for at_ms in moments[: limit - 1] if start is not None else moments[max(0, len(moments) - limit + 1) :]:
        place = bisect_left(ends, at_ms)
        before = rows[max(0, place - 1)]
        share = Decimal(at_ms - ends[place] + _HOUR_MS) / _HOUR_MS
        yield symbol, _Moment(at_ms, before, rows[place], share)

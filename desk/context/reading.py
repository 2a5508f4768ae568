"""The market at large from a snapshot alone: pure, so that a decision's context can be computed again from its bytes.

Appetite is a vote of at most five, each counted once and only when it is known: BTC's trend, its day, Fear & Greed, the
day of the whole market's value, and wild swings, which only ever vote against. A third of the votes decides.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from desk.context.leaders import read_leader, returns_of
from desk.context.values import Appetite, Calm, ContextReading, Feeling, LeaderReading, Missing, Trend
from desk.domain.errors import DataError
from desk.domain.market import Gauge, Outlook
from desk.indicators.columns import Column
from desk.market.candles import Candles
from desk.market.snapshot import Snapshot

BTC, ETH = "BTCUSDT", "ETHUSDT"
HOUR = "1h"
# As alternative.me names them: up to 25, 46, 54 and 75.
_FEELINGS = (
    (25, Feeling.EXTREME_FEAR),
    (46, Feeling.FEAR),
    (54, Feeling.NEUTRAL),
    (75, Feeling.GREED),
    (100, Feeling.EXTREME_GREED),
)
_FEWEST_RETURNS = 48
_DECIDES = 1 / 3
_DAY_MOVES = 1.0
_SIDES = {Feeling.EXTREME_FEAR: -1, Feeling.FEAR: -1, Feeling.NEUTRAL: 0, Feeling.GREED: 1, Feeling.EXTREME_GREED: 1}
_NOTHING = Outlook(
    fear_greed=None,
    btc_dominance=None,
    eth_dominance=None,
    total_cap=None,
    cap_change_24h=None,
    btc_price=None,
    eth_price=None,
    silent=(),
)


def read_context(snapshot: Snapshot) -> ContextReading:
    """The context of a snapshot; what it cannot tell is None and named in `missing`."""
    told = snapshot.outlook or _NOTHING
    hours = {symbol: _hours(snapshot, symbol) for symbol in dict.fromkeys((BTC, ETH, snapshot.symbol))}
    read = {symbol: read_leader(bars) for symbol, bars in hours.items() if bars is not None}
    feeling = None if told.fear_greed is None else feeling_of(told.fear_greed.value)
    votes = tuple(_votes(read.get(BTC), feeling, _value(told.cap_change_24h)))
    return ContextReading(
        btc=read.get(BTC),
        eth=read.get(ETH),
        own=read.get(snapshot.symbol),
        correlation_btc=_correlation(hours[snapshot.symbol], hours[BTC]),
        appetite=_appetite(votes),
        votes=len(votes),
        fear_greed=None if told.fear_greed is None else int(told.fear_greed.value),
        feeling=feeling,
        btc_dominance=_value(told.btc_dominance),
        eth_dominance=_value(told.eth_dominance),
        total_cap_usd_bn=None if told.total_cap is None else told.total_cap.value / 1e9,
        cap_change_24h=_value(told.cap_change_24h),
        premium_pct=_premium(snapshot, told.btc_price),
        missing=tuple(_missing(read, snapshot.symbol, told)),
    )


def feeling_of(index: float) -> Feeling:
    """The class of a Fear & Greed value from 0 to 100."""
    return next(feeling for bound, feeling in _FEELINGS if index <= bound)


def _hours(snapshot: Snapshot, symbol: str) -> Candles | None:
    try:
        bars = snapshot.candles(HOUR, symbol)
    except DataError:
        return None
    return bars if len(bars) > 1 else None


def _votes(btc: LeaderReading | None, feeling: Feeling | None, cap_change: float | None) -> Iterator[int]:
    if btc is not None:
        yield {Trend.UP: 1, Trend.DOWN: -1, Trend.SIDEWAYS: 0}[btc.trend]
        if btc.change_24h is not None:
            yield _side(btc.change_24h)
    if feeling is not None:
        yield _SIDES[feeling]
    if cap_change is not None:
        yield _side(cap_change)
    if btc is not None and btc.volatility is not None:
        yield -1 if btc.volatility is Calm.EXTREME else 0


def _side(change: float) -> int:
    return 0 if abs(change) < _DAY_MOVES else 1 if change > 0 else -1


def _appetite(votes: Sequence[int]) -> Appetite:
    lean = sum(votes) / len(votes) if votes else 0.0
    if lean >= _DECIDES:
        return Appetite.RISK_ON
    return Appetite.RISK_OFF if lean <= -_DECIDES else Appetite.MIXED


def _correlation(own: Candles | None, btc: Candles | None) -> float | None:
    """Of hourly returns over the hours both have. None for too few of them, or for a market that stood still."""
    if own is None or btc is None:
        return None
    _, mine, theirs = np.intersect1d(own.open_time[1:], btc.open_time[1:], return_indices=True)
    if len(mine) < _FEWEST_RETURNS:
        return None
    ours, others = (_centred(returns_of(bars)[at]) for bars, at in ((own, mine), (btc, theirs)))
    size = float(np.linalg.norm(ours) * np.linalg.norm(others))
    return float(ours @ others) / size if size else None


def _centred(values: Column) -> Column:
    """The values without their mean."""
    return values - values.mean()


def _premium(snapshot: Snapshot, elsewhere: Gauge | None) -> float | None:
    """BTC's mark over its price elsewhere, in per cent."""
    marks = {snapshot.symbol: snapshot.mark, **{other.symbol: other.mark for other in snapshot.references}}
    if elsewhere is None or BTC not in marks:
        return None
    return (float(marks[BTC].price) / elsewhere.value - 1) * 100


def _value(gauge: Gauge | None) -> float | None:
    return None if gauge is None else gauge.value


def _missing(read: dict[str, LeaderReading], own: str, told: Outlook) -> Iterator[Missing]:
    for symbol, name in ((BTC, Missing.BTC_BARS), (ETH, Missing.ETH_BARS), (own, Missing.OWN_BARS)):
        if symbol not in read:
            yield name
    for gauge, name in (
        (told.fear_greed, Missing.FEAR_GREED),
        (told.btc_dominance, Missing.DOMINANCE),
        (told.total_cap, Missing.TOTAL_CAP),
        (told.btc_price, Missing.PRICES_ELSEWHERE),
    ):
        if gauge is None:
            yield name

"""Tools over the structure of a market: where volume was traded, and what moves together."""

from __future__ import annotations

from collections.abc import Sequence

from desk.market.correlation import Correlation, Crowding, correlate, crowding
from desk.market.profile import read_profile
from desk.market.snapshot import Snapshot
from tools.rounding import compact, short
from tools.tool import NoArgs, Result, SymbolName, Tool, ToolContext, Trust

_PROFILED = ("15m", "1h", "4h")
_CORRELATED = ("1h", "15m", "4h", "5m")


class NodeResult(Result):
    """A price where much was traded; share of all volume, distance from the close in per cent."""

    price: float
    share: float
    distance_pct: float


class ProfileResult(Result):
    """The composite profile; `place` is where the close is in the value area, 0 at its low and 1 at its high."""

    intervals: list[str]
    point_of_control: float
    value_low: float
    value_high: float
    place: float
    control_distance_pct: float
    supports: list[NodeResult]
    resistances: list[NodeResult]


def _profile(context: ToolContext, args: NoArgs) -> ProfileResult:
    snapshot = context.snapshot
    at_hand = [i for i in _PROFILED if i in snapshot.intervals] or [snapshot.intervals[0]]
    series = [snapshot.candles(interval) for interval in at_hand]
    reading = compact(read_profile(series, series[0].last_close))
    return ProfileResult.model_validate({"intervals": at_hand, **reading})


GET_VOLUME_PROFILE = Tool(
    name="get_volume_profile",
    description="Point of control, 70 % value area and volume nodes as support and resistance, over several intervals.",
    args=NoArgs,
    result=ProfileResult,
    trust=Trust.TRUSTED,
    side_effect=False,
    compute=_profile,
)


class PairResult(Result):
    """Correlation with one leader over 30, 60 and 90 bars, and the pair's own threshold."""

    other: SymbolName
    by_window: list[float | None]
    threshold: float
    correlated: bool


class CorrelationResult(Result):
    """Leaders, and the shares of equity that would move with a buyer and with a seller of the symbol."""

    interval: str
    pairs: list[PairResult]
    long_share: float
    short_share: float
    limit: float


def _correlation(context: ToolContext, args: NoArgs) -> CorrelationResult:
    interval, pairs = _pairs(context.snapshot)
    crowd = _crowding(context.snapshot, pairs)
    return CorrelationResult(
        interval=interval,
        pairs=[
            PairResult(other=p.other, by_window=list(p.by_window), threshold=p.threshold, correlated=p.correlated)
            for p in pairs
        ],
        long_share=short(crowd.long_share),
        short_share=short(crowd.short_share),
        limit=context.settings.crowding_limit,
    )


def crowding_of(snapshot: Snapshot) -> Crowding:
    """How much of the account moves with the snapshot's symbol. Also what code holds an opening against."""
    return _crowding(snapshot, _pairs(snapshot)[1])


def _crowding(snapshot: Snapshot, pairs: Sequence[Correlation]) -> Crowding:
    notionals = {p.symbol: p.quantity * p.mark for p in snapshot.account.positions if p.quantity}
    return crowding(snapshot.symbol, notionals, pairs, snapshot.account.equity)


def _pairs(snapshot: Snapshot) -> tuple[str, list[Correlation]]:
    """The interval that is compared, and the symbol beside each leader on it."""
    interval = next((i for i in _CORRELATED if i in snapshot.intervals), snapshot.intervals[0])
    own = snapshot.candles(interval)
    return interval, [
        correlate(own, snapshot.candles(interval, reference.symbol))
        for reference in snapshot.references
        if reference.symbol != snapshot.symbol
        and any(series.interval == interval and series.bars for series in reference.bars)
    ]


GET_CORRELATION = Tool(
    name="get_correlation",
    description="Correlation with the leaders over 30, 60 and 90 bars, and how much of the account moves along.",
    args=NoArgs,
    result=CorrelationResult,
    trust=Trust.TRUSTED,
    side_effect=False,
    compute=_correlation,
)

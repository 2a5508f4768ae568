"""Tools over what others do in a symbol: what its traders hold, and what flows through its book. Numbers, no words.

Statistics are the venue's own; the flow was heard on its streams and stands in the snapshot, so both can be told again.
"""

from __future__ import annotations

from desk.domain.errors import ToolRefusedError
from desk.domain.market import Crowd
from desk.market.book_flow import SideFlow
from desk.market.crowd import CrowdedSide, Positioning, read_crowd
from desk.market.snapshot import Snapshot
from tools.rounding import compact, short
from tools.tool import NoArgs, Result, SymbolName, Tool, ToolContext, Trust


class PositioningResult(Result):
    """Changes in per cent over the span of the statistics, leans in [-1, 1], above zero for long or buying."""

    symbol: SymbolName
    period: str
    points: int
    open_interest: float | None
    interest_change_pct: float | None
    price_change_pct: float | None
    positioning: Positioning
    accounts_lean: float | None
    accounts_change: float | None
    top_lean: float | None
    divergence: float | None
    taker_lean: float | None
    crowded: CrowdedSide


def price_change_pct(snapshot: Snapshot, crowd: Crowd) -> float | None:
    """The price's change over the span that the statistics cover."""
    return snapshot.change_pct(crowd.open_interest[0].at) if crowd.open_interest else None


def _positioning(context: ToolContext, args: NoArgs) -> PositioningResult:
    snapshot, crowd = context.snapshot, context.snapshot.crowd
    if crowd is None or not (crowd.open_interest or crowd.accounts_long or crowd.top_long or crowd.taker_buys):
        raise ToolRefusedError("no_statistics", "the venue told no statistics of this symbol's traders")
    reading = compact(read_crowd(crowd, price_change_pct(snapshot, crowd)))
    return PositioningResult.model_validate({"symbol": snapshot.symbol, **reading})


GET_POSITIONING = Tool(
    name="get_positioning",
    description="Open interest against price, long/short of all and of the largest accounts, and who takes.",
    args=NoArgs,
    result=PositioningResult,
    trust=Trust.TRUSTED,
    side_effect=False,
    compute=_positioning,
)


class BookSideResult(Result):
    """One side of the book over the looks at hand, in USDT; walls that went, and those pulled before they traded."""

    placed: float
    cancelled: float
    traded: float
    cancel_share: float | None
    walls_gone: int
    walls_pulled: int


class OrderFlowResult(Result):
    """Flow in USDT: the book's since it is watched, takers' of five minutes, forced orders' of fifteen.

    `pressure` and `taker_imbalance` are in [-1, 1], above zero for buying.
    """

    symbol: SymbolName
    looks: int
    pressure: float | None
    bids: BookSideResult | None
    asks: BookSideResult | None
    taker_trades: int
    taker_bought: float
    taker_sold: float
    taker_imbalance: float | None
    forced_orders: int
    forced_bought: float
    forced_sold: float


def _flow(context: ToolContext, args: NoArgs) -> OrderFlowResult:
    flow = context.snapshot.flow
    if flow is None:
        raise ToolRefusedError("not_listening", "nobody listens to this market's streams")
    book, takers, forced = flow.book, flow.takers, flow.forced
    return OrderFlowResult(
        symbol=context.snapshot.symbol,
        looks=0 if book is None else book.looks,
        pressure=None if book is None else short(book.pressure),
        bids=None if book is None else _side(book.bids),
        asks=None if book is None else _side(book.asks),
        taker_trades=takers.trades,
        taker_bought=short(takers.bought),
        taker_sold=short(takers.sold),
        taker_imbalance=None if takers.imbalance is None else short(takers.imbalance),
        forced_orders=forced.orders,
        forced_bought=short(forced.bought),
        forced_sold=short(forced.sold),
    )


def _side(side: SideFlow) -> BookSideResult:
    return BookSideResult.model_validate(compact(side))


GET_ORDER_FLOW = Tool(
    name="get_order_flow",
    description="What was placed, cancelled and traded in the book, walls pulled, takers and liquidations.",
    args=NoArgs,
    result=OrderFlowResult,
    trust=Trust.TRUSTED,
    side_effect=False,
    compute=_flow,
)

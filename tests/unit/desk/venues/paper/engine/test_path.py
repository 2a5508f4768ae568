"""The way of a price: whatever the leg, nothing that rests on it is skipped, and nothing off it is touched."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from desk.venues.paper.engine.values import AlgoEvent, OrderKind, Refusal, Side, StopStatus, WorkingType
from tests.unit.desk.venues.paper.engine.pit import D, Pit

BUY, SELL = Side.BUY, Side.SELL
TICKS = st.integers(400_000, 600_000)
PRICES = st.decimals(D(40_000), D(60_000), places=4)
STOPS = st.lists(
    st.tuples(
        st.sampled_from((BUY, SELL)),
        st.sampled_from((OrderKind.STOP_MARKET, OrderKind.TAKE_PROFIT_MARKET)),
        st.sampled_from(tuple(WorkingType)),
        TICKS,
    ),
    min_size=1,
    max_size=12,
)
LEGS = st.lists(PRICES, min_size=1, max_size=5)
RESTING = st.lists(TICKS, max_size=8)


def rising(side: Side, kind: OrderKind) -> bool:
    return (side is BUY) != (kind is OrderKind.TAKE_PROFIT_MARKET)


@given(
    stops=STOPS, legs=st.lists(PRICES, min_size=1, max_size=5), basis=st.integers(-300, 300), step=st.integers(1, 90)
)
def test_no_stop_inside_a_continuous_leg_is_skipped_whatever_the_leg(
    stops: list[tuple[Side, OrderKind, WorkingType, int]], legs: list[Decimal], basis: int, step: int
) -> None:
    pit = Pit()
    pit.quote(50_000, index=D(50_000 + basis))
    placed: dict[int, tuple[Decimal, WorkingType, bool]] = {}
    for side, kind, working, ticks in stops:
        trigger = D(ticks) / 10
        try:
            # Rests without a position: when it fires it finds nothing to close, so prices stay the path's own.
            algo = pit.stop(side, trigger, type=kind, working_type=working)
        except Refusal:
            continue
        placed[algo.algo_id] = (trigger, working, rising(side, kind))
    pit.exchange.drain_events()
    fired: set[int] = set()
    for price in legs:
        pit.quote(price, index=price + basis, after_ms=step * 1000)
        mark = pit.exchange.mark("BTCUSDT")
        seen = [e.algo.algo_id for e in pit.exchange.drain_events() if isinstance(e, AlgoEvent)]
        fired |= set(seen)
        for algo_id, (trigger, working, up) in placed.items():
            now = mark.mark if working is WorkingType.MARK_PRICE else mark.last
            reached = now >= trigger if up else now <= trigger
            assert not reached or algo_id in fired, f"{trigger} was passed at {now} without firing"
            resting = pit.exchange.algo("ann", algo_id).status is StopStatus.NEW
            assert resting == (algo_id not in fired)


@given(levels=st.lists(TICKS, min_size=2, max_size=10, unique=True), ticks=TICKS)
def test_stops_on_one_leg_fire_in_the_order_the_price_meets_them(levels: list[int], ticks: int) -> None:
    pit = Pit()
    pit.quote(50_000)
    for level in levels:
        if level != 500_000:
            pit.stop(BUY if level > 500_000 else SELL, D(level) / 10)
    pit.exchange.drain_events()
    target = D(ticks) / 10
    pit.quote(target)
    met = [
        e.algo.trigger
        for e in pit.exchange.drain_events()
        if isinstance(e, AlgoEvent) and e.algo.status is StopStatus.TRIGGERING
    ]
    assert met == sorted(met, reverse=target < 50_000)
    on_way = [D(t) / 10 for t in levels if (50_000 < D(t) / 10 <= target) or (target <= D(t) / 10 < 50_000)]
    assert sorted(met) == sorted(on_way)


@given(
    prices=st.lists(PRICES, min_size=1, max_size=6), bids=st.lists(TICKS, max_size=8), asks=st.lists(TICKS, max_size=8)
)
def test_a_resting_limit_is_filled_exactly_when_the_mid_trades_through_it(
    prices: list[Decimal], bids: list[int], asks: list[int]
) -> None:
    pit = Pit()
    pit.exchange.open_account("rich", D(10) ** 9)
    pit.quote(50_000)
    waiting: dict[int, tuple[Side, Decimal]] = {}
    for side, ticks in [(BUY, t) for t in bids if t <= 500_000] + [(SELL, t) for t in asks if t > 500_000]:
        order = pit.limit(side, "0.01", D(ticks) / 10, "rich")
        waiting[order.order_id] = (side, D(ticks) / 10)
    for price in prices:
        pit.quote(price)
        for order_id, (side, limit) in waiting.items():
            through = price < limit if side is BUY else price > limit
            order = pit.exchange.order("rich", "BTCUSDT", order_id)
            if through:
                assert order.average_price == limit
            best = pit.exchange.mark("BTCUSDT")
            assert order.status.is_final or best.bid < best.ask


def test_a_stop_that_opens_a_position_can_trigger_the_stop_that_ends_it_on_the_same_leg(pit: Pit) -> None:
    pit.stop(BUY, 51_000, close_position=False, quantity=D("0.1"))
    pit.stop(SELL, 52_000, type=OrderKind.TAKE_PROFIT_MARKET)
    pit.quote(53_000)
    trades = pit.exchange.trades("ann")
    assert [(t.side, t.price) for t in trades] == [(BUY, D("51000.1")), (SELL, D(52_000))]


def test_a_limit_that_opens_and_a_liquidation_that_ends_can_lie_on_one_leg(pit: Pit) -> None:
    pit.exchange.open_account("bob", D(3_000))
    pit.limit(BUY, 1, 49_000, "bob")
    pit.quote(40_000)
    assert pit.held("bob") == 0
    forced = pit.exchange.all_orders("bob")[-1]
    assert forced.liquidation
    assert 46_000 < forced.average_price < 47_000


def test_the_first_quote_has_no_way_behind_it(new_pit: type[Pit]) -> None:
    pit = new_pit()
    pit.quote(50_000)
    assert pit.exchange.mark("BTCUSDT").mid == 50_000

"""How far orders are filled, against a second reckoning: fill-or-kill, and orders that the market goes through."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from desk.venues.paper.engine.values import Order, Refusal, SelfTrade, Side, TimeInForce
from tests.unit.desk.venues.paper.engine.pit import D, Pit

TICK = 10
quantities = st.sampled_from([D("0.2"), D("0.5"), D(1), D("2.5")])
ladders = st.lists(st.tuples(st.integers(1, 9), quantities), min_size=1, max_size=6, unique_by=lambda rung: rung[0])


@dataclass(frozen=True)
class Scene:
    """A market with a ladder, bids of two accounts, and what `ann` will sell into them."""

    ladder: list[tuple[int, Decimal]]
    bids: list[tuple[str, int, Decimal, bool]]
    reach: int
    size: Decimal
    mode: SelfTrade
    closes: bool

    def sold(self, tif: TimeInForce) -> Decimal:
        """How much of ann's order is filled at once; raises its Refusal."""
        pit = self._pit()
        price = 50_000 - TICK * self.reach
        more = {"time_in_force": tif, "self_trade": self.mode, "reduce_only": self.closes}
        return pit.limit(Side.SELL, self.size, price, "ann", **more).filled

    def _pit(self) -> Pit:
        pit = Pit()
        for name in ("bob", "cat"):
            pit.exchange.open_account(name, D(10_000_000))
        pit.exchange.set_leverage("ann", "BTCUSDT", 100)
        pit.quote(50_000)
        pit.market(Side.SELL, 1, "bob")
        if self.closes:
            pit.market(Side.BUY, "0.6", "ann")
        pit.ladder = tuple((D(step) * TICK / 50_000, quantity) for step, quantity in sorted(self.ladder))
        pit.quote(50_000)
        for name, step, quantity, reduces in self.bids:
            # Who closes a position by selling to himself never gets to its end.
            if name == "ann" and self.closes and self.mode is SelfTrade.NONE:
                continue
            # What does not reduce is refused; the order then is not there in either reckoning.
            with suppress(Refusal):
                pit.limit(Side.BUY, quantity, 50_000 - TICK * step, name, reduce_only=reduces and name == "bob")
        return pit


scenes = st.builds(
    Scene,
    ladder=ladders,
    bids=st.lists(
        st.tuples(st.sampled_from(["ann", "bob", "bob", "cat"]), st.integers(0, 9), quantities, st.booleans()),
        max_size=5,
    ),
    reach=st.integers(0, 9),
    size=quantities,
    mode=st.sampled_from(SelfTrade),
    closes=st.booleans(),
)


@settings(max_examples=120, deadline=None)
@given(scene=scenes)
def test_fill_or_kill_is_taken_exactly_when_an_ioc_order_in_its_place_would_fill_whole(scene: Scene) -> None:
    try:
        filled = scene.sold(TimeInForce.IOC)
    except Refusal:
        filled = D(0)
    try:
        whole = scene.sold(TimeInForce.FOK)
    except Refusal:
        assert filled < scene.size
    else:
        assert (whole, filled) == (scene.size, scene.size)


def standing(ladder: list[tuple[int, Decimal]], side: Side) -> list[tuple[Decimal, Decimal]]:
    """What the outside market alone offers on `side` once it stands at 50,000, best first."""
    pit = Pit()
    pit.ladder = tuple((D(step) * TICK / 50_000, quantity) for step, quantity in sorted(ladder))
    pit.quote(50_000)
    depth = pit.exchange.depth("BTCUSDT", 50)
    return [(level.price, level.quantity) for level in (depth.bids if side is Side.BUY else depth.asks)]


@settings(max_examples=100, deadline=None)
@given(
    ladder=ladders,
    sent=st.lists(st.tuples(st.integers(1, 9), quantities), min_size=1, max_size=4),
    side=st.sampled_from(Side),
    volume=st.sampled_from([D(0), D("0.3"), D(2)]),
    gap=st.booleans(),
    bound=st.booleans(),
)
def test_who_is_gone_through_gets_what_came_to_meet_him_and_nobody_is_left_crossed(
    ladder: list[tuple[int, Decimal]],
    sent: list[tuple[int, Decimal]],
    side: Side,
    volume: Decimal,
    gap: bool,
    bound: bool,
) -> None:
    pit = Pit(realism={"depth_bound": bound})
    pit.exchange.open_account("bob", D(10_000_000))
    pit.quote(50_000 + 1_000 * side.sign)
    orders = [pit.limit(side, size, 50_000 + TICK * step * side.sign, "bob") for step, size in sent]
    offered = standing(ladder, side.opposite)
    pit.ladder = tuple((D(step) * TICK / 50_000, quantity) for step, quantity in sorted(ladder))
    pit.quote(50_000, volume=volume, gap=gap)

    met = D(0)
    for order in sorted(orders, key=lambda order: (-order.price * side.sign, order.order_id)):
        came = volume + reach_of(order, offered)
        expected = min(order.quantity, max(D(0), came - met)) if bound else order.quantity
        met += expected
        assert pit.exchange.order("bob", "BTCUSDT", order.order_id).filled == expected
    depth = pit.exchange.depth("BTCUSDT", 50)
    if depth.bids and depth.asks:
        assert depth.bids[0].price < depth.asks[0].price
    assert pit.exchange.imbalance() == 0


def reach_of(order: Order, offered: list[tuple[Decimal, Decimal]]) -> Decimal:
    """What stands within the order's reach; the touch came all the way and always counts."""
    within = (
        quantity
        for place, (price, quantity) in enumerate(offered)
        if place == 0 or (price - order.price) * order.side.sign <= 0
    )
    return sum(within, D(0))


def test_a_plain_order_uses_up_what_a_reduce_only_one_behind_it_could_have_closed() -> None:
    pit = Pit()
    pit.exchange.open_account("bob", D(10_000_000))
    pit.quote(50_000)
    pit.market(Side.SELL, 1, "bob")
    pit.ladder = ()
    pit.quote(50_000)
    pit.limit(Side.BUY, "0.2", 49_990, "bob")
    pit.limit(Side.BUY, 1, 49_990, "bob", reduce_only=True)
    with pytest.raises(Refusal) as refused:
        pit.limit(Side.SELL, "1.2", 49_990, time_in_force=TimeInForce.FOK)
    assert refused.value.code == -5021
    assert pit.limit(Side.SELL, 1, 49_990, time_in_force=TimeInForce.FOK).filled == 1

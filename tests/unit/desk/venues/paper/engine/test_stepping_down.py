"""Large positions are liquidated bracket by bracket; and who pays when neither the book nor the fund can."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from desk.venues.paper.engine.exchange import Exchange
from desk.venues.paper.engine.values import House, MarginCall, Order, OrderEvent, PositionSide, Side
from tests.unit.desk.venues.paper.engine.pit import D, Pit

BUY, SELL = Side.BUY, Side.SELL


def forced(pit: Pit, account: str = "ann") -> list[Order]:
    return [order for order in pit.exchange.all_orders(account) if order.liquidation]


def deep(pit: Pit) -> Pit:
    """A book that takes anything at one price, and a liquidation that costs no fee."""
    pit.ladder = ((D(0), D(1_000)),)
    pit.quote(50_000)
    return pit


def test_each_step_brings_the_rest_into_the_next_lower_bracket_and_stops_where_it_stands(new_pit: type[Pit]) -> None:
    pit = deep(new_pit(liquidation_fee=D(0)))
    pit.exchange.set_leverage("ann", "BTCUSDT", 50)
    pit.market(BUY, 70)
    level = pit.exchange.positions("ann")[0].liquidation_price
    pit.quote(level - 1)
    first = forced(pit)[0]
    assert first.quantity < 70
    kept = pit.held()
    assert 0 < kept == 70 - sum(order.filled for order in forced(pit))
    # To the last step of quantity: the mark was a hair beyond the level.
    assert 3_000_000 - 50 < (70 - first.quantity) * level < 3_000_001
    row = pit.exchange.positions("ann")[0]
    assert pit.exchange.summary("ann").margin_balance > row.maint_margin


def test_a_position_in_the_lowest_bracket_goes_whole(new_pit: type[Pit]) -> None:
    pit = deep(new_pit())
    pit.exchange.set_margin_type("ann", "BTCUSDT", isolated=True)
    pit.market(BUY, 5)
    pit.quote(40_000)
    assert [order.quantity for order in forced(pit)] == [5]


@settings(deadline=None, max_examples=40)
@given(
    quantity=st.integers(1, 75),
    leverage=st.sampled_from((20, 50)),
    long=st.booleans(),
    isolated=st.booleans(),
    depth=st.sampled_from((1, 20, 1_000)),
    drop=st.integers(100, 2_000),
    gap=st.booleans(),
)
def test_a_liquidation_never_leaves_a_position_below_its_maintenance(
    quantity: int, leverage: int, long: bool, isolated: bool, depth: int, drop: int, gap: bool
) -> None:
    pit = deep(Pit())
    pit.exchange.open_account("bob", D(90_000))
    pit.exchange.set_leverage("bob", "BTCUSDT", leverage)
    if isolated:
        pit.exchange.set_margin_type("bob", "BTCUSDT", isolated=True)
    side = BUY if long else SELL
    quantity = min(quantity, 90_000 * leverage // 51_000)
    pit.market(side, quantity, "bob")
    pit.ladder = tuple((D(rung) * D("0.001"), D(depth)) for rung in range(10))
    pit.quote(D(50_000) * (1 - side.sign * D(drop) / 10_000), gap=gap)
    row = pit.position("bob")
    if row is not None and row.quantity:
        balance = row.isolated_margin if isolated else pit.exchange.summary("bob").margin_balance
        assert balance > row.maint_margin
    assert pit.wallet("bob") >= 0
    assert pit.exchange.imbalance() == 0


def test_the_owner_is_called_once_while_there_is_time_and_again_only_after_a_recovery(pit: Pit) -> None:
    pit.exchange.set_margin_type("ann", "BTCUSDT", isolated=True)
    pit.market(BUY, 1)
    level = pit.exchange.positions("ann")[0].liquidation_price
    pit.exchange.drain_events()

    def calls() -> int:
        return sum(isinstance(event, MarginCall) for event in pit.exchange.drain_events())

    pit.quote(level + 20)
    assert (calls(), pit.held()) == (1, 1)
    pit.quote(level + 10)
    assert calls() == 0
    pit.quote(50_000)
    pit.quote(level + 10)
    assert (calls(), pit.held()) == (1, 1)


class Empty(Pit):
    """A pit whose insurance fund is empty and whose house deleverages; ann is long, bob and cat are short."""

    def __init__(self, fund: int = 0) -> None:
        super().__init__()
        house = House(insurance={"USDT": D(fund)}, auto_deleverage=True)
        self.exchange = Exchange(self.specs, now_ms=lambda: self.now, house=house)
        for name, money in (("ann", 40_000), ("bob", 100_000), ("cat", 30_000)):
            self.exchange.open_account(name, D(money))
        deep(self)
        self.market(BUY, 10, "ann")
        self.market(SELL, 4, "bob")
        self.market(SELL, 8, "cat")
        self.exchange.drain_events()
        self.ladder = ((D(0), D("0.001")),)


def test_with_the_fund_empty_the_best_ranked_opposite_position_is_closed_at_the_bankruptcy_price() -> None:
    pit = Empty()
    pit.quote(49_900)
    ranks = [pit.exchange.positions(name)[0].adl for name in ("bob", "cat")]
    assert ranks[0] < ranks[1]
    pit.quote(44_000, gap=True)
    assert pit.held("ann") == 0
    relief = forced(pit, "cat")
    assert {order.client_id for order in relief} == {"adl_autoclose"}
    assert all(order.reduce_only and order.position_side is PositionSide.BOTH for order in relief)
    bankrupt = {order.price for order in forced(pit, "ann")}
    assert {order.price for order in relief} <= bankrupt
    assert pit.held("cat") == 0
    assert pit.held("bob") > -4
    assert pit.exchange.insurance() >= 0
    assert pit.exchange.imbalance() == 0
    told = [e for e in pit.exchange.drain_events() if isinstance(e, OrderEvent) and e.account == "cat"]
    assert [e.execution.value for e in told[:2]] == ["NEW", "CALCULATED"]
    assert [t.fee for t in pit.exchange.trades("cat")[-len(relief) :]] == [0] * len(relief)


def test_a_fund_that_can_pay_leaves_the_others_alone() -> None:
    pit = Empty(fund=1_000_000)
    pit.quote(44_000, gap=True)
    assert (pit.held("ann"), pit.held("bob"), pit.held("cat")) == (0, -4, -8)
    assert 0 < pit.exchange.insurance() < 1_000_000


def test_the_rest_of_the_world_relieves_whom_no_account_can() -> None:
    pit = Empty()
    pit.ladder = ((D(0), D(1_000)),)
    pit.quote(50_000)
    for name, held in (("bob", 4), ("cat", 8)):
        pit.market(BUY, held, name)
    pit.ladder = ((D(0), D("0.001")),)
    pit.quote(44_000, gap=True)
    assert pit.held("ann") == 0
    assert pit.exchange.insurance() >= 0
    assert pit.exchange.imbalance() == 0


@pytest.mark.parametrize("hours", [1, 4, 8])
@pytest.mark.parametrize(("premium", "daily"), [("0", "0.0003"), ("0.01", "0.0285"), ("-0.01", "-0.0285")])
def test_funding_is_as_much_a_day_whatever_the_interval(
    new_pit: type[Pit], hours: int, premium: str, daily: str
) -> None:
    # (P + clamp(I - P)) / (8 / N): three times a day of 8 hours, six times half of it, twenty-four times an eighth.
    pit = new_pit(funding_interval_hours=hours)
    pit.quote(D(50_000) * (1 + D(premium)), index=D(50_000))
    pit.now = (pit.now // 86_400_000 + 2) * 86_400_000
    pit.exchange.settle(pit.now)
    charges = pit.exchange.funding_charges("BTCUSDT", 24 // hours)
    assert sum(charge.rate for charge in charges) == D(daily)


def test_the_cap_and_the_floor_bound_every_interval(new_pit: type[Pit]) -> None:
    for price, bound in ((60_000, "0.02"), (40_000, "-0.02")):
        pit = new_pit(funding_interval_hours=1)
        pit.quote(price, index=D(50_000))
        pit.now += 3_600_000
        pit.exchange.settle(pit.now)
        assert abs(pit.exchange.funding_charges("BTCUSDT", 1)[0].rate) <= abs(D(bound))

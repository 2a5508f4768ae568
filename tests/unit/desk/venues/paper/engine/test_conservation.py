"""Whatever is done to the venue, in whatever order: money is conserved, and its promises about positions hold."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from desk.domain.money import ZERO
from desk.venues.paper.engine.exchange import Exchange
from desk.venues.paper.engine.values import OrderEvent, OrderKind, Refusal, Side, TimeInForce, WorkingType
from tests.unit.desk.venues.paper.engine.pit import MINUTE, D, Pit

ACCOUNTS = ("ann", "bob", "cat")
SIDES = st.sampled_from((Side.BUY, Side.SELL))
WHO = st.sampled_from(ACCOUNTS)
SIZES = st.sampled_from([D(n) / 1000 for n in (7, 333, 1000, 2500, 9999)])
OFFSETS = st.integers(-400, 400)
MOVES = st.integers(-900, 900)


class Trading(RuleBasedStateMachine):
    """Random traders on a random market."""

    def __init__(self) -> None:
        super().__init__()
        self.pit = Pit()
        for name in ACCOUNTS[1:]:
            self.pit.exchange.open_account(name, D(3_000))
            self.pit.exchange.set_leverage(name, "BTCUSDT", 100)
        self.pit.exchange.set_margin_type("cat", "BTCUSDT", isolated=True)
        self.price = {"BTCUSDT": D(50_000), "ETHUSDT": D(2_500)}
        self.pit.quote(50_000)
        self.pit.quote(2_500, "ETHUSDT")

    @rule(who=WHO, side=SIDES, size=SIZES, reduce_only=st.booleans())
    def market(self, who: str, side: Side, size: Decimal, reduce_only: bool) -> None:
        before = self.pit.held(who)
        try:
            order = self.pit.market(side, size, who, reduce_only=reduce_only)
        except Refusal:
            return
        after = before + order.filled * side.sign
        if reduce_only:
            assert abs(after) <= abs(before)
            assert after * before >= 0

    @rule(
        who=WHO,
        side=SIDES,
        size=SIZES,
        offset=OFFSETS,
        reduce_only=st.booleans(),
        tif=st.sampled_from((TimeInForce.GTC, TimeInForce.IOC, TimeInForce.FOK, TimeInForce.GTX)),
    )
    def limit(self, who: str, side: Side, size: Decimal, offset: int, reduce_only: bool, tif: TimeInForce) -> None:
        price = (self.price["BTCUSDT"] * (1 + D(offset) / 10_000)).quantize(D("0.1"))
        try:
            self.pit.limit(side, size, price, who, reduce_only=reduce_only, time_in_force=tif)
        except Refusal:
            return

    @rule(
        who=WHO,
        side=SIDES,
        offset=OFFSETS,
        size=SIZES,
        close=st.booleans(),
        kind=st.sampled_from((OrderKind.STOP_MARKET, OrderKind.TAKE_PROFIT_MARKET)),
        working=st.sampled_from(tuple(WorkingType)),
    )
    def stop(
        self, who: str, side: Side, offset: int, size: Decimal, close: bool, kind: OrderKind, working: WorkingType
    ) -> None:
        trigger = (self.price["BTCUSDT"] * (1 + D(offset) / 10_000)).quantize(D("0.1"))
        quantity = None if close else size
        try:
            self.pit.stop(side, trigger, who, type=kind, working_type=working, close_position=close, quantity=quantity)
        except Refusal:
            return

    @rule(who=WHO, isolated=st.booleans(), leverage=st.sampled_from((1, 5, 20, 75, 125)))
    def terms(self, who: str, isolated: bool, leverage: int) -> None:
        for ask in (
            lambda: self.pit.exchange.set_margin_type(who, "BTCUSDT", isolated=isolated),
            lambda: self.pit.exchange.set_leverage(who, "BTCUSDT", leverage),
            lambda: self.pit.exchange.adjust_margin(who, "BTCUSDT", D(leverage), add=isolated),
        ):
            try:
                ask()
            except Refusal:
                continue

    @rule(who=WHO, size=SIZES, offset=OFFSETS)
    def amend_or_cancel(self, who: str, size: Decimal, offset: int) -> None:
        orders = self.pit.exchange.open_orders(who)
        if not orders:
            return
        first = orders[0]
        price = (first.price * (1 + D(offset) / 10_000)).quantize(D("0.1"))
        try:
            self.pit.amend(first, size, price)
        except Refusal:
            self.pit.exchange.cancel_order(who, "BTCUSDT", first.order_id)

    @rule(move=MOVES, gap=st.booleans(), basis=st.integers(-50, 50), seconds=st.sampled_from((1, 7, 60, 3600)))
    def travel(self, move: int, gap: bool, basis: int, seconds: int) -> None:
        self.price["BTCUSDT"] = (self.price["BTCUSDT"] * (1 + D(move) / 10_000)).quantize(D("0.01"))
        price = self.price["BTCUSDT"]
        index = price * (1 + D(basis) / 10_000)
        self.pit.quote(price, gap=gap, index=index, after_ms=seconds * 1000)

    @precondition(lambda self: self.pit.now % 2 == 0)
    @rule(hours=st.integers(1, 20))
    def wait(self, hours: int) -> None:
        self.pit.now += hours * 60 * MINUTE
        self.pit.exchange.settle(self.pit.now)

    @invariant()
    def money_is_conserved(self) -> None:
        assert self.pit.exchange.imbalance() == ZERO

    @invariant()
    def every_wallet_is_the_sum_of_its_history(self) -> None:
        for name in ACCOUNTS:
            history = sum((row.amount for row in self.pit.exchange.income(name)), ZERO)
            assert self.pit.wallet(name) == history

    @invariant()
    def no_position_stands_below_its_maintenance(self) -> None:
        for name in ACCOUNTS:
            rows = self.pit.exchange.positions(name)
            for row in rows:
                if row.isolated and row.quantity:
                    assert row.isolated_margin > row.maint_margin
            cross = [row for row in rows if not row.isolated and row.quantity]
            if cross:
                balance = self.pit.exchange.summary(name).cross_wallet + sum(row.unrealized for row in cross)
                assert balance > sum(row.maint_margin for row in cross)

    @invariant()
    def a_flat_account_owes_nothing(self) -> None:
        for name in ACCOUNTS:
            if not any(row.quantity for row in self.pit.exchange.positions(name)):
                assert self.pit.wallet(name) >= 0

    @invariant()
    def the_book_is_sane(self) -> None:
        depth = self.pit.exchange.depth("BTCUSDT", 1000)
        assert all(level.quantity > 0 for level in (*depth.bids, *depth.asks))
        assert [lv.price for lv in depth.bids] == sorted({lv.price for lv in depth.bids}, reverse=True)
        assert [lv.price for lv in depth.asks] == sorted({lv.price for lv in depth.asks})
        if depth.bids and depth.asks:
            assert depth.bids[0].price < depth.asks[0].price

    @invariant()
    def working_orders_weigh_what_they_are(self) -> None:
        for name in ACCOUNTS:
            weight = {Side.BUY: ZERO, Side.SELL: ZERO}
            for order in self.pit.exchange.open_orders(name):
                if not order.reduce_only:
                    weight[order.side] += order.remaining * order.price
            row = self.pit.position(name)
            if row is not None:
                assert (row.bid_notional, row.ask_notional) == (weight[Side.BUY], weight[Side.SELL])

    @invariant()
    def fills_add_up_to_positions(self) -> None:
        for name in ACCOUNTS:
            traded = sum((t.quantity * t.side.sign for t in self.pit.exchange.trades(name)), ZERO)
            assert traded == self.pit.held(name)

    @invariant()
    def no_reduce_only_fill_ever_raises_or_flips_a_position(self) -> None:
        for name in ACCOUNTS:
            held = ZERO
            for trade in self.pit.exchange.trades(name):
                after = held + trade.quantity * trade.side.sign
                if self.pit.exchange.order(name, "BTCUSDT", trade.order_id).reduce_only:
                    assert abs(after) < abs(held)
                    assert after * held >= 0
                held = after

    @invariant()
    def nothing_that_is_due_is_left_waiting(self) -> None:
        view = self.pit.exchange.mark("BTCUSDT")
        for name in ACCOUNTS:
            for algo in self.pit.exchange.open_algos(name):
                price = view.mark if algo.working_type is WorkingType.MARK_PRICE else view.last
                rises = (algo.side is Side.BUY) != (algo.type is OrderKind.TAKE_PROFIT_MARKET)
                assert price < algo.trigger if rises else price > algo.trigger

    @invariant()
    def no_event_tells_of_more_filled_than_ordered(self) -> None:
        for event in self.pit.exchange.drain_events():
            if isinstance(event, OrderEvent):
                assert ZERO <= event.order.filled <= event.order.quantity

    @invariant()
    def a_restarted_venue_is_the_same_venue(self) -> None:
        rows = self.pit.exchange.dump()
        again = Exchange(self.pit.specs, now_ms=lambda: self.pit.now)
        again.restore(rows)
        assert again.dump() == rows
        assert again.depth("BTCUSDT", 50) == self.pit.exchange.depth("BTCUSDT", 50)
        for name in ACCOUNTS:
            assert again.positions(name) == self.pit.exchange.positions(name)
            assert again.open_orders(name) == self.pit.exchange.open_orders(name)
            assert again.open_algos(name) == self.pit.exchange.open_algos(name)


Trading.TestCase.settings = settings(max_examples=40, stateful_step_count=30, deadline=None)
TestTrading = Trading.TestCase

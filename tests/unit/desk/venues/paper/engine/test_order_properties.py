"""What holds of orders whatever is sent, changed, cancelled and quoted, at any setting of the venue's realism."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from desk.venues.paper.engine.exchange import Exchange
from desk.venues.paper.engine.values import (
    Execution,
    Order,
    OrderEvent,
    OrderKind,
    OrderStatus,
    PriceMatch,
    Refusal,
    SelfTrade,
    Side,
    TimeInForce,
)
from tests.unit.desk.venues.paper.engine.pit import D, Pit

ACCOUNTS = ("ann", "bob")
NEVER_TAKING = (TimeInForce.GTX, TimeInForce.RPI)
NEVER_RESTING = (TimeInForce.IOC, TimeInForce.FOK)

sizes = st.sampled_from([D(n) / 1000 for n in (5, 250, 1000, 2500, 7000)])
ticks = st.integers(-25, 25)
who = st.sampled_from(ACCOUNTS)
sides = st.sampled_from(Side)
limits = st.fixed_dictionaries(
    {
        "who": who,
        "side": sides,
        "size": sizes,
        "ticks": ticks,
        "time_in_force": st.sampled_from([tif for tif in TimeInForce if tif is not TimeInForce.GTD]),
        "reduce_only": st.booleans(),
        "self_trade": st.sampled_from(SelfTrade),
        "price_match": st.sampled_from([PriceMatch.NONE, PriceMatch.NONE, PriceMatch.QUEUE, PriceMatch.OPPONENT_5]),
    }
)
markets = st.fixed_dictionaries({"who": who, "side": sides, "size": sizes, "reduce_only": st.booleans()})
changes = st.fixed_dictionaries({"who": who, "nth": st.integers(0, 5), "size": sizes, "ticks": ticks})
cancels = st.fixed_dictionaries({"who": who, "nth": st.integers(0, 5)})
quotes = st.fixed_dictionaries(
    {"ticks": ticks, "volume": st.sampled_from([D(0), D("0.7"), D(5)]), "gap": st.booleans()}
)
steps = st.lists(
    st.one_of(
        st.tuples(st.just("limit"), limits),
        st.tuples(st.just("limit"), limits),
        st.tuples(st.just("market"), markets),
        st.tuples(st.just("change"), changes),
        st.tuples(st.just("cancel"), cancels),
        st.tuples(st.just("quote"), quotes),
    ),
    min_size=5,
    max_size=40,
)
realisms = st.sampled_from(
    [
        {},
        {"queue": False, "depth_bound": False},
        {"recovery": D("0.25")},
        {"latency_ms": 5_000, "latency_tail_ms": 40_000},
    ]
)


@dataclass
class Floor:
    """A pit in use, and what its announcements alone say of every order and every position."""

    pit: Pit
    price: Decimal = Decimal(50_000)
    told: dict[tuple[str, int], Order] = field(default_factory=dict)
    traded: dict[tuple[str, int], Decimal] = field(default_factory=dict)
    held: dict[str, Decimal] = field(default_factory=lambda: dict.fromkeys(ACCOUNTS, D(0)))

    def do(self, kind: str, asked: dict[str, object]) -> None:
        """One step; a refusal must change nothing, and everything announced is listened to."""
        before = self.pit.exchange.dump()
        try:
            getattr(self, kind)(**asked)
        except Refusal:
            assert self.pit.exchange.dump() == before
        self.listen()

    def limit(self, who: str, side: Side, size: Decimal, ticks: int, price_match: PriceMatch, **more: object) -> None:
        price = self.price + D(ticks) * 20 if price_match is PriceMatch.NONE else None
        self.pit.limit(side, size, price, who, price_match=price_match, **more)

    def market(self, who: str, side: Side, size: Decimal, reduce_only: bool) -> None:
        self.pit.market(side, size, who, reduce_only=reduce_only)

    def change(self, who: str, nth: int, size: Decimal, ticks: int) -> None:
        order = self._open(who, nth)
        changed = self.pit.amend(order, size, self.price + D(ticks) * 20)
        if changed.status is not OrderStatus.CANCELED:
            assert changed.quantity == size
        assert changed.filled >= order.filled
        assert changed.filled <= max(size, order.filled)

    def cancel(self, who: str, nth: int) -> None:
        self.pit.exchange.cancel_order(who, "BTCUSDT", self._open(who, nth).order_id)

    def quote(self, ticks: int, volume: Decimal, gap: bool) -> None:
        self.price = max(D(40_000), self.price + D(ticks) * 30)
        self.pit.quote(self.price, volume=volume, gap=gap)

    def listen(self) -> None:
        """Replay the announcements, and judge each trade by the order it was of."""
        for event in self.pit.exchange.drain_events():
            if not isinstance(event, OrderEvent):
                continue
            order, trade = event.order, event.trade
            self.told[(event.account, order.order_id)] = order
            if trade is None:
                continue
            key, before = (event.account, order.order_id), self.held[event.account]
            after = before + trade.quantity * trade.side.sign
            self.held[event.account], self.traded[key] = after, self.traded.get(key, D(0)) + trade.quantity
            assert trade.quantity > 0
            assert trade.maker or order.time_in_force not in NEVER_TAKING
            assert (trade.price - order.price) * order.side.sign <= 0 or order.type is OrderKind.MARKET
            if order.reduce_only:
                assert abs(after) < abs(before)
                assert after * before >= 0

    def _open(self, who: str, nth: int) -> Order:
        orders = self.pit.exchange.open_orders(who, "BTCUSDT")
        if nth >= len(orders):
            raise Refusal(-2013)
        return orders[nth]


def plain(order: Order) -> Order:
    """The order without what is nobody's business: its place in the queue, and that it is on its way."""
    return replace(order, queue=0, arrives_ms=0)


def check_orders(floor: Floor) -> None:
    """Orders are what was announced of them, what they traded, and nothing else."""
    for name in ACCOUNTS:
        for order in floor.pit.exchange.all_orders(name):
            assert plain(order) == plain(floor.told[(name, order.order_id)])
            traded = floor.traded.get((name, order.order_id), D(0))
            assert order.filled == traded <= order.quantity
            assert (order.status is OrderStatus.FILLED) == (order.filled == order.quantity)
            if order.time_in_force is TimeInForce.FOK and order.status.is_final:
                assert order.filled in (0, order.quantity)
            if not order.status.is_final and not order.arrives_ms:
                assert order.type is OrderKind.LIMIT
                assert order.time_in_force not in NEVER_RESTING
        assert floor.pit.held(name) == floor.held[name]


def check_book(floor: Floor) -> None:
    """Both sides stand in price-time order, above zero, uncrossed, and hold exactly the open orders."""
    market = floor.pit.exchange._floor.markets["BTCUSDT"]
    book, resting = market.book, {}
    for side in Side:
        queue = book.queues[side]
        assert queue == sorted(queue)
        for signed, place, name, order_id in queue:
            order = floor.pit.exchange.order(name, "BTCUSDT", order_id)
            assert (abs(signed), place, order.remaining) == (order.price, order.queue, book.remaining[order_id])
            resting[order_id] = order.remaining
    arrived = [o for name in ACCOUNTS for o in floor.pit.exchange.open_orders(name) if not o.arrives_ms]
    assert resting == {order.order_id: order.remaining for order in arrived}
    assert set(book.ahead) <= set(resting)
    assert all(quantity >= 0 for quantity in book.ahead.values())
    depth = floor.pit.exchange.depth("BTCUSDT", 50)
    assert all(level.quantity > 0 for level in (*depth.bids, *depth.asks))
    if depth.bids and depth.asks:
        assert depth.bids[0].price < depth.asks[0].price


@settings(max_examples=60, deadline=None)
@given(realism=realisms, script=steps)
def test_orders_keep_their_promises_whatever_happens(
    realism: dict[str, object], script: list[tuple[str, dict[str, object]]]
) -> None:
    pit = Pit(realism=realism)
    pit.exchange.open_account("bob", D(100_000))
    pit.quote(50_000)
    floor = Floor(pit)
    for kind, asked in script:
        floor.do(kind, asked)
        check_orders(floor)
        check_book(floor)
    assert pit.exchange.imbalance() == 0
    again = Exchange(pit.specs, now_ms=lambda: pit.now, realism=pit.realism)
    again.restore(pit.exchange.dump())
    assert again.dump() == pit.exchange.dump()


@settings(max_examples=60, deadline=None)
@given(
    sent=st.lists(st.tuples(st.sampled_from(ACCOUNTS), st.integers(0, 4), sizes), min_size=2, max_size=12),
    taken=st.sampled_from([D("0.3"), D(2), D(9), D(30)]),
)
def test_a_taker_meets_the_best_price_first_and_at_one_price_the_earliest(
    sent: list[tuple[str, int, Decimal]], taken: Decimal
) -> None:
    pit = Pit()
    pit.ladder = ((D(0), D(2)),)
    pit.spread = D("0.01")
    for name in ("bob", "cat"):
        pit.exchange.open_account(name, D(10_000_000))
    pit.exchange.open_account("ann2", D(10_000_000))
    pit.quote(50_000)
    resting = [pit.limit(Side.BUY, size, 49_900 + step, "ann2") for _, step, size in sent]
    pit.exchange.drain_events()
    pit.market(Side.SELL, taken, "cat")
    events = [e for e in pit.exchange.drain_events() if isinstance(e, OrderEvent) and e.execution is Execution.TRADE]
    served = [event.order.order_id for event in events if event.account == "ann2"]
    ranked = [order.order_id for order in sorted(resting, key=lambda order: (-order.price, order.order_id))]
    assert served == ranked[: len(served)]


@settings(max_examples=60, deadline=None)
@given(
    sent=st.lists(st.tuples(who, st.integers(0, 4), sizes), min_size=1, max_size=8),
    size=sizes,
    mode=st.sampled_from(SelfTrade),
)
def test_fill_or_kill_fills_whole_or_changes_nothing(
    sent: list[tuple[str, int, Decimal]], size: Decimal, mode: SelfTrade
) -> None:
    pit = Pit()
    pit.ladder = ((D(0), D("0.5")),)
    pit.exchange.open_account("bob", D(10_000_000))
    pit.exchange.set_leverage("ann", "BTCUSDT", 100)
    pit.quote(50_000)
    for name, step, quantity in sent:
        pit.limit(Side.BUY, min(quantity, D(1)), 50_000 - step, name)
    before = pit.exchange.dump()
    try:
        order = pit.limit(Side.SELL, size, 49_998, "ann", time_in_force=TimeInForce.FOK, self_trade=mode)
    except Refusal:
        assert pit.exchange.dump() == before
    else:
        assert (order.status, order.filled) == (OrderStatus.FILLED, size)

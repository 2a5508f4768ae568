"""A storm of trade: seeded random requests of six very different accounts on four markets, looked at after each one.

What must hold after every operation: in each asset, what accounts hold, fees, the insurance fund and the rest of the
world's side sum to what was brought in, to the last digit; no position stands below its maintenance margin; a
reduce-only fill shrinks a position and never turns it; the book has neither negative nor crossed levels.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from decimal import Decimal
from random import Random

from desk.venues.paper.engine.exchange import Exchange
from desk.venues.paper.engine.values import (
    House,
    NewAlgo,
    NewOrder,
    OrderChange,
    OrderEvent,
    OrderKind,
    PositionSide,
    Quote,
    Refusal,
    SelfTrade,
    Side,
    TimeInForce,
    WorkingType,
)
from tests.unit.desk.venues.paper.engine.pit import START_MS, spec_of

D = Decimal
BOTH, LONG, SHORT = PositionSide.BOTH, PositionSide.LONG, PositionSide.SHORT
PRICES = {"BTCUSDT": D(50_000), "ETHUSDT": D(2_500), "BNBUSDT": D(600), "BTCUSDC": D(50_000)}
ALGOS = (OrderKind.STOP_MARKET, OrderKind.TAKE_PROFIT_MARKET, OrderKind.STOP, OrderKind.TRAILING_STOP_MARKET)
HOUR = 3_600_000


@dataclass
class Storm:
    """One venue in the storm. `counts` tells what happened: requests done, refusals by code, liquidations, ADL."""

    seed: int = 1
    auto_deleverage: bool = True
    now: int = START_MS
    counts: Counter[str] = field(default_factory=Counter[str])
    held: dict[tuple[str, str, PositionSide], Decimal] = field(default_factory=dict)
    prices: dict[str, Decimal] = field(default_factory=lambda: dict(PRICES))

    def __post_init__(self) -> None:
        self.dice = Random(self.seed)
        hours = {"BTCUSDT": 8, "ETHUSDT": 4, "BNBUSDT": 1, "BTCUSDC": 8}
        quoted = {name: "USDC" if name.endswith("USDC") else "USDT" for name in PRICES}
        self.specs = {
            name: replace(spec_of(name), base=name[:3], quote=quoted[name], funding_interval_hours=hours[name])
            for name in PRICES
        }
        house = House(insurance={"USDT": D(50_000), "USDC": D(1_000)}, auto_deleverage=self.auto_deleverage)
        self.exchange = Exchange(self.specs, now_ms=lambda: self.now, house=house)
        for name in PRICES:
            self.quote(name, PRICES[name])
        self._open_accounts()
        self.names = list(self.exchange.accounts())

    def _open_accounts(self) -> None:
        usdc = {"USDC": D(20_000)}
        self.exchange.open_account("ann", D(20_000), others=usdc)
        self.exchange.open_account("bob", D(8_000), others=usdc, fee_tier=3)
        self.exchange.open_account("cat", D(15_000), others={"BNB": D(3)}, fee_tier=9)
        self.exchange.open_account("dan", D(2_000), others={"BTC": D("0.4"), "ETH": D(3), "BNB": D(2), "FDUSD": D(900)})
        self.exchange.open_account("eve", D(1_500_000), others={"USDC": D(500_000)})
        self.exchange.open_account("fay", D(30_000), others=usdc)
        for name in ("bob", "fay"):
            self.exchange.set_position_mode(name, hedge=True)
        for name in ("cat", "fay"):
            for symbol in PRICES:
                self.exchange.set_margin_type(name, symbol, isolated=True)
        self.exchange.set_multi_assets("dan", on=True)
        self.exchange.set_fee_burn("dan", on=True)
        self.exchange.set_fee_burn("cat", on=True)

    # ---- the storm ----

    def blow(self, operations: int) -> None:
        """Do so many random operations, looking at everything after each."""
        for number in range(operations):
            name = self.dice.choices(list(_WEIGHTS), list(_WEIGHTS.values()))[0]
            ask: Callable[[], object] = getattr(self, name)
            try:
                ask()
                self.counts[name] += 1
            except Refusal as refusal:
                self.counts[f"refused {refusal.code}"] += 1
            self.look(thorough=number % 8 == 0)

    def market(self) -> None:
        symbol = self.symbol()
        self.place(NewOrder(symbol=symbol, side=self.side(), type=OrderKind.MARKET, quantity=self.size(symbol)))

    def limit(self) -> None:
        symbol = self.symbol()
        new = NewOrder(
            symbol=symbol,
            side=self.side(),
            type=OrderKind.LIMIT,
            quantity=self.size(symbol),
            price=self.near(symbol, 120),
            time_in_force=self.dice.choice((TimeInForce.GTC, TimeInForce.GTC, TimeInForce.IOC, TimeInForce.GTX)),
            self_trade=self.dice.choice(tuple(SelfTrade)),
        )
        self.place(new)

    def place(self, new: NewOrder) -> None:
        name = self.dice.choice(self.names)
        which = self.which(name)
        reduces = which is BOTH and self.dice.random() < 0.2
        self.exchange.place_order(name, replace(new, position_side=which, reduce_only=reduces))

    def algo(self) -> None:
        symbol, name = self.symbol(), self.dice.choice(self.names)
        kind, closes = self.dice.choice(ALGOS), self.dice.random() < 0.4
        closes = closes and kind in (OrderKind.STOP_MARKET, OrderKind.TAKE_PROFIT_MARKET)
        trails = kind is OrderKind.TRAILING_STOP_MARKET
        new = NewAlgo(
            symbol=symbol,
            side=self.side(),
            type=kind,
            trigger=None if trails else self.near(symbol, 200),
            quantity=None if closes else self.size(symbol),
            price=self.near(symbol, 200) if kind is OrderKind.STOP else None,
            position_side=self.which(name),
            working_type=self.dice.choice(tuple(WorkingType)),
            close_position=closes,
            callback_rate=D(self.dice.randint(1, 30)) / 10 if trails else None,
        )
        self.exchange.place_algo(name, new)

    def amend(self) -> None:
        name = self.dice.choice(self.names)
        orders = self.exchange.open_orders(name)
        if orders:
            order = self.dice.choice(list(orders))
            change = OrderChange(
                symbol=order.symbol,
                side=order.side,
                order_id=order.order_id,
                quantity=self.size(order.symbol),
                price=self.near(order.symbol, 150),
            )
            self.exchange.amend_order(name, change)

    def cancel(self) -> None:
        name, symbol = self.dice.choice(self.names), self.symbol()
        self.exchange.cancel_all(name, symbol)
        self.exchange.cancel_all_algos(name, symbol)

    def leverage(self) -> None:
        self.exchange.set_leverage(self.dice.choice(self.names), self.symbol(), self.dice.choice((1, 5, 20, 50, 125)))

    def margin_type(self) -> None:
        name = self.dice.choice(self.names)
        self.exchange.set_margin_type(name, self.symbol(), isolated=self.dice.random() < 0.5)

    def margin(self) -> None:
        name = self.dice.choice(self.names)
        amount = D(self.dice.randint(1, 200_000)) / 100
        add = self.dice.random() < 0.5
        self.exchange.adjust_margin(name, self.symbol(), amount, add=add, side=self.which(name))

    def modes(self) -> None:
        name, on = self.dice.choice(self.names), self.dice.random() < 0.5
        ask = self.dice.choice(
            (
                lambda: self.exchange.set_fee_burn(name, on=on),
                lambda: self.exchange.set_multi_assets(name, on=on),
                lambda: self.exchange.set_position_mode(name, hedge=on),
            )
        )
        ask()

    def go_flat(self) -> None:
        """Leave every market, so that modes can change at all."""
        name = self.dice.choice(self.names)
        for symbol in PRICES:
            self.exchange.cancel_all(name, symbol)
            self.exchange.cancel_all_algos(name, symbol)
        for row in self.exchange.positions(name):
            side = Side.SELL if row.quantity > 0 else Side.BUY
            new = NewOrder(symbol=row.symbol, side=side, type=OrderKind.MARKET, quantity=min(abs(row.quantity), D(120)))
            self.exchange.place_order(name, replace(new, position_side=row.position_side))

    def walk(self) -> None:
        self.move(80, gap=False)

    def jump(self) -> None:
        self.move(700, gap=self.dice.random() < 0.7)

    def wait(self) -> None:
        self.now += self.dice.randint(1, 9) * HOUR
        self.exchange.settle(self.now)

    def move(self, most: int, *, gap: bool) -> None:
        symbol = self.symbol()
        # Drawn back to where it began, so that a long storm stays in the range of its filters.
        pull = (PRICES[symbol] - self.prices[symbol]) / PRICES[symbol] / 20
        share = 1 + D(self.dice.randint(-most, most)) / 10_000 + pull
        self.prices[symbol] = (self.prices[symbol] * share).quantize(D("0.01"))
        self.quote(symbol, self.prices[symbol], gap=gap)

    def quote(self, symbol: str, price: Decimal, *, gap: bool = False) -> None:
        self.now += self.dice.randint(1, 120_000)
        index = (price * (1 + D(self.dice.randint(-20, 20)) / 10_000)).quantize(D("0.00000001"))
        depth = PRICES["BTCUSDT"] / PRICES[symbol] * self.dice.choice((D(1), D(5), D(20)))
        ladder = tuple((D(rung) * D("0.002"), depth.quantize(D("0.001"))) for rung in range(6))
        self.exchange.apply(
            Quote(symbol=symbol, at_ms=self.now, price=price, spread=D("0.0002"), ladder=ladder, index=index, gap=gap)
        )

    # ---- dice ----

    def symbol(self) -> str:
        return self.dice.choice(list(PRICES))

    def side(self) -> Side:
        return self.dice.choice((Side.BUY, Side.SELL))

    def which(self, name: str) -> PositionSide:
        return self.dice.choice((LONG, SHORT)) if self.exchange.position_mode(name) else BOTH

    def size(self, symbol: str) -> Decimal:
        notional = self.dice.choice((200, 2_000, 20_000, 150_000, 900_000))
        return max(D("0.001"), (D(notional) / self.prices[symbol]).quantize(D("0.001")))

    def near(self, symbol: str, basis_points: int) -> Decimal:
        share = D(self.dice.randint(-basis_points, basis_points)) / 10_000
        return (self.prices[symbol] * (1 + share)).quantize(D("0.1"))

    # ---- what must hold ----

    def look(self, *, thorough: bool) -> None:
        """Raise AssertionError where a promise is broken."""
        wrong = {asset: amount for asset, amount in self.exchange.imbalances().items() if amount}
        assert not wrong, f"money was invented or lost: {wrong}"
        for event in self.exchange.drain_events():
            if isinstance(event, OrderEvent) and event.trade is not None:
                self._follow(event)
        if thorough:
            for name in self.names:
                self._check_margin(name)
            for symbol in PRICES:
                self._check_book(symbol)

    def _follow(self, event: OrderEvent) -> None:
        order, trade = event.order, event.trade
        assert trade is not None
        key = (order.account, order.symbol, order.position_side)
        before = self.held.get(key, D(0))
        after = before + trade.quantity * trade.side.sign
        if order.reduce_only:
            assert abs(after) < abs(before), f"a reduce-only fill raised or turned {key}: {before} to {after}"
            assert after * before >= 0
        if order.position_side is not BOTH:
            assert after >= 0 if order.position_side is LONG else after <= 0, f"{key} is on the wrong side"
        self.held[key] = after
        if order.liquidation:
            self.counts["adl" if order.client_id == "adl_autoclose" else "liquidations"] += 1

    def _check_margin(self, name: str) -> None:
        rows = [row for row in self.exchange.positions(name) if row.quantity]
        for row in rows:
            assert row.quantity == self.held[(name, row.symbol, row.position_side)]
            if row.isolated:
                assert row.isolated_margin > row.maint_margin, f"{name} stands below its maintenance: {row}"
        summary = self.exchange.summary(name)
        if summary.multi_assets:
            assert not rows or summary.margin_balance > summary.maint_margin
            return
        for asset in summary.assets:
            cross = [row for row in rows if not row.isolated and row.margin_asset == asset.asset]
            if cross:
                maintained = sum(row.maint_margin for row in cross)
                assert asset.cross_wallet + asset.cross_unrealized > maintained, f"{name} stands below: {asset}"
            else:
                assert asset.cross_wallet >= 0, f"{name} owes {asset}"

    def _check_book(self, symbol: str) -> None:
        depth = self.exchange.depth(symbol, 100)
        assert all(level.quantity > 0 for level in (*depth.bids, *depth.asks))
        assert not (depth.bids and depth.asks) or depth.bids[0].price < depth.asks[0].price


_WEIGHTS = {
    "market": 24,
    "limit": 20,
    "algo": 8,
    "amend": 4,
    "cancel": 3,
    "leverage": 3,
    "margin_type": 1,
    "margin": 4,
    "modes": 3,
    "go_flat": 2,
    "walk": 20,
    "jump": 5,
    "wait": 3,
}

"""A pit to trade in: one paper exchange with round numbers, a clock in hand, and short words for the usual requests."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from desk.domain.account import SymbolRules
from desk.venues.paper.engine.exchange import Exchange
from desk.venues.paper.engine.values import (
    AlgoOrder,
    Bracket,
    NewAlgo,
    NewOrder,
    Order,
    OrderChange,
    OrderKind,
    PositionRow,
    Quote,
    Readings,
    Realism,
    Side,
    SymbolSpec,
    TimeInForce,
    WorkingType,
)

D = Decimal
# 2026-03-02 01:00 UTC: seven hours before a funding boundary.
START_MS = 1_772_413_200_000
MINUTE = 60_000

_TIERS = (("300000", "0.004", 150), ("800000", "0.005", 100), ("3000000", "0.0065", 75), ("12000000", "0.01", 50))


def brackets() -> tuple[Bracket, ...]:
    """Binance's first four BTC tiers; `cum` is written out as the reference publishes it."""
    cums = ("0", "300", "1500", "12000")
    floors = ("0", "300000", "800000", "3000000")
    return tuple(
        Bracket(number=n, initial_leverage=lev, floor=D(floor), cap=D(cap), ratio=D(ratio), cum=D(cum))
        for n, ((cap, ratio, lev), cum, floor) in enumerate(zip(_TIERS, cums, floors, strict=True), start=1)
    )


def spec_of(symbol: str) -> SymbolSpec:
    """A contract with a tick of 0.1, a step of 0.001 and fees of 0.02 % and 0.05 %."""
    rules = SymbolRules(
        symbol=symbol,
        tick=D("0.1"),
        min_price=D("0.1"),
        max_price=D(1_000_000),
        step=D("0.001"),
        min_quantity=D("0.001"),
        max_quantity=D(1000),
        market_step=D("0.001"),
        market_max_quantity=D(120),
        min_notional=D(50),
        percent_up=D("1.05"),
        percent_down=D("0.95"),
        max_leverage=150,
    )
    return SymbolSpec(
        symbol=symbol,
        pair=symbol,
        base=symbol.removesuffix("USDT"),
        quote="USDT",
        contract_type="PERPETUAL",
        rules=rules,
        brackets=brackets(),
        maker_fee=D("0.0002"),
        taker_fee=D("0.0005"),
        liquidation_fee=D("0.0125"),
        market_take_bound=D("0.05"),
        trigger_protect=D("0.05"),
        funding_interval_hours=8,
        funding_cap=D("0.02"),
        funding_floor=D("-0.02"),
        price_precision=2,
        quantity_precision=3,
        onboard_ms=0,
    )


class Pit:
    """One exchange, its clock, and an account `ann` with 100,000 USDT. Symbols BTCUSDT and ETHUSDT."""

    def __init__(
        self, *, realism: dict[str, object] | None = None, readings: Readings | None = None, **changes: object
    ) -> None:
        self.now = START_MS
        self.specs = {name: replace(spec_of(name), **changes) for name in ("BTCUSDT", "ETHUSDT")}
        self.realism = Realism(**(realism or {}))  # pyright: ignore[reportArgumentType] - a test writes what it means
        self.exchange = Exchange(self.specs, now_ms=lambda: self.now, realism=self.realism, readings=readings)
        self.spread = D(0)
        self.ladder = tuple((D(rung) * D("0.001"), D(2)) for rung in range(20))
        self.exchange.open_account("ann", D(100_000))

    @staticmethod
    def opened_ms() -> int:
        """When every pit opens."""
        return START_MS

    def quote(
        self, price: object, symbol: str = "BTCUSDT", *, gap: bool = False, after_ms: int = MINUTE, **more: object
    ) -> None:
        """The outside market is at `price` a minute later."""
        self.now += after_ms
        self.exchange.apply(
            Quote(
                symbol=symbol,
                at_ms=self.now,
                price=D(str(price)),
                spread=self.spread,
                ladder=self.ladder,
                gap=gap,
                **more,  # pyright: ignore[reportArgumentType] - a test writes what it means
            )
        )

    def market(self, side: Side, quantity: object, account: str = "ann", **more: object) -> Order:
        """A market order."""
        new = NewOrder(symbol="BTCUSDT", side=side, type=OrderKind.MARKET, quantity=D(str(quantity)))
        return self.exchange.place_order(account, replace(new, **more))

    def limit(self, side: Side, quantity: object, price: object, account: str = "ann", **more: object) -> Order:
        """A limit order, GTC unless told."""
        new = NewOrder(
            symbol="BTCUSDT",
            side=side,
            type=OrderKind.LIMIT,
            quantity=D(str(quantity)),
            price=None if price is None else D(str(price)),
            time_in_force=TimeInForce.GTC,
        )
        return self.exchange.place_order(account, replace(new, **more))

    def amend(self, order: Order, quantity: object, price: object, **more: object) -> Order:
        """Change a resting order of its owner."""
        change = OrderChange(
            symbol=order.symbol,
            side=order.side,
            quantity=D(str(quantity)),
            price=None if price is None else D(str(price)),
            order_id=order.order_id,
        )
        return self.exchange.amend_order(order.account, replace(change, **more))

    def stop(self, side: Side, trigger: object, account: str = "ann", **more: object) -> AlgoOrder:
        """A stop that closes the position on the mark price, unless told otherwise."""
        new = NewAlgo(
            symbol="BTCUSDT",
            side=side,
            type=OrderKind.STOP_MARKET,
            trigger=D(str(trigger)),
            working_type=WorkingType.MARK_PRICE,
            close_position=True,
        )
        return self.exchange.place_algo(account, replace(new, **more))

    def position(self, account: str = "ann", symbol: str = "BTCUSDT") -> PositionRow | None:
        """The position row, None when flat and nothing rests."""
        rows = self.exchange.positions(account, symbol)
        return rows[0] if rows else None

    def held(self, account: str = "ann", symbol: str = "BTCUSDT") -> Decimal:
        """Signed quantity held."""
        row = self.position(account, symbol)
        return D(0) if row is None else row.quantity

    def wallet(self, account: str = "ann") -> Decimal:
        """Wallet balance."""
        return self.exchange.summary(account).wallet

    def story(self) -> list[str]:
        """The announcements since last asked, as short words."""
        return [_word(event) for event in self.exchange.drain_events()]


def _word(event: object) -> str:
    name = type(event).__name__.removesuffix("Event")
    for attribute in ("execution", "reason"):
        if hasattr(event, attribute):
            name += f" {getattr(event, attribute).value}"
    for attribute in ("order", "algo"):
        if hasattr(event, attribute):
            name += f" {getattr(event, attribute).status.value}"
    return name

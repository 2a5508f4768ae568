"""A small honest venue: one-way account, market orders at the mark, closePosition stops on the mark, two order lists.

Faults are switched on by name and act the way an exchange's faults do: an answer lost after the order was accepted, an
order refused with a code, a stop refused when it triggers, a venue that cannot be reached.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from desk.domain.account import AccountView, Income, Position, SymbolRules
from desk.domain.errors import OutcomeUnknownError, VenueRejectedError, VenueUnavailableError
from desk.domain.market import Level, Mark, OrderBook
from desk.domain.money import ZERO, plain
from desk.domain.orders import (
    Fill,
    OrderRequest,
    OrderStatus,
    OrderView,
    Side,
    StopRequest,
    StopStatus,
    StopType,
    StopView,
)
from desk.guard.inprocess import VirtualClock

D = Decimal


def rules_for(symbol: str, **changes: Decimal | int) -> SymbolRules:
    rules = SymbolRules(
        symbol=symbol,
        tick=D("0.1"),
        min_price=D("0.1"),
        max_price=D("1000000"),
        step=D("0.001"),
        min_quantity=D("0.001"),
        max_quantity=D("1000"),
        market_step=D("0.001"),
        market_max_quantity=D("120"),
        min_notional=D("100"),
        percent_up=D("1.05"),
        percent_down=D("0.95"),
        max_leverage=125,
    )
    return replace(rules, **changes)


class FakeVenue:
    """Keeps `desk.ports.TradingVenue`. Prices move by `move`; `before` is called before each request by name."""

    def __init__(self, clock: VirtualClock, *, deposit: str = "10000", fee: str = "0.0005") -> None:
        self.clock, self.fee = clock, D(fee)
        self.prices = {"BTCUSDT": D("50000"), "ETHUSDT": D("3000"), "SOLUSDT": D("150")}
        self.indexes: dict[str, Decimal] = {}
        self.filters: Mapping[str, SymbolRules] = {name: rules_for(name) for name in self.prices}
        self.wallet, self.held, self.entry = D(deposit), dict[str, Decimal](), dict[str, Decimal]()
        self.orders, self.stops = dict[str, OrderView](), dict[str, StopView]()
        self.trades, self.incomes = list[Fill](), list[Income]()
        self.sent, self.stop_requests = list[OrderRequest](), list[StopRequest]()
        self.requests = list[str]()
        self.liquidations = dict[str, Decimal]()
        self.faults = dict[str, list[Exception]]()
        self.after = dict[str, list[Exception]]()
        self.down = False
        self.counting, self.countdown_strips_stops = dict[str, float](), True
        self.lag = 0
        self.stop_fires = True
        self.slippage = ZERO
        self.spread, self.depth = D("0.0002"), D("10000000")
        self.before: Callable[[str], None] = lambda name: None
        self.late: list[OrderRequest] = []

    # the market

    def move(self, symbol: str, price: str | Decimal, *, index: str | Decimal | None = None) -> None:
        self.prices[symbol] = D(price)
        if index is None:
            self.indexes.pop(symbol, None)
        else:
            self.indexes[symbol] = D(index)
        for stop in list(self.stops.values()):
            if stop.symbol == symbol and stop.status is StopStatus.NEW and self._reached(stop):
                self._trigger(stop)

    def pass_time(self, seconds: float) -> None:
        self.clock.advance(seconds)

    def transfer(self, amount: str) -> None:
        self.wallet += D(amount)
        self._income("TRANSFER", D(amount))

    def fund(self, amount: str, symbol: str = "") -> None:
        self.pay("FUNDING_FEE", amount, symbol)

    def pay(self, kind: str, amount: str, symbol: str = "") -> None:
        self.wallet += D(amount)
        self._income(kind, D(amount), symbol)

    def _income(self, kind: str, amount: Decimal, symbol: str = "") -> None:
        number = len(self.incomes) + 1
        self.incomes.append(Income(symbol=symbol, kind=kind, amount=amount, at=self.clock.now(), transaction_id=number))

    def _reached(self, stop: StopView) -> bool:
        price = self.prices[stop.symbol]
        falls = (stop.type is StopType.STOP_MARKET) == (stop.side is Side.SELL)
        return price <= stop.trigger if falls else price >= stop.trigger

    def _trigger(self, stop: StopView) -> None:
        quantity = self.held.get(stop.symbol, ZERO)
        status = StopStatus.FINISHED if self.stop_fires else StopStatus.REJECTED
        if quantity * stop.side.sign < ZERO and self.stop_fires:
            self._trade(stop.symbol, stop.side, abs(quantity))
        self.stops[stop.client_id] = replace(stop, status=status)

    def _trade(self, symbol: str, side: Side, quantity: Decimal) -> Decimal:
        price = self.prices[symbol] * (1 + side.sign * self.slippage)
        held, entry = self.held.get(symbol, ZERO), self.entry.get(symbol, ZERO)
        signed, realized = quantity * side.sign, ZERO
        if held * signed >= ZERO:
            self.entry[symbol] = (abs(held) * entry + quantity * price) / abs(held + signed)
        else:
            closed = min(abs(held), quantity) * (1 if held > ZERO else -1)
            realized = closed * (price - entry)
            if (held + signed) * held < ZERO:
                self.entry[symbol] = price
        self.held[symbol] = held + signed
        fee = quantity * price * self.fee
        self.wallet += realized - fee
        self.trades.append(
            Fill(
                symbol=symbol,
                trade_id=len(self.trades) + 1,
                order_id=len(self.orders) + 1,
                side=side,
                quantity=quantity,
                price=price,
                fee=fee,
                realized=realized,
                maker=False,
                at=self.clock.now(),
            )
        )
        return price

    # what the port asks

    def _enter(self, name: str) -> None:
        self.requests.append(name)
        self.before(name)
        if self.down:
            raise VenueUnavailableError("the venue is not reached")
        if self.faults.get(name):
            raise self.faults[name].pop(0)

    def _leave(self, name: str) -> None:
        if self.after.get(name):
            raise self.after[name].pop(0)

    def server_time(self) -> datetime:
        self._enter("server_time")
        return self.clock.now()

    def marks(self, symbols: Sequence[str]) -> Mapping[str, Mark]:
        self._enter("marks")
        return {name: self._mark(name) for name in symbols}

    def _mark(self, symbol: str) -> Mark:
        at = self.clock.now()
        price = self.prices[symbol]
        return Mark(
            symbol=symbol,
            price=price,
            index=self.indexes.get(symbol, price),
            at=at if not self.lag else datetime.fromtimestamp(at.timestamp() - self.lag, at.tzinfo),
            funding_rate=ZERO,
            next_funding=at,
        )

    def book(self, symbol: str, depth: int) -> OrderBook:
        self._enter("book")
        half, size = self.prices[symbol] * self.spread / 2, self.depth / self.prices[symbol]
        bid, ask = self.prices[symbol] - half, self.prices[symbol] + half
        return OrderBook(symbol=symbol, at=self.clock.now(), bids=(Level(bid, size),), asks=(Level(ask, size),))

    def account(self) -> AccountView:
        self._enter("account")
        rows = tuple(
            Position(
                symbol=name,
                quantity=quantity,
                entry_price=self.entry[name],
                mark_price=self.prices[name],
                unrealized=quantity * (self.prices[name] - self.entry[name]),
                liquidation_price=self.liquidations.get(name),
                leverage=3,
                isolated=True,
            )
            for name, quantity in self.held.items()
            if quantity != ZERO
        )
        unrealized = sum((row.unrealized for row in rows), ZERO)
        margin = sum((row.notional for row in rows), ZERO) / 3
        available = max(ZERO, self.wallet + min(ZERO, unrealized) - margin)
        return AccountView(
            at=self.clock.now(), wallet=self.wallet, unrealized=unrealized, available=available, positions=rows
        )

    def open_orders(self) -> tuple[OrderView, ...]:
        self._enter("open_orders")
        return tuple(one for one in self.orders.values() if not one.status.is_final)

    def open_stops(self) -> tuple[StopView, ...]:
        self._enter("open_stops")
        return tuple(one for one in self.stops.values() if one.status is StopStatus.NEW)

    def fills(self, symbol: str, since: datetime) -> tuple[Fill, ...]:
        self._enter("fills")
        return tuple(one for one in self.trades if one.symbol == symbol and one.at >= since)

    def income(self, since: datetime) -> tuple[Income, ...]:
        self._enter("income")
        return tuple(one for one in self.incomes if one.at >= since)

    def submit(self, order: OrderRequest) -> OrderView:
        self.sent.append(order)
        self._enter("submit")
        held = self.held.get(order.symbol, ZERO)
        quantity = order.quantity
        if order.reduce_only:
            if held * order.side.sign >= ZERO:
                raise VenueRejectedError("ReduceOnly Order is rejected.", code=-2022)
            quantity = min(quantity, abs(held))
        self.accept(order, quantity)
        self._leave("submit")
        return self.orders[order.client_id]

    def accept(self, order: OrderRequest, quantity: Decimal | None = None) -> None:
        """Fill an order now; also used by tests for an order that is accepted late."""
        quantity = order.quantity if quantity is None else quantity
        price = self._trade(order.symbol, order.side, quantity)
        self.orders[order.client_id] = OrderView(
            symbol=order.symbol,
            order_id=len(self.orders) + 1,
            client_id=order.client_id,
            side=order.side,
            type="MARKET",
            status=OrderStatus.FILLED,
            quantity=order.quantity,
            filled=quantity,
            average_price=price,
            reduce_only=order.reduce_only,
            updated_at=self.clock.now(),
        )

    def cancel(self, symbol: str, client_id: str) -> None:
        self._enter("cancel")
        order = self.orders.get(client_id)
        if order is not None and not order.status.is_final:
            self.orders[client_id] = replace(order, status=OrderStatus.CANCELED)

    def find(self, symbol: str, client_id: str) -> OrderView | None:
        self._enter("find")
        return self.orders.get(client_id)

    def countdown(self, symbol: str, milliseconds: int) -> None:
        self._enter("countdown")
        self.counting.pop(symbol, None)
        if milliseconds:
            self.counting[symbol] = self.clock.monotonic() + milliseconds / 1000

    def run_out(self) -> None:
        """What the venue does when the guard has been gone for long enough, in either reading of its words."""
        for symbol, at in list(self.counting.items()):
            if self.clock.monotonic() >= at:
                del self.counting[symbol]
                for name, order in self.orders.items():
                    if order.symbol == symbol and not order.status.is_final:
                        self.orders[name] = replace(order, status=OrderStatus.CANCELED)
                for name, stop in self.stops.items():
                    if self.countdown_strips_stops and stop.symbol == symbol and stop.status is StopStatus.NEW:
                        self.stops[name] = replace(stop, status=StopStatus.CANCELED)

    def prepare(self, symbol: str, leverage: int) -> None:
        self._enter("prepare")

    def submit_stop(self, stop: StopRequest) -> StopView:
        self.stop_requests.append(stop)
        self._enter("submit_stop")
        view = StopView(
            symbol=stop.symbol,
            algo_id=len(self.stops) + 1,
            client_id=stop.client_id,
            side=stop.side,
            type=stop.type,
            status=StopStatus.NEW,
            trigger=stop.trigger,
            close_position=True,
            order_id=None,
            updated_at=self.clock.now(),
        )
        if self._reached(view):
            raise VenueRejectedError("Order would immediately trigger.", code=-2021)
        self.stops[stop.client_id] = view
        self._leave("submit_stop")
        return view

    def cancel_stop(self, symbol: str, client_id: str) -> None:
        self._enter("cancel_stop")
        stop = self.stops.get(client_id)
        if stop is not None and stop.status is StopStatus.NEW:
            self.stops[client_id] = replace(stop, status=StopStatus.CANCELED)

    def find_stop(self, symbol: str, client_id: str) -> StopView | None:
        self._enter("find_stop")
        return self.stops.get(client_id)

    # for the tests

    def resting(self) -> list[str]:
        """Kinds and triggers of what rests, in order."""
        return sorted(f"{one.type.value} {plain(one.trigger)}" for one in self.open_stops())

    def lose_answer(self, name: str) -> None:
        """The next request of this name is accepted, and its answer is lost."""
        self.after.setdefault(name, []).append(OutcomeUnknownError("no answer"))

    def fail(self, name: str, *errors: Exception) -> None:
        """The next requests of this name fail before anything is accepted."""
        self.faults.setdefault(name, []).extend(errors)

"""The paper exchange in one process: its engine as a `TradingVenue`, without wire, signature or server.

Same engine, same refusals, same order of things; what is missing is the network and its faults. For campaigns and
backtests, where the production guard plays years in minutes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import TypeVar

from desk.domain.account import AccountView, Income, Position, SymbolRules
from desk.domain.errors import DataError, VenueRejectedError
from desk.domain.market import Level, Mark, OrderBook
from desk.domain.moments import from_ms, to_ms
from desk.domain.money import ZERO
from desk.domain.orders import Fill, OrderRequest, OrderView, StopRequest, StopType, StopView
from desk.venues.paper.engine.exchange import Exchange
from desk.venues.paper.engine.vocabulary.asks import NewAlgo, NewOrder
from desk.venues.paper.engine.vocabulary.assets import USDT
from desk.venues.paper.engine.vocabulary.orders import (
    AlgoOrder,
    Order,
    OrderKind,
    TimeInForce,
    Trade,
    WorkingType,
)
from desk.venues.paper.engine.vocabulary.refusals import Refusal
from desk.venues.paper.engine.vocabulary.views import IncomeRow, PositionRow

T = TypeVar("T")

_NO_SUCH_ORDER = frozenset({-2011, -2013})
_NO_CHANGE = frozenset({-4046})


@dataclass(frozen=True, slots=True, kw_only=True)
class DirectVenue:
    """One account of one exchange, as the guard's executor sees a venue. `now_ms` is the exchange's own clock."""

    exchange: Exchange
    name: str
    now_ms: Callable[[], int]

    def rules(self) -> Mapping[str, SymbolRules]:
        """Trading rules of every listed symbol."""
        return {symbol: spec.rules for symbol, spec in self.exchange.specs.items()}

    def server_time(self) -> datetime:
        """See `desk.ports.MarkFeed`."""
        return from_ms(self.now_ms())

    def marks(self, symbols: Sequence[str]) -> Mapping[str, Mark]:
        """See `desk.ports.MarkFeed`."""
        now = self.server_time()
        return {symbol: self._mark(symbol, now) for symbol in symbols}

    def book(self, symbol: str, depth: int) -> OrderBook:
        """See `desk.ports.MarkFeed`."""
        try:
            told = self.exchange.depth(symbol, depth)
        except Refusal as refusal:
            raise _rejected("book", refusal) from None
        if not told.bids or not told.asks:
            raise DataError(f"the book of {symbol} has an empty side")
        bids, asks = (tuple(Level(one.price, one.quantity) for one in side) for side in (told.bids, told.asks))
        return OrderBook(symbol=symbol, at=from_ms(told.at_ms), bids=bids, asks=asks)

    def account(self) -> AccountView:
        """See `desk.ports.Account`."""
        if self.exchange.position_mode(self.name) or self.exchange.multi_assets(self.name):
            raise DataError("the desk needs one-way mode and a single margin asset", hint="set the account to both")
        summary = self.exchange.balance(self.name, USDT)
        rows = self.exchange.positions(self.name)
        return AccountView(
            at=self.server_time(),
            wallet=summary.wallet,
            unrealized=summary.unrealized,
            available=summary.available,
            positions=tuple(_position(row) for row in rows if row.quantity != ZERO),
        )

    def open_orders(self) -> tuple[OrderView, ...]:
        """See `desk.ports.Account`."""
        return tuple(_order(order) for order in self.exchange.open_orders(self.name))

    def open_stops(self) -> tuple[StopView, ...]:
        """See `desk.ports.Account`."""
        return tuple(_stop(algo) for algo in self.exchange.open_algos(self.name))

    def fills(self, symbol: str, since: datetime) -> tuple[Fill, ...]:
        """See `desk.ports.Account`."""
        first = _first_ms(since)
        return tuple(_fill(t) for t in self.exchange.trades(self.name, symbol) if t.at_ms >= first)

    def income(self, since: datetime) -> tuple[Income, ...]:
        """See `desk.ports.Account`."""
        first = _first_ms(since)
        rows = (row for row in self.exchange.income(self.name) if row.at_ms >= first)
        return tuple(_income(row) for row in rows if row.asset == USDT)

    def submit(self, order: OrderRequest) -> OrderView:
        """See `desk.ports.OrderEntry`."""
        new = NewOrder(
            symbol=order.symbol,
            side=order.side,
            type=OrderKind(order.type.value),
            quantity=order.quantity,
            price=order.price,
            time_in_force=TimeInForce(order.time_in_force.value) if order.time_in_force else None,
            reduce_only=order.reduce_only,
            client_id=order.client_id,
        )
        return _order(self._ask("order", lambda: self.exchange.place_order(self.name, new)))

    def cancel(self, symbol: str, client_id: str) -> None:
        """See `desk.ports.OrderEntry`."""
        with suppress(_GoneError):
            self._ask("cancel", lambda: self.exchange.cancel_order(self.name, symbol, client_id=client_id))

    def find(self, symbol: str, client_id: str) -> OrderView | None:
        """See `desk.ports.OrderEntry`."""
        try:
            return _order(self._ask("order", lambda: self.exchange.order(self.name, symbol, client_id=client_id)))
        except _GoneError:
            return None

    def countdown(self, symbol: str, milliseconds: int) -> None:
        """See `desk.ports.OrderEntry`."""
        self._ask("countdown", lambda: self.exchange.set_countdown(self.name, symbol, milliseconds))

    def prepare(self, symbol: str, leverage: int) -> None:
        """See `desk.ports.OrderEntry`."""
        try:
            self.exchange.set_margin_type(self.name, symbol, isolated=True)
        except Refusal as refusal:
            if refusal.code not in _NO_CHANGE:
                raise _rejected("margin type", refusal) from None
        self._ask("leverage", lambda: self.exchange.set_leverage(self.name, symbol, leverage))

    def submit_stop(self, stop: StopRequest) -> StopView:
        """See `desk.ports.StopEntry`."""
        new = NewAlgo(
            symbol=stop.symbol,
            side=stop.side,
            type=OrderKind(stop.type.value),
            trigger=stop.trigger,
            working_type=WorkingType.MARK_PRICE,
            close_position=True,
            client_id=stop.client_id,
        )
        return _stop(self._ask("stop", lambda: self.exchange.place_algo(self.name, new)))

    def cancel_stop(self, symbol: str, client_id: str) -> None:
        """See `desk.ports.StopEntry`."""
        with suppress(_GoneError):
            self._ask("cancel", lambda: self.exchange.cancel_algo(self.name, client_id=client_id))

    def find_stop(self, symbol: str, client_id: str) -> StopView | None:
        """See `desk.ports.StopEntry`."""
        try:
            return _stop(self._ask("stop", lambda: self.exchange.algo(self.name, client_id=client_id)))
        except _GoneError:
            return None

    def _mark(self, symbol: str, now: datetime) -> Mark:
        try:
            view = self.exchange.mark(symbol)
        except Refusal as refusal:
            raise _rejected("mark", refusal) from None
        # A market that shows a price shows it now: a quote older than the clock is still the newest there is.
        return Mark(
            symbol=symbol,
            price=view.mark,
            index=view.index,
            at=now,
            funding_rate=view.funding_rate,
            next_funding=from_ms(view.next_funding_ms),
        )

    def _ask(self, what: str, request: Callable[[], T]) -> T:
        try:
            return request()
        except Refusal as refusal:
            if refusal.code in _NO_SUCH_ORDER:
                raise _GoneError from None
            raise _rejected(what, refusal) from None


class _GoneError(Exception):
    """There is no such order, or no more."""


def _first_ms(since: datetime) -> int:
    """The first whole millisecond that is not before `since`."""
    return to_ms(since) + bool(since.microsecond % 1000)


def _rejected(what: str, refusal: Refusal) -> VenueRejectedError:
    return VenueRejectedError(f"{what}: {refusal.message}", code=refusal.code)


def _position(row: PositionRow) -> Position:
    return Position(
        symbol=row.symbol,
        quantity=row.quantity,
        entry_price=row.entry_price,
        mark_price=row.mark_price,
        unrealized=row.unrealized,
        liquidation_price=row.liquidation_price if row.liquidation_price > ZERO else None,
        leverage=row.leverage,
        isolated=row.isolated,
    )


def _order(order: Order) -> OrderView:
    average: Decimal | None = order.quote_filled / order.filled if order.filled > ZERO else None
    return OrderView(
        symbol=order.symbol,
        order_id=order.order_id,
        client_id=order.client_id,
        side=order.side,
        type=order.type.value,
        status=order.status,
        quantity=order.quantity,
        filled=order.filled,
        average_price=average,
        reduce_only=order.reduce_only,
        updated_at=from_ms(order.updated_ms),
    )


def _stop(algo: AlgoOrder) -> StopView:
    return StopView(
        symbol=algo.symbol,
        algo_id=algo.algo_id,
        client_id=algo.client_id,
        side=algo.side,
        type=StopType(algo.type.value),
        status=algo.status,
        trigger=algo.trigger,
        close_position=algo.close_position,
        order_id=algo.order_id,
        updated_at=from_ms(algo.updated_ms),
    )


def _fill(trade: Trade) -> Fill:
    if trade.fee_asset != USDT:
        raise DataError(f"a fee was paid in {trade.fee_asset}, the desk counts in USDT", hint="switch off feeBurn")
    return Fill(
        symbol=trade.symbol,
        trade_id=trade.trade_id,
        order_id=trade.order_id,
        side=trade.side,
        quantity=trade.quantity,
        price=trade.price,
        fee=trade.fee,
        realized=trade.realized,
        maker=trade.maker,
        at=from_ms(trade.at_ms),
    )


def _income(row: IncomeRow) -> Income:
    return Income(
        symbol=row.symbol, kind=row.kind, amount=row.amount, at=from_ms(row.at_ms), transaction_id=row.transaction_id
    )

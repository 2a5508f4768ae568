"""The signed side of Binance USD-M futures: the guard's only way to trade, and the only holder of its key.

Orders leave here at most once. Conditional orders live in an id space and in lists of their own (`algoOrder`), and are
asked for there. "There is no such order" is said only after the venue's list of open orders agrees.

Request weight of one full look (account, positions, both order lists): 90 of the 2400 a minute that Binance grants.
Source: Binance USD-M futures REST documentation, 2026; python-binance 1.0.37.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from desk.domain.account import AccountView, Income, SymbolRules
from desk.domain.errors import DataError, OutcomeUnknownError, VenueRejectedError
from desk.domain.market import Mark, OrderBook
from desk.domain.moments import from_ms
from desk.domain.money import plain
from desk.domain.orders import Fill, OrderRequest, OrderType, OrderView, StopRequest, StopView, TimeInForce
from desk.venues.binance import listing, market, parse
from desk.venues.binance.connection import Connected, Connection
from desk.venues.binance.errors import CANCEL_REJECTED, MARGIN_TYPE_UNCHANGED, NO_SUCH_ORDER
from desk.venues.binance.fields import Fields
from desk.venues.binance.history import fills_since, income_since
from desk.venues.binance.permissions import KeyPermissions, read_permissions
from desk.venues.binance.streams.heard_fills import HeardFills
from desk.venues.binance.streams.listen_keys import ListenKeys
from desk.venues.binance.streams.user_stream import UserStream, Wake

__all__ = ["BinanceGateway", "KeyPermissions", "open_gateway"]

# The account and its positions are two requests; a trade between them is seen at most this often in a row.
_ACCOUNT_ATTEMPTS = 3


@dataclass(frozen=True, slots=True)
class PositionMode:
    """Whether the account holds one position a symbol (`one_way`), as the desk needs, or a long and a short apart."""

    one_way: bool


def open_gateway(base_url: str, api_key: str, secret: str, *, timeout: float = 5.0) -> BinanceGateway:
    """A gateway to `base_url` (`https://fapi.binance.com`, or a paper exchange on loopback). Sends nothing yet.

    `timeout` bounds connecting and each read, in seconds.

    Raises:
        PrerequisiteError: when the URL would send the key in clear text over a network.
    """
    return BinanceGateway(Connection(base_url, api_key, secret, timeout=timeout))


class BinanceGateway(Connected):
    """`desk.ports.TradingVenue` over REST, for live, demo and paper alike. Safe to share between threads."""

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection)
        self._heard_fills = HeardFills()

    def user_stream(self, wake: Wake) -> UserStream:
        """The account's stream, not started yet. Fills it tells are confirmed by those that `fills` reads."""
        return UserStream(
            self._venue.base_url,
            ListenKeys(self._venue),
            wake=wake,
            heard=self._heard_fills,
            venue_ms=self._venue.clock.estimate_ms,
        )

    # What the venue says

    def marks(self, symbols: Sequence[str]) -> Mapping[str, Mark]:
        """See `desk.ports.MarkFeed`."""
        return market.read_marks(self._venue, symbols)

    def book(self, symbol: str, depth: int) -> OrderBook:
        """See `desk.ports.MarkFeed`."""
        return market.read_book(self._venue, symbol, depth)

    def rules(self) -> Mapping[str, SymbolRules]:
        """Trading rules of every perpetual this account can trade, with its own highest leverage."""
        leverage = self._venue.read_signed("futures_leverage_bracket", listing.leverages)
        info = self._venue.read("futures_exchange_info", _untouched)
        self._venue.meter.limit = listing.weight_limit(info)
        return listing.rules(info, leverage)

    def permissions(self) -> KeyPermissions:
        """What the key may do."""
        return read_permissions(self._venue)

    def position_mode(self) -> PositionMode:
        """Whether the account is in one-way mode."""
        hedge = self._venue.read_signed("futures_get_position_mode", _hedge)
        return PositionMode(one_way=not hedge)

    # The account's truth

    def account(self) -> AccountView:
        """See `desk.ports.Account`."""
        for _ in range(_ACCOUNT_ATTEMPTS - 1):
            try:
                return self._account_once()
            except parse.TornReadError:
                continue
        return self._account_once()

    def _account_once(self) -> AccountView:
        summary = self._venue.read_signed("futures_account", _untouched)
        risk = self._venue.read_signed("futures_position_information", _untouched)
        return parse.account(summary, risk, from_ms(self._venue.clock.now_ms()))

    def open_orders(self) -> tuple[OrderView, ...]:
        """See `desk.ports.Account`."""
        return self._venue.read_signed("futures_get_open_orders", parse.orders)

    def open_stops(self) -> tuple[StopView, ...]:
        """See `desk.ports.Account`."""
        return self._venue.read_signed("futures_get_open_algo_orders", parse.stops)

    def fills(self, symbol: str, since: datetime) -> tuple[Fill, ...]:
        """See `desk.ports.Account`."""
        found = fills_since(self._venue, symbol, since)
        self._heard_fills.confirm(found)
        return found

    def income(self, since: datetime) -> tuple[Income, ...]:
        """See `desk.ports.Account`."""
        return income_since(self._venue, since)

    # Ordinary orders

    def submit(self, order: OrderRequest) -> OrderView:
        """See `desk.ports.OrderEntry`."""
        if not order.reduce_only:
            self._venue.meter.leave_room_for_exits()
        view = self._venue.write("futures_create_order", parse.acknowledged, _order_params(order))
        if (view.symbol, view.client_id, view.side) != (order.symbol, order.client_id, order.side):
            raise OutcomeUnknownError("create order: the answer speaks of another order", hint="query by client id")
        return view

    def cancel(self, symbol: str, client_id: str) -> None:
        """See `desk.ports.OrderEntry`."""
        params: dict[str, object] = {"symbol": symbol, "origClientOrderId": client_id}
        try:
            self._venue.write("futures_cancel_order", _untouched, params)
        except VenueRejectedError as refusal:
            if refusal.code not in (CANCEL_REJECTED, NO_SUCH_ORDER):
                raise
            left = self.find(symbol, client_id)
            if left is not None and not left.status.is_final:
                raise

    def find(self, symbol: str, client_id: str) -> OrderView | None:
        """See `desk.ports.OrderEntry`."""
        params: dict[str, object] = {"symbol": symbol, "origClientOrderId": client_id}
        try:
            return self._venue.read_signed("futures_get_order", parse.order, params)
        except VenueRejectedError as refusal:
            if refusal.code != NO_SUCH_ORDER:
                raise
        resting = self._venue.read_signed("futures_get_open_orders", parse.orders, {"symbol": symbol})
        return next((order for order in resting if order.client_id == client_id), None)

    def prepare(self, symbol: str, leverage: int) -> None:
        """See `desk.ports.OrderEntry`."""
        self._venue.meter.leave_room_for_exits()
        try:
            isolated: dict[str, object] = {"symbol": symbol, "marginType": "ISOLATED"}
            self._venue.write("futures_change_margin_type", _untouched, isolated)
        except VenueRejectedError as refusal:
            if refusal.code != MARGIN_TYPE_UNCHANGED:
                raise
        params: dict[str, object] = {"symbol": symbol, "leverage": leverage}
        granted = self._venue.write("futures_change_leverage", _granted_leverage, params)
        if granted != leverage:
            raise DataError(f"{symbol}: the venue set leverage {granted} where {leverage} was asked")

    # Conditional orders

    def submit_stop(self, stop: StopRequest) -> StopView:
        """See `desk.ports.StopEntry`."""
        view = self._venue.write("futures_create_algo_order", parse.stop, _stop_params(stop))
        asked = (stop.symbol, stop.client_id, stop.side, stop.type, stop.trigger, True)
        if (view.symbol, view.client_id, view.side, view.type, view.trigger, view.close_position) != asked:
            raise OutcomeUnknownError("create algo order: the answer speaks of another stop", hint="query by client id")
        return view

    def cancel_stop(self, symbol: str, client_id: str) -> None:
        """See `desk.ports.StopEntry`."""
        params: dict[str, object] = {"symbol": symbol, "clientAlgoId": client_id}
        try:
            self._venue.write("futures_cancel_algo_order", _untouched, params)
        except VenueRejectedError as refusal:
            if refusal.code not in (CANCEL_REJECTED, NO_SUCH_ORDER) or self._rests(symbol, client_id):
                raise

    def find_stop(self, symbol: str, client_id: str) -> StopView | None:
        """See `desk.ports.StopEntry`."""
        params: dict[str, object] = {"symbol": symbol, "clientAlgoId": client_id}
        try:
            return self._venue.read_signed("futures_get_algo_order", parse.stop, params)
        except VenueRejectedError as refusal:
            if refusal.code != NO_SUCH_ORDER:
                raise
        # The live venue has been seen to deny a conditional order that rests; its open list is what counts.
        return next((stop for stop in self._resting_stops(symbol) if stop.client_id == client_id), None)

    def _rests(self, symbol: str, client_id: str) -> bool:
        return any(stop.client_id == client_id for stop in self._resting_stops(symbol))

    def _resting_stops(self, symbol: str) -> tuple[StopView, ...]:
        return self._venue.read_signed("futures_get_open_algo_orders", parse.stops, {"symbol": symbol})


def _order_params(order: OrderRequest) -> dict[str, object]:
    params: dict[str, object] = {
        "symbol": order.symbol,
        "side": order.side.value,
        "type": order.type.value,
        "quantity": plain(order.quantity),
        "newClientOrderId": order.client_id,
        # python-binance would write True as "True", which the live venue is not known to accept.
        "reduceOnly": "true" if order.reduce_only else "false",
        "newOrderRespType": "RESULT",
    }
    if order.type is OrderType.LIMIT:
        if order.price is None:
            raise DataError(f"limit order {order.client_id} has no price")
        params["price"] = plain(order.price)
        params["timeInForce"] = (order.time_in_force or TimeInForce.GTC).value
    return params


def _stop_params(stop: StopRequest) -> dict[str, object]:
    return {
        "algoType": "CONDITIONAL",
        "symbol": stop.symbol,
        "side": stop.side.value,
        "type": stop.type.value,
        "triggerPrice": plain(stop.trigger),
        "workingType": "MARK_PRICE",
        "closePosition": "true",
        "clientAlgoId": stop.client_id,
    }


def _untouched(body: object) -> object:
    return body


def _hedge(body: object) -> bool:
    return Fields(body, "position mode").flag("dualSidePosition")


def _granted_leverage(body: object) -> int:
    return Fields(body, "leverage").integer("leverage")

"""Ordinary orders at Binance: sent once, asked for in three places before anybody says there is none, swept in one go.

Source: Binance USD-M futures REST documentation, 2026; python-binance 1.0.37.
"""

from __future__ import annotations

from desk.domain.errors import DataError, OutcomeUnknownError, VenueRejectedError
from desk.domain.money import plain
from desk.domain.orders import OrderRequest, OrderType, OrderView, TimeInForce
from desk.venues.binance import parse
from desk.venues.binance.budget import Purpose
from desk.venues.binance.connection import Connected
from desk.venues.binance.errors import CANCEL_REJECTED, NO_SUCH_ORDER

HISTORY = 100


class Orders(Connected):
    """The half of `desk.ports.OrderEntry` that sends, finds and removes orders."""

    def open_orders(self) -> tuple[OrderView, ...]:
        """See `desk.ports.Account`."""
        return self._venue.read_signed("futures_get_open_orders", parse.orders)

    def submit(self, order: OrderRequest) -> OrderView:
        """See `desk.ports.OrderEntry`."""
        purpose = Purpose.EXIT if order.reduce_only else Purpose.ENTER
        view = self._venue.write("futures_create_order", parse.acknowledged, _params(order), purpose=purpose)
        if (view.symbol, view.client_id, view.side) != (order.symbol, order.client_id, order.side):
            raise OutcomeUnknownError("create order: the answer speaks of another order", hint="query by client id")
        return view

    def cancel(self, symbol: str, client_id: str) -> None:
        """See `desk.ports.OrderEntry`."""
        params: dict[str, object] = {"symbol": symbol, "origClientOrderId": client_id}
        try:
            self._venue.write("futures_cancel_order", parse.untouched, params)
        except VenueRejectedError as refusal:
            if refusal.code not in (CANCEL_REJECTED, NO_SUCH_ORDER):
                raise
            left = self.find(symbol, client_id)
            if left is not None and not left.status.is_final:
                raise

    def find(self, symbol: str, client_id: str) -> OrderView | None:
        """See `desk.ports.OrderEntry`. None is one denial: the query, the open list and the history all lack it.

        Whoever must know that an order was never accepted asks again some seconds later, as the guard does.
        """
        params: dict[str, object] = {"symbol": symbol, "origClientOrderId": client_id}
        try:
            return self._venue.read_signed("futures_get_order", parse.order, params)
        except VenueRejectedError as refusal:
            if refusal.code != NO_SUCH_ORDER:
                raise
        return self._order_listed("futures_get_open_orders", client_id, {"symbol": symbol}) or self._order_listed(
            "futures_get_all_orders", client_id, {"symbol": symbol, "limit": HISTORY}
        )

    def _order_listed(self, method: str, client_id: str, params: dict[str, object]) -> OrderView | None:
        rows = self._venue.read_signed(method, parse.orders, params)
        return next((order for order in rows if order.client_id == client_id), None)


def _params(order: OrderRequest) -> dict[str, object]:
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

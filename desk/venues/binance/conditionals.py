"""Conditional orders at Binance: an id space and lists of their own (`algoOrder`), always under an id of ours.

python-binance drops an order's own id on the way to this endpoint and renames only some parameters. Nothing here goes
through its order call: the fields are spelt as the venue spells them.
Source: Binance USD-M futures REST documentation, "New Algo Order", 2026.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from desk.domain.errors import OutcomeUnknownError, VenueRejectedError
from desk.domain.money import plain
from desk.domain.orders import Side, StopRequest, StopType, StopView
from desk.venues.binance import parse
from desk.venues.binance.connection import Connected
from desk.venues.binance.errors import CANCEL_REJECTED, NO_SUCH_ORDER

HISTORY = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class TrailingRequest:
    """A stop that follows the mark price at `callback` (a fraction, 0.001 to 0.2) and only ever reduces.

    It begins to follow at once, or when the price reaches `activation`. The venue lets it close a `quantity`, not the
    whole position.
    """

    symbol: str
    side: Side
    quantity: Decimal
    callback: Decimal
    client_id: str
    activation: Decimal | None = None


class Conditionals(Connected):
    """`desk.ports.StopEntry`, and trailing stops."""

    def open_stops(self) -> tuple[StopView, ...]:
        """See `desk.ports.Account`."""
        return self._venue.read_signed("futures_get_open_algo_orders", parse.stops)

    def submit_stop(self, stop: StopRequest) -> StopView:
        """See `desk.ports.StopEntry`."""
        view = self._send(
            stop,
            {
                "type": stop.type.value,
                "triggerPrice": plain(stop.trigger),
                "closePosition": "true",
            },
        )
        if (view.type, view.trigger, view.close_position) != (stop.type, stop.trigger, True):
            raise _another()
        return view

    def submit_trailing(self, stop: TrailingRequest) -> StopView:
        """Rest a trailing stop. Fails as `desk.ports.StopEntry` says."""
        params: dict[str, object] = {
            "type": StopType.TRAILING_STOP_MARKET.value,
            "quantity": plain(stop.quantity),
            "reduceOnly": "true",
            # In percent on the wire.
            "callbackRate": plain(stop.callback * 100),
        }
        if stop.activation is not None:
            params["activatePrice"] = plain(stop.activation)
        view = self._send(stop, params)
        if view.type is not StopType.TRAILING_STOP_MARKET:
            raise _another()
        return view

    def cancel_stop(self, symbol: str, client_id: str) -> None:
        """See `desk.ports.StopEntry`."""
        params: dict[str, object] = {"symbol": symbol, "clientAlgoId": client_id}
        try:
            self._venue.write("futures_cancel_algo_order", parse.untouched, params)
        except VenueRejectedError as refusal:
            if refusal.code not in (CANCEL_REJECTED, NO_SUCH_ORDER) or self._resting(symbol, client_id):
                raise

    def find_stop(self, symbol: str, client_id: str) -> StopView | None:
        """See `desk.ports.StopEntry`. None is one denial: the query, the open list and the history all lack it."""
        params: dict[str, object] = {"symbol": symbol, "clientAlgoId": client_id}
        try:
            return self._venue.read_signed("futures_get_algo_order", parse.stop, params)
        except VenueRejectedError as refusal:
            if refusal.code != NO_SUCH_ORDER:
                raise
        # The live venue has been seen to deny a conditional order that rests; its lists are what counts.
        return self._resting(symbol, client_id) or self._stop_listed(
            "futures_get_all_algo_orders", client_id, {"symbol": symbol, "limit": HISTORY}
        )

    def _send(self, stop: StopRequest | TrailingRequest, changes: dict[str, object]) -> StopView:
        params: dict[str, object] = {
            "algoType": "CONDITIONAL",
            "symbol": stop.symbol,
            "side": stop.side.value,
            "workingType": "MARK_PRICE",
            "clientAlgoId": stop.client_id,
            **changes,
        }
        view = self._venue.write("futures_create_algo_order", parse.stop, params)
        if (view.symbol, view.client_id, view.side) != (stop.symbol, stop.client_id, stop.side):
            raise _another()
        return view

    def _resting(self, symbol: str, client_id: str) -> StopView | None:
        return self._stop_listed("futures_get_open_algo_orders", client_id, {"symbol": symbol})

    def _stop_listed(self, method: str, client_id: str, params: dict[str, object]) -> StopView | None:
        rows = self._venue.read_signed(method, parse.stops, params)
        return next((stop for stop in rows if stop.client_id == client_id), None)


def _another() -> OutcomeUnknownError:
    return OutcomeUnknownError("create algo order: the answer speaks of another stop", hint="query by client id")

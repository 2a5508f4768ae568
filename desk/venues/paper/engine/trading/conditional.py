"""Whether the venue lets a conditional order in: Binance's checks on its type, size, prices and number.

No margin is asked for here; see `triggers`.
"""

from __future__ import annotations

from decimal import Decimal

from desk.domain.money import ZERO
from desk.domain.orders import Side
from desk.venues.paper.engine.floor.accounts import Account
from desk.venues.paper.engine.floor.holdings import only_closes
from desk.venues.paper.engine.floor.state import Floor, Market
from desk.venues.paper.engine.trading import admission, filters
from desk.venues.paper.engine.trading.lifecycle import takes_profit
from desk.venues.paper.engine.vocabulary.asks import NewAlgo
from desk.venues.paper.engine.vocabulary.orders import OrderKind, TimeInForce
from desk.venues.paper.engine.vocabulary.refusals import Refusal

MAX_OPEN_ALGOS = 200
_CALLBACK_RANGE = (Decimal("0.1"), Decimal(20))


def admit(floor: Floor, account: Account, new: NewAlgo) -> Market:
    """Raise the first Refusal that applies to `new`; return its market otherwise."""
    market = floor.tradable(new.symbol)
    if not new.type.is_conditional:
        raise Refusal(-1116)
    # Binance lets a conditional limit leave its time in force out: GTC.
    tif = None if new.type.becomes_market else new.time_in_force or TimeInForce.GTC
    admission.check_shape(floor, new, tif)
    _check_client_id(account, new.client_id)
    _check_size(market, new)
    _check_prices(market, new)
    admission.check_position_side(account, new.position_side, reduce_only=bool(new.reduce_only))
    if new.close_position and only_closes(new.position_side, new.side.opposite):
        raise Refusal(-4138)
    if len(account.open_algos) >= MAX_OPEN_ALGOS:
        raise Refusal(-4045)
    return market


def _check_client_id(account: Account, client_id: str) -> None:
    if not client_id:
        return
    filters.check_client_id(client_id)
    known = account.algo_by_client.get(client_id)
    if known is not None and known in account.open_algos:
        raise Refusal(-4116)


def _check_size(market: Market, new: NewAlgo) -> None:
    if new.close_position:
        if new.type not in (OrderKind.STOP_MARKET, OrderKind.TAKE_PROFIT_MARKET):
            raise Refusal(-4136, new.type.value)
        if new.quantity:
            raise Refusal(-4137)
        if new.reduce_only is not None:
            # closePosition says it already; saying no to it contradicts.
            raise Refusal(-1106, "reduceonly") if new.reduce_only else Refusal(-4138)
        return
    if new.quantity is None:
        raise Refusal(-1102, "quantity")
    filters.check_quantity(market.spec, new.quantity, market=new.type.becomes_market)


def _check_prices(market: Market, new: NewAlgo) -> None:
    if new.price is not None:
        filters.check_price(market.spec, new.price)
    if new.type is OrderKind.TRAILING_STOP_MARKET:
        low, high = _CALLBACK_RANGE
        if new.callback_rate is None:
            raise Refusal(-1102, "callbackrate")
        if not low <= new.callback_rate <= high:
            raise Refusal(-2007)
        if new.activate_price is not None:
            _check_activation(market, new, new.activate_price)
        return
    if new.trigger is None:
        raise Refusal(-1102, "triggerprice")
    filters.check_trigger(market.spec, new.trigger)
    if new.price is not None:
        filters.check_trigger_distance(market.spec.rules, new.side, new.price, new.trigger)
    price = market.price(new.working_type)
    rising = (new.side is Side.BUY) != takes_profit(new.type)
    if price >= new.trigger if rising else price <= new.trigger:
        raise Refusal(-2021)


def _check_activation(market: Market, new: NewAlgo, activation: Decimal) -> None:
    """A trailing stop starts to follow at a better price than now's: above it for a sell, below it for a buy."""
    if activation <= ZERO:
        raise Refusal(-4135)
    filters.check_trigger(market.spec, activation)
    price = market.price(new.working_type)
    if activation <= price if new.side is Side.SELL else activation >= price:
        raise Refusal(-2021)

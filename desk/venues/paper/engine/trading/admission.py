"""Whether the venue lets an ordinary order in: Binance's checks, in Binance's order, before anything changes.

Status, type and parameters, price, lot and percent-price filters, notional, position side, reduce-only, margin, order
count. What passes here can no longer be refused.
"""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from desk.domain.money import ZERO
from desk.domain.orders import OrderStatus, Side
from desk.venues.paper.engine.floor.accounts import Account
from desk.venues.paper.engine.floor.holdings import Holding, only_closes
from desk.venues.paper.engine.floor.state import Floor, Market
from desk.venues.paper.engine.money.exposure import available
from desk.venues.paper.engine.money.margin import assumed_price, max_notional, open_loss, requirement
from desk.venues.paper.engine.money.standing import is_cross_doomed
from desk.venues.paper.engine.trading import filters, latency
from desk.venues.paper.engine.trading.pricing import price_of
from desk.venues.paper.engine.trading.promises import broken
from desk.venues.paper.engine.trading.reducing import promised_before
from desk.venues.paper.engine.vocabulary.asks import NewAlgo, NewOrder
from desk.venues.paper.engine.vocabulary.orders import Order, PositionSide, PriceMatch, TimeInForce
from desk.venues.paper.engine.vocabulary.refusals import Refusal

MAX_OPEN_ORDERS = 200
_SHORTEST_GTD_MS = 600_000
_LATEST_GTD_MS = 253_402_300_799_000


def admit(floor: Floor, account: Account, new: NewOrder) -> tuple[Market, NewOrder]:
    """Raise the first Refusal that applies to `new`; return its market, and the order with the price it was given."""
    market = floor.tradable(new.symbol)
    if new.type.is_conditional:
        raise Refusal(-4120)
    check_shape(floor, new, new.time_in_force)
    check_client_id_free(account, new.symbol, new.client_id)
    quantity = new.quantity
    if quantity is None:
        raise Refusal(-1102, "quantity")
    price = price_of(market, new.side, new.price, new.price_match)
    reduces = new.reduce_only or only_closes(new.position_side, new.side)
    check_filters(market, new.side, quantity, price, reduce_only=reduces)
    check_position_side(account, new.position_side, reduce_only=new.reduce_only)
    check_standing(floor, account)
    holding = account.holding(new.symbol, new.position_side)
    if reduces:
        check_reduces(market, account, holding, new.side, quantity, price)
    else:
        check_margin(floor, market, account, holding, new.side, quantity, price)
    check_room(account, new.symbol)
    check_patience(floor, new.patience_ms)
    new = replace(new, price=price)
    if price is not None and not floor.realism.has_latency:
        check_promise(floor, market, account, new, quantity, price)
    return market, new


def check_shape(floor: Floor, new: NewOrder | NewAlgo, tif: TimeInForce | None) -> None:
    """Which parameters a type needs and which it does not take."""
    matched = new.price_match is not PriceMatch.NONE
    if new.type.becomes_market:
        if matched:
            raise Refusal(-5038)
        if new.price is not None:
            raise Refusal(-1106, "price")
        if tif is not None:
            raise Refusal(-1106, "timeinforce")
        return
    if tif is None:
        raise Refusal(-1102, "timeinforce")
    if matched and new.price is not None:
        raise Refusal(-1106, "price")
    if new.price is None and not matched:
        raise Refusal(-1102, "price")
    check_good_till(floor, tif, new.good_till_ms)


def check_good_till(floor: Floor, tif: TimeInForce | None, good_till_ms: int) -> None:
    """A good-till date lies more than ten minutes ahead."""
    if tif is TimeInForce.GTD and not floor.now() + _SHORTEST_GTD_MS < good_till_ms < _LATEST_GTD_MS:
        raise Refusal(-5040)


def check_client_id_free(account: Account, symbol: str, client_id: str) -> None:
    """A client id may be reused only once the order that bore it is final."""
    if not client_id:
        return
    filters.check_client_id(client_id)
    known = account.order_by_client.get((symbol, client_id))
    if known is not None and not account.orders[known].status.is_final:
        raise Refusal(-4116)


def check_filters(
    market: Market,
    side: Side,
    quantity: Decimal,
    price: Decimal | None,
    *,
    reduce_only: bool,
    notional_code: int = -4164,
) -> None:
    """Price, lot, percent-price and notional filters; `price` None means a market order."""
    spec = market.spec
    if price is not None:
        filters.check_price(spec, price)
    filters.check_quantity(spec, quantity, market=price is None)
    if price is not None:
        filters.check_percent_price(spec.rules, side, price, market.mark)
    else:
        filters.check_counterparty(spec.rules, side, market.book.best_price(side.opposite), market.mark)
    if not reduce_only:
        filters.check_notional(spec.rules, quantity, market.mark if price is None else price, code=notional_code)


def check_position_side(account: Account, position_side: PositionSide, *, reduce_only: bool) -> None:
    """One-way mode knows only BOTH; hedge mode only LONG and SHORT, whose side alone says what reduces."""
    if position_side not in account.sides:
        raise Refusal(-4061)
    if account.hedged and reduce_only:
        raise Refusal(-1106, "reduceonly")


def check_standing(floor: Floor, account: Account) -> None:
    """-2023 while the account's cross positions are past their liquidation and only wait for it."""
    if is_cross_doomed(floor, account):
        raise Refusal(-2023)


def check_room(account: Account, symbol: str) -> None:
    """At most 200 open ordinary orders a symbol."""
    if len(account.open_orders.get(symbol, ())) >= MAX_OPEN_ORDERS:
        raise Refusal(-2025)


def check_patience(floor: Floor, patience_ms: int | None) -> None:
    """-5028 for a request that would be stale before it reached the book."""
    if patience_ms is None or not floor.realism.has_latency:
        return
    if latency.of_next_order(floor) > patience_ms:
        raise Refusal(-5028)


def check_reduces(
    market: Market, account: Account, holding: Holding, side: Side, quantity: Decimal, price: Decimal | None
) -> None:
    """A reducing order needs something to close that those before it do not close; hedged, as much as itself."""
    closable = holding.closable(side)
    if not closable or (account.hedged and quantity > closable):
        raise Refusal(-2022)
    if promised_before(market, account, holding, side, price) >= closable:
        raise Refusal(-2022)


def check_margin(
    floor: Floor,
    market: Market,
    account: Account,
    holding: Holding,
    side: Side,
    quantity: Decimal,
    price: Decimal | None,
) -> None:
    """-2019 when the order's cost is not available, -2027 when the position could outgrow its leverage bracket.

    An order that raises neither the long nor the short requirement passes whatever the wallet holds.
    """
    mark, book = market.mark, market.book
    bid, ask = book.touch(Side.BUY), book.touch(Side.SELL)
    assumed = assumed_price(side, price, bid=bid, ask=ask, mark=mark, last=market.last)
    before = requirement(holding.quantity, mark, holding.bids, holding.asks, holding.leverage)
    bids, asks = _with(holding, side, quantity * assumed)
    after = requirement(holding.quantity, mark, bids, asks, holding.leverage)
    if after <= before:
        return
    if after * holding.leverage > max_notional(market.spec, holding.leverage):
        raise Refusal(-2027)
    reference = price if price is not None else (ask if side is Side.BUY else bid)
    if after - before + open_loss(side, quantity, mark, reference) > available(floor, account, market.spec.quote):
        raise Refusal(-2019)


def new_order(floor: Floor, account: Account, new: NewOrder) -> Order:
    """The order an admitted request becomes."""
    return drafted(floor, account, new, floor.next_id("order"))


def drafted(floor: Floor, account: Account, new: NewOrder, order_id: int) -> Order:
    """The order as it would stand under an id."""
    at_ms = floor.now()
    return Order(
        account=account.name,
        order_id=order_id,
        client_id=new.client_id or f"venue-{order_id}",
        symbol=new.symbol,
        side=new.side,
        type=new.type,
        original_type=new.type,
        time_in_force=new.time_in_force or TimeInForce.GTC,
        quantity=new.quantity or ZERO,
        price=new.price or ZERO,
        status=OrderStatus.NEW,
        created_ms=at_ms,
        updated_ms=at_ms,
        position_side=new.position_side,
        reduce_only=new.reduce_only or only_closes(new.position_side, new.side),
        self_trade=new.self_trade,
        good_till_ms=new.good_till_ms,
        price_match=new.price_match,
    )


def _with(holding: Holding, side: Side, notional: Decimal) -> tuple[Decimal, Decimal]:
    if side is Side.BUY:
        return holding.bids + notional, holding.asks
    return holding.bids, holding.asks + notional


def check_promise(
    floor: Floor, market: Market, account: Account, asked: NewOrder | Order, quantity: Decimal, limit: Decimal
) -> None:
    """Post-only orders must not take, fill-or-kill orders must fill whole: decided before they exist."""
    code = broken(floor, market, account, asked, quantity, limit)
    if code is not None:
        raise Refusal(code)

"""Conditional orders at rest: when the price releases one, and how it becomes an ordinary order.

STOP types wait for the price to move against a holder of the opposite side (BUY: rise, SELL: fall), TAKE_PROFIT types
the other way; a trailing stop follows the best price since its activation. No margin is checked before the trigger; an
order that then cannot be placed is REJECTED with the reason. A closePosition order that finds nothing to close expires.
"""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from desk.domain.money import ONE, ZERO, round_to
from desk.domain.orders import OrderStatus, Side, StopStatus
from desk.venues.paper.engine.floor.accounts import Account
from desk.venues.paper.engine.floor.holdings import only_closes
from desk.venues.paper.engine.floor.state import Floor, Market
from desk.venues.paper.engine.trading import admission, arrivals, filters
from desk.venues.paper.engine.trading.lifecycle import change_algo, release_algo, unwait_algo, wait_algo
from desk.venues.paper.engine.trading.pricing import price_of
from desk.venues.paper.engine.vocabulary.asks import NewAlgo
from desk.venues.paper.engine.vocabulary.orders import AlgoOrder, Order, OrderKind, TimeInForce, WorkingType
from desk.venues.paper.engine.vocabulary.refusals import Refusal

# Clients keep both kinds of order in one list by number, and Binance never gives the two the same one.
FIRST_ALGO_ID = 1_000_000_001
_PERCENT = Decimal(100)


def place(floor: Floor, market: Market, account: Account, new: NewAlgo) -> AlgoOrder:
    """Rest an admitted conditional order."""
    algo_id, at_ms = floor.next_id("algo", first=FIRST_ALGO_ID), floor.now()
    algo = AlgoOrder(
        account=account.name,
        algo_id=algo_id,
        client_id=new.client_id or f"venue-{algo_id}",
        symbol=new.symbol,
        side=new.side,
        type=new.type,
        time_in_force=new.time_in_force or TimeInForce.GTC,
        quantity=new.quantity or ZERO,
        trigger=new.trigger or ZERO,
        price=new.price or ZERO,
        status=StopStatus.NEW,
        created_ms=at_ms,
        updated_ms=at_ms,
        position_side=new.position_side,
        working_type=new.working_type,
        close_position=new.close_position,
        price_protect=new.price_protect,
        reduce_only=bool(new.reduce_only),
        self_trade=new.self_trade,
        good_till_ms=new.good_till_ms,
        activate_price=new.activate_price or ZERO,
        callback_rate=new.callback_rate or ZERO,
        activated=new.type is not OrderKind.TRAILING_STOP_MARKET,
        price_match=new.price_match,
    )
    account.open_algos[algo_id] = None
    account.algo_by_client[algo.client_id] = algo_id
    if algo.time_in_force is TimeInForce.GTD:
        floor.expiring.set(("algo", account.name, str(algo_id)), algo.good_till_ms)
    change_algo(floor, algo)
    wait_algo(market, algo)
    follow(floor, market)
    return account.algos[algo_id]


def next_due(market: Market, kind: WorkingType, *, rising: bool) -> Decimal | None:
    """The nearest level of `kind` the price would meet while rising (or falling), None when nothing waits there."""
    queue = market.waiting[(kind, rising)]
    return abs(queue[0][0]) if queue else None


def run_due(floor: Floor, market: Market) -> bool:
    """Release every conditional order whose price has been reached; True when there was any."""
    ran = False
    follow(floor, market)
    while (algo := _due(floor, market)) is not None:
        ran = True
        release(floor, market, algo)
        follow(floor, market)
    return ran


def release(floor: Floor, market: Market, algo: AlgoOrder) -> None:
    """Trigger one conditional order: TRIGGERING, then TRIGGERED and its order, or REJECTED, or EXPIRED."""
    release_algo(floor, market, algo)
    account = floor.accounts[algo.account]
    algo = change_algo(floor, replace(algo, status=StopStatus.TRIGGERING, triggered_ms=floor.now()))
    closable = account.holding(algo.symbol, algo.position_side).closable(algo.side)
    if algo.close_position and not closable:
        change_algo(floor, replace(algo, status=StopStatus.EXPIRED))
        return
    quantity = closable if algo.close_position else algo.quantity
    try:
        priced = _priced(market, algo)
        _check_release(floor, market, account, priced, quantity)
    except Refusal as refusal:
        change_algo(floor, replace(algo, status=StopStatus.REJECTED, reject_reason=refusal.message))
        return
    order = _order_of(priced, quantity, floor.next_id("order"), floor.now())
    change_algo(floor, replace(algo, status=StopStatus.TRIGGERED, order_id=order.order_id))
    arrivals.submit(floor, market, order)


def follow(floor: Floor, market: Market) -> None:
    """Activate trailing stops whose activation price was met, and drag the others behind the best price."""
    for account, algo_id in list(market.trailing):
        algo = floor.accounts[account].algos[algo_id]
        price = market.price(algo.working_type)
        if not algo.activated and not _activates(algo, price):
            continue
        better = price > algo.extreme if algo.side is Side.SELL else price < algo.extreme
        if algo.activated and not better:
            continue
        unwait_algo(market, algo)
        distance = ONE - algo.side.opposite.sign * algo.callback_rate / _PERCENT
        trigger = round_to(price * distance, market.spec.rules.tick)
        moved = change_algo(floor, replace(algo, activated=True, extreme=price, trigger=trigger), quiet=algo.activated)
        wait_algo(market, moved)


def _due(floor: Floor, market: Market) -> AlgoOrder | None:
    for kind in WorkingType:
        price = market.price(kind)
        for rising in (True, False):
            queue = market.waiting[(kind, rising)]
            if queue and (price >= queue[0][0] if rising else price <= -queue[0][0]):
                return floor.accounts[queue[0][2]].algos[queue[0][1]]
    return None


def _activates(algo: AlgoOrder, price: Decimal) -> bool:
    if not algo.activate_price:
        return True
    return price >= algo.activate_price if algo.side is Side.SELL else price <= algo.activate_price


def _priced(market: Market, algo: AlgoOrder) -> AlgoOrder:
    """The conditional order with the limit that its price match finds in the book now."""
    price = price_of(market, algo.side, algo.price, algo.price_match)
    return replace(algo, price=price or ZERO)


def _check_release(floor: Floor, market: Market, account: Account, algo: AlgoOrder, quantity: Decimal) -> None:
    spec = market.spec
    if floor.veto is not None and (reason := floor.veto(algo)) is not None:
        raise Refusal(-2019, message=reason)
    if algo.price_protect and abs(market.mark - market.last) > spec.trigger_protect * market.mark:
        raise Refusal(-4131, message="The gap between mark and last price is wider than the trigger protection.")
    reduces = _reduces(algo)
    price = None if algo.type.becomes_market else algo.price
    if price is not None:
        filters.check_percent_price(spec.rules, algo.side, price, market.mark)
    holding = account.holding(algo.symbol, algo.position_side)
    if reduces:
        admission.check_reduces(market, account, holding, algo.side, quantity, price)
    else:
        filters.check_notional(spec.rules, quantity, market.mark if price is None else price)
        admission.check_margin(floor, market, account, holding, algo.side, quantity, price)
    admission.check_room(account, algo.symbol)
    if price is not None and not floor.realism.has_latency:
        admission.check_promise(floor, market, account, _order_of(algo, quantity, 0, 0), quantity, price)


def _reduces(algo: AlgoOrder) -> bool:
    return algo.reduce_only or algo.close_position or only_closes(algo.position_side, algo.side)


def _order_of(algo: AlgoOrder, quantity: Decimal, order_id: int, at_ms: int) -> Order:
    return Order(
        account=algo.account,
        order_id=order_id,
        client_id=f"algo-{algo.algo_id}",
        symbol=algo.symbol,
        side=algo.side,
        type=OrderKind.MARKET if algo.type.becomes_market else OrderKind.LIMIT,
        original_type=algo.type,
        time_in_force=algo.time_in_force,
        quantity=quantity,
        price=ZERO if algo.type.becomes_market else algo.price,
        status=OrderStatus.NEW,
        created_ms=at_ms,
        updated_ms=at_ms,
        position_side=algo.position_side,
        reduce_only=_reduces(algo),
        close_position=algo.close_position,
        self_trade=algo.self_trade,
        good_till_ms=algo.good_till_ms,
        algo_id=algo.algo_id,
        stop_price=algo.trigger,
        working_type=algo.working_type,
        price_protect=algo.price_protect,
        price_match=algo.price_match,
    )

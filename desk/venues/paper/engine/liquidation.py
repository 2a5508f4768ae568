"""Liquidation: on the mark price, a position whose margin balance no longer exceeds its maintenance margin is closed.

Sequence: margin call, open orders cancelled, an immediate-or-cancel order down to the bankruptcy price, and what the
book did not take goes to the insurance fund at that price. The liquidation fee is paid into the fund from what is left;
what is missing comes from the fund. Cross positions go one by one, largest maintenance first, until the rest stands.
Source: Binance's liquidation protocol. Unlike Binance, large positions are closed whole, not bracket by bracket.
"""

from __future__ import annotations

from decimal import Decimal

from desk.domain.money import ZERO, ceil_to, floor_to
from desk.domain.orders import OrderStatus, Side
from desk.venues.paper.engine import matching
from desk.venues.paper.engine.aftermath import sweep
from desk.venues.paper.engine.clearing import fill
from desk.venues.paper.engine.events import AccountReason, LiquidationEvent, MarginCall
from desk.venues.paper.engine.exposure import cross_standing, demand_of, is_cross_doomed, is_doomed
from desk.venues.paper.engine.holdings import Holding
from desk.venues.paper.engine.lifecycle import end_order, enter_order, open_orders_of
from desk.venues.paper.engine.margin import bankruptcy_price, money
from desk.venues.paper.engine.orders import Order, OrderKind, TimeInForce
from desk.venues.paper.engine.outside import next_trade_id, outside_takes
from desk.venues.paper.engine.reports import position_row
from desk.venues.paper.engine.state import Account, Floor, Market
from desk.venues.paper.engine.statements import announce_account, book_income


def run_due(floor: Floor, market: Market) -> bool:
    """Liquidate whatever is due among holders of this symbol and accounts whose money changed; True when any was."""
    ran = False
    names = sorted({**market.holders, **floor.suspects})
    floor.suspects.clear()
    for name in names:
        account = floor.accounts[name]
        while (doomed := _first_doomed(floor, account)) is not None:
            ran = True
            liquidate(floor, account, doomed)
    return ran


def liquidate(floor: Floor, account: Account, holding: Holding) -> None:
    """Close one position by force."""
    market = floor.markets[holding.symbol]
    row = position_row(floor, account, holding)
    floor.events.append(
        MarginCall(account=account.name, at_ms=floor.now(), cross_wallet=account.cross_wallet, positions=(row,))
    )
    _cancel_orders(floor, account, holding)
    order = _liquidation_order(floor, market, account, holding)
    floor.events.append(LiquidationEvent(at_ms=order.created_ms, order=order))
    wallet = account.cross_wallet
    enter_order(floor, order)
    met: dict[str, None] = {}
    order = matching.take(floor, market, order, order.price, met)
    if not order.status.is_final:
        _take_over(floor, market, order)
    order = account.orders[order.order_id]
    _charge_fee(
        floor, market, account, order, account.cross_wallet - wallet if holding.isolated else account.cross_wallet
    )
    for name in (*met, account.name):
        sweep(floor, market, floor.accounts[name])


def _first_doomed(floor: Floor, account: Account) -> Holding | None:
    """The doomed position with the largest maintenance margin."""
    held = [holding for holding in account.holdings.values() if holding.quantity]
    cross_doomed = any(not holding.isolated for holding in held) and is_cross_doomed(floor, account)
    doomed = [h for h in held if (is_doomed(floor, account, (h,)) if h.isolated else cross_doomed)]
    return max(doomed, key=lambda holding: demand_of(floor, holding).maint, default=None)


def _cancel_orders(floor: Floor, account: Account, holding: Holding) -> None:
    """Open orders give their margin back first: those of the symbol, or of every cross symbol."""
    for symbol in list(account.open_orders):
        if symbol == holding.symbol or not (holding.isolated or account.terms_of(symbol).isolated):
            for order in open_orders_of(account, symbol):
                end_order(floor, floor.markets[symbol], order, OrderStatus.CANCELED)


def _liquidation_order(floor: Floor, market: Market, account: Account, holding: Holding) -> Order:
    balance = holding.isolated_wallet
    if not holding.isolated:
        others = cross_standing(floor, account)[0] - holding.unrealized(market.mark)
        balance = account.cross_wallet + others
    tick = market.spec.rules.tick
    bankrupt = bankruptcy_price(holding.quantity, holding.cost, balance)
    side = Side.SELL if holding.quantity > ZERO else Side.BUY
    price = ceil_to(bankrupt, tick) if side is Side.SELL else floor_to(bankrupt, tick)
    order_id, at_ms = floor.next_id("order"), floor.now()
    return Order(
        account=account.name,
        order_id=order_id,
        client_id=f"autoclose-{order_id}",
        symbol=holding.symbol,
        side=side,
        type=OrderKind.LIMIT,
        original_type=OrderKind.LIMIT,
        time_in_force=TimeInForce.IOC,
        quantity=abs(holding.quantity),
        price=max(price, tick),
        status=OrderStatus.NEW,
        created_ms=at_ms,
        updated_ms=at_ms,
        position_side=holding.side,
        reduce_only=True,
        liquidation=True,
    )


def _take_over(floor: Floor, market: Market, order: Order) -> None:
    """The insurance fund takes what is left at the bankruptcy price and is rid of it at the mid."""
    left, mid = order.remaining, market.book.mid
    # A handover between account and fund is not a trade of the market: the public does not see it.
    trade_id = next_trade_id(floor, market)
    outside_takes(floor, market, order.side, left, mid)
    floor.insurance += left * (order.price - mid) * order.side.sign
    floor.dirty[("meta",)] = None
    fill(floor, market, order, order.price, left, maker=False, trade_id=trade_id)


def _charge_fee(floor: Floor, market: Market, account: Account, order: Order, left: Decimal) -> None:
    fee = min(money(order.quote_filled * market.spec.liquidation_fee), max(left, ZERO))
    if not fee:
        return
    account.cross_wallet -= fee
    floor.insurance += fee
    floor.touch_account(account, floor.now())
    book_income(floor, account, order.symbol, "INSURANCE_CLEAR", -fee)
    announce_account(floor, account, AccountReason.INSURANCE_CLEAR, change=-fee)

"""Where a match becomes money: position, fee, realised profit, margin of isolated positions, and the announcements.

Money only moves between wallets, the fee account, the insurance fund and the rest of the world; none appears.
An isolated position pays its fees and losses from its own wallet first.
"""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from desk.domain.money import ZERO
from desk.domain.orders import OrderStatus
from desk.venues.paper.engine.floor.accounts import Account
from desk.venues.paper.engine.floor.holdings import Holding
from desk.venues.paper.engine.floor.state import Floor, Market, note_holder
from desk.venues.paper.engine.floor.statements import announce_account, book_income
from desk.venues.paper.engine.money.fees import Fee, fee_of
from desk.venues.paper.engine.money.margin import isolated_margin, share
from desk.venues.paper.engine.money.positions import Effect, effect_of
from desk.venues.paper.engine.money.purse import insure
from desk.venues.paper.engine.trading.lifecycle import announce_order, close_order, keep_order, weigh
from desk.venues.paper.engine.vocabulary.events import AccountReason, Execution
from desk.venues.paper.engine.vocabulary.orders import Order, Trade


def fill(
    floor: Floor,
    market: Market,
    order: Order,
    price: Decimal,
    quantity: Decimal,
    *,
    maker: bool,
    trade_id: int,
    free: bool = False,
) -> Order:
    """Give `order` one trade: move the money, record it, announce it. Returns the order as it then stands.

    A `free` trade costs no fee.
    """
    account = floor.accounts[order.account]
    holding = account.own(order.symbol, order.position_side)
    resting = order.order_id in market.book.remaining
    fee = fee_of(floor, account, market.spec, ZERO if free else price * quantity, maker=maker)
    effect = effect_of(holding.quantity, holding.cost, quantity * order.side.sign, price)
    _move_money(floor, market, account, holding, effect, price, fee)
    if resting:
        weigh(floor, order, -quantity)
    filled = order.filled + quantity
    order = keep_order(
        floor,
        replace(
            order,
            filled=filled,
            quote_filled=order.quote_filled + quantity * price,
            status=OrderStatus.FILLED if filled == order.quantity else OrderStatus.PARTIALLY_FILLED,
            updated_ms=floor.now(),
        ),
    )
    if resting and order.remaining:
        market.book.shrink(order)
    elif resting:
        market.book.remove(order)
    trade = _record_trade(floor, account, order, price, quantity, effect.realized, fee, maker, trade_id)
    changes = {market.spec.quote: ZERO, fee.asset: ZERO}
    announce_account(floor, account, AccountReason.ORDER, changes, *account.holdings_of(order.symbol))
    announce_order(floor, order, Execution.CALCULATED if order.liquidation else Execution.TRADE, trade)
    if order.status is OrderStatus.FILLED:
        close_order(floor, order)
    return order


def _move_money(
    floor: Floor, market: Market, account: Account, holding: Holding, effect: Effect, price: Decimal, fee: Fee
) -> None:
    own = _take_fee(floor, market, account, fee)
    held = abs(holding.quantity)
    if holding.isolated:
        closing_fee = share(own, effect.closed, effect.closed + effect.opened)
        _close_isolated(floor, account, holding, effect, held, closing_fee)
        _open_isolated(floor, account, holding, effect.opened * price, own - closing_fee)
    else:
        floor.pay(account, market.spec.quote, effect.realized - own)
    flat_before = holding.quantity == ZERO
    crossed = effect.closed and effect.opened
    holding.burden = own - effect.realized if flat_before else holding.burden + own - effect.realized
    if crossed:
        holding.burden = share(own, effect.opened, effect.closed + effect.opened)
    holding.quantity, holding.cost = effect.quantity, effect.cost
    holding.realized_total += effect.realized
    holding.updated_ms = floor.now()
    if not holding.quantity:
        holding.burden, holding.called = ZERO, False
    note_holder(market, account)
    floor.touch_holding(account, holding)
    floor.touch_account(account, floor.now())


def _take_fee(floor: Floor, market: Market, account: Account, fee: Fee) -> Decimal:
    """Book a fee; returns what of it the position's own margin asset has to pay."""
    floor.purse(fee.asset).fees += fee.amount
    if fee.asset == market.spec.quote:
        return fee.amount
    floor.pay(account, fee.asset, -fee.amount)
    return ZERO


def _close_isolated(
    floor: Floor, account: Account, holding: Holding, effect: Effect, held: Decimal, fee: Decimal
) -> None:
    if not effect.closed:
        return
    freed = share(holding.isolated_wallet, effect.closed, held)
    holding.isolated_wallet -= freed
    payout = freed + effect.realized - fee
    asset = floor.margin_asset(holding.symbol)
    if payout >= ZERO:
        floor.pay(account, asset, payout)
    elif effect.closed < held:
        # What stays open still answers for the loss.
        holding.isolated_wallet += payout
    else:
        # An isolated position never costs the account more than was put behind it.
        insure(floor, account, holding.symbol, asset, -payout)


def _open_isolated(floor: Floor, account: Account, holding: Holding, notional: Decimal, fee: Decimal) -> None:
    if not notional:
        return
    asset = floor.margin_asset(holding.symbol)
    moved = min(isolated_margin(notional, holding.leverage), max(account.wallet(asset), ZERO))
    floor.pay(account, asset, -moved)
    holding.isolated_wallet += moved - fee


def _record_trade(
    floor: Floor,
    account: Account,
    order: Order,
    price: Decimal,
    quantity: Decimal,
    realized: Decimal,
    fee: Fee,
    maker: bool,
    trade_id: int,
) -> Trade:
    trade = Trade(
        account=account.name,
        symbol=order.symbol,
        trade_id=trade_id,
        order_id=order.order_id,
        side=order.side,
        price=price,
        quantity=quantity,
        realized=realized,
        fee=fee.amount,
        fee_asset=fee.asset,
        margin_asset=floor.margin_asset(order.symbol),
        maker=maker,
        at_ms=order.updated_ms,
        position_side=order.position_side,
    )
    account.trades.append(trade)
    floor.dirty[("trade", account.name, str(len(account.trades)))] = None
    if fee.amount:
        book_income(floor, account, order.symbol, "COMMISSION", fee.asset, -fee.amount, trade_id=trade_id)
    if realized:
        # Binance spells it so.
        kind = "DELIVERED_SETTELMENT" if order.is_settlement else "REALIZED_PNL"
        book_income(floor, account, order.symbol, kind, trade.margin_asset, realized, trade_id=trade_id)
    return trade

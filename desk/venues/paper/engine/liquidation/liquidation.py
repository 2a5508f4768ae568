"""Liquidation: on the mark price, positions whose margin balance no longer exceeds their maintenance margin are closed.

Sequence, Binance's: a margin call while there is time, open orders cancelled, then an immediate-or-cancel order no
worse than the bankruptcy price that brings the position down to the next lower bracket, and the same again until what
is left stands or nothing is left. What the book does not take goes to the insurance fund at the bankruptcy price, or
(where the house deleverages and the fund cannot pay) to the opposite positions ranked first. The liquidation fee is
paid into the fund from what is left; what is missing comes from the fund. Cross positions go one by one, largest
maintenance first. Source: Binance's liquidation protocol and its FAQ.
"""

from __future__ import annotations

from decimal import Decimal

from desk.domain.money import ZERO, ceil_to, floor_to
from desk.domain.orders import OrderStatus, Side
from desk.venues.paper.engine.floor.accounts import Account
from desk.venues.paper.engine.floor.holdings import Holding
from desk.venues.paper.engine.floor.outside import next_trade_id, outside_takes
from desk.venues.paper.engine.floor.state import Floor, Market
from desk.venues.paper.engine.floor.statements import announce_account, book_income
from desk.venues.paper.engine.liquidation import deleveraging
from desk.venues.paper.engine.liquidation.margin_calls import call, review
from desk.venues.paper.engine.money import conversion
from desk.venues.paper.engine.money.clearing import fill
from desk.venues.paper.engine.money.exposure import demand_of
from desk.venues.paper.engine.money.margin import bankruptcy_price, bracket_of, money
from desk.venues.paper.engine.money.standing import backing_of, body_of
from desk.venues.paper.engine.trading import matching
from desk.venues.paper.engine.trading.aftermath import sweep
from desk.venues.paper.engine.trading.lifecycle import end_order, enter_order, open_orders_of
from desk.venues.paper.engine.vocabulary.assets import MARGIN_ASSETS, USDT
from desk.venues.paper.engine.vocabulary.events import AccountReason, LiquidationEvent
from desk.venues.paper.engine.vocabulary.orders import Order, OrderKind, TimeInForce


def run_due(floor: Floor, market: Market) -> bool:
    """Liquidate whatever is due among those this market concerns and accounts whose money changed; True when any was.

    A market concerns who holds something in it, and whose collateral it prices.
    """
    ran = False
    names = {*market.holders, *floor.suspects, *_secured_by(floor, market)}
    floor.suspects.clear()
    for name in sorted(names):
        account = floor.accounts[name]
        conversion.repay_due(floor, account)
        while (doomed := _first_doomed(floor, account)) is not None:
            ran = True
            liquidate(floor, account, doomed)
    return ran


def liquidate(floor: Floor, account: Account, holding: Holding) -> None:
    """Take one step with one position by force: down to the next lower bracket, or all of it."""
    market = floor.markets[holding.symbol]
    call(floor, account, body_of(account, holding))
    _cancel_orders(floor, account, holding)
    order = _forced_order(floor, market, account, holding)
    floor.events.append(LiquidationEvent(at_ms=order.created_ms, order=order))
    before = account.wallet(market.spec.quote)
    enter_order(floor, order)
    met: dict[str, None] = {}
    order = matching.take(floor, market, order, order.price, met)
    if not order.status.is_final:
        order = _take_over(floor, market, order, met)
    _charge_fee(floor, market, account, holding, order, before)
    for name in (*met, account.name):
        sweep(floor, market, floor.accounts[name])


def _secured_by(floor: Floor, market: Market) -> list[str]:
    """The accounts whose collateral this market prices."""
    base = market.spec.base
    if market.spec.quote != USDT or base not in MARGIN_ASSETS:
        return []
    return [name for name, account in floor.accounts.items() if account.multi_assets and account.wallet(base)]


def _first_doomed(floor: Floor, account: Account) -> Holding | None:
    """The doomed position with the largest maintenance margin; owners of others are warned where theirs runs low."""
    doomed = [holding for body in review(floor, account) for holding in body]
    return max(doomed, key=lambda holding: demand_of(floor, holding).maint, default=None)


def _cancel_orders(floor: Floor, account: Account, holding: Holding) -> None:
    """Open orders give their margin back first: those of the symbol, or of every cross symbol of the same wallets."""
    asset = floor.margin_asset(holding.symbol)
    for symbol in list(account.open_orders):
        shares = account.multi_assets or floor.margin_asset(symbol) == asset
        is_with = shares and not (holding.isolated or account.terms_of(symbol).isolated)
        if symbol == holding.symbol or is_with:
            for order in open_orders_of(account, symbol):
                end_order(floor, floor.markets[symbol], order, OrderStatus.CANCELED)


def _forced_order(floor: Floor, market: Market, account: Account, holding: Holding) -> Order:
    balance = backing_of(floor, account, body_of(account, holding)).last_cent(holding, market.mark)
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
        quantity=_step(market, abs(holding.quantity)),
        price=max(price, tick),
        status=OrderStatus.NEW,
        created_ms=at_ms,
        updated_ms=at_ms,
        position_side=holding.side,
        reduce_only=True,
        liquidation=True,
    )


def _step(market: Market, held: Decimal) -> Decimal:
    """What has to go for the rest to fall into the next lower bracket; all of it in the lowest."""
    floor_of_bracket = bracket_of(market.spec, held * market.mark).floor
    return held - min(floor_to(floor_of_bracket / market.mark, market.spec.rules.step), held)


def _take_over(floor: Floor, market: Market, order: Order, met: dict[str, None]) -> Order:
    """Settle what the book left at the bankruptcy price: with the opposite side first, or with the fund.

    The fund is rid of it at the mid. Where the house deleverages, the fund never pays what it does not have: whom no
    account here can relieve, the rest of the world does.
    """
    asset, mid, price = market.spec.quote, market.book.mid, order.price
    gain = (price - mid) * order.side.sign
    if floor.house.auto_deleverage and floor.purse(asset).insurance + order.remaining * gain < ZERO:
        order = deleveraging.relieve(floor, market, order, met)
        gain, mid = ZERO, price
    left = order.remaining
    if not left:
        return order
    # A handover between account and fund is no trade of the market: the public does not see it, and it costs no fee.
    trade_id = next_trade_id(floor, market)
    outside_takes(floor, market, order.side, left, mid)
    floor.purse(asset).insurance += left * gain
    return fill(floor, market, order, price, left, maker=False, trade_id=trade_id, free=True)


def _charge_fee(
    floor: Floor, market: Market, account: Account, holding: Holding, order: Order, before: Decimal
) -> None:
    """Pay the liquidation fee into the fund, from no more than what this position's margin has left."""
    asset, mark = market.spec.quote, market.mark
    if not holding.isolated:
        backing = backing_of(floor, account, body_of(account, holding))
        equity = backing.equity(mark)
        left = equity / backing.rate.ask if account.multi_assets else min(equity, account.wallet(asset))
    elif holding.quantity:
        left = holding.isolated_wallet + min(holding.unrealized(mark), ZERO)
    else:
        left = account.wallet(asset) - before
    fee = min(money(order.quote_filled * market.spec.liquidation_fee), max(money(left), ZERO))
    if not fee:
        return
    if holding.isolated and holding.quantity:
        holding.isolated_wallet -= fee
        floor.touch_holding(account, holding)
        floor.touch_account(account, floor.now())
    else:
        floor.pay(account, asset, -fee)
    floor.purse(asset).insurance += fee
    book_income(floor, account, order.symbol, "INSURANCE_CLEAR", asset, -fee)
    announce_account(floor, account, AccountReason.INSURANCE_CLEAR, {asset: -fee})

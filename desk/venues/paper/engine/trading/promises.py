"""What some orders promise of their own matching: post-only never takes, fill-or-kill fills whole or not at all.

Both are decided on the book as it stands, by walking it the way `matching` would and changing nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from desk.domain.money import ZERO
from desk.venues.paper.engine.floor.accounts import Account
from desk.venues.paper.engine.floor.state import Floor, Market
from desk.venues.paper.engine.trading.book import reaches
from desk.venues.paper.engine.vocabulary.asks import NewOrder
from desk.venues.paper.engine.vocabulary.orders import Order, PositionSide, SelfTrade, TimeInForce

FOK_BROKEN, POST_ONLY_BROKEN = -5021, -5022


def broken(
    floor: Floor, market: Market, account: Account, asked: NewOrder | Order, quantity: Decimal, limit: Decimal
) -> int | None:
    """The code of the promise that an order for `quantity` up to `limit` could not keep now, None when it can."""
    tif = asked.time_in_force
    if tif is not None and tif.is_post_only and would_take(market, asked, limit):
        return POST_ONLY_BROKEN
    if tif is TimeInForce.FOK and fillable(floor, market, account, asked, limit) < quantity:
        return FOK_BROKEN
    return None


def would_take(market: Market, asked: NewOrder | Order, limit: Decimal) -> bool:
    """Whether an order at `limit` would trade on entering."""
    other = asked.side.opposite
    best = market.book.best_price(other)
    return best is not None and reaches(other, best, limit)


def fillable(floor: Floor, market: Market, account: Account, asked: NewOrder | Order, limit: Decimal) -> Decimal:
    """How much of the order could trade at once: what is offered by others, and no more than it may close."""
    total, other = ZERO, asked.side.opposite
    given = _makers(floor)
    for offer in market.book.offers(other):
        if not reaches(other, offer.price, limit):
            break
        if offer.entry is None:
            total += offer.quantity
            continue
        _, _, owner, order_id = offer.entry
        if owner == account.name and asked.self_trade is not SelfTrade.NONE:
            if asked.self_trade is SelfTrade.EXPIRE_MAKER:
                continue
            break
        maker = floor.accounts[owner].orders[order_id]
        total += given(maker, offer.quantity)
    if asked.reduce_only:
        total = min(total, account.holding(asked.symbol, asked.position_side).closable(asked.side))
    return total


def _makers(floor: Floor) -> Callable[[Order, Decimal], Decimal]:
    """How much each maker would give: a reduce-only one no more than those before it of its account leave to close."""
    left: dict[tuple[str, PositionSide], Decimal] = {}

    def give(maker: Order, offered: Decimal) -> Decimal:
        who = (maker.account, maker.position_side)
        room = left.get(who)
        if room is None:
            room = floor.accounts[maker.account].holding(maker.symbol, maker.position_side).closable(maker.side)
        given = min(offered, room) if maker.reduce_only else offered
        left[who] = max(ZERO, room - given)
        return given

    return give

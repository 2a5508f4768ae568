"""How a price gets from one quote to the next: along the way, meeting every level that lies on it in price order.

Mid, last, mark and index each move on a straight line from where they stood to where the quote puts them. At every
level on the way the market is stood exactly there, with the book around it, before anything is released. So no
conditional order, resting limit or liquidation inside a leg is skipped, however long the leg. A gap has no way: the
market stands at the new price at once, and what lay between meets the new book there: resting limits still at their own
price, the rest at whatever the new book offers.

A resting limit is filled when the mid trades strictly through its price, or when the outside touch of a new quote would
cross it: as far as `crossing` finds somebody to fill it. A touch alone leaves it waiting in line (`queueing`).
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from desk.domain.money import EXACT, ONE, ZERO, round_to
from desk.domain.orders import Side
from desk.venues.paper.engine.floor.state import Floor, Market
from desk.venues.paper.engine.liquidation import liquidation
from desk.venues.paper.engine.money.margin import CENT
from desk.venues.paper.engine.money.standing import bodies_of, is_doomed, liquidation_level
from desk.venues.paper.engine.moves import marks
from desk.venues.paper.engine.trading import crossing, triggers
from desk.venues.paper.engine.trading.book import reaches
from desk.venues.paper.engine.trading.crossing import Crowd
from desk.venues.paper.engine.vocabulary.instruments import Quote
from desk.venues.paper.engine.vocabulary.orders import WorkingType


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """The four prices of a symbol at one instant."""

    mid: Decimal
    last: Decimal
    mark: Decimal
    index: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Waypoint:
    """A place on the way where something waits: how far along (0..1), the point itself, and the limit order met."""

    share: Decimal
    point: Point
    order: tuple[str, int] | None = None


def travel(floor: Floor, market: Market, quote: Quote, *, fresh: bool = True) -> Decimal:
    """Move the market to `quote`, releasing and filling what lies on the way.

    Returns what of the quote's volume traded with nobody here. With `fresh` off the book's liquidity is the old one,
    and what was taken of it stays taken.
    """
    start = _here(market)
    end = _destination(market, quote)
    asks = quote.ladder if quote.ask_ladder is None else quote.ask_ladder
    market.book.refresh(quote.spread, quote.ladder, asks, recovery=floor.realism.recovery if fresh else ZERO)
    jumped = quote.gap or market.mark == ZERO
    if jumped:
        stand(market, end)
    passed, crowd = ZERO, Crowd(quote.volume, end.mid)
    while market.mark and (met := _next_waypoint(floor, market, crowd, start, end, passed)) is not None:
        passed = met.share
        # After a jump too: what traded meanwhile moved the last price, and a trigger that is met must see it met.
        stand(market, end if jumped else met.point)
        if met.order is not None:
            account, order_id = met.order
            maker = floor.accounts[account].orders[order_id]
            crossing.serve(floor, market, crowd, maker)
        react(floor, market)
    stand(market, end)
    _uncross(floor, market, crowd)
    crossing.clear_met(market, crowd)
    react(floor, market)
    floor.touch_market(market)
    return crowd.left


def stand(market: Market, point: Point) -> None:
    """Put the market at a point: its prices, and the book around its mid."""
    market.last, market.mark, market.index = point.last, point.mark, point.index
    market.book.centre(point.mid)


def react(floor: Floor, market: Market) -> None:
    """Release and liquidate what is due where the market stands, until nothing is."""
    while triggers.run_due(floor, market) or liquidation.run_due(floor, market):
        pass


def _here(market: Market) -> Point:
    return Point(mid=market.book.mid, last=market.last, mark=market.mark, index=market.index)


def _destination(market: Market, quote: Quote) -> Point:
    index = quote.price if quote.index is None else quote.index
    marks.observe_basis(market, quote.at_ms, quote.price - index)
    last = round_to(quote.price, market.spec.rules.tick)
    mark = marks.mark_price(market, index, last, quote.at_ms)
    return Point(mid=quote.price, last=last, mark=mark, index=index)


def _next_waypoint(
    floor: Floor, market: Market, crowd: Crowd, start: Point, end: Point, passed: Decimal
) -> Waypoint | None:
    """The nearest level not behind `passed`, None when the rest of the way is free."""
    found = [
        *_limits_ahead(market, crowd, start, end),
        *_triggers_ahead(market, start, end),
        *_liquidations_ahead(floor, market, start, end, passed),
    ]
    if not found:
        return None
    nearest = min(found, key=lambda place: place.share)
    if nearest.share >= passed:
        return nearest
    # It came to lie behind us through what happened on the way: it is met here.
    return Waypoint(share=passed, point=_between(start, end, passed), order=nearest.order)


def _limits_ahead(market: Market, crowd: Crowd, start: Point, end: Point) -> list[Waypoint]:
    if end.mid == start.mid:
        return []
    side = Side.BUY if end.mid < start.mid else Side.SELL
    queue = market.book.queues[side]
    if not queue or side in crowd.spent:
        return []
    price = abs(queue[0][0])
    if price == end.mid or not reaches(side, price, end.mid):
        return []
    share = max(ZERO, (price - start.mid) / (end.mid - start.mid))
    point = _between(start, end, share)
    exact = Point(mid=price, last=point.last, mark=point.mark, index=point.index) if share else point
    return [Waypoint(share=share, point=exact, order=(queue[0][2], queue[0][3]))]


def _triggers_ahead(market: Market, start: Point, end: Point) -> list[Waypoint]:
    ahead: list[Waypoint] = []
    for kind in WorkingType:
        origin, target = _price(start, kind), _price(end, kind)
        if origin == target:
            continue
        level = triggers.next_due(market, kind, rising=target > origin)
        if level is None or (level > target if target > origin else level < target):
            continue
        share = max(ZERO, (level - origin) / (target - origin))
        ahead.append(
            Waypoint(share=share, point=_standing(_between(start, end, share), kind, level if share else origin))
        )
    return ahead


def _liquidations_ahead(floor: Floor, market: Market, start: Point, end: Point, passed: Decimal) -> list[Waypoint]:
    ahead: list[Waypoint] = []
    if start.mark == end.mark:
        return ahead
    for name in sorted(market.holders):
        account = floor.accounts[name]
        for body in bodies_of(account, market.spec.symbol):
            if is_doomed(floor, account, body, end.mark):
                level = liquidation_level(floor, account, body, rising=end.mark > start.mark)
                is_due = is_doomed(floor, account, body)
                ahead.append(_liquidation_at(market, start, end, passed, level, is_due=is_due))
    return ahead


def _liquidation_at(
    market: Market, start: Point, end: Point, passed: Decimal, level: Decimal | None, *, is_due: bool
) -> Waypoint:
    share = ONE if level is None else (level - start.mark) / (end.mark - start.mark)
    share = min(max(share, passed), ONE)
    if share == passed and market.mark != start.mark and not is_due:
        share = ONE
    # One cent of a cent past the level, so that rounding cannot leave the position a hair above it.
    beyond = CENT if end.mark > start.mark else -CENT
    point = _between(start, end, share)
    mark = end.mark if level is None or share == ONE else (point.mark + beyond)
    return Waypoint(share=share, point=_standing(point, WorkingType.MARK_PRICE, mark))


def _uncross(floor: Floor, market: Market, crowd: Crowd) -> None:
    """Fill resting orders that the outside touch of the new quote would cross."""
    for side in (Side.BUY, Side.SELL):
        queue = market.book.queues[side]
        while queue and side not in crowd.spent and reaches(side, abs(queue[0][0]), market.book.touch(side.opposite)):
            maker = floor.accounts[queue[0][2]].orders[queue[0][3]]
            crossing.serve(floor, market, crowd, maker)


def _price(point: Point, kind: WorkingType) -> Decimal:
    return point.mark if kind is WorkingType.MARK_PRICE else point.last


def _standing(point: Point, kind: WorkingType, price: Decimal) -> Point:
    if kind is WorkingType.MARK_PRICE:
        return Point(mid=point.mid, last=point.last, mark=price, index=point.index)
    return Point(mid=point.mid, last=price, mark=point.mark, index=point.index)


def _between(start: Point, end: Point, share: Decimal) -> Point:
    """The point `share` of the way along, to eight decimals."""
    return Point(
        mid=(start.mid + (end.mid - start.mid) * share).quantize(CENT, context=EXACT),
        last=(start.last + (end.last - start.last) * share).quantize(CENT, context=EXACT),
        mark=(start.mark + (end.mark - start.mark) * share).quantize(CENT, context=EXACT),
        index=(start.index + (end.index - start.index) * share).quantize(CENT, context=EXACT),
    )

"""What others do, as features: the orders they show, the positions they hold, and what flows between the two."""

from __future__ import annotations

from desk.domain.market import Crowd, OrderBook
from desk.features.scale import Values, unit
from desk.market.book import Wall, read_book
from desk.market.crowd import read_crowd
from desk.market.order_flow import Flow


def book_values(book: OrderBook | None) -> Values:
    """How the book leans, how wide it is, and which way its walls push. Raises DataError for a broken one."""
    if book is None:
        return {}
    reading = read_book(book)
    return {
        "book_top": unit(reading.imbalances[0].imbalance),
        "book_deep": unit(reading.imbalances[-1].imbalance),
        "book_spread": unit(reading.spread_bps, 10),
        "book_microprice": unit((reading.microprice / reading.mid - 1) * 10_000, 5),
        "book_walls": unit(sum(_push(wall) for wall in reading.walls), 3),
    }


def _push(wall: Wall) -> float:
    """A wall under the price holds it up, one above holds it down; the less the farther it stands (half at 25 bps)."""
    return (1 if wall.bid else -1) * 25 / (25 + wall.distance_bps)


def crowd_values(crowd: Crowd | None) -> Values:
    """What the symbol's traders hold, and who takes."""
    if crowd is None:
        return {}
    reading = read_crowd(crowd, None)
    return {
        "crowd_interest": unit(reading.interest_change_pct, 10),
        "crowd_accounts": unit(reading.accounts_lean),
        "crowd_divergence": unit(reading.divergence),
        "crowd_takers": unit(reading.taker_lean),
    }


def flow_values(flow: Flow | None) -> Values:
    """What flowed through the book, the takers and the liquidations."""
    if flow is None:
        return {}
    book, takers, forced = flow.book, flow.takers, flow.forced
    pushed = forced.bought + forced.sold
    known: Values = {
        "flow_takers": unit(takers.imbalance),
        "flow_forced": unit((forced.bought - forced.sold) / pushed) if pushed > 0 else 0.0,
    }
    if book is None:
        return known
    gone = book.bids.walls_gone + book.asks.walls_gone
    return known | {
        "flow_pressure": unit(book.pressure),
        "flow_cancels_bids": unit(book.bids.cancel_share),
        "flow_cancels_asks": unit(book.asks.cancel_share),
        "flow_walls_pulled": unit((book.bids.walls_pulled + book.asks.walls_pulled) / gone) if gone else None,
    }

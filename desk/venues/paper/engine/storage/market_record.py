"""One market as a stored row: its prices, the outside ladder with what was taken from it, and its funding interval.

With it a venue that was killed goes on from the very price it stood at, so no stop between there and the next quote is
skipped.
"""

from __future__ import annotations

import json
from decimal import Decimal

from desk.domain.errors import JournalError
from desk.domain.orders import Side
from desk.venues.paper.engine.floor.state import Floor, Market
from desk.venues.paper.engine.vocabulary.instruments import Ladder

_DECIMALS = ("mark", "index", "last", "premium_sum", "delivery_sum", "outside_quantity", "outside_cash")
_INTEGERS = ("at_ms", "next_funding_ms", "premium_ms", "delivery_weight")


def market_text(market: Market) -> str:
    """The market as one line of JSON."""
    book = market.book
    record: dict[str, object] = {"symbol": market.spec.symbol}
    record |= {name: str(getattr(market, name)) for name in _DECIMALS}
    record |= {name: getattr(market, name) for name in _INTEGERS}
    record["source_rate"] = None if market.source_rate is None else str(market.source_rate)
    record["delivered"] = None if market.delivered is None else str(market.delivered)
    record["basis"] = [[second, str(value)] for second, value in market.basis.items()]
    record["mid"], record["spread"] = str(book.mid), str(book.spread)
    record["update_id"] = book.update_id
    record["ladders"] = [[[str(o), str(q)] for o, q in book.ladders[side]] for side in Side]
    record["ahead"] = [[order_id, str(quantity)] for order_id, quantity in book.ahead.items()]
    record["taken"] = [[[rung, str(quantity)] for rung, quantity in book.taken[side].items()] for side in Side]
    return json.dumps(record, separators=(",", ":"))


def restore_market(floor: Floor, text: str) -> None:
    """Put a stored market back.

    Raises:
        JournalError: when the row cannot be read.
        KeyError: when the symbol is no longer listed.
    """
    try:
        record = json.loads(text)
        market = floor.markets[record["symbol"]]
        for name in _DECIMALS:
            setattr(market, name, Decimal(record[name]))
        for name in _INTEGERS:
            setattr(market, name, int(record[name]))
        market.source_rate = None if record["source_rate"] is None else Decimal(record["source_rate"])
        market.delivered = None if record["delivered"] is None else Decimal(record["delivered"])
        market.basis = {int(second): Decimal(value) for second, value in record["basis"]}
        bids, asks = (_ladder(rows) for rows in record["ladders"])
        book = market.book
        book.mid = Decimal(record["mid"])
        book.refresh(Decimal(record["spread"]), bids, asks)
        for side, rows in zip(Side, record["taken"], strict=True):
            book.taken[side] = {int(rung): Decimal(quantity) for rung, quantity in rows}
        book.ahead = {int(order_id): Decimal(quantity) for order_id, quantity in record["ahead"]}
        book.update_id = int(record["update_id"])
    except (ValueError, ArithmeticError, TypeError) as error:
        raise JournalError(f"a stored market cannot be read: {error}") from error


def _ladder(rows: list[list[str]]) -> Ladder:
    return tuple((Decimal(offset), Decimal(quantity)) for offset, quantity in rows)

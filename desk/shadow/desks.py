"""The four that do not think, and what each does at a moment the desk decided at.

flat      nothing
hold      buys every symbol in equal parts when it first sees it, without leverage, and keeps it
random    opens and leaves as often as the crew does, at moments and on sides drawn by lot; as large, and with the same
stop and target, as the crew did last
policy    follows the promoted policy without a model, half its equity a trade; absent where none is promoted
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum

from desk.domain.money import ONE
from desk.shadow.books import Book, Charge, Costs
from desk.shadow.rhythm import coin

_HALF = Decimal("0.5")


class Shadow(StrEnum):
    """Who keeps the account."""

    FLAT = "flat"
    HOLD = "hold"
    RANDOM = "random"
    POLICY = "policy"


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """What the shadows are told of one decision on one symbol.

    `opened` is what the crew opened, as a share of its equity and never below zero, `crew_holds` whether it has a
    position after it. `lot` names the moment for whatever is drawn. `charges` are the newest fundings, `at_ms` is UTC.
    `advice` gives BUY, SELL or HOLD for a side held (1, -1, 0); None where no policy is promoted. `symbols` is how many
    the desk watches.
    """

    symbol: str
    mark: Decimal
    opened: Decimal
    crew_holds: bool
    lot: str
    stop_pct: Decimal
    target_pct: Decimal
    symbols: int
    at_ms: int = 0
    charges: tuple[Charge, ...] = ()
    advice: Callable[[int], str] | None = None


def step(shadow: Shadow, book: Book, moment: Moment, costs: Costs) -> Book:
    """What the shadow's book is after this moment."""
    seen = moment.symbol in book.marks
    book = book.charged(moment.symbol, moment.at_ms, moment.mark, moment.charges)
    book = book.told(moment.symbol, moment.mark, costs)
    if shadow is Shadow.HOLD and not seen:
        share = book.wallet / max(1, moment.symbols)
        # A little below the whole, so that fees and slippage leave enough.
        return book.opened(moment.symbol, share * Decimal("0.995"), costs, stop_pct=None, target_pct=None)
    if shadow is Shadow.RANDOM:
        return _random(book, moment, costs)
    if shadow is Shadow.POLICY and moment.advice is not None:
        return _policy(book, moment, costs, moment.advice(side_of(book, moment.symbol)))
    return book


def side_of(book: Book, symbol: str) -> int:
    """1 for long, -1 for short, 0 for nothing."""
    one = book.held.get(symbol)
    return 0 if one is None else 1 if one.quantity > 0 else -1


def _random(book: Book, moment: Moment, costs: Costs) -> Book:
    symbol, lot = moment.symbol, moment.lot
    rhythm = book.rhythm.heard(
        symbol,
        opened=moment.opened,
        holds=moment.crew_holds,
        stop_pct=moment.stop_pct,
        target_pct=moment.target_pct,
    )
    book = replace(book, rhythm=rhythm)
    if symbol in book.held:
        return book.closed(symbol, moment.mark, costs) if rhythm.leaves(lot) else book
    if not rhythm.enters(lot):
        return book
    notional = book.equity * rhythm.share * coin(lot)
    return book.opened(symbol, notional, costs, stop_pct=rhythm.stop_pct, target_pct=rhythm.target_pct)


def _policy(book: Book, moment: Moment, costs: Costs, said: str) -> Book:
    held = side_of(book, moment.symbol)
    wanted = {"BUY": 1, "SELL": -1}.get(said, 0)
    if held and wanted == -held:
        return book.closed(moment.symbol, moment.mark, costs)
    if held or not wanted:
        return book
    notional = book.equity * _HALF * wanted * ONE
    return book.opened(moment.symbol, notional, costs, stop_pct=moment.stop_pct, target_pct=moment.target_pct)

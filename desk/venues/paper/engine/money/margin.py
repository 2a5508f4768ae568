"""Margin arithmetic of Binance USD-M futures as pure functions: brackets, maintenance, liquidation, bankruptcy.

Sources: Binance FAQ b3c689c1f50a44cabb3a84e663b81d93 (liquidation) and 87fa7ee33b574f7084d42bd2ce2e463b (cost of an
order). All money in USDT, quantities signed in base asset (above zero long), rates as fractions.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from decimal import Decimal

from desk.domain.money import EXACT, ONE, ZERO
from desk.domain.orders import Side
from desk.venues.paper.engine.vocabulary.instruments import Bracket, SymbolSpec
from desk.venues.paper.engine.vocabulary.refusals import Refusal

CENT = Decimal("0.00000001")
"""The smallest amount a wallet knows."""

_LONG_MARKET_MARKUP = Decimal("1.0005")
_SHORT_MARKUP = Decimal("1.0015")


def money(value: Decimal) -> Decimal:
    """An amount as a wallet holds it: eight decimals, ties to even."""
    return value.quantize(CENT, context=EXACT)


def bracket_of(spec: SymbolSpec, notional: Decimal) -> Bracket:
    """The bracket a notional falls in; above the last cap the last one holds."""
    for bracket in spec.brackets:
        if notional <= bracket.cap:
            return bracket
    return spec.brackets[-1]


def maintenance(spec: SymbolSpec, notional: Decimal) -> Decimal:
    """Maintenance margin of a position: notional x ratio - cum of its bracket."""
    bracket = bracket_of(spec, notional)
    return notional * bracket.ratio - bracket.cum


def max_notional(spec: SymbolSpec, leverage: int) -> Decimal:
    """The largest notional that may be held at `leverage`. Raises Refusal -4028 outside the brackets."""
    if leverage < 1:
        raise Refusal(-4028, leverage)
    caps = [bracket.cap for bracket in spec.brackets if bracket.initial_leverage >= leverage]
    if not caps:
        raise Refusal(-4028, leverage)
    return max(caps)


def bracket_borders(spec: SymbolSpec, quantity: Decimal) -> list[Decimal]:
    """The prices at which a position of `quantity` enters another bracket, ascending."""
    return [bracket.cap / abs(quantity) for bracket in spec.brackets[:-1]] if quantity else []


def first_crossing(
    surplus: Callable[[Decimal], Decimal], start: Decimal, borders: Iterable[Decimal], *, rising: bool
) -> Decimal | None:
    """The first price on the way up (or down) from `start` at which `surplus` is not above zero; None without one.

    `surplus` must be linear between neighbouring `borders`, as margin balance less maintenance margin is: then the
    straight line through a stretch's ends hits zero where the surplus does, and the FAQ's formula with the right
    bracket gives the same price.
    """
    here, left = start, surplus(start)
    if left <= ZERO:
        return start
    for there in _stretches(start, borders, rising=rising):
        ahead = surplus(there)
        if ahead <= ZERO:
            return here + (there - here) * left / (left - ahead)
        here, left = there, ahead
    slope = surplus(here + ONE) - left
    return here - left / slope if rising and slope < ZERO else None


def _stretches(start: Decimal, borders: Iterable[Decimal], *, rising: bool) -> list[Decimal]:
    if rising:
        return sorted(border for border in borders if border > start)
    return [*sorted((border for border in borders if ZERO < border < start), reverse=True), ZERO]


def bankruptcy_price(quantity: Decimal, cost: Decimal, balance: Decimal) -> Decimal:
    """The price at which closing the position leaves nothing of `balance` (wallet and other positions' profit)."""
    return (cost - balance) / quantity


def requirement(quantity: Decimal, mark: Decimal, bids: Decimal, asks: Decimal, leverage: int) -> Decimal:
    """Initial margin of a position with its working orders: max(|position + bids|, |position - asks|) / leverage."""
    held = quantity * mark
    return max(abs(held + bids), abs(held - asks)) / leverage


def assumed_price(
    side: Side, price: Decimal | None, *, bid: Decimal, ask: Decimal, mark: Decimal, last: Decimal
) -> Decimal:
    """The price an order's initial margin is reckoned on; `price` None means a market order.

    Long: the limit, or the best ask + 0.05 %. Short: the highest of the mark, the limit, and last price (a market
    order: best bid) + 0.15 %.
    """
    if side is Side.BUY:
        return ask * _LONG_MARKET_MARKUP if price is None else price
    if price is None:
        return max(bid * _SHORT_MARKUP, mark)
    return max(last * _SHORT_MARKUP, mark, price)


def open_loss(side: Side, quantity: Decimal, mark: Decimal, price: Decimal) -> Decimal:
    """What the order would lose at once against the mark: quantity x |min(0, direction x (mark - price))|."""
    return quantity * max(ZERO, (price - mark) * side.sign)


def isolated_margin(notional: Decimal, leverage: int) -> Decimal:
    """What moves from the cross wallet into an isolated position that grows by `notional`."""
    return money(notional / leverage)


def share(amount: Decimal, part: Decimal, whole: Decimal) -> Decimal:
    """The share of `amount` that belongs to `part` of `whole`; all of it when part is the whole."""
    return amount if part == whole else money(amount * part / whole)


def within_bound(side: Side, mark: Decimal, bound: Decimal) -> Decimal:
    """The worst price a market order of `side` may trade at, `bound` away from the mark."""
    return mark * (ONE + bound * side.sign)

"""Trading rules of any USD-M symbol: the catalogue's where it lists it, else reckoned from what the contract costs.

Reckoned rules have about five significant digits of price and a smallest quantity worth a few dollars or less; their
brackets are those that Binance publishes for LTC.
"""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from desk.domain.errors import DataError
from desk.domain.money import ZERO
from desk.venues.paper.engine.values import Bracket, SymbolSpec
from desk.venues.paper.listing.catalogue import Terms, own_perpetual, own_quarter, spec_of
from desk.venues.paper.listing.names import decimals, split_dated


def spec_for(symbol: str, price: Decimal, *, tick: Decimal | None = None, at_ms: int | None = None) -> SymbolSpec:
    """Rules of `symbol`, which trades near `price`. `tick` replaces the listed tick where data has a finer grid.

    `at_ms` is when the market begins: it tells whether a dated contract is of the current quarter.

    Raises:
        DataError: when the symbol is not a USD-M pair or the price is not above zero.
    """
    if price <= ZERO:
        raise DataError(f"{symbol}: a price must be above zero, not {price}")
    spec = _dated(symbol, price, at_ms) or own_perpetual(symbol) or spec_of(symbol, _reckoned(price))
    return spec if tick is None else with_tick(spec, tick)


def with_tick(spec: SymbolSpec, tick: Decimal) -> SymbolSpec:
    """The same contract on another price grid."""
    return replace(spec, rules=replace(spec.rules, tick=tick), price_precision=decimals(tick))


def with_brackets(spec: SymbolSpec, brackets: tuple[Bracket, ...]) -> SymbolSpec:
    """The same contract with other margin brackets, whose first gives the highest leverage."""
    rules = replace(spec.rules, max_leverage=brackets[0].initial_leverage)
    return replace(spec, rules=rules, brackets=brackets)


def _dated(symbol: str, price: Decimal, at_ms: int | None) -> SymbolSpec | None:
    named = split_dated(symbol)
    if named is None:
        return None
    pair, delivery_ms = named
    at_ms = delivery_ms - 1 if at_ms is None else at_ms
    own = own_quarter(pair, delivery_ms, at_ms)
    return own or spec_of(pair, _reckoned(price, "dated"), kind="CURRENT_QUARTER", delivery_ms=delivery_ms)


def _reckoned(price: Decimal, tiers: str = "other") -> Terms:
    magnitude = price.adjusted()
    tick = Decimal(1).scaleb(max(-8, magnitude - 4))
    largest = Decimal(1).scaleb(max(3, 6 - magnitude))
    return Terms(
        tick=tick,
        step=Decimal(1).scaleb(min(0, max(-3, -magnitude))),
        min_price=tick,
        max_price=price * 1000 // tick * tick,
        max_quantity=largest,
        market_max=largest / 10,
        tiers=tiers,
    )

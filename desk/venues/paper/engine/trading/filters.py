"""The venue's filters: which prices, quantities and notionals it accepts, refused in Binance's order with its codes.

Limits and steps come from the symbol's rules; prices in USDT, quantities in base asset.
"""

from __future__ import annotations

import re
from decimal import Decimal

from desk.domain.account import SymbolRules
from desk.domain.money import EXACT, ZERO, plain
from desk.domain.orders import Side
from desk.venues.paper.engine.vocabulary.instruments import SymbolSpec
from desk.venues.paper.engine.vocabulary.refusals import Refusal

_CLIENT_ID = re.compile(r"[.A-Z:/a-z0-9_-]{1,36}", re.ASCII)


def check_client_id(client_id: str) -> None:
    """Raises Refusal -4015 unless the id matches Binance's pattern."""
    if not _CLIENT_ID.fullmatch(client_id):
        raise Refusal(-4015)


def check_price(spec: SymbolSpec, price: Decimal) -> None:
    """PRICE_FILTER of a limit price."""
    rules = spec.rules
    _check_finite(price, "price")
    if price <= ZERO:
        raise Refusal(-4001)
    if price < rules.min_price:
        raise Refusal(-4013)
    if price > rules.max_price:
        raise Refusal(-4002)
    _check_grid(price, rules.tick, spec.price_precision, -4014)


def check_trigger(spec: SymbolSpec, trigger: Decimal) -> None:
    """PRICE_FILTER of a trigger or activation price."""
    _check_finite(trigger, "triggerprice")
    if trigger <= ZERO:
        raise Refusal(-4006)
    if trigger > spec.rules.max_price:
        raise Refusal(-4007)
    _check_grid(trigger, spec.rules.tick, spec.price_precision, -4014)


def check_quantity(spec: SymbolSpec, quantity: Decimal, *, market: bool) -> None:
    """LOT_SIZE, or MARKET_LOT_SIZE for market orders."""
    rules = spec.rules
    _check_finite(quantity, "quantity")
    if quantity <= ZERO:
        raise Refusal(-4003)
    if quantity < rules.min_quantity:
        raise Refusal(-4004)
    if quantity > (rules.market_max_quantity if market else rules.max_quantity):
        raise Refusal(-4005)
    _check_grid(quantity, rules.market_step if market else rules.step, spec.quantity_precision, -4023)


def check_percent_price(rules: SymbolRules, side: Side, price: Decimal, mark: Decimal) -> None:
    """PERCENT_PRICE, one-sided: a buy not too far above the mark, a sell not too far below it."""
    if side is Side.BUY:
        highest = mark * rules.percent_up
        if price > highest:
            raise Refusal(-4016, _on_tick(highest, rules))
    else:
        lowest = mark * rules.percent_down
        if price < lowest:
            raise Refusal(-4024, _on_tick(lowest, rules))


def check_counterparty(rules: SymbolRules, side: Side, best: Decimal | None, mark: Decimal) -> None:
    """-4131: a market order whose best counterparty stands outside PERCENT_PRICE is refused."""
    if best is None:
        return
    if (side is Side.BUY and best > mark * rules.percent_up) or (
        side is Side.SELL and best < mark * rules.percent_down
    ):
        raise Refusal(-4131)


def check_notional(rules: SymbolRules, quantity: Decimal, price: Decimal, *, code: int = -4164) -> None:
    """MIN_NOTIONAL at `price` (the mark, for market orders); a change of an order is refused with its own `code`."""
    if quantity * price < rules.min_notional:
        raise Refusal(code, plain(rules.min_notional))


def check_trigger_distance(rules: SymbolRules, side: Side, price: Decimal, trigger: Decimal) -> None:
    """Limit and trigger of one conditional order stand within PERCENT_PRICE of each other.

    One-sided first, as for a limit against the mark (-4183, -4184); then the trigger against the limit (-4210, -4211).
    """
    highest, lowest = trigger * rules.percent_up, trigger * rules.percent_down
    if side is Side.BUY and price > highest:
        raise Refusal(-4183, _on_tick(highest, rules))
    if side is Side.SELL and price < lowest:
        raise Refusal(-4184, _on_tick(lowest, rules))
    if trigger > price * rules.percent_up:
        raise Refusal(-4210, _on_tick(price * rules.percent_up, rules))
    if trigger < price * rules.percent_down:
        raise Refusal(-4211, _on_tick(price * rules.percent_down, rules))


def _on_tick(price: Decimal, rules: SymbolRules) -> str:
    return plain(price.quantize(rules.tick, context=EXACT))


def _check_finite(value: Decimal, name: str) -> None:
    if not value.is_finite():
        raise Refusal(-1102, name)


def _check_grid(value: Decimal, step: Decimal, precision: int, code: int) -> None:
    if value % step == ZERO:
        return
    raise Refusal(code if value == round(value, precision) else -1111)

"""What an account's holdings demand of its wallet right now: profit, initial and maintenance margin, what is available.

Formulas: `margin`. Cross positions share the cross wallet; an isolated position stands on its own wallet, and only its
working orders weigh on the cross wallet.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from desk.domain.money import ZERO
from desk.venues.paper.engine.holdings import Holding
from desk.venues.paper.engine.margin import bracket_borders, first_crossing, maintenance, requirement
from desk.venues.paper.engine.state import Account, Floor


@dataclass(frozen=True, slots=True, kw_only=True)
class Demand:
    """Margin figures of one holding at the current mark, in USDT."""

    notional: Decimal
    unrealized: Decimal
    position_initial: Decimal
    orders_initial: Decimal
    maint: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """An account's holdings summed up. `cross_*` leaves isolated positions out."""

    isolated_wallets: Decimal = ZERO
    unrealized: Decimal = ZERO
    cross_unrealized: Decimal = ZERO
    position_initial: Decimal = ZERO
    orders_initial: Decimal = ZERO
    cross_demand: Decimal = ZERO
    maint: Decimal = ZERO
    cross_maint: Decimal = ZERO


def demand_of(floor: Floor, holding: Holding) -> Demand:
    """The margin one holding and its working orders need."""
    market = floor.markets[holding.symbol]
    mark = market.mark
    notional = abs(holding.quantity) * mark
    position = notional / holding.leverage
    whole = requirement(holding.quantity, mark, holding.bids, holding.asks, holding.leverage)
    return Demand(
        notional=notional,
        unrealized=holding.unrealized(mark),
        position_initial=position,
        orders_initial=max(whole - position, ZERO),
        maint=maintenance(market.spec, notional) if notional else ZERO,
    )


def totals_of(floor: Floor, account: Account) -> Totals:
    """The sums over all holdings of an account."""
    wallets = unrealized = cross_unrealized = position = orders = cross_demand = maint = cross_maint = ZERO
    for holding in account.holdings.values():
        if not holding.weighs:
            continue
        demand = demand_of(floor, holding)
        unrealized += demand.unrealized
        position += demand.position_initial
        orders += demand.orders_initial
        maint += demand.maint
        cross_demand += demand.orders_initial
        if holding.isolated:
            wallets += holding.isolated_wallet
        else:
            cross_unrealized += demand.unrealized
            cross_demand += demand.position_initial
            cross_maint += demand.maint
    return Totals(
        isolated_wallets=wallets,
        unrealized=unrealized,
        cross_unrealized=cross_unrealized,
        position_initial=position,
        orders_initial=orders,
        cross_demand=cross_demand,
        maint=maint,
        cross_maint=cross_maint,
    )


def available(floor: Floor, account: Account) -> Decimal:
    """What new orders and transfers may use: cross wallet + cross profit - initial margin of cross and of orders."""
    totals = totals_of(floor, account)
    return max(ZERO, account.cross_wallet + totals.cross_unrealized - totals.cross_demand)


def bodies_of(account: Account, symbol: str) -> list[tuple[Holding, ...]]:
    """The account's positions in a symbol by what dies together: cross sides do, isolated ones stand alone."""
    held = [holding for holding in account.holdings_of(symbol) if holding.quantity]
    if account.terms_of(symbol).isolated:
        return [(holding,) for holding in held]
    return [tuple(held)] if held else []


def body_of(account: Account, holding: Holding) -> tuple[Holding, ...]:
    """What lives and dies with a position."""
    return next((body for body in bodies_of(account, holding.symbol) if holding in body), (holding,))


def cross_standing(floor: Floor, account: Account, *, without: str = "") -> tuple[Decimal, Decimal]:
    """Unrealised profit and maintenance margin of the account's cross positions, leaving out those in `without`."""
    unrealized = maint = ZERO
    for holding in account.holdings.values():
        if holding.quantity and not holding.isolated and holding.symbol != without:
            market = floor.markets[holding.symbol]
            unrealized += holding.unrealized(market.mark)
            maint += maintenance(market.spec, abs(holding.quantity) * market.mark)
    return unrealized, maint


def is_cross_doomed(floor: Floor, account: Account) -> bool:
    """Whether what stands behind all cross positions does not exceed their maintenance margin."""
    unrealized, maint = cross_standing(floor, account)
    return account.cross_wallet + unrealized <= maint


def surplus_of(floor: Floor, account: Account, body: tuple[Holding, ...]) -> Callable[[Decimal], Decimal]:
    """Margin balance less maintenance margin of a body, as a function of its symbol's mark."""
    spec = floor.markets[body[0].symbol].spec
    if body[0].isolated:
        behind = body[0].isolated_wallet
    else:
        unrealized, maint = cross_standing(floor, account, without=body[0].symbol)
        behind = account.cross_wallet + unrealized - maint

    def surplus(mark: Decimal) -> Decimal:
        return behind + sum((h.unrealized(mark) - maintenance(spec, abs(h.quantity) * mark) for h in body), ZERO)

    return surplus


def is_doomed(floor: Floor, account: Account, body: tuple[Holding, ...], mark: Decimal | None = None) -> bool:
    """Whether the body's margin balance would not exceed its maintenance margin at `mark` (default: now)."""
    at = floor.markets[body[0].symbol].mark if mark is None else mark
    return surplus_of(floor, account, body)(at) <= ZERO


def liquidation_level(floor: Floor, account: Account, body: tuple[Holding, ...], *, rising: bool) -> Decimal | None:
    """The first mark above (or below) the present one at which the body is liquidated, other symbols standing still."""
    market = floor.markets[body[0].symbol]
    borders = [price for holding in body for price in bracket_borders(market.spec, holding.quantity)]
    return first_crossing(surplus_of(floor, account, body), market.mark, borders, rising=rising)


def shown_liquidation_price(floor: Floor, account: Account, holding: Holding) -> Decimal | None:
    """The liquidation price of a position as Binance shows it: against what the body holds net, None without one."""
    if not holding.quantity:
        return None
    body = body_of(account, holding)
    against = sum((part.quantity for part in body), ZERO) <= ZERO
    level = liquidation_level(floor, account, body, rising=against)
    if level is None:
        level = liquidation_level(floor, account, body, rising=not against)
    return level if level is not None and level > ZERO else None

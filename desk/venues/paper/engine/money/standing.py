"""What stands behind positions, where it is no longer enough, and where it is gone.

Positions live and die as bodies: all cross sides of a symbol together, each isolated side alone. A body's surplus is
its margin balance less its maintenance margin, as a function of its symbol's mark, everything else standing still.
Source: Binance FAQ b3c689c1f50a44cabb3a84e663b81d93.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from desk.domain.money import ZERO
from desk.venues.paper.engine.floor.accounts import Account
from desk.venues.paper.engine.floor.holdings import Holding
from desk.venues.paper.engine.floor.state import Floor
from desk.venues.paper.engine.money.margin import bracket_borders, first_crossing, maintenance
from desk.venues.paper.engine.vocabulary.assets import AT_PAR, MARGIN_ASSETS, AssetRate, rate_of
from desk.venues.paper.engine.vocabulary.instruments import SymbolSpec

Body = tuple[Holding, ...]
"""Positions of one symbol that share one balance."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Backing:
    """What stands behind a body besides its own profit, and what it owes besides its own maintenance margin.

    `money` is in the body's margin asset, at `rate`; `others` and `owed` are in the unit that rate leads to: the
    asset itself, or USD in multi-assets mode.
    """

    spec: SymbolSpec
    body: Body
    money: Decimal
    rate: AssetRate
    others: Decimal = ZERO
    owed: Decimal = ZERO

    def equity(self, mark: Decimal) -> Decimal:
        """Margin balance with the symbol at `mark`."""
        return self.others + self.rate.worth(self.money + sum((part.unrealized(mark) for part in self.body), ZERO))

    def maintained(self, mark: Decimal) -> Decimal:
        """Maintenance margin with the symbol at `mark`."""
        needed = sum((maintenance(self.spec, abs(part.quantity) * mark) for part in self.body), ZERO)
        return self.owed + self.rate.index * needed

    def surplus(self, mark: Decimal) -> Decimal:
        """Margin balance less maintenance margin."""
        return self.equity(mark) - self.maintained(mark)

    def borders(self) -> list[Decimal]:
        """Where the surplus may bend: at each part's brackets, and where the asset's balance turns into a debt."""
        found = [price for part in self.body for price in bracket_borders(self.spec, part.quantity)]
        net = sum((part.quantity for part in self.body), ZERO)
        if self.rate.bid != self.rate.ask and net:
            found.append((sum((part.cost for part in self.body), ZERO) - self.money) / net)
        return found

    def last_cent(self, part: Holding, mark: Decimal) -> Decimal:
        """The balance that `part` may lose before the whole equity is gone, the body's other parts at `mark`."""
        money = self.money + sum((other.unrealized(mark) for other in self.body if other is not part), ZERO)
        rate = self.rate.bid if self.others < ZERO else self.rate.ask
        return money + self.others / rate if rate else money


def bodies_of(account: Account, symbol: str) -> list[Body]:
    """The account's bodies in a symbol."""
    held = [holding for holding in account.holdings_of(symbol) if holding.quantity]
    if account.terms_of(symbol).isolated:
        return [(holding,) for holding in held]
    return [tuple(held)] if held else []


def body_of(account: Account, holding: Holding) -> Body:
    """The body a position belongs to."""
    return next((body for body in bodies_of(account, holding.symbol) if holding in body), (holding,))


def backing_of(floor: Floor, account: Account, body: Body) -> Backing:
    """What stands behind a body now."""
    symbol = body[0].symbol
    spec = floor.markets[symbol].spec
    if body[0].isolated:
        return Backing(spec=spec, body=body, money=body[0].isolated_wallet, rate=AT_PAR)
    rates = _rates(floor, account, spec.quote)
    money = {asset: account.wallet(asset) for asset in rates}
    owed = ZERO
    for holding in account.holdings.values():
        if holding.quantity and not holding.isolated and holding.symbol != symbol:
            market = floor.markets[holding.symbol]
            asset = market.spec.quote
            if asset in rates:
                money[asset] += holding.unrealized(market.mark)
                owed += rates[asset].index * maintenance(market.spec, abs(holding.quantity) * market.mark)
    others = sum((rates[asset].worth(money[asset]) for asset in rates if asset != spec.quote), ZERO)
    return Backing(spec=spec, body=body, money=money[spec.quote], rate=rates[spec.quote], others=others, owed=owed)


def is_doomed(floor: Floor, account: Account, body: Body, mark: Decimal | None = None) -> bool:
    """Whether the body's margin balance would not exceed its maintenance margin at `mark` (default: now)."""
    at = floor.markets[body[0].symbol].mark if mark is None else mark
    return backing_of(floor, account, body).surplus(at) <= ZERO


def is_cross_doomed(floor: Floor, account: Account) -> bool:
    """Whether any of the account's cross positions is due for liquidation."""
    held = {holding.symbol: None for holding in account.holdings.values() if holding.quantity and not holding.isolated}
    return any(is_doomed(floor, account, body) for symbol in held for body in bodies_of(account, symbol))


def liquidation_level(floor: Floor, account: Account, body: Body, *, rising: bool) -> Decimal | None:
    """The first mark above (or below) the present one at which the body is liquidated."""
    backing = backing_of(floor, account, body)
    return first_crossing(backing.surplus, floor.markets[body[0].symbol].mark, backing.borders(), rising=rising)


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


def _rates(floor: Floor, account: Account, asset: str) -> Mapping[str, AssetRate]:
    if not account.multi_assets:
        return {asset: AT_PAR}
    return {name: rate_of(floor, name) for name in MARGIN_ASSETS}

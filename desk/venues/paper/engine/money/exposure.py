"""What an account's positions and working orders demand of its wallets right now, and what is left for new ones.

Formulas: `margin`. Cross positions share the cross wallet of their margin asset, or in multi-assets mode all wallets;
an isolated position stands on its own, and only its working orders weigh on the cross wallet.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from decimal import Decimal

from desk.domain.money import ZERO
from desk.venues.paper.engine.floor.accounts import Account
from desk.venues.paper.engine.floor.holdings import Holding
from desk.venues.paper.engine.floor.state import Floor
from desk.venues.paper.engine.money.margin import maintenance, requirement
from desk.venues.paper.engine.vocabulary.assets import MARGIN_ASSETS, rate_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Demand:
    """Margin figures of one position at the current mark, in its margin asset."""

    notional: Decimal
    unrealized: Decimal
    position_initial: Decimal
    orders_initial: Decimal
    maint: Decimal


@dataclass(slots=True, kw_only=True)
class Totals:
    """An account's positions of one margin asset summed up, or all of them in USD. `cross_*` leaves isolated ones out.

    `wallet` is the cross wallet. In USD, wallets and profit count as collateral does, margins at the index.
    """

    wallet: Decimal = ZERO
    isolated_wallets: Decimal = ZERO
    unrealized: Decimal = ZERO
    cross_unrealized: Decimal = ZERO
    position_initial: Decimal = ZERO
    orders_initial: Decimal = ZERO
    cross_demand: Decimal = ZERO
    maint: Decimal = ZERO
    cross_maint: Decimal = ZERO

    @property
    def equity(self) -> Decimal:
        """What stands behind the cross positions."""
        return self.wallet + self.cross_unrealized

    @property
    def free(self) -> Decimal:
        """What new orders and transfers may use."""
        return max(ZERO, self.equity - self.cross_demand)


_COLLATERAL = ("wallet", "isolated_wallets", "unrealized", "cross_unrealized")


def demand_of(floor: Floor, holding: Holding) -> Demand:
    """The margin one position and its working orders need."""
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


def totals_by_asset(floor: Floor, account: Account) -> dict[str, Totals]:
    """The sums over all positions, by margin asset; every asset that can be held is there."""
    sums = {asset: Totals(wallet=account.wallet(asset)) for asset in MARGIN_ASSETS}
    for holding in account.holdings.values():
        if holding.weighs:
            _add(sums[floor.margin_asset(holding.symbol)], holding, demand_of(floor, holding))
    return sums


def totals_of(floor: Floor, account: Account, asset: str) -> Totals:
    """The sums over all positions of one margin asset."""
    totals = Totals(wallet=account.wallet(asset))
    for holding in account.holdings.values():
        if holding.weighs and floor.margin_asset(holding.symbol) == asset:
            _add(totals, holding, demand_of(floor, holding))
    return totals


def equity_of(floor: Floor, account: Account, asset: str) -> Decimal:
    """Wallets and profit at the marks in one asset, isolated positions included."""
    total = account.wallet(asset)
    for holding in account.holdings.values():
        if holding.weighs and floor.margin_asset(holding.symbol) == asset:
            total += holding.unrealized(floor.markets[holding.symbol].mark)
            total += holding.isolated_wallet if holding.isolated else ZERO
    return total


def totals_in_usd(floor: Floor, sums: dict[str, Totals]) -> Totals:
    """All assets together, as multi-assets mode values them."""
    usd = Totals()
    for asset, totals in sums.items():
        rate = rate_of(floor, asset)
        # Profit and wallet of an asset are one balance: a debt in one is first paid by the other.
        share = rate.bid if totals.equity >= ZERO else rate.ask
        for field in fields(Totals):
            factor = share if field.name in _COLLATERAL else rate.index
            setattr(usd, field.name, getattr(usd, field.name) + getattr(totals, field.name) * factor)
    return usd


def available(floor: Floor, account: Account, asset: str) -> Decimal:
    """What new orders and transfers in `asset` may use: equity less the initial margin of cross and of orders."""
    sums = totals_by_asset(floor, account)
    if not account.multi_assets:
        return sums[asset].free
    index = rate_of(floor, asset).index
    return totals_in_usd(floor, sums).free / index if index else ZERO


def _add(sums: Totals, holding: Holding, demand: Demand) -> None:
    sums.unrealized += demand.unrealized
    sums.position_initial += demand.position_initial
    sums.orders_initial += demand.orders_initial
    sums.maint += demand.maint
    sums.cross_demand += demand.orders_initial
    if holding.isolated:
        sums.isolated_wallets += holding.isolated_wallet
    else:
        sums.cross_unrealized += demand.unrealized
        sums.cross_demand += demand.position_initial
        sums.cross_maint += demand.maint

"""State turned into the rows an account is shown: positions, totals, balances. Reads everything, changes nothing."""

from __future__ import annotations

from dataclasses import fields
from decimal import Decimal
from functools import lru_cache

from desk.domain.money import EXACT, ZERO
from desk.venues.paper.engine.floor.accounts import Account
from desk.venues.paper.engine.floor.holdings import Holding
from desk.venues.paper.engine.floor.state import Floor
from desk.venues.paper.engine.liquidation.ranking import quantile_of
from desk.venues.paper.engine.money.exposure import Totals, demand_of, totals_by_asset, totals_in_usd, totals_of
from desk.venues.paper.engine.money.margin import max_notional
from desk.venues.paper.engine.money.standing import shown_liquidation_price
from desk.venues.paper.engine.vocabulary.assets import MARGIN_ASSETS, USDT, exchange_rate_of, rate_of
from desk.venues.paper.engine.vocabulary.views import AccountSummary, AssetIndex, AssetSummary, BalanceRow, PositionRow

_SHOWN = Decimal("0.0000000001")
_SHARED = tuple(field.name for field in fields(AssetSummary))


def position_row(floor: Floor, account: Account, holding: Holding) -> PositionRow:
    """One position as `positionRisk` shows it."""
    market = floor.markets[holding.symbol]
    demand = demand_of(floor, holding)
    level = shown_liquidation_price(floor, account, holding)
    quantity = holding.quantity
    isolated_wallet = holding.isolated_wallet if holding.isolated else ZERO
    return PositionRow(
        symbol=holding.symbol,
        position_side=holding.side,
        quantity=quantity,
        entry_price=_shown(holding.cost / quantity) if quantity else ZERO,
        break_even_price=_shown((holding.cost + holding.burden) / quantity) if quantity else ZERO,
        mark_price=market.mark,
        unrealized=demand.unrealized,
        liquidation_price=ZERO if level is None else _shown(level),
        leverage=holding.leverage,
        isolated=holding.isolated,
        isolated_wallet=isolated_wallet,
        isolated_margin=isolated_wallet + demand.unrealized if holding.isolated else ZERO,
        notional=quantity * market.mark,
        max_notional=max_notional(market.spec, holding.leverage),
        initial_margin=_shown(demand.position_initial + demand.orders_initial),
        position_initial_margin=_shown(demand.position_initial),
        open_order_initial_margin=_shown(demand.orders_initial),
        maint_margin=demand.maint,
        bid_notional=holding.bids,
        ask_notional=holding.asks,
        realized_total=holding.realized_total,
        margin_asset=market.spec.quote,
        adl=quantile_of(floor, account, holding),
        updated_ms=holding.updated_ms,
    )


def position_rows(floor: Floor, account: Account, symbol: str | None, *, every: bool) -> list[PositionRow]:
    """Rows of sides with a position or an open order; with `every`, all sides of all listed symbols."""
    rows: list[PositionRow] = []
    for name, market in floor.markets.items():
        if symbol not in (None, name) or (market.at_ms < 0 and not every):
            continue
        numbers = account.open_orders.get(name, ())
        if not every and not numbers and not account.holds(name):
            continue
        working = {account.orders[number].position_side for number in numbers}
        rows += [
            position_row(floor, account, holding)
            for holding in account.holdings_of(name)
            if every or holding.quantity or holding.side in working
        ]
    return rows


def summary_of(floor: Floor, account: Account) -> AccountSummary:
    """The account's totals, and each asset's."""
    sums = totals_by_asset(floor, account)
    usd = totals_in_usd(floor, sums) if account.multi_assets else None
    assets = tuple(_asset_summary(floor, account, asset, totals, usd) for asset, totals in sums.items())
    if usd is None:
        whole = next(row for row in assets if row.asset == USDT)
    else:
        whole = _summary(
            "USD", usd, usd.free, max(ZERO, min(usd.free, usd.wallet - usd.cross_demand)), account.updated_ms
        )
    shared = {name: getattr(whole, name) for name in _SHARED}
    return AccountSummary(
        **shared,
        name=account.name,
        hedged=account.hedged,
        multi_assets=account.multi_assets,
        fee_burn=account.fee_burn,
        fee_tier=account.fee_tier,
        assets=assets,
    )


def asset_summary_of(floor: Floor, account: Account, asset: str) -> AssetSummary:
    """One asset's totals; each asset stands for itself in single-asset mode."""
    return _asset_summary(floor, account, asset, totals_of(floor, account, asset), None)


def balance_row(floor: Floor, account: Account, asset: str, change: Decimal = ZERO) -> BalanceRow:
    """One asset's balance as an account event tells it."""
    isolated = sum(
        (h.isolated_wallet for h in account.holdings.values() if h.isolated and floor.margin_asset(h.symbol) == asset),
        ZERO,
    )
    wallet = account.wallet(asset)
    return BalanceRow(asset=asset, wallet=wallet + isolated, cross_wallet=wallet, change=change)


def asset_indexes(floor: Floor) -> list[AssetIndex]:
    """Every margin asset that has a price now."""
    rows: list[AssetIndex] = []
    for asset, terms in MARGIN_ASSETS.items():
        rate, exchange = rate_of(floor, asset), exchange_rate_of(floor, asset)
        if rate.index:
            row = AssetIndex(
                asset=asset,
                at_ms=floor.now(),
                index=rate.index,
                buffer=terms.buffer,
                bid=rate.bid,
                ask=rate.ask,
                exchange_buffer=terms.exchange_buffer,
                exchange_bid=exchange.bid,
                exchange_ask=exchange.ask,
            )
            rows.append(row)
    return rows


def _asset_summary(floor: Floor, account: Account, asset: str, totals: Totals, usd: Totals | None) -> AssetSummary:
    if usd is None:
        if not (totals.wallet or totals.isolated_wallets or totals.position_initial or totals.orders_initial):
            return _empty(asset, account.updated_ms)
        withdraw = max(ZERO, min(totals.free, totals.wallet - totals.cross_demand))
        return _summary(asset, totals, totals.free, withdraw, account.updated_ms)
    rate = rate_of(floor, asset)
    free = usd.free / rate.index if rate.index else ZERO
    withdraw = min(max(totals.wallet, ZERO), usd.free / rate.bid if rate.bid else totals.wallet)
    return _summary(asset, totals, free, max(ZERO, withdraw), account.updated_ms)


@lru_cache(maxsize=64)
def _empty(asset: str, updated_ms: int) -> AssetSummary:
    """An asset of which there is nothing: most of them, at every look."""
    return _summary(asset, Totals(), ZERO, ZERO, updated_ms)


def _summary(asset: str, totals: Totals, free: Decimal, withdraw: Decimal, updated_ms: int) -> AssetSummary:
    return AssetSummary(
        asset=asset,
        wallet=totals.wallet + totals.isolated_wallets,
        cross_wallet=totals.wallet,
        unrealized=totals.unrealized,
        cross_unrealized=totals.cross_unrealized,
        margin_balance=totals.wallet + totals.isolated_wallets + totals.unrealized,
        initial_margin=_shown(totals.position_initial + totals.orders_initial),
        position_initial_margin=_shown(totals.position_initial),
        open_order_initial_margin=_shown(totals.orders_initial),
        maint_margin=totals.maint,
        available=_shown(free),
        max_withdraw=_shown(withdraw),
        updated_ms=updated_ms,
    )


def _shown(value: Decimal) -> Decimal:
    return value.quantize(_SHOWN, context=EXACT)

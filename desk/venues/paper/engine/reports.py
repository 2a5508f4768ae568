"""State turned into the rows an account is shown: positions, totals, balances. Reads everything, changes nothing."""

from __future__ import annotations

from decimal import Decimal

from desk.domain.money import EXACT, ZERO
from desk.venues.paper.engine.exposure import demand_of, shown_liquidation_price, totals_of
from desk.venues.paper.engine.holdings import Holding
from desk.venues.paper.engine.margin import max_notional
from desk.venues.paper.engine.state import Account, Floor
from desk.venues.paper.engine.views import AccountSummary, BalanceRow, PositionRow

ASSET = "USDT"
_SHOWN = Decimal("0.0000000001")


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
        adl=0,
        updated_ms=holding.updated_ms,
    )


def position_rows(floor: Floor, account: Account, symbol: str | None, *, every: bool) -> list[PositionRow]:
    """Rows of sides with a position or an open order; with `every`, all sides of all symbols that have a price."""
    rows: list[PositionRow] = []
    for name, market in floor.markets.items():
        if symbol not in (None, name) or market.at_ms < 0:
            continue
        working = {account.orders[number].position_side for number in account.open_orders.get(name, ())}
        rows += [
            position_row(floor, account, holding)
            for holding in account.holdings_of(name)
            if every or holding.quantity or holding.side in working
        ]
    return rows


def summary_of(floor: Floor, account: Account) -> AccountSummary:
    """The account's totals."""
    totals = totals_of(floor, account)
    free = max(ZERO, account.cross_wallet + totals.cross_unrealized - totals.cross_demand)
    return AccountSummary(
        name=account.name,
        wallet=account.cross_wallet + totals.isolated_wallets,
        cross_wallet=account.cross_wallet,
        unrealized=totals.unrealized,
        cross_unrealized=totals.cross_unrealized,
        margin_balance=account.cross_wallet + totals.isolated_wallets + totals.unrealized,
        initial_margin=_shown(totals.position_initial + totals.orders_initial),
        position_initial_margin=_shown(totals.position_initial),
        open_order_initial_margin=_shown(totals.orders_initial),
        maint_margin=totals.maint,
        available=_shown(free),
        max_withdraw=_shown(max(ZERO, min(free, account.cross_wallet - totals.cross_demand))),
        updated_ms=account.updated_ms,
    )


def balance_row(account: Account, change: Decimal = ZERO) -> BalanceRow:
    """The USDT balance as an account event tells it."""
    isolated = sum((h.isolated_wallet for h in account.holdings.values() if h.isolated), ZERO)
    return BalanceRow(
        asset=ASSET, wallet=account.cross_wallet + isolated, cross_wallet=account.cross_wallet, change=change
    )


def _shown(value: Decimal) -> Decimal:
    return value.quantize(_SHOWN, context=EXACT)

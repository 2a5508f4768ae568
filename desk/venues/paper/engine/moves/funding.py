"""What time alone brings to positions: funding at each interval's end.

Payment = position x mark x rate: longs pay shorts while the rate is above zero; only who holds at the boundary pays. An
isolated position pays from its own wallet. The rest of the world stands against what holders here do not match.
"""

from __future__ import annotations

from decimal import Decimal

from desk.domain.money import ZERO
from desk.venues.paper.engine.floor.accounts import Account
from desk.venues.paper.engine.floor.holdings import Holding
from desk.venues.paper.engine.floor.state import Floor, Market
from desk.venues.paper.engine.floor.statements import announce_account, book_income
from desk.venues.paper.engine.money.margin import money
from desk.venues.paper.engine.moves import marks
from desk.venues.paper.engine.vocabulary.events import AccountReason
from desk.venues.paper.engine.vocabulary.views import FundingCharge


def charge_due(floor: Floor, market: Market, until_ms: int) -> bool:
    """Charge every funding of the symbol that is due at `until_ms`; True when there was any."""
    charged = False
    if market.spec.is_dated:
        return charged
    while market.at_ms >= 0 and market.next_funding_ms <= until_ms:
        boundary = market.next_funding_ms
        moment, floor.moving_ms = floor.moving_ms, boundary
        try:
            _charge(floor, market, boundary)
        finally:
            floor.moving_ms = moment
        charged = True
    return charged


def _charge(floor: Floor, market: Market, boundary: int) -> None:
    marks.observe_premium(market, boundary)
    rate = marks.funding_rate(market)
    symbol = market.spec.symbol
    charge = FundingCharge(symbol=symbol, rate=rate, mark=market.mark, at_ms=boundary)
    market.funding.append(charge)
    floor.dirty[("funding", symbol, str(boundary))] = None
    for name in sorted(market.holders):
        account = floor.accounts[name]
        for holding in account.holdings_of(symbol):
            if holding.quantity:
                _pay(floor, market, account, holding, rate)
    market.premium_sum, market.premium_ms = ZERO, 0
    market.at_ms = max(market.at_ms, boundary)
    market.next_funding_ms = marks.next_boundary(market.spec, boundary)
    floor.touch_market(market)


def _pay(floor: Floor, market: Market, account: Account, holding: Holding, rate: Decimal) -> None:
    amount = -money(holding.quantity * market.mark * rate)
    asset = market.spec.quote
    if holding.isolated:
        holding.isolated_wallet += amount
    else:
        floor.pay(account, asset, amount)
    market.outside_cash -= amount
    holding.updated_ms = floor.now()
    floor.touch_holding(account, holding)
    floor.touch_account(account, floor.now())
    book_income(floor, account, holding.symbol, "FUNDING_FEE", asset, amount)
    # Binance names the position only where its own wallet paid.
    named = (holding,) if holding.isolated else ()
    announce_account(floor, account, AccountReason.FUNDING_FEE, {asset: amount}, *named, symbol=holding.symbol)

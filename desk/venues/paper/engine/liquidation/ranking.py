"""Who is deleveraged first: positions of one direction ranked by profit and leverage, best first.

Score = profit share x effective leverage where there is profit, profit share / effective leverage where there is none;
profit share = unrealised profit / cost, effective leverage = notional / margin balance. Source: Binance's ADL FAQ.
"""

from __future__ import annotations

from decimal import Decimal

from desk.domain.money import ZERO
from desk.venues.paper.engine.floor.accounts import Account
from desk.venues.paper.engine.floor.holdings import Holding
from desk.venues.paper.engine.floor.state import Floor, Market
from desk.venues.paper.engine.money.standing import backing_of, body_of

_QUANTILES = 5

Ranked = tuple[Decimal, str, Holding]
"""(score, account, position)."""


def score_of(floor: Floor, account: Account, holding: Holding) -> Decimal:
    """How early a position is deleveraged; higher is earlier."""
    market = floor.markets[holding.symbol]
    profit = holding.unrealized(market.mark) / abs(holding.cost) if holding.cost else ZERO
    equity = backing_of(floor, account, body_of(account, holding)).equity(market.mark)
    if equity <= ZERO:
        return profit
    leverage = abs(holding.quantity) * market.mark / equity
    return profit * leverage if profit > ZERO else profit / leverage


def ranked(floor: Floor, market: Market, *, long: bool) -> list[Ranked]:
    """Every position of one direction in a market, the first to be deleveraged first."""
    found: list[Ranked] = []
    for name in sorted(market.holders):
        account = floor.accounts[name]
        for holding in account.holdings_of(market.spec.symbol):
            if holding.quantity and (holding.quantity > ZERO) == long:
                found.append((score_of(floor, account, holding), name, holding))
    return sorted(found, key=lambda row: (-row[0], row[1]))


def quantile_of(floor: Floor, account: Account, holding: Holding) -> int:
    """The position's place among those of its direction here, 0 (last) to 4 (first to be deleveraged)."""
    if not holding.quantity or len(floor.markets[holding.symbol].holders) < 2:
        return 0
    scores = [row[0] for row in ranked(floor, floor.markets[holding.symbol], long=holding.quantity > ZERO)]
    mine = score_of(floor, account, holding)
    return sum(score < mine for score in scores) * _QUANTILES // max(len(scores), 1)

"""The rest of the world: its side of every trade, the public tape, and the sum that shows no money was invented."""

from __future__ import annotations

from decimal import Decimal

from desk.domain.money import ZERO
from desk.domain.orders import Side
from desk.venues.paper.engine.floor.state import Floor, Market
from desk.venues.paper.engine.vocabulary.events import TradeEvent
from desk.venues.paper.engine.vocabulary.views import PublicTrade

# The numbers before it are for what was traded before this venue began.
FIRST_TRADE_ID = 1_001


def next_trade_id(floor: Floor, market: Market) -> int:
    """Trades are numbered symbol by symbol."""
    return floor.next_id(_counter(market), first=FIRST_TRADE_ID)


def coming_trade_id(floor: Floor, market: Market) -> int:
    """What `next_trade_id` will say, without using it up."""
    return floor.counters.get(_counter(market), FIRST_TRADE_ID - 1) + 1


def _counter(market: Market) -> str:
    return f"trade {market.spec.symbol}"


def publish_trade(floor: Floor, market: Market, price: Decimal, quantity: Decimal, side: Side) -> int:
    """Show a trade to everybody and move the last price to it; returns the trade's id."""
    trade_id = next_trade_id(floor, market)
    public = PublicTrade(
        symbol=market.spec.symbol, trade_id=trade_id, price=price, quantity=quantity, side=side, at_ms=floor.now()
    )
    market.trades.append(public)
    market.last = price
    floor.touch_market(market)
    floor.events.append(TradeEvent(at_ms=public.at_ms, trade=public))
    return trade_id


def outside_takes(floor: Floor, market: Market, side: Side, quantity: Decimal, price: Decimal) -> None:
    """Book the rest of the world's side of a fill whose account traded `side`."""
    market.outside_quantity -= quantity * side.sign
    market.outside_cash += quantity * price * side.sign
    floor.touch_market(market)


def imbalances(floor: Floor) -> dict[str, Decimal]:
    """By asset: everything the venue holds, at the marks, less everything that was brought to it."""
    totals: dict[str, Decimal] = {}
    for asset, purse in floor.purses.items():
        totals[asset] = purse.fees + purse.insurance + purse.exchanged - purse.deposits
    for market in floor.markets.values():
        _add(totals, market.spec.quote, market.outside_cash + market.outside_quantity * market.mark)
    for account in floor.accounts.values():
        for asset, amount in account.wallets.items():
            _add(totals, asset, amount)
        for holding in account.holdings.values():
            profit = holding.unrealized(floor.markets[holding.symbol].mark)
            _add(totals, floor.margin_asset(holding.symbol), holding.isolated_wallet + profit)
    return totals


def _add(totals: dict[str, Decimal], asset: str, amount: Decimal) -> None:
    totals[asset] = totals.get(asset, ZERO) + amount

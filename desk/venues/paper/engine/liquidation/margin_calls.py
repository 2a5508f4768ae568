"""Margin calls: who is told, once, that what stands behind his positions runs low, and who is past being told."""

from __future__ import annotations

from decimal import Decimal

from desk.domain.money import ZERO
from desk.venues.paper.engine.floor.accounts import Account
from desk.venues.paper.engine.floor.reports import position_row
from desk.venues.paper.engine.floor.state import Floor
from desk.venues.paper.engine.money.standing import Body, backing_of, bodies_of
from desk.venues.paper.engine.vocabulary.events import MarginCall

# Binance calls when the maintenance margin has grown to this share of the margin balance.
_CALL_AT = Decimal("0.8")


def review(floor: Floor, account: Account) -> list[Body]:
    """The bodies that are due for liquidation; the owners of those that come near it are called."""
    doomed: list[Body] = []
    for symbol in {symbol: None for symbol, _ in account.holdings}:
        for body in bodies_of(account, symbol):
            backing, mark = backing_of(floor, account, body), floor.markets[symbol].mark
            equity, maintained = backing.equity(mark), backing.maintained(mark)
            if equity <= maintained:
                doomed.append(body)
            elif maintained >= equity * _CALL_AT:
                call(floor, account, body)
            else:
                _forget(floor, account, body)
    return doomed


def call(floor: Floor, account: Account, body: Body) -> None:
    """Tell the owner, unless he has been told of all of it already."""
    if all(holding.called for holding in body):
        return
    for holding in body:
        holding.called = True
        floor.touch_holding(account, holding)
    wallet = ZERO if body[0].isolated else account.wallet(floor.margin_asset(body[0].symbol))
    rows = tuple(position_row(floor, account, holding) for holding in body)
    floor.events.append(MarginCall(account=account.name, at_ms=floor.now(), cross_wallet=wallet, positions=rows))


def _forget(floor: Floor, account: Account, body: Body) -> None:
    for holding in body:
        if holding.called:
            holding.called = False
            floor.touch_holding(account, holding)

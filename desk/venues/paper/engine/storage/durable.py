"""The floor as rows that can be stored one by one; `restoring` turns them back into a floor.

A row is (kind, key, text). What the engine derives (queues, indices, who holds what) is not stored but built again.
Public trades and undelivered announcements are not kept.
"""

from __future__ import annotations

from collections.abc import Iterable

from desk.venues.paper.engine.floor.accounts import Account
from desk.venues.paper.engine.floor.holdings import Holding, Terms
from desk.venues.paper.engine.floor.state import Floor, Purse, RowKey
from desk.venues.paper.engine.storage.codec import to_text
from desk.venues.paper.engine.storage.market_record import market_text
from desk.venues.paper.engine.storage.records import (
    AccountRecord,
    CountdownRecord,
    CounterRecord,
    HoldingRecord,
    PurseRecord,
    Row,
    TermsRecord,
    WalletRecord,
)
from desk.venues.paper.engine.vocabulary.orders import PositionSide

_NUMBER_WIDTH = 14


def changed_rows(floor: Floor) -> list[Row]:
    """The rows that changed since the floor was last stored."""
    return _rows(floor, floor.dirty)


def all_rows(floor: Floor) -> list[Row]:
    """Every row, sorted by kind and key."""
    keys: list[RowKey] = [("meta",), *(("purse", asset) for asset in floor.purses)]
    keys += [("market", symbol) for symbol, market in floor.markets.items() if market.at_ms >= 0]
    for symbol, market in floor.markets.items():
        keys += [("funding", symbol, str(charge.at_ms)) for charge in market.funding]
    for name, account in floor.accounts.items():
        keys.append(("account", name))
        keys += [("wallet", name, asset) for asset in account.wallets]
        keys += [("terms", name, symbol) for symbol in account.terms]
        keys += [("holding", name, symbol, side.value) for symbol, side in account.holdings]
        keys += [("order", name, str(number)) for number in account.orders]
        keys += [("algo", name, str(number)) for number in account.algos]
        keys += [("trade", name, str(at)) for at in range(1, len(account.trades) + 1)]
        keys += [("income", name, str(at)) for at in range(1, len(account.income) + 1)]
        keys += [("margin", name, str(at)) for at in range(1, len(account.margin_changes) + 1)]
        keys += [("amendment", name, str(at)) for at in range(1, len(account.amendments) + 1)]
        keys += [("countdown", name, symbol) for symbol in floor.markets if _countdown(floor, name, symbol)]
    return sorted(_rows(floor, keys))


def _rows(floor: Floor, keys: Iterable[RowKey]) -> list[Row]:
    rows: list[Row] = []
    for key in keys:
        if key == ("meta",):
            rows += _meta_rows(floor)
            continue
        kind, *rest = key
        padded = [part.rjust(_NUMBER_WIDTH, "0") if part.isdecimal() else part for part in rest]
        rows.append((kind, "/".join(padded), _text(floor, kind, rest)))
    return rows


def _meta_rows(floor: Floor) -> list[Row]:
    return [("counter", n, to_text(CounterRecord(name=n, value=v))) for n, v in floor.counters.items()]


def _text(floor: Floor, kind: str, rest: list[str]) -> str:
    if kind == "market":
        return market_text(floor.markets[rest[0]])
    if kind == "funding":
        charges = floor.markets[rest[0]].funding
        return to_text(next(charge for charge in reversed(charges) if str(charge.at_ms) == rest[1]))
    if kind == "purse":
        return to_text(_purse_record(rest[0], floor.purses[rest[0]]))
    account = floor.accounts[rest[0]]
    if kind == "account":
        return to_text(_account_record(account))
    if kind == "wallet":
        return to_text(WalletRecord(account=account.name, asset=rest[1], amount=account.wallet(rest[1])))
    if kind == "terms":
        return to_text(_terms_record(account, account.terms[rest[1]]))
    if kind == "holding":
        return to_text(_holding_record(account, account.holdings[(rest[1], PositionSide(rest[2]))]))
    if kind == "countdown":
        at_ms = _countdown(floor, account.name, rest[1])
        return to_text(CountdownRecord(account=account.name, symbol=rest[1], at_ms=at_ms))
    return to_text(_numbered(account, kind, int(rest[1])))


def _countdown(floor: Floor, account: str, symbol: str) -> int:
    return floor.expiring.at(("countdown", account, symbol)) or 0


def _numbered(account: Account, kind: str, number: int) -> object:
    if kind == "order":
        return account.orders[number]
    if kind == "algo":
        return account.algos[number]
    listed = {
        "trade": account.trades,
        "income": account.income,
        "margin": account.margin_changes,
        "amendment": account.amendments,
    }
    return listed[kind][number - 1]


def _purse_record(asset: str, purse: Purse) -> PurseRecord:
    return PurseRecord(
        asset=asset,
        insurance=purse.insurance,
        fees=purse.fees,
        exchanged=purse.exchanged,
        deposits=purse.deposits,
    )


def _account_record(account: Account) -> AccountRecord:
    return AccountRecord(
        name=account.name,
        hedged=account.hedged,
        multi_assets=account.multi_assets,
        fee_burn=account.fee_burn,
        fee_tier=account.fee_tier,
        updated_ms=account.updated_ms,
    )


def _terms_record(account: Account, terms: Terms) -> TermsRecord:
    return TermsRecord(account=account.name, symbol=terms.symbol, leverage=terms.leverage, isolated=terms.isolated)


def _holding_record(account: Account, holding: Holding) -> HoldingRecord:
    return HoldingRecord(
        account=account.name,
        symbol=holding.symbol,
        side=holding.side,
        quantity=holding.quantity,
        cost=holding.cost,
        isolated_wallet=holding.isolated_wallet,
        realized_total=holding.realized_total,
        burden=holding.burden,
        bids=holding.bids,
        asks=holding.asks,
        called=holding.called,
        updated_ms=holding.updated_ms,
    )

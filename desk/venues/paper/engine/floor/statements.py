"""What an account is told of its money: every change of a wallet as one line of its history, and the announcements.

Writing a line moves nothing; who moves the money writes the line.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from desk.venues.paper.engine.floor.accounts import Account
from desk.venues.paper.engine.floor.holdings import Holding
from desk.venues.paper.engine.floor.reports import balance_row, position_row
from desk.venues.paper.engine.floor.state import Floor
from desk.venues.paper.engine.vocabulary.events import AccountEvent, AccountReason
from desk.venues.paper.engine.vocabulary.views import IncomeRow


def book_income(
    floor: Floor,
    account: Account,
    symbol: str,
    kind: str,
    asset: str,
    amount: Decimal,
    *,
    info: str = "",
    trade_id: int | None = None,
) -> IncomeRow:
    """Write one line of the wallet's history; the money itself is moved by the caller."""
    row = IncomeRow(
        account=account.name,
        symbol=symbol,
        kind=kind,
        asset=asset,
        amount=amount,
        info=info or kind,
        at_ms=floor.now(),
        transaction_id=floor.next_id("transaction"),
        trade_id=trade_id,
    )
    account.income.append(row)
    floor.dirty[("income", account.name, str(len(account.income)))] = None
    return row


def announce_account(
    floor: Floor,
    account: Account,
    reason: AccountReason,
    changes: Mapping[str, Decimal],
    *holdings: Holding,
    symbol: str = "",
) -> None:
    """Tell an account the balances named in `changes`, what moved in each beside profit and fees, and positions."""
    positions = tuple(position_row(floor, account, holding) for holding in holdings)
    floor.events.append(
        AccountEvent(
            account=account.name,
            at_ms=floor.now(),
            reason=reason,
            balances=tuple(balance_row(floor, account, asset, change) for asset, change in changes.items()),
            positions=positions,
            symbol=symbol,
        )
    )

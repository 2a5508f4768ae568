"""What an account is told of its money: every change of a wallet as one line of its history, and the announcements.

Writing a line moves nothing; who moves the money writes the line.
"""

from __future__ import annotations

from decimal import Decimal

from desk.domain.money import ZERO
from desk.venues.paper.engine.events import AccountEvent, AccountReason
from desk.venues.paper.engine.holdings import Holding
from desk.venues.paper.engine.reports import balance_row, position_row
from desk.venues.paper.engine.state import Account, Floor
from desk.venues.paper.engine.views import IncomeRow


def book_income(
    floor: Floor,
    account: Account,
    symbol: str,
    kind: str,
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
    floor: Floor, account: Account, reason: AccountReason, *holdings: Holding, change: Decimal = ZERO
) -> None:
    """Tell an account its balance and the positions given."""
    positions = tuple(position_row(floor, account, holding) for holding in holdings)
    floor.events.append(
        AccountEvent(
            account=account.name,
            at_ms=floor.now(),
            reason=reason,
            balances=(balance_row(account, change),),
            positions=positions,
        )
    )

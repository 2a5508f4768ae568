"""Money that comes from beside the market: deposits, and the insurance fund that pays what an account cannot."""

from __future__ import annotations

from decimal import Decimal

from desk.domain.money import ZERO
from desk.venues.paper.engine.events import AccountReason
from desk.venues.paper.engine.state import Account, Floor
from desk.venues.paper.engine.statements import announce_account, book_income


def open_account(floor: Floor, name: str, deposit: Decimal) -> None:
    """Open an account with `deposit` USDT in its cross wallet; one that exists is left as it is."""
    if name in floor.accounts:
        return
    account = floor.accounts[name] = Account(name, floor.usual_leverage)
    account.cross_wallet = deposit
    floor.deposits += deposit
    floor.touch_account(account, floor.now())
    book_income(floor, account, "", "TRANSFER", deposit)
    announce_account(floor, account, AccountReason.DEPOSIT, change=deposit)


def clear_deficit(floor: Floor, account: Account, symbol: str) -> None:
    """Let the insurance fund bring a negative cross wallet back to zero."""
    deficit = -account.cross_wallet
    account.cross_wallet = ZERO
    insure(floor, account, symbol, deficit)
    announce_account(floor, account, AccountReason.INSURANCE_CLEAR, change=deficit)


def insure(floor: Floor, account: Account, symbol: str, deficit: Decimal) -> None:
    """Take `deficit` from the insurance fund and write it down; the caller has put it where it was missing."""
    floor.insurance -= deficit
    floor.touch_account(account, floor.now())
    floor.dirty[("meta",)] = None
    book_income(floor, account, symbol, "INSURANCE_CLEAR", deficit)

"""Money that comes from beside the market: deposits, and the insurance fund that pays what an account cannot."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from desk.domain.errors import DataError
from desk.domain.money import ZERO
from desk.venues.paper.engine.floor.accounts import Account
from desk.venues.paper.engine.floor.state import Floor
from desk.venues.paper.engine.floor.statements import announce_account, book_income
from desk.venues.paper.engine.money.conversion import repay
from desk.venues.paper.engine.money.fees import HIGHEST_TIER
from desk.venues.paper.engine.vocabulary.assets import MARGIN_ASSETS
from desk.venues.paper.engine.vocabulary.events import AccountReason


def open_account(floor: Floor, name: str, deposits: Mapping[str, Decimal], fee_tier: int) -> None:
    """Open an account with `deposits` in its cross wallets; one that exists is left as it is.

    Raises:
        DataError: for an asset that is no margin asset here, a deposit below zero, or a VIP tier that does not exist.
    """
    if name in floor.accounts:
        return
    unknown = sorted(deposits.keys() - MARGIN_ASSETS.keys())
    if unknown:
        raise DataError(f"{unknown[0]} cannot be deposited", hint=f"margin assets are {', '.join(MARGIN_ASSETS)}")
    if any(amount < ZERO for amount in deposits.values()):
        raise DataError(f"account {name!r} cannot be opened with a debt")
    if not 0 <= fee_tier <= HIGHEST_TIER:
        raise DataError(f"there is no VIP tier {fee_tier}", hint=f"tiers are 0 to {HIGHEST_TIER}")
    account = floor.accounts[name] = Account(name, floor.usual_leverage, fee_tier=fee_tier)
    floor.touch_account(account, floor.now())
    for asset, amount in deposits.items():
        floor.pay(account, asset, amount)
        floor.purse(asset).deposits += amount
        book_income(floor, account, "", "TRANSFER", asset, amount)
    announce_account(floor, account, AccountReason.DEPOSIT, deposits)


def clear_debts(floor: Floor, account: Account, symbol: str) -> None:
    """Let no wallet that nothing is held against stay below zero: other assets pay for it, then the insurance fund."""
    for asset in MARGIN_ASSETS:
        if account.wallet(asset) >= ZERO or _is_held_against(floor, account, asset):
            continue
        if account.multi_assets:
            repay(floor, account, asset)
        deficit = -account.wallet(asset)
        if deficit > ZERO:
            floor.pay(account, asset, deficit)
            insure(floor, account, symbol, asset, deficit)
            announce_account(floor, account, AccountReason.INSURANCE_CLEAR, {asset: deficit})


def insure(floor: Floor, account: Account, symbol: str, asset: str, deficit: Decimal) -> None:
    """Take `deficit` from the insurance fund and write it down; the caller has put it where it was missing."""
    floor.purse(asset).insurance -= deficit
    floor.touch_account(account, floor.now())
    book_income(floor, account, symbol, "INSURANCE_CLEAR", asset, deficit)


def _is_held_against(floor: Floor, account: Account, asset: str) -> bool:
    return any(
        holding.quantity and not holding.isolated and (account.multi_assets or floor.margin_asset(symbol) == asset)
        for (symbol, _), holding in account.holdings.items()
    )

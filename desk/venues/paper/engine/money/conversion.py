"""Assets exchanged for one another by the venue itself, at its auto-exchange rates, with the rest of the world.

By itself it does so in multi-assets mode, so that a debt does not stand: one beyond its asset's threshold is paid from
the other wallets, the least haircut first. When an account asks (Binance's convert) it does so at a price it offered.
"""

from __future__ import annotations

from decimal import ROUND_CEILING, ROUND_DOWN, Decimal

from desk.domain.money import EXACT, ZERO
from desk.venues.paper.engine.floor.accounts import Account
from desk.venues.paper.engine.floor.reports import summary_of
from desk.venues.paper.engine.floor.state import Floor
from desk.venues.paper.engine.floor.statements import announce_account, book_income
from desk.venues.paper.engine.money.margin import CENT
from desk.venues.paper.engine.vocabulary.assets import MARGIN_ASSETS, exchange_rate_of
from desk.venues.paper.engine.vocabulary.events import AccountReason
from desk.venues.paper.engine.vocabulary.refusals import Refusal


def repay_due(floor: Floor, account: Account) -> None:
    """Pay every debt that has outgrown its threshold."""
    if account.multi_assets:
        for asset, terms in MARGIN_ASSETS.items():
            if account.wallet(asset) < terms.exchange_below:
                repay(floor, account, asset)


def repay(floor: Floor, account: Account, asset: str) -> None:
    """Pay the debt in `asset` as far as the account's other wallets reach."""
    for other in MARGIN_ASSETS:
        debt = -account.wallet(asset)
        if debt <= ZERO:
            return
        if other != asset and account.wallet(other) > ZERO:
            _exchange(floor, account, other, asset, debt)


def priced(floor: Floor, sold: str, bought: str) -> Decimal:
    """How much of `sold` one unit of `bought` costs. Raises Refusal -1130 where either is no asset with a price."""
    for asset in (sold, bought):
        if f"{asset}USDT" in floor.markets:
            floor.looked_at(f"{asset}USDT")
    known = sold in MARGIN_ASSETS and bought in MARGIN_ASSETS and sold != bought
    bid = exchange_rate_of(floor, sold).bid if known else ZERO
    if not bid or not exchange_rate_of(floor, bought).ask:
        raise Refusal(-1130, "fromAsset")
    return exchange_rate_of(floor, bought).ask / bid


def convert(floor: Floor, account: Account, sold: str, paid: Decimal, bought: str, received: Decimal) -> None:
    """Exchange what was offered. Raises Refusal -2018 when that much of `sold` cannot be taken out of the account."""
    free = next(row.max_withdraw for row in summary_of(floor, account).assets if row.asset == sold)
    if paid > free:
        raise Refusal(-2018)
    for asset, amount, reason in (
        (sold, -paid, AccountReason.COIN_SWAP_WITHDRAW),
        (bought, received, AccountReason.COIN_SWAP_DEPOSIT),
    ):
        floor.pay(account, asset, amount)
        floor.purse(asset).exchanged -= amount
        book_income(floor, account, "", reason.value, asset, amount)
        announce_account(floor, account, reason, {asset: amount})


def _exchange(floor: Floor, account: Account, sold: str, bought: str, wanted: Decimal) -> None:
    bid, ask = exchange_rate_of(floor, sold).bid, exchange_rate_of(floor, bought).ask
    if not bid or not ask:
        return
    price = ask / bid
    paid = (wanted * price).quantize(CENT, rounding=ROUND_CEILING, context=EXACT)
    received = wanted
    if paid > account.wallet(sold):
        paid = account.wallet(sold)
        received = min(wanted, (paid / price).quantize(CENT, rounding=ROUND_DOWN, context=EXACT))
    for asset, amount in ((sold, -paid), (bought, received)):
        floor.pay(account, asset, amount)
        floor.purse(asset).exchanged -= amount
        book_income(floor, account, "", "AUTO_EXCHANGE", asset, amount)
    announce_account(floor, account, AccountReason.AUTO_EXCHANGE, {sold: -paid, bought: received})

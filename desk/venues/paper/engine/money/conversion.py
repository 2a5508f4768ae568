"""Assets exchanged for one another by the venue itself, so that a debt does not stand: multi-assets mode's repayment.

A debt beyond its asset's threshold is paid from the other wallets, the least haircut first, at Binance's auto-exchange
rates. The rest of the world is on the other side of the exchange.
"""

from __future__ import annotations

from decimal import ROUND_CEILING, ROUND_DOWN, Decimal

from desk.domain.money import EXACT, ZERO
from desk.venues.paper.engine.floor.accounts import Account
from desk.venues.paper.engine.floor.state import Floor
from desk.venues.paper.engine.floor.statements import announce_account, book_income
from desk.venues.paper.engine.money.margin import CENT
from desk.venues.paper.engine.vocabulary.assets import MARGIN_ASSETS, exchange_rate_of
from desk.venues.paper.engine.vocabulary.events import AccountReason


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

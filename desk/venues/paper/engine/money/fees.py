"""What a trade costs: the contract's rates or the account's VIP tier, in the margin asset or, cheaper, in BNB.

Tiers are Binance's published USDT-margined futures rates. They lower what a contract charges and never raise it, so
that contracts on promotion stay cheaper than the tier. Fees in BNB are 10 % off, at the index, while the cross wallet
holds enough of it; otherwise the margin asset pays the whole fee.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from desk.domain.money import ZERO
from desk.venues.paper.engine.floor.accounts import Account
from desk.venues.paper.engine.floor.state import Floor
from desk.venues.paper.engine.money.margin import money
from desk.venues.paper.engine.vocabulary.assets import BNB, index_of
from desk.venues.paper.engine.vocabulary.instruments import SymbolSpec

# (maker, taker) by VIP tier, 0 to 9.
_TIERS = (
    (Decimal("0.0002"), Decimal("0.0005")),
    (Decimal("0.00016"), Decimal("0.0004")),
    (Decimal("0.00014"), Decimal("0.00035")),
    (Decimal("0.00012"), Decimal("0.00032")),
    (Decimal("0.0001"), Decimal("0.0003")),
    (Decimal("0.00008"), Decimal("0.00027")),
    (Decimal("0.00006"), Decimal("0.00025")),
    (Decimal("0.00004"), Decimal("0.00022")),
    (Decimal("0.00002"), Decimal("0.0002")),
    (Decimal("0"), Decimal("0.00017")),
)
HIGHEST_TIER = len(_TIERS) - 1
_IN_BNB = Decimal("0.9")


@dataclass(frozen=True, slots=True, kw_only=True)
class Fee:
    """A fee and the asset it is paid in."""

    asset: str
    amount: Decimal


def rates_of(account: Account, spec: SymbolSpec) -> tuple[Decimal, Decimal]:
    """(maker, taker) fee of a contract for an account, as fractions of the notional."""
    if not account.fee_tier:
        return spec.maker_fee, spec.taker_fee
    maker, taker = _TIERS[account.fee_tier]
    return min(spec.maker_fee, maker), min(spec.taker_fee, taker)


def fee_of(floor: Floor, account: Account, spec: SymbolSpec, notional: Decimal, *, maker: bool) -> Fee:
    """What a trade of `notional` costs the account."""
    rate = rates_of(account, spec)[0 if maker else 1]
    fee = money(notional * rate)
    if account.fee_burn:
        bnb, own = index_of(floor, BNB), index_of(floor, spec.quote)
        cheaper = money(fee * own * _IN_BNB / bnb) if bnb and own else ZERO
        if ZERO < cheaper <= account.wallet(BNB):
            return Fee(asset=BNB, amount=cheaper)
    return Fee(asset=spec.quote, amount=fee)

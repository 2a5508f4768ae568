"""What Binance says beyond prices and orders, as values: balances, brackets, settings, fees, funding terms, sentiment.

Each parser takes an answer of one endpoint and raises DataError on anything it does not understand. Amounts are in the
asset named, rates and ratios are fractions of 1.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from itertools import pairwise
from typing import cast

from desk.domain.errors import DataError
from desk.venues.binance.fields import Fields, each


@dataclass(frozen=True, slots=True, kw_only=True)
class Balance:
    """What the account holds of one asset."""

    asset: str
    wallet: Decimal
    available: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Bracket:
    """One step of a symbol's leverage table: notionals in USDT from `floor` up to `cap`.

    Maintenance margin is `notional * maintenance - deduction`.
    """

    number: int
    leverage: int
    floor: Decimal
    cap: Decimal
    maintenance: Decimal
    deduction: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class SymbolSetting:
    """How the account trades one symbol; `max_notional` is the most it may hold at this leverage, in USDT."""

    symbol: str
    isolated: bool
    leverage: int
    max_notional: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Commission:
    """What the account pays on one symbol, as fractions of the notional."""

    symbol: str
    maker: Decimal
    taker: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class FundingTerms:
    """How often a symbol charges funding, and the rate's bounds."""

    symbol: str
    hours: int
    cap: Decimal
    floor: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenInterest:
    """Contracts open, in base asset."""

    symbol: str
    quantity: Decimal
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class LongShort:
    """Accounts long over accounts short, and the two shares."""

    symbol: str
    ratio: Decimal
    long: Decimal
    short: Decimal
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Switches:
    """What the account as a whole may do and how it is set."""

    can_trade: bool
    can_withdraw: bool
    one_way: bool
    multi_assets: bool


def balances(body: object) -> tuple[Balance, ...]:
    """`/fapi/v3/balance`."""
    return each(body, "balance", _balance)


def _balance(row: Fields) -> Balance:
    return Balance(asset=row.text("asset"), wallet=row.decimal("balance"), available=row.decimal("availableBalance"))


def brackets(body: object, symbol: str) -> tuple[Bracket, ...]:
    """`/fapi/v1/leverageBracket` of one symbol, which Binance sends as an object or as a list of one."""
    # An object for one symbol, unless it is a list of one.
    listed = cast("object", [body] if isinstance(body, dict) else body)
    rows = each(listed, "leverage bracket", lambda row: row)
    mine = next((row for row in rows if row.text("symbol") == symbol), None)
    if mine is None:
        raise DataError(f"the venue has no leverage brackets of {symbol}")
    found = each(mine.rows("brackets"), f"{symbol} bracket", _bracket)
    if not found or any(a.cap != b.floor for a, b in pairwise(found)):
        raise DataError(f"the leverage brackets of {symbol} leave a gap")
    return found


def _bracket(row: Fields) -> Bracket:
    return Bracket(
        number=row.integer("bracket"),
        leverage=row.integer("initialLeverage"),
        floor=row.figure("notionalFloor"),
        cap=row.figure("notionalCap"),
        maintenance=row.figure("maintMarginRatio"),
        deduction=row.figure("cum"),
    )


def symbol_settings(body: object) -> tuple[SymbolSetting, ...]:
    """`/fapi/v1/symbolConfig`."""
    return each(body, "symbol setting", _symbol_setting)


def _symbol_setting(row: Fields) -> SymbolSetting:
    return SymbolSetting(
        symbol=row.text("symbol"),
        isolated=row.text("marginType").upper() == "ISOLATED",
        leverage=row.integer("leverage"),
        max_notional=row.not_negative("maxNotionalValue"),
    )


def commission(body: object) -> Commission:
    """`/fapi/v1/commissionRate`."""
    row = Fields(body, "commission rate")
    return Commission(
        symbol=row.text("symbol"),
        maker=row.decimal("makerCommissionRate"),
        taker=row.decimal("takerCommissionRate"),
    )


def funding_terms(body: object) -> tuple[FundingTerms, ...]:
    """`/fapi/v1/fundingInfo`, which lists only symbols that differ from eight hours."""
    return each(body, "funding terms", _terms)


def _terms(row: Fields) -> FundingTerms:
    return FundingTerms(
        symbol=row.text("symbol"),
        hours=row.integer("fundingIntervalHours"),
        cap=row.decimal("adjustedFundingRateCap"),
        floor=row.decimal("adjustedFundingRateFloor"),
    )


def open_interest(body: object) -> OpenInterest:
    """`/fapi/v1/openInterest`."""
    row = Fields(body, "open interest")
    return OpenInterest(symbol=row.text("symbol"), quantity=row.not_negative("openInterest"), at=row.moment("time"))


def long_short(body: object) -> tuple[LongShort, ...]:
    """`/futures/data/globalLongShortAccountRatio` and its two siblings of top traders, oldest first."""
    return each(body, "long/short ratio", _long_short)


def _long_short(row: Fields) -> LongShort:
    return LongShort(
        symbol=row.text("symbol"),
        ratio=row.not_negative("longShortRatio"),
        long=row.not_negative("longAccount"),
        short=row.not_negative("shortAccount"),
        at=row.moment("timestamp"),
    )


def switches(body: object) -> Switches:
    """`/fapi/v1/accountConfig`."""
    row = Fields(body, "account switches")
    return Switches(
        can_trade=row.flag("canTrade"),
        can_withdraw=row.flag("canWithdraw"),
        one_way=not row.flag("dualSidePosition"),
        multi_assets=row.flag("multiAssetsMargin"),
    )

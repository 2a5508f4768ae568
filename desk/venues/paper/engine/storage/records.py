"""Stored forms of what the engine keeps in changeable objects: flat, frozen, one for each kind of row."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from desk.venues.paper.engine.vocabulary.orders import PositionSide

Row = tuple[str, str, str]
"""(kind, key within the kind, JSON text)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountRecord:
    """The stored part of an account itself."""

    name: str
    hedged: bool
    multi_assets: bool
    fee_burn: bool
    fee_tier: int
    updated_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class WalletRecord:
    """An account's cross wallet in one asset."""

    account: str
    asset: str
    amount: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class TermsRecord:
    """What an account chose for a symbol."""

    account: str
    symbol: str
    leverage: int
    isolated: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldingRecord:
    """The stored part of a holding."""

    account: str
    symbol: str
    side: PositionSide
    quantity: Decimal
    cost: Decimal
    isolated_wallet: Decimal
    realized_total: Decimal
    burden: Decimal
    bids: Decimal
    asks: Decimal
    called: bool
    updated_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PurseRecord:
    """The venue's own money in one asset."""

    asset: str
    insurance: Decimal
    fees: Decimal
    exchanged: Decimal
    deposits: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class CountdownRecord:
    """When an account's open orders of one symbol are all cancelled; `at_ms` is 0 when the countdown was stopped."""

    account: str
    symbol: str
    at_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CounterRecord:
    """The last number a sequence gave out."""

    name: str
    value: int

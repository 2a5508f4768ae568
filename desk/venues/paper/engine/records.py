"""Stored forms of what the engine keeps in changeable objects: flat, frozen, one for each kind of row."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from desk.venues.paper.engine.orders import PositionSide

Row = tuple[str, str, str]
"""(kind, key within the kind, JSON text)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountRecord:
    """The stored part of an account itself."""

    name: str
    cross_wallet: Decimal
    hedged: bool
    updated_ms: int


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
    updated_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PurseRecord:
    """The venue's own money: insurance fund, fees taken, and all that was ever deposited."""

    insurance: Decimal
    fees: Decimal
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

"""What the account holds: positions, balances, and the rules a venue sets for each symbol."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from desk.domain.money import ZERO


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """An open position in one-way mode. `quantity` is signed: above zero long, below zero short."""

    symbol: str
    quantity: Decimal
    entry_price: Decimal
    mark_price: Decimal
    unrealized: Decimal
    liquidation_price: Decimal | None
    leverage: int
    isolated: bool

    @property
    def notional(self) -> Decimal:
        """Size in USDT at the mark, never negative."""
        return abs(self.quantity) * self.mark_price


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountView:
    """The account as the venue reports it, in USDT. `equity` is wallet balance plus unrealised profit at the mark."""

    at: datetime
    wallet: Decimal
    unrealized: Decimal
    available: Decimal
    positions: tuple[Position, ...]

    @property
    def equity(self) -> Decimal:
        """Wallet balance plus unrealised profit: Binance's `totalMarginBalance`."""
        return self.wallet + self.unrealized

    def position(self, symbol: str) -> Position | None:
        """The open position in `symbol`, or None when flat."""
        return next((p for p in self.positions if p.symbol == symbol and p.quantity != ZERO), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Income:
    """A change of the wallet that is not a price move: funding, fee, transfer, realised profit, insurance."""

    symbol: str
    kind: str
    amount: Decimal
    at: datetime
    transaction_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SymbolRules:
    """A symbol's filters as `exchangeInfo` publishes them. Quantities in base asset, prices and notional in USDT."""

    symbol: str
    tick: Decimal
    min_price: Decimal
    max_price: Decimal
    step: Decimal
    min_quantity: Decimal
    max_quantity: Decimal
    market_step: Decimal
    market_max_quantity: Decimal
    min_notional: Decimal
    percent_up: Decimal
    percent_down: Decimal
    max_leverage: int

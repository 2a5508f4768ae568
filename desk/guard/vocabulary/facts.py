"""What the guard was told by the venue, as values that the journal can hold: every decision replays from them alone.

The runtime turns domain values into facts; nothing here reads a clock or a network. Prices and money in USDT,
quantities in base asset, times in ms UTC of the venue, ages in real milliseconds.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from desk.domain.money import ZERO
from desk.domain.orders import OrderStatus, Side, StopStatus, StopType


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkFact:
    """Mark and index price of a symbol. `age_ms` is how old the mark was when it was read, in real time."""

    symbol: str
    price: Decimal
    index: Decimal
    at_ms: int
    age_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PositionFact:
    """An open position as the account shows it; `quantity` is signed."""

    symbol: str
    quantity: Decimal
    entry: Decimal
    mark: Decimal
    unrealized: Decimal

    @property
    def notional(self) -> Decimal:
        """Size at the mark, never negative."""
        return abs(self.quantity) * self.mark


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountFact:
    """The account at the venue. `age_ms` is the real time since it was read."""

    wallet: Decimal
    unrealized: Decimal
    available: Decimal
    positions: tuple[PositionFact, ...]
    age_ms: int

    @property
    def equity(self) -> Decimal:
        """Wallet plus unrealised profit."""
        return self.wallet + self.unrealized

    @property
    def held(self) -> Mapping[str, Decimal]:
        """The signed quantity of everything open, by symbol."""
        return {one.symbol: one.quantity for one in self.positions}

    def position(self, symbol: str) -> PositionFact | None:
        """The open position of `symbol`, or None."""
        for one in self.positions:
            if one.symbol == symbol:
                return one
        return None

    def quantity(self, symbol: str) -> Decimal:
        """The signed quantity of `symbol`, zero when flat."""
        position = self.position(symbol)
        return ZERO if position is None else position.quantity


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderFact:
    """An ordinary order as the venue shows it."""

    symbol: str
    client_id: str
    side: Side
    status: OrderStatus
    quantity: Decimal
    filled: Decimal
    average: Decimal | None
    reduce_only: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class StopFact:
    """A conditional order as the venue shows it."""

    symbol: str
    client_id: str
    side: Side
    kind: StopType
    status: StopStatus
    trigger: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class FillFact:
    """One trade of the account; `fee` positive when paid."""

    symbol: str
    trade_id: int
    side: Side
    quantity: Decimal
    price: Decimal
    fee: Decimal
    at_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class IncomeFact:
    """A wallet change that is not a fill's own profit or fee."""

    symbol: str
    kind: str
    amount: Decimal
    at_ms: int
    transaction_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FallFact:
    """How far a symbol stands below its high of the last `seconds`: the milder of mark and index, a fraction."""

    symbol: str
    seconds: int
    fall: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class BookFact:
    """The book of the symbol that is asked for, and how far its mark moved.

    `bids` and `asks` are what stands within the limits' window around the middle, in USDT. `low` and `high` are the
    mark's of the last five minutes that this guard has seen.
    """

    symbol: str
    bid: Decimal
    ask: Decimal
    bids: Decimal
    asks: Decimal
    low: Decimal
    high: Decimal
    age_ms: int

    @property
    def spread(self) -> Decimal:
        """Ask above bid as a share of their middle."""
        return 2 * (self.ask - self.bid) / (self.ask + self.bid)

    @property
    def range(self) -> Decimal:
        """The highest mark above the lowest, as a share of the lowest."""
        return self.high / self.low - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """One look at the venue. A part that was not read, or could not be, is None."""

    marks: tuple[MarkFact, ...] = ()
    account: AccountFact | None = None
    orders: tuple[OrderFact, ...] | None = None
    stops: tuple[StopFact, ...] | None = None
    fills: tuple[FillFact, ...] = ()
    income: tuple[IncomeFact, ...] = ()
    falls: tuple[FallFact, ...] = ()
    books: tuple[BookFact, ...] = ()
    skew_ms: int = 0
    trouble: str = ""

    def mark(self, symbol: str) -> MarkFact | None:
        """The mark of `symbol`, or None when it was not told."""
        for one in self.marks:
            if one.symbol == symbol:
                return one
        return None

    def book(self, symbol: str) -> BookFact | None:
        """The book of `symbol`, or None when it was not told."""
        for one in self.books:
            if one.symbol == symbol:
                return one
        return None

"""What an account holds: one position for each symbol and side, under terms that both sides of a symbol share.

In one-way mode a symbol has one side, BOTH; in hedge mode it has two, LONG and SHORT, which never net out.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from desk.domain.money import ZERO
from desk.domain.orders import Side
from desk.venues.paper.engine.vocabulary.orders import PositionSide

DEFAULT_LEVERAGE = 20

HoldingKey = tuple[str, PositionSide]
"""Which position of an account: (symbol, side)."""

ONE_WAY = (PositionSide.BOTH,)
HEDGED = (PositionSide.LONG, PositionSide.SHORT)


@dataclass(slots=True)
class Terms:
    """What an account chose for a symbol; both sides of it follow."""

    symbol: str
    leverage: int = DEFAULT_LEVERAGE
    isolated: bool = False


@dataclass(slots=True)
class Holding:
    """One position of one account. `quantity` is signed on every side: a SHORT one is never above zero.

    `cost` is signed: quantity x entry price, kept in its place so that partial closes lose no fraction of money.
    `burden` is fees less realised profit since the position was last flat; `bids` and `asks` are the notionals of
    resting orders that are not reduce-only. `called`: its owner has been told that its margin runs low.
    """

    symbol: str
    side: PositionSide
    terms: Terms
    quantity: Decimal = ZERO
    cost: Decimal = ZERO
    isolated_wallet: Decimal = ZERO
    realized_total: Decimal = ZERO
    burden: Decimal = ZERO
    bids: Decimal = ZERO
    asks: Decimal = ZERO
    called: bool = False
    updated_ms: int = 0

    @property
    def key(self) -> HoldingKey:
        """Which position of its account it is."""
        return (self.symbol, self.side)

    @property
    def leverage(self) -> int:
        """The leverage its account chose for the symbol."""
        return self.terms.leverage

    @property
    def isolated(self) -> bool:
        """Whether it stands on a wallet of its own."""
        return self.terms.isolated

    @property
    def weighs(self) -> bool:
        """Whether it needs margin: something is held, or orders that could open more are working."""
        return bool(self.quantity or self.bids or self.asks)

    def unrealized(self, mark: Decimal) -> Decimal:
        """Profit of the position at `mark`."""
        return self.quantity * mark - self.cost

    def closable(self, side: Side) -> Decimal:
        """How much an order of `side` could trade and only reduce the position."""
        closing = self.quantity if side is Side.SELL else -self.quantity
        return max(closing, ZERO)


def only_closes(position_side: PositionSide, side: Side) -> bool:
    """Whether orders of `side` can do nothing but reduce this side of a hedged symbol."""
    return (position_side, side) in ((PositionSide.LONG, Side.SELL), (PositionSide.SHORT, Side.BUY))

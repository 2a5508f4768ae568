"""A shadow's account: a wallet, what it holds, and the marks it was last told.

Money is exact; costs are those of the desk's own limits, paid on both sides; stops and targets are seen at the marks
that the desk itself looked at. Funding is paid and received as it was charged between two looks.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal

from pydantic import TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass as checked

from desk.domain.errors import JournalError
from desk.domain.money import ONE, ZERO
from desk.shadow.rhythm import Rhythm

_GRID = Decimal("1e-8")


@dataclass(frozen=True, slots=True, kw_only=True)
class Costs:
    """Fee and slippage of one side, as fractions of the price."""

    fee: Decimal
    slippage: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Charge:
    """A funding that was charged: when, in ms UTC, and its rate."""

    at_ms: int
    rate: Decimal


@checked(frozen=True, config={"extra": "forbid"})
class Holding:
    """A position: signed quantity, entry price, and the prices that end it; None for none."""

    quantity: Decimal
    entry: Decimal
    stop: Decimal | None
    target: Decimal | None


@checked(frozen=True, config={"extra": "forbid"})
class Book:
    """What a shadow has. `marks` are the newest it was told, by symbol, and `seen` when, in ms UTC.

    `rhythm` is how often the crew opened and left, as far as this book has seen.
    """

    wallet: Decimal
    held: dict[str, Holding]
    marks: dict[str, Decimal]
    seen: dict[str, int] = field(default_factory=dict[str, int])
    rhythm: Rhythm = field(default_factory=Rhythm)

    @staticmethod
    def of(wallet: Decimal) -> Book:
        """An account that has done nothing yet."""
        return Book(wallet=wallet, held={}, marks={})

    @property
    def equity(self) -> Decimal:
        """Wallet and what is held, at the newest marks."""
        return self.wallet + sum(
            (one.quantity * (self.marks[symbol] - one.entry) for symbol, one in self.held.items()), ZERO
        )

    def charged(self, symbol: str, at_ms: int, mark: Decimal, charges: Sequence[Charge]) -> Book:
        """The book after the funding that fell due since it was last told of this symbol; longs pay a positive rate."""
        since, one = self.seen.get(symbol, at_ms), self.held.get(symbol)
        due = sum((charge.rate for charge in charges if since < charge.at_ms <= at_ms), ZERO)
        paid = ZERO if one is None else one.quantity * mark * due
        return replace(self, wallet=(self.wallet - paid).quantize(_GRID), seen={**self.seen, symbol: at_ms})

    def told(self, symbol: str, mark: Decimal, costs: Costs) -> Book:
        """The book after a new mark: a stop or target it has reached is gone, the stop at the mark as it is found."""
        book = replace(self, marks={**self.marks, symbol: mark})
        one = book.held.get(symbol)
        if one is None:
            return book
        side = ONE if one.quantity > ZERO else -ONE
        if one.stop is not None and (mark - one.stop) * side <= ZERO:
            return book.closed(symbol, mark, costs)
        if one.target is not None and (mark - one.target) * side >= ZERO:
            return book.closed(symbol, one.target, costs)
        return book

    def opened(
        self, symbol: str, notional: Decimal, costs: Costs, *, stop_pct: Decimal | None, target_pct: Decimal | None
    ) -> Book:
        """The book after a market order of a signed notional; one that holds the symbol already changes nothing."""
        if symbol in self.held or notional == ZERO or self.equity <= ZERO:
            return self
        side = ONE if notional > ZERO else -ONE
        price = (self.marks[symbol] * (ONE + side * costs.slippage)).quantize(_GRID)
        quantity = (notional / price).quantize(_GRID)
        one = Holding(
            quantity=quantity,
            entry=price,
            stop=None if stop_pct is None else price * (ONE - side * stop_pct),
            target=None if target_pct is None else price * (ONE + side * target_pct),
        )
        paid = (abs(quantity) * price * costs.fee).quantize(_GRID)
        return replace(self, wallet=self.wallet - paid, held={**self.held, symbol: one})

    def closed(self, symbol: str, price: Decimal, costs: Costs) -> Book:
        """The book after closing at `price` less costs; one that holds nothing of the symbol changes nothing."""
        one = self.held.get(symbol)
        if one is None:
            return self
        side = ONE if one.quantity > ZERO else -ONE
        filled = (price * (ONE - side * costs.slippage)).quantize(_GRID)
        gained = one.quantity * (filled - one.entry) - abs(one.quantity) * filled * costs.fee
        held = {name: other for name, other in self.held.items() if name != symbol}
        return replace(self, wallet=(self.wallet + gained).quantize(_GRID), held=held)

    def to_json(self) -> str:
        """The book as text that keeps every digit."""
        return _BOOK.dump_json(self).decode()

    @staticmethod
    def from_json(text: str) -> Book:
        """The book this text was made from. Raises JournalError for any other."""
        try:
            return _BOOK.validate_json(text)
        except ValidationError as error:
            raise JournalError("a shadow's book does not read") from error


_BOOK = TypeAdapter(Book)

"""How capital is divided: a core, a scalping and a risk book, each larger while it wins and smaller while it loses.

A book's factor follows its own last trades and nothing else. Whatever the books hold, a portfolio that lost its stop
from its highest equity is closed as a whole, and stays closed until somebody opens it again.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from desk.domain.errors import DataError
from desk.domain.money import ONE, ZERO

Name = str


class Book(BaseModel):
    """One book: its share of capital, and the strategies that trade from it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    share: Decimal = Field(gt=0, le=1)
    strategies: tuple[Name, ...] = Field(min_length=1)


class Books(BaseModel):
    """All books. `up` and `down` change a factor after each win or loss, within `least` and `most`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    books: dict[Name, Book] = Field(min_length=1)
    up: Decimal = Field(default=Decimal("1.1"), ge=1, le=2, description="Factor of a book's size after a win.")
    down: Decimal = Field(default=Decimal("0.8"), gt=0, le=1, description="The same after a loss.")
    least: Decimal = Field(default=Decimal("0.25"), gt=0, le=1)
    most: Decimal = Field(default=Decimal("1.5"), ge=1, le=2)
    portfolio_stop: Decimal = Field(default=Decimal("0.05"), gt=0, le=Decimal("0.2"))

    @model_validator(mode="after")
    def _divides_what_there_is(self) -> Self:
        if sum(book.share for book in self.books.values()) > ONE:
            raise ValueError("the books' shares are more than the whole")
        named = [name for book in self.books.values() for name in book.strategies]
        if len(set(named)) != len(named):
            raise ValueError("a strategy trades from one book")
        return self

    def book_of(self, strategy: Name) -> Name:
        """The book a strategy trades from. Raises DataError when it has none."""
        for name, book in self.books.items():
            if strategy in book.strategies:
                return name
        raise DataError(f"{strategy!r:.40} trades from no book")

    def factor(self, results: Sequence[Decimal]) -> Decimal:
        """How much of its share a book uses after these results of its trades, oldest first; a zero changes nothing."""
        factor = ONE
        for result in results:
            factor = self.after(factor, result)
        return factor

    def after(self, factor: Decimal, result: Decimal) -> Decimal:
        """A factor after one more result."""
        step = self.up if result > ZERO else self.down if result < ZERO else ONE
        return min(self.most, max(self.least, factor * step))

    def room(self, name: Name) -> Decimal:
        """How far a book may grow, as a multiple of its share: into what no book was given, never into another's."""
        spare = ONE - sum((one.share for one in self.books.values()), ZERO)
        return ONE + spare / self.books[name].share

    def capital(self, strategy: Name, equity: Decimal, results: Sequence[Decimal]) -> Decimal:
        """What of the equity a strategy may size from, in quote asset, after its book's results.

        A winning book never takes from another one: see `room`.
        """
        name = self.book_of(strategy)
        return equity * self.books[name].share * min(self.factor(results), self.room(name))

    def is_stopped(self, equity: Decimal, highest: Decimal) -> bool:
        """Whether the whole portfolio has lost its stop from its highest equity."""
        return equity <= highest * (ONE - self.portfolio_stop)

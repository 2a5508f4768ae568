"""All books at once: each strategy trades a part of its book, sizes follow the book's results, one stop holds for all.

What a book lost decides what it ventures next, so this cannot be a plan made beforehand: the plain rules of
`desk.backtest.reference` are stepped bar by bar, all accounts side by side. When the whole has lost its stop from its
highest equity, everything is closed at that bar's close, and nothing opens any more.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

import numpy as np

from desk.backtest.outcome import TRADE_COLUMNS, Exit
from desk.backtest.plan import Plan
from desk.backtest.reference import ReferenceRun
from desk.backtest.tape import Tape
from desk.backtest.terms import AccountTerms, Contracts
from desk.domain.errors import DataError
from desk.domain.money import ONE
from desk.indicators.columns import Column
from desk.strategies.books import Books

_NET = TRADE_COLUMNS.index("net")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Portfolio:
    """`equity` (bars,) of the whole, and of each book; `factors` as they ended; the row of the stop, if it came."""

    equity: Column
    books: Mapping[str, Column]
    factors: Mapping[str, Decimal]
    trades: Mapping[str, int]
    stopped_at: int | None


@dataclass
class _Account(ReferenceRun):
    """One strategy's part of its book."""

    scale: float = 1.0
    counted: int = 0

    def opened(self) -> _Account:
        self.wallet = self.terms.deposit
        return self

    def bar(self, row: int) -> float:
        return self._bar(row)

    def new_results(self) -> list[Decimal]:
        """What closed since this was last asked."""
        new = [Decimal(trade[_NET]) for trade in self.trades[self.counted :]]
        self.counted = len(self.trades)
        return new

    def close_all(self, row: int) -> float:
        """Everything out at the close; returns what is left."""
        for symbol in sorted(self.held):
            self._close(symbol, row, float(self.tape.close[row, symbol]), Exit.END)
        return self.wallet

    def _quantity(self, symbol: int, row: int, price: float, size: float) -> float:
        return super()._quantity(symbol, row, price, size * self.scale)


def play_books(
    tape: Tape, plans: Mapping[str, Plan], books: Books, terms: AccountTerms, demands: Contracts
) -> Portfolio:
    """Play every plan from its book; strategies of a book share it equally.

    Raises:
        DataError: for a strategy that trades from no book, or no plan at all.
    """
    desk = _seated(tape, plans, books, terms, demands)
    factors = dict.fromkeys(desk, ONE)
    curves = {name: np.zeros(len(tape)) for name in desk}
    highest, stopped = terms.deposit, None
    for row in range(len(tape)):
        for name, accounts in desk.items():
            curves[name][row] = sum(account.bar(row) for account in accounts)
            for result in (result for account in accounts for result in account.new_results()):
                factors[name] = books.after(factors[name], result)
            for account in accounts:
                account.scale = float(min(factors[name], books.room(name)))
        whole = sum(float(curve[row]) for curve in curves.values())
        highest = max(highest, whole)
        if books.is_stopped(Decimal(whole), Decimal(highest)) or row == len(tape) - 1:
            stopped = row if books.is_stopped(Decimal(whole), Decimal(highest)) else None
            for name, accounts in desk.items():
                curves[name][row:] = sum(account.close_all(row) for account in accounts)
            break
    return Portfolio(
        equity=np.sum([*curves.values()], axis=0),
        books=curves,
        factors=factors,
        trades={name: sum(len(account.trades) for account in accounts) for name, accounts in desk.items()},
        stopped_at=stopped,
    )


def _seated(
    tape: Tape, plans: Mapping[str, Plan], books: Books, terms: AccountTerms, demands: Contracts
) -> dict[str, list[_Account]]:
    """Every book that has a strategy, with an account for each of them."""
    if not plans:
        raise DataError("there is no strategy to play")
    seats: dict[str, list[str]] = {}
    for strategy in plans:
        seats.setdefault(books.book_of(strategy), []).append(strategy)
    desk: dict[str, list[_Account]] = {}
    for name, own in seats.items():
        deposit = terms.deposit * float(books.books[name].share) / len(own)
        purse = replace(terms, deposit=deposit)
        desk[name] = [
            _Account(tape=tape, plan=plans[strategy], terms=purse, contracts=demands).opened() for strategy in own
        ]
    return desk

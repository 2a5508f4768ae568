"""Looks at the venue and tells the guard what it saw, as facts with their ages. What could not be read is not told.

A look reads prices and the account; the two order lists and the book of a symbol when asked; fills and income only when
the wallet or a position is not what the guard's own books say.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal

from desk.domain.account import AccountView, Income
from desk.domain.errors import DataError, VenueError
from desk.domain.frozen import replace
from desk.domain.market import Mark
from desk.domain.moments import from_ms, to_ms
from desk.domain.money import ZERO
from desk.domain.orders import Fill, OrderView, StopView
from desk.guard.bounds.rules import Rules
from desk.guard.loss.breaker import BITCOIN, ETHER
from desk.guard.loss.prices import PricesSeen
from desk.guard.secrets.veil import Veil
from desk.guard.trades.outcomes import CASH_SLACK
from desk.guard.vocabulary.facts import (
    AccountFact,
    BookFact,
    Facts,
    FillFact,
    IncomeFact,
    MarkFact,
    OrderFact,
    PositionFact,
    StopFact,
)
from desk.guard.vocabulary.state import GuardState, Ledger
from desk.ports import Clock, TradingVenue

_LOG = logging.getLogger(__name__)
# Request weight 5 at Binance; what stands deeper than these levels is not counted on.
_LEVELS = 100


class Lookout:
    """Turns the venue into facts. Not thread-safe: the guard's own thread uses it."""

    def __init__(
        self, venue: TradingVenue, rules: Rules, clock: Clock, *, virtual: bool = False, veil: Veil | None = None
    ) -> None:
        self.veil = veil or Veil()
        self._venue, self._rules, self._clock, self._virtual = venue, rules, clock, virtual
        self._prices_seen = PricesSeen()
        self._read_mono = 0
        self._lists_wanted = False
        self.at_ms = 0
        self.facts = Facts()
        # For readers alone: no rule decides by them, so no event holds them.
        self.liquidations: Mapping[str, Decimal] = {}

    @property
    def mono(self) -> int:
        """The guard's monotonic clock, in milliseconds."""
        return int(self._clock.monotonic() * 1000)

    @property
    def lists_wanted(self) -> bool:
        """Whether somebody heard of a change that only the order lists show, and they were not read since."""
        return self._lists_wanted

    def want_lists(self) -> None:
        """The order lists may have changed: the next look that can afford it reads them. Callable from any thread."""
        self._lists_wanted = True

    def look(self, state: GuardState, *, lists: bool, books_of: frozenset[str] = frozenset()) -> Facts:
        """One look now, with the books of symbols if told. Never raises: `trouble` names what is missing and why."""
        facts = self._try(Facts(), lambda told: self._prices(told, state))
        facts = self._try(facts, self._account)
        if lists:
            facts = self._try(facts, self._lists)
        for symbol in sorted(books_of & self._rules.symbols):
            facts = self._try(facts, lambda told, name=symbol: self._book(told, name))
        if facts.account is not None:
            facts = self._try(facts, lambda told: self._books(told, state))
        self._read_mono = self.mono
        lists_known = (
            facts if facts.orders is not None else replace(facts, orders=self.facts.orders, stops=self.facts.stops)
        )
        self.facts = lists_known
        return facts

    def _try(self, facts: Facts, read: Callable[[Facts], Facts]) -> Facts:
        """One part of a look; what fails is named and does not keep the other parts from being read."""
        try:
            return read(facts)
        except (VenueError, DataError) as error:
            trouble = f"{type(error).__name__}: {error.message}"
        except Exception as error:
            _LOG.exception("a look failed")
            trouble = f"{type(error).__name__}: {error}"
        return replace(facts, trouble=(facts.trouble or self.veil.over(trouble))[:200])

    def _account(self, facts: Facts) -> Facts:
        view = self._venue.account()
        self.liquidations = {one.symbol: one.liquidation_price or ZERO for one in view.positions}
        return replace(facts, account=account_fact(view))

    def _lists(self, facts: Facts) -> Facts:
        self._lists_wanted = False
        orders, stops = self._venue.open_orders(), self._venue.open_stops()
        return replace(facts, orders=tuple(map(order_fact, orders)), stops=tuple(map(stop_fact, stops)))

    def aged(self) -> Facts:
        """The newest look with its ages as of now, fills and income left out: they were told already."""
        older = max(0, self.mono - self._read_mono)
        facts = self.facts
        account = facts.account
        return replace(
            facts,
            marks=tuple(replace(mark, age_ms=mark.age_ms + older) for mark in facts.marks),
            books=tuple(replace(book, age_ms=book.age_ms + older) for book in facts.books),
            account=None if account is None else replace(account, age_ms=account.age_ms + older),
            fills=(),
            income=(),
        )

    def _prices(self, facts: Facts, state: GuardState) -> Facts:
        before = self._clock.now()
        server = to_ms(self._venue.server_time())
        skew = 0 if self._virtual else server - to_ms(before)
        # The venue's clock may not run backwards here: days and expiries would open twice.
        if server < self.at_ms:
            skew = server - self.at_ms
        self.at_ms = max(self.at_ms, server)
        marks = self._venue.marks(self._wanted(state))
        told = tuple(self._mark_fact(marks[name]) for name in sorted(marks))
        self._prices_seen.remember(told, self.at_ms)
        return replace(facts, marks=told, skew_ms=skew, falls=self._prices_seen.falls(told, self.at_ms))

    def _wanted(self, state: GuardState) -> tuple[str, ...]:
        held = {one.symbol for one in self.facts.account.positions} if self.facts.account else set[str]()
        leaders = {BITCOIN, ETHER} & self._rules.filters.keys()
        ordered = {one.symbol for one in self.facts.orders or () if not one.reduce_only}
        ours = {trade.symbol for trade in state.trades}
        return tuple(sorted(self._rules.symbols | held | ours | ordered | leaders))

    def _mark_fact(self, mark: Mark) -> MarkFact:
        at = to_ms(mark.at)
        age = max(0, self.at_ms - at) // self._rules.speed
        return MarkFact(symbol=mark.symbol, price=mark.price, index=mark.index, at_ms=at, age_ms=age)

    def _book(self, facts: Facts, symbol: str) -> Facts:
        limits, told = self._rules.limits, facts.mark(symbol)
        book = self._venue.book(symbol, _LEVELS)
        if told is None:
            return facts
        low, high = self._prices_seen.range_of(symbol, self.at_ms, told.price)
        bid, ask = book.bids[0].price, book.asks[0].price
        middle = (bid + ask) / 2
        away = middle * limits.depth_window
        fact = BookFact(
            symbol=symbol,
            bid=bid,
            ask=ask,
            bids=sum((one.price * one.quantity for one in book.bids if middle - one.price <= away), ZERO),
            asks=sum((one.price * one.quantity for one in book.asks if one.price - middle <= away), ZERO),
            low=low,
            high=high,
            age_ms=0,
        )
        return replace(facts, books=(*facts.books, fact))

    def _books(self, facts: Facts, state: GuardState) -> Facts:
        ledger, account = state.ledger, facts.account
        told = not any(one.tab is None for one in state.closing)
        if account is None or (ledger is not None and told and not _differs(ledger, account)):
            return facts
        if ledger is None:
            return self._opening(facts)
        symbols = sorted(self._moved(ledger, account, state))
        fills = [fill for name in symbols for fill in self._venue.fills(name, _fills_since(ledger, name))]
        income = self._venue.income(from_ms(ledger.income_ms))
        return replace(facts, fills=tuple(map(fill_fact, fills)), income=tuple(map(income_fact, income)))

    def _opening(self, facts: Facts) -> Facts:
        """What happened in the very moment the books open: it is in the account already, and must be known as such."""
        now = from_ms(self.at_ms)
        fills = [fill for name in sorted(self._rules.symbols) for fill in self._venue.fills(name, now)]
        income = self._venue.income(now)
        return replace(facts, fills=tuple(map(fill_fact, fills)), income=tuple(map(income_fact, income)))

    def _moved(self, ledger: Ledger, account: AccountFact, state: GuardState) -> set[str]:
        held = {one.symbol for one in account.positions} | {one.symbol for one in ledger.holdings}
        recent = {trade.symbol for trade in (*state.trades, *state.closing, *state.done[-5:])}
        return held | recent


def _differs(ledger: Ledger, account: AccountFact) -> bool:
    return ledger.held != account.held or abs(ledger.cash - account.wallet) > CASH_SLACK


def _fills_since(ledger: Ledger, symbol: str) -> datetime:
    held = next((one for one in ledger.holdings if one.symbol == symbol), None)
    return from_ms(held.last_ms if held is not None else ledger.since_ms)


def account_fact(view: AccountView) -> AccountFact:
    """The account as a fact; flat rows left out, in the order of their symbols."""
    rows = (
        PositionFact(
            symbol=one.symbol,
            quantity=one.quantity,
            entry=one.entry_price,
            mark=one.mark_price,
            unrealized=one.unrealized,
        )
        for one in view.positions
        if one.quantity != ZERO
    )
    return AccountFact(
        wallet=view.wallet,
        unrealized=view.unrealized,
        available=view.available,
        positions=tuple(sorted(rows, key=lambda one: one.symbol)),
        age_ms=0,
    )


def order_fact(view: OrderView) -> OrderFact:
    """An order as a fact."""
    return OrderFact(
        symbol=view.symbol,
        client_id=view.client_id,
        side=view.side,
        status=view.status,
        quantity=view.quantity,
        filled=view.filled,
        average=view.average_price,
        reduce_only=view.reduce_only,
    )


def stop_fact(view: StopView) -> StopFact:
    """A conditional order as a fact."""
    return StopFact(
        symbol=view.symbol,
        client_id=view.client_id,
        side=view.side,
        kind=view.type,
        status=view.status,
        trigger=view.trigger,
    )


def fill_fact(fill: Fill) -> FillFact:
    """A fill as a fact."""
    return FillFact(
        symbol=fill.symbol,
        trade_id=fill.trade_id,
        side=fill.side,
        quantity=fill.quantity,
        price=fill.price,
        fee=fill.fee,
        at_ms=to_ms(fill.at),
    )


def income_fact(income: Income) -> IncomeFact:
    """A wallet change as a fact."""
    return IncomeFact(
        symbol=income.symbol,
        kind=income.kind,
        amount=income.amount,
        at_ms=to_ms(income.at),
        transaction_id=income.transaction_id,
    )

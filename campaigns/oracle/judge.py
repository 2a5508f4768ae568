"""Judges what leaves the desk and what stands at the exchange, order by order and look by look.

Everything is read from the engine itself or told by the door; sizes and losses are compared as exact fractions. An
order is judged when it leaves, because from there on nobody can take it back.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Protocol

from campaigns.oracle.allowed import Allowances, Allowed
from campaigns.oracle.books import Books, Day
from campaigns.oracle.findings import Findings
from campaigns.oracle.protection import Protection
from campaigns.oracle.sizes import Sizes
from desk.domain.orders import OrderRequest, OrderType, Side, StopRequest, StopType
from desk.venues.paper.engine.exchange import Exchange
from desk.venues.paper.engine.values import Order


class Record(Protocol):
    """What the judge may ask the desk's record."""

    def holds(self, client_id: str) -> bool:
        """Whether a command with this id was written, or was spared from it."""
        ...

    def spared(self, client_id: str) -> bool:
        """Whether this closes or protects, and could not be written."""
        ...


class Judge:
    """Watches one account of one exchange, and asks the desk's record for one thing only: which ids it holds."""

    def __init__(
        self,
        exchange: Exchange,
        account: str,
        allowed: Allowed,
        allowances: Allowances,
        record: Record,
    ) -> None:
        self.findings, self.books = Findings(), Books(allowed)
        self.protection = Protection(exchange, account, allowances, self.findings)
        self.sizes = Sizes(exchange, account, allowed, allowances, self.books, self.findings)
        self.entries = 0
        self._exchange, self._account = exchange, account
        self._allowed, self._allowances = allowed, allowances
        self._record = record
        self._ids: set[str] = set()
        self._latched = False
        self._lowest: Fraction | None = None
        self._decided: dict[str, tuple[Fraction, Fraction]] = {}
        self._before = self.equity()
        self._day: Day | None = None

    # ---- what leaves the desk ----

    def order(self, order: OrderRequest, at_ms: int) -> None:
        """An order leaves."""
        self._in_record(order.client_id)
        self._named(order.client_id)
        if order.reduce_only:
            self.protection.attempted(order.symbol, at_ms)
            return
        self.entries += 1
        self._decided[order.symbol] = self.sizes.seen(order.symbol)
        if order.symbol not in self._allowed.gap or order.type is not OrderType.MARKET:
            self.findings.broken("I1", f"{order.client_id}: {order.type} of {order.symbol} is not allowed")
            return
        if self._latched:
            self.findings.broken("I8", f"{order.client_id} opens {order.symbol} while latched")
        self.sizes.entered(order, at_ms)

    def stop(self, stop: StopRequest, at_ms: int) -> None:
        """A conditional order leaves."""
        self._in_record(stop.client_id)
        self._named(stop.client_id)
        if stop.type is StopType.STOP_MARKET:
            self._near_enough(stop)
        self.protection.attempted(stop.symbol, at_ms)

    def dropped(self, symbol: str, client_id: str) -> None:
        """A conditional order was cancelled by the desk."""
        if client_id.rpartition("-")[2].startswith("s") and symbol in self.protection.naked():
            self.findings.broken("I7", f"{client_id} was cancelled while {symbol} was held")

    def levered(self, symbol: str, leverage: int) -> None:
        """The desk sets a symbol's leverage."""
        if leverage > self._allowed.leverage:
            self.findings.broken("I1", f"{symbol} set to {leverage} times")

    # ---- what the account is shown ----

    def told(self, at_ms: int, equity: Fraction, *, timed: bool = True) -> None:
        """A view of the account was handed out; `timed`: the time of this look as well."""
        self.books.told(at_ms, equity, timed=timed)
        self.sizes.told(at_ms, equity)
        self._lowest = equity if self._lowest is None else min(self._lowest, equity)

    def latched(self, latched: bool) -> None:
        """What the desk shows of its latch after each step. Only `lifted` may end one."""
        if self._latched and not latched:
            self.findings.broken("I5", "a latch went without two human steps")
        self._latched = latched

    def tripped(self, reason: str) -> None:
        """The desk latched by itself for a loss: the judge's own books must agree."""
        seen = min(self._lowest or self.equity(), self.equity())
        spent = seen - self.books.earliest()
        if spent > self._slack():
            self.findings.broken("I12", f"{reason}: tripped {float(spent):.2f} USDT above the floor")

    def forgot(self) -> None:
        """A disk that took nothing more made the desk forget its latch; what it lost then stays lost."""
        self._latched = False

    def remembered(self) -> None:
        """The desk has written a row of its record."""
        self.books.remembered()

    def killed(self) -> None:
        """The desk was killed and takes with it what it has not written."""
        self.books.forgotten()

    def lifted(self, *, drawdown: bool) -> None:
        """A human reset the desk; after a drawdown its height starts anew."""
        if self._latched and not drawdown and self.equity() < self.books.floor() - self._slack():
            self.findings.broken("I5", "the latch was lifted while the loss was still spent")
        self._latched = False
        if drawdown:
            self.books.restart_peak(self.equity())

    # ---- after every step ----

    def looked(self, at_ms: int, *, calm: bool) -> None:
        """A step is over: prices moved, the desk looked. `calm`: no fault struck in it."""
        before, now = self._before, self.equity()
        self._before, self._lowest = now, None
        day = self.books.begin(at_ms, before)
        if day is not self._day:
            # It begins with what the desk was last shown: what was lost since then, this first step has cost.
            self._day, before = day, max(before, day.baseline)
        day.lowest = min(day.lowest, now)
        self.protection.looked(at_ms, calm=calm)
        # The desk's baseline may be another by a hair: what lies between the two floors is no crossing yet.
        if now >= day.floor - self._allowances.baseline * day.baseline:
            return
        fell = max(Fraction(0), min(before, day.floor + self._margin(day.baseline)) - now)
        if day.crossed_ms is None or not calm:
            # The first step past the limit costs what it costs; so does each in which nobody was let through.
            if calm:
                day.crossed_ms = at_ms
            day.granted += fell
        least = day.floor - day.granted - self._margin(day.baseline)
        if now < least:
            self.findings.broken(
                "I9", f"{float(now):.2f} USDT is {float(least - now):.2f} below what the day may reach"
            )
            day.granted += least - now

    def equity(self) -> Fraction:
        """What the account is worth at the exchange's own marks."""
        return Fraction(self._exchange.equity(self._account))

    def _slack(self) -> Fraction:
        return self._allowances.baseline * self.books.rolling_high

    def _margin(self, baseline: Fraction) -> Fraction:
        gross = min(self._allowed.gross, self._allowed.leverage)
        return baseline * (gross * self._allowances.leaving + self._allowances.baseline)

    def _near_enough(self, stop: StopRequest) -> None:
        """A stop stands at most so far from where the position began: its fill, or a price its decision could see."""
        symbol, trigger, farthest = stop.symbol, Fraction(stop.trigger), self._allowed.stop_farthest
        tick = Fraction(self._exchange.specs[symbol].rules.tick)
        began = [Fraction(row.entry_price) for row in self._exchange.positions(self._account, symbol) if row.quantity]
        began += self._decided.get(symbol, ())
        # One that was closed already, and whose close the record missed, began where its entry was filled.
        began += [Fraction(one.average_price) for one in self._entries_of(stop) if one.average_price]
        if stop.side is Side.SELL:
            beyond = min(began, default=trigger) * (1 - farthest) - tick - trigger
        else:
            beyond = trigger - max(began, default=trigger) * (1 + farthest) - tick
        if beyond > 0:
            self.findings.broken("I1", f"{stop.client_id} rests {float(beyond):.4f} USDT farther than a stop may")

    def _entries_of(self, stop: StopRequest) -> Iterator[Order]:
        entry = f"{stop.client_id.rpartition('-')[0]}-e0"
        return (one for one in self._exchange.all_orders(self._account, stop.symbol) if one.client_id == entry)

    def _named(self, client_id: str) -> None:
        if client_id in self._ids and not self._record.spared(client_id):
            self.findings.broken("I3", f"{client_id} was sent twice")
        self._ids.add(client_id)
        if client_id.endswith("-e1"):
            self.findings.broken("I3", f"{client_id} is a second entry")

    def _in_record(self, client_id: str) -> None:
        if not self._record.holds(client_id):
            self.findings.broken("I2", f"{client_id} left before it was journalled")

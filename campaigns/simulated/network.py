"""The way between guard and exchange, which loses, delays, refuses and lies as real ones do; and the judge at its door.

Each kind of fault is named in `FAULTS`; a seed switches some on. A kill is one of them: it ends the guard in the middle
of a call, before or after the exchange has done what was asked.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import ParamSpec, TypeVar

from campaigns.oracle.judge import Judge
from campaigns.simulated.market import SharedClock
from desk.domain.account import AccountView, Income
from desk.domain.errors import OutcomeUnknownError, VenueRejectedError, VenueUnavailableError
from desk.domain.market import Mark, OrderBook
from desk.domain.orders import Fill, OrderRequest, OrderView, StopRequest, StopView
from desk.ports import TradingVenue

T = TypeVar("T")
P = ParamSpec("P")
FAULTS = (
    "unreached",  # nothing was accepted, and the guard is told so
    "lost ack",  # accepted, but the answer never came
    "lost request",  # not accepted, and nobody knows
    "late",  # accepted a second or more later, within the request's window; unknown until then
    "refused",  # a code that says no
    "stop refused",  # -4120, -2021, -4116: the stop is not taken
    "stale mark",  # marks of some time ago
    "bad tick",  # one mark far off while the index is right
    "twice",  # fills and income told twice, in another order
    "empty list",  # the resting stops are not shown
    "slow",  # every call takes its time
    "kill",  # the guard ends here
)
_REFUSALS = (-4045, -2019, -1001, -4116)
_STOP_REFUSALS = (-4120, -2021, -4116, -4045)
# The chance of a kill at one end of one call: some three in a run of five hundred events.
_KILLS = 0.0004
# An order that comes later than its recvWindow is refused by the exchange itself.
_WINDOW_MS = 5_000
_Late = tuple[int, OrderRequest]


class Killed(BaseException):
    """The guard's process ended here."""


class JudgeFailed(BaseException):
    """The judge itself broke: the run means nothing."""


class Network:
    """Keeps `desk.ports.TradingVenue` over another one. `calm` switches every fault off."""

    def __init__(
        self, venue: TradingVenue, judge: Judge, clock: SharedClock, dice: random.Random, faults: frozenset[str]
    ) -> None:
        self._venue, self._judge, self._clock, self._dice = venue, judge, clock, dice
        self.faults, self.rate = faults, dice.choice((0.01, 0.03, 0.15))
        self.calm, self.struck, self.down = False, 0, False
        self.requests, self._timed = 0, True
        self.dawdled: list[tuple[int, int]] = []
        self._late: list[_Late] = []
        self._old_marks: Mapping[str, Mark] = {}

    # ---- what time brings ----

    def arrive(self, *, everything: bool = False) -> None:
        """Let what is on its way arrive when its time has come."""
        due = [one for one in self._late if everything or one[0] <= self._clock.ms]
        self._late = [one for one in self._late if one not in due]
        for _, order in due:
            self.struck += 1
            try:
                self._venue.submit(order)
            except VenueRejectedError:
                pass
            finally:
                self._tell(self._judge.sizes.landed, order.client_id)

    # ---- desk.ports.MarkFeed ----

    def server_time(self) -> datetime:
        self._timed = False
        return self._ask(self._venue.server_time)

    def marks(self, symbols: Sequence[str]) -> Mapping[str, Mark]:
        told = dict(self._ask(lambda: self._venue.marks(symbols)))
        # A look without prices counts as one without a time: no day begins with it.
        self._timed = bool(told)
        self._tell(self._judge.sizes.shown, self._clock.ms)
        if self._strikes("stale mark") and self._old_marks.keys() >= told.keys():
            return {name: self._old_marks[name] for name in told}
        self._old_marks = told
        if told and self._strikes("bad tick"):
            name = self._dice.choice(sorted(told))
            return {**told, name: replace(told[name], price=told[name].price * Decimal("0.8"))}
        return told

    def book(self, symbol: str, depth: int) -> OrderBook:
        return self._ask(lambda: self._venue.book(symbol, depth))

    # ---- desk.ports.Account ----

    def account(self) -> AccountView:
        view = self._ask(self._venue.account)
        self._tell(self._judge.told, self._clock.ms, Fraction(view.equity), timed=self._timed)
        return view

    def open_orders(self) -> tuple[OrderView, ...]:
        return self._ask(self._venue.open_orders)

    def open_stops(self) -> tuple[StopView, ...]:
        shown = self._ask(self._venue.open_stops)
        return () if self._strikes("empty list") else shown

    def fills(self, symbol: str, since: datetime) -> tuple[Fill, ...]:
        told = self._ask(lambda: self._venue.fills(symbol, since))
        return (*told, *told) if self._strikes("twice") else told

    def income(self, since: datetime) -> tuple[Income, ...]:
        told = self._ask(lambda: self._venue.income(since - timedelta(seconds=60)))
        return (*told, *reversed(told)) if self._strikes("twice") else told

    # ---- desk.ports.OrderEntry and StopEntry ----

    def submit(self, order: OrderRequest) -> OrderView:
        self._tell(self._judge.order, order, self._clock.ms)
        try:
            if not order.reduce_only and self._strikes("late"):
                self._late.append((self._clock.ms + self._dice.randint(1_000, _WINDOW_MS), order))
                raise OutcomeUnknownError("no answer")
            return self._send(lambda: self._venue.submit(order), _REFUSALS, "refused")
        finally:
            if order not in [waiting for _, waiting in self._late]:
                self._tell(self._judge.sizes.landed, order.client_id)

    def cancel(self, symbol: str, client_id: str) -> None:
        self._send(lambda: self._venue.cancel(symbol, client_id), (-1001,), "refused")

    def find(self, symbol: str, client_id: str) -> OrderView | None:
        return self._ask(lambda: self._venue.find(symbol, client_id))

    def countdown(self, symbol: str, milliseconds: int) -> None:
        self._send(lambda: self._venue.countdown(symbol, milliseconds), (-1001,), "refused")

    def prepare(self, symbol: str, leverage: int) -> None:
        self._tell(self._judge.levered, symbol, leverage)
        self._send(lambda: self._venue.prepare(symbol, leverage), _REFUSALS, "refused")

    def submit_stop(self, stop: StopRequest) -> StopView:
        self._tell(self._judge.stop, stop, self._clock.ms)
        return self._send(lambda: self._venue.submit_stop(stop), _STOP_REFUSALS, "stop refused")

    def cancel_stop(self, symbol: str, client_id: str) -> None:
        self._send(lambda: self._venue.cancel_stop(symbol, client_id), (-1001,), "refused")
        self._tell(self._judge.dropped, symbol, client_id)

    def find_stop(self, symbol: str, client_id: str) -> StopView | None:
        return self._ask(lambda: self._venue.find_stop(symbol, client_id))

    # ---- the judge, whose own failure no guard may swallow ----

    def _tell(self, note: Callable[P, None], *told: P.args, **named: P.kwargs) -> None:
        try:
            note(*told, **named)
        except Exception as error:
            raise JudgeFailed from error

    # ---- faults ----

    def _kills(self) -> bool:
        return "kill" in self.faults and not self.calm and self._dice.random() < _KILLS

    def _strikes(self, fault: str) -> bool:
        if self.calm or fault not in self.faults or self._dice.random() >= self.rate:
            return False
        self.struck += 1
        return True

    def _dawdle(self, ms: int) -> None:
        self._clock.advance(ms)
        self.dawdled.append((self._clock.ms, ms))

    def _enter(self) -> None:
        self.requests += 1
        if self._kills():
            raise Killed
        if self._strikes("slow"):
            self._dawdle(self._dice.randint(50, 900))
        if self.down and not self.calm:
            self.struck += 1
            raise VenueUnavailableError("the exchange is down")
        if self._strikes("unreached"):
            raise VenueUnavailableError("not reached")

    def _ask(self, question: Callable[[], T]) -> T:
        self._enter()
        return question()

    def _send(self, request: Callable[[], T], codes: Sequence[int], refusal: str) -> T:
        self._enter()
        if self._strikes(refusal):
            raise VenueRejectedError("refused", code=self._dice.choice(codes))
        if self._strikes("lost request"):
            raise OutcomeUnknownError("no answer")
        answer = request()
        if self._kills():
            raise Killed
        if self._strikes("lost ack"):
            raise OutcomeUnknownError("no answer")
        return answer

"""The production guard on the production engine, in one process, while recorded markets fall.

The judge keeps books of its own: it reads equity from the engine after each price, knows when a UTC day begins, and
never asks the guard anything but what it told the crew.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from desk.domain.errors import GuardError
from desk.domain.intents import Action, Intent, Outcome
from desk.domain.money import ZERO
from desk.guard.core import Guard
from desk.guard.door.wire import GuardAnswer, intent_to_json
from desk.guard.inprocess import guard_in_process
from desk.guard.process.settings import Limits
from desk.venues.paper.direct import DirectVenue
from desk.venues.paper.engine.exchange import Exchange
from desk.venues.paper.engine.values import Quote
from desk.venues.paper.sources import MarketSource

DEPOSIT = Decimal(10_000)
ACCOUNT = "desk"


@dataclass
class MarketClock:
    """The market's own time, for the engine and the guard alike."""

    ms: int
    began: int = 0

    def __post_init__(self) -> None:
        self.began = self.ms

    def now(self) -> datetime:
        return datetime.fromtimestamp(self.ms / 1000, tz=UTC)

    def monotonic(self) -> float:
        return (self.ms - self.began) / 1000


@dataclass
class Day:
    """One UTC day by the judge's own books. `gap` is what jumps beyond the stress gap cost, by its own arithmetic."""

    date: str
    baseline: Decimal
    lowest: Decimal
    gap: Decimal = ZERO

    @property
    def loss(self) -> Decimal:
        return self.baseline - self.lowest


@dataclass
class MarketRun:
    """One recorded window: prices move, the guard looks, somebody asks."""

    source: MarketSource
    limits: Limits = field(default_factory=Limits)
    days: list[Day] = field(default_factory=list[Day])
    answers: list[GuardAnswer] = field(default_factory=list[GuardAnswer])
    resets: int = 0

    def __post_init__(self) -> None:
        self.clock = MarketClock(self.source.start_ms)
        specs = self.source.specs()
        self.exchange = Exchange(specs, now_ms=lambda: self.clock.ms)
        self.exchange.open_account(ACCOUNT, DEPOSIT)
        self.venue = DirectVenue(exchange=self.exchange, name=ACCOUNT, now_ms=lambda: self.clock.ms)
        self.symbols = tuple(sorted(specs))
        self._quotes = self.source.quotes(self.source.start_ms - 1, self._end())
        self._pending: Quote | None = None
        self._move_to(self.source.start_ms)
        self.guard: Guard = guard_in_process(
            self.venue, filters=self.venue.rules(), limits=self.limits, clock=self.clock, virtual=True
        )

    def play(self, ask_every_ms: int, ask: Callable[[MarketRun], None], *, operator: bool = False) -> None:
        """Play to the end. `ask` is called at every decision; an `operator` resets whenever the guard lets it."""
        due = self.clock.ms
        for moment in self._moments():
            self._move_to(moment)
            self.guard.look()
            while self.guard.restless and self.guard.state.mode.value == "FLATTENING":
                self.guard.look()
            if moment >= due:
                due = moment + ask_every_ms
                ask(self)
                self._judge(moment)
            if operator and self.guard.state.mode.value == "LOCKED":
                self._try_a_reset()

    def propose(self, symbol: str, action: Action, *, conviction: str, stop: str, target: str) -> GuardAnswer:
        """Ask the guard as a crew would."""
        now = self.clock.now()
        name = hashlib.sha256(f"{symbol}{self.clock.ms}{len(self.answers)}".encode()).hexdigest()
        intent = Intent(
            intent_id=name[:24],
            run_id=f"run-{self.clock.ms}",
            symbol=symbol,
            action=action,
            conviction=Decimal(conviction),
            stop_pct=Decimal(stop),
            target_pct=Decimal(target),
            seen_mark=self.exchange.mark(symbol).mark,
            strategy_id="hostile",
            snapshot_hash=name,
            created_at=now,
            expires_at=now + timedelta(seconds=60),
        )
        answer = self.guard.propose(intent_to_json(intent))
        self.answers.append(answer)
        return answer

    @property
    def opened(self) -> int:
        """How many entries the guard let through."""
        return sum(1 for answer in self.answers if answer.verdict.outcome is not Outcome.REFUSED)

    def _end(self) -> int:
        end = self.source.end_ms
        assert end is not None
        return end

    def _moments(self) -> Iterator[int]:
        while self._pending is not None:
            yield self._pending.at_ms

    def _move_to(self, moment: int) -> None:
        """Apply every quote up to this moment, judging the account after each."""
        while True:
            quote = self._pending if self._pending is not None else next(self._quotes, None)
            self._pending = None
            if quote is None:
                return
            if quote.at_ms > moment:
                self._pending = quote
                return
            self.clock.ms = max(self.clock.ms, quote.at_ms)
            jump = self._cost_beyond_stress(quote)
            self.exchange.apply(quote)
            self.exchange.settle(self.clock.ms)
            self.exchange.drain_events()
            self._judge(quote.at_ms)
            self.days[-1].gap += jump

    def _cost_beyond_stress(self, quote: Quote) -> Decimal:
        """What this jump takes from an open position beyond the gap that it was sized for."""
        held = next((row for row in self.exchange.positions(ACCOUNT, quote.symbol) if row.quantity != ZERO), None)
        if held is None or not quote.gap:
            return ZERO
        fall = (held.mark_price - quote.price) / held.mark_price * (1 if held.quantity > ZERO else -1)
        beyond = max(ZERO, fall - self.limits.stress(quote.symbol))
        return beyond * abs(held.quantity) * held.mark_price

    def _judge(self, at_ms: int) -> None:
        equity = self.exchange.summary(ACCOUNT).margin_balance
        date = datetime.fromtimestamp(at_ms / 1000, tz=UTC).date().isoformat()
        if not self.days or self.days[-1].date != date:
            self.days.append(Day(date=date, baseline=equity, lowest=equity))
        self.days[-1].lowest = min(self.days[-1].lowest, equity)

    def _try_a_reset(self) -> None:
        try:
            code, _ = self.guard.request_reset("the operator wants to go on")
            self.clock.ms += self.limits.cooldown_seconds * 1000
            self.guard.confirm_reset(code)
            self.resets += 1
        except GuardError:
            return

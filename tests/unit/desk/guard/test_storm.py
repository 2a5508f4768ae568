"""Seeded storms: an owned crew, a wild market, a lossy venue and kills, against the production guard.

Each seed enables its own faults. What must hold at every step and at the end is written in `Storm.check` and
`Storm.settle`; the journal then replays to the very same state.
"""

from __future__ import annotations

import os
import random
from decimal import Decimal

import pytest

from desk.domain.errors import GuardError, OutcomeUnknownError, VenueRejectedError, VenueUnavailableError
from desk.domain.intents import Action
from desk.domain.money import ZERO
from desk.guard.process.settings import Limits
from desk.guard.record.replay import replay
from desk.guard.vocabulary.state import Mode, Phase, state_hash
from tests.unit.desk.guard.bench import Bench

D = Decimal
SEEDS = int(os.environ.get("GUARD_STORM_SEEDS", "40"))
STEPS = 120
SYMBOLS = ("BTCUSDT", "ETHUSDT", "SOLUSDT")
LIMITS = Limits(trailing=D("0.03"), breakeven_at=D(1), entries_per_minute=60, entries_per_day=2000)
# Limits under which the breaker trips often.
BOLD = LIMITS.model_copy(
    update={
        "gap_stress": {},
        "gap_stress_default": D("0.01"),
        "risk_per_trade": D("0.05"),
        "max_position": D(2),
        "max_gross": D(3),
        "max_leverage": 5,
    }
)
NAMES = ("submit", "submit_stop", "find", "find_stop", "account", "marks", "cancel_stop", "open_stops", "prepare")


KINDS = (
    ("propose",) * 6 + ("move",) * 8 + ("time",) * 6 + ("lose", "restart", "close", "close", "fund", "halt", "reset")
)


class Killed(BaseException):
    """The process ended here."""


class Storm:
    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.bench = Bench(self.chance.choice((LIMITS, BOLD)))
        self.faults = {name: self.chance.random() < 0.4 for name in NAMES}
        self.kills = self.chance.random() < 0.6
        self.bench.venue.before = self.before
        self.calm = False
        self.latched, self.killed, self.entries = False, False, 0
        self.fault_rate = self.chance.choice((0.02, 0.05, 0.3))
        self.slow = self.chance.choice((0.0, 0.0, 0.01, 0.3))
        self.wind = D(str(self.chance.choice((0, 0, -0.004, 0.004))))

    def before(self, name: str) -> None:
        if self.calm:
            return
        if self.slow:
            self.bench.clock.advance(self.chance.random() * self.slow)
        draw = self.chance.random()
        if self.kills and draw < 0.006:
            raise Killed
        if self.faults.get(name) and draw > 1 - self.fault_rate:
            raise self.chance.choice(
                [VenueUnavailableError("busy"), OutcomeUnknownError("lost"), VenueRejectedError("no", code=-4045)]
            )

    def step(self) -> None:
        try:
            self.act()
        except Killed:
            self.restart()
        self.check()

    def restart(self) -> None:
        self.killed = True
        while True:
            try:
                self.bench.start()
                return
            except Killed:
                continue

    def act(self) -> None:
        kind = self.chance.choice(KINDS)
        {
            "propose": self.propose,
            "close": lambda: self.bench.propose(Action.CLOSE, self.chance.choice(SYMBOLS)),
            "move": self.move,
            "time": lambda: self.bench.look(self.chance.choice((0.2, 1.0, 3.0, 30.0, 3600.0))),
            "lose": self.lose,
            "restart": lambda: self.restart() if self.kills else None,
            "halt": self.halt,
            "reset": self.reset,
            "fund": self.fund,
        }[kind]()

    def propose(self) -> None:
        chance = self.chance
        action = chance.choice((Action.OPEN_LONG, Action.OPEN_SHORT))
        stop = D(chance.choice(("0.002", "0.01", "0.02", "0.1")))
        self.bench.propose(action, chance.choice(SYMBOLS), stop_pct=stop, target_pct=D("0.2"))

    def move(self) -> None:
        symbol, venue = self.chance.choice(SYMBOLS), self.bench.venue
        scale = self.chance.choice((0.002, 0.01, 0.03))
        change = 1 + self.wind + D(str(round(self.chance.gauss(0, scale), 5)))
        venue.move(symbol, round(venue.prices[symbol] * change, 1))
        self.bench.look(0.2)

    def lose(self) -> None:
        if self.faults["submit"]:
            self.bench.venue.lose_answer(self.chance.choice(("submit", "submit_stop")))

    def halt(self) -> None:
        if self.chance.random() < 0.2:
            guard = self.bench.guard
            (guard.halt if self.chance.random() < 0.5 else guard.flatten)("a test")

    def fund(self) -> None:
        self.bench.venue.fund(str(self.chance.randint(-20, 20)))
        if self.chance.random() < 0.2:
            self.bench.venue.transfer(str(self.chance.randint(-300, 300)))
        self.bench.look(1)

    def reset(self) -> None:
        guard = self.bench.guard
        try:
            code, _ = guard.request_reset("a test")
            self.bench.clock.advance(61)
            guard.confirm_reset(code)
        except GuardError:
            return
        self.latched = False

    def check(self) -> None:
        state = self.bench.guard.state
        names = [order.client_id for order in self.bench.venue.sent]
        assert len(names) == len(set(names)), "an order was sent twice"
        assert all(order.client_id.endswith("-e0") for order in self.bench.venue.sent if not order.reduce_only)
        entries = self.bench.entries()
        if self.latched:
            assert state.latch is not None, "a latch was lost"
            assert entries == self.entries, "a locked guard opened something"
        self.latched, self.entries = state.latch is not None, entries
        assert [row.date for row in state.days] == sorted({row.date for row in state.days})

    def settle(self) -> None:
        """The faults end; within seconds everything is protected or gone, and nothing is left behind."""
        self.calm = True
        self.bench.venue.after.clear()
        self.bench.look(1, times=30)
        state, venue = self.bench.guard.state, self.bench.venue
        assert not any(trade.pending for trade in state.trades)
        for symbol, quantity in venue.held.items():
            trade = state.trade(symbol)
            if quantity != ZERO:
                assert trade is not None, f"{symbol} is forgotten"
                assert trade.phase is Phase.PROTECTED, (symbol, trade)
                stop = trade.stop
                assert stop is not None
                assert any(one.client_id == stop.client_id for one in venue.open_stops())
            else:
                assert trade is None, (symbol, trade)
        if not state.trades:
            self.bench.look(21, times=2)
            assert venue.resting() == []
        if state.latch is not None:
            assert state.mode is Mode.LOCKED
        assert state.unexplained == ()
        over = {trade.intent_id for trade in state.done if trade.phase is Phase.CLOSED}
        assert state.closing == ()
        assert over <= {one.intent_id for one in state.ended}, "a trade ended without an outcome"


@pytest.mark.parametrize("seed", range(SEEDS))
def test_a_storm_leaves_no_position_without_a_stop_and_no_order_twice(seed: int) -> None:
    storm = Storm(seed)
    for _ in range(STEPS):
        storm.step()
    storm.settle()
    again = replay(storm.bench.journal.rows(), from_start=True)
    assert state_hash(again.state) == state_hash(storm.bench.guard.state)
    worst = storm.bench.guard.status()
    assert worst.equity == worst.ledger_equity

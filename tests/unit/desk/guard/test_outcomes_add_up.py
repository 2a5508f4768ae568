"""The production guard on the production engine: what its trades came to is what the account gained, to the last digit.

Orders fill in parts along a thin book, prices jump, funding is charged, and the guard is killed and started anew.
"""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from decimal import Decimal, localcontext

from hypothesis import event, given, settings
from hypothesis import strategies as st

from desk.domain.intents import Action, Intent
from desk.domain.money import EXACT, ZERO
from desk.guard.door.wire import intent_to_json
from desk.guard.inprocess import guard_in_process
from desk.guard.process.settings import Limits
from desk.guard.record.journal import MemoryJournal
from desk.guard.record.replay import replay
from desk.guard.trades.outcomes import CASH_SLACK
from desk.venues.paper.direct import DirectVenue
from tests.unit.desk.venues.paper.engine.pit import START_MS, Pit

D = Decimal
HOUR = 3_600_000
SYMBOLS = ("BTCUSDT", "ETHUSDT")
DEPOSIT = D(100_000)
LIMITS = Limits(
    gap_stress={},
    gap_stress_default=D("0.01"),
    max_position=D("0.9"),
    max_gross=D(2),
    entries_per_minute=60,
    entries_per_day=500,
    early_exit=D(1),
)
# The engine and the books round funding alike, but each fill's profit apart; beyond the slack it would be an error.
SLACK = CASH_SLACK + D("0.001")

moves = st.tuples(
    st.just("move"), st.sampled_from(SYMBOLS), st.decimals("-0.03", "0.03", places=4), st.booleans(), st.integers(1, 9)
)
opens = st.tuples(
    st.just("open"), st.sampled_from(SYMBOLS), st.sampled_from((Action.OPEN_LONG, Action.OPEN_SHORT)), st.just(0)
)
closes = st.tuples(st.just("close"), st.sampled_from(SYMBOLS))
others = st.sampled_from([("dead",), ("alive",), ("flatten",), ("hours",)])
days = st.lists(st.one_of(moves, moves, moves, opens, opens, closes, others), min_size=10, max_size=40)


class Floor:
    """One account, one guard, and the means to kill it."""

    def __init__(self) -> None:
        self.pit = Pit()
        self.pit.ladder = tuple((D(rung) * D("0.0004"), D("0.15")) for rung in range(60))
        self.prices = {"BTCUSDT": D(50_000), "ETHUSDT": D(40_000)}
        for symbol, price in self.prices.items():
            self.pit.quote(price, symbol)
        self.journal, self.asked, self.alive = MemoryJournal(), 0, True
        self.venue = DirectVenue(exchange=self.pit.exchange, name="ann", now_ms=lambda: self.pit.now)
        self.start()

    def now(self) -> datetime:
        return datetime.fromtimestamp(self.pit.now / 1000, tz=UTC)

    def monotonic(self) -> float:
        return (self.pit.now - START_MS) / 1000

    def start(self) -> None:
        self.guard = guard_in_process(
            self.venue, filters=self.venue.rules(), limits=LIMITS, clock=self, journal=self.journal, virtual=True
        )

    def do(self, what: str, *how: object) -> None:
        {
            "move": self.move,
            "open": lambda symbol, action, _: self.ask(action, symbol),
            "close": lambda symbol: self.ask(Action.CLOSE, symbol),
            "dead": lambda: setattr(self, "alive", False),
            "alive": self.revive,
            "flatten": lambda: self.alive and self.guard.flatten("a test"),
            "hours": self.hours,
        }[what](*how)
        if self.alive:
            self.guard.look()

    def revive(self) -> None:
        if not self.alive:
            self.alive = True
            self.start()

    def move(self, symbol: str, change: Decimal, gap: bool, minutes: int) -> None:
        self.prices[symbol] = round(self.prices[symbol] * (1 + change), 1)
        for name, price in self.prices.items():
            self.pit.quote(price, name, gap=gap and name == symbol, after_ms=minutes * 20_000)

    def hours(self) -> None:
        """Past the next funding boundary."""
        self.pit.now += 8 * HOUR
        self.pit.exchange.settle(self.pit.now)
        self.move("BTCUSDT", ZERO, False, 1)

    def ask(self, action: Action, symbol: str) -> None:
        if not self.alive:
            return
        self.asked += 1
        name = hashlib.sha256(str(self.asked).encode()).hexdigest()
        intent = Intent(
            intent_id=name[:24],
            run_id=f"run-{self.asked}",
            symbol=symbol,
            action=action,
            conviction=D(1),
            stop_pct=D("0.01"),
            target_pct=D("0.02"),
            seen_mark=self.pit.exchange.mark(symbol).mark,
            strategy_id="crew",
            snapshot_hash=name,
            created_at=self.now(),
            expires_at=self.now() + timedelta(seconds=60),
        )
        self.guard.propose(intent_to_json(intent))

    def gained(self) -> Decimal:
        """By the guard's outcomes: what is over, and what the open positions' fills came to so far."""
        state = self.guard.state
        running = [*state.tabs, *(one.tab for one in state.closing if one.tab is not None)]
        return sum((one.pnl for one in state.ended), ZERO) + sum((tab.net for tab in running), ZERO)

    def check(self) -> None:
        summary, state = self.pit.exchange.summary("ann"), self.guard.state
        assert state.ledger is not None
        with localcontext(EXACT):
            gained = self.gained()
            assert round(gained - (state.ledger.cash - DEPOSIT), 12) == 0, "the outcomes are not the books"
        assert abs(gained + summary.unrealized - (summary.margin_balance - DEPOSIT)) <= SLACK


@settings(max_examples=50, deadline=None)
@given(day=days)
def test_outcomes_and_open_profit_are_the_change_of_equity(day: list[tuple[str, ...]]) -> None:
    floor = Floor()
    for what, *how in day:
        floor.do(what, *how)
        if floor.alive:
            floor.check()
    floor.revive()
    for _ in range(4):
        floor.do("move", "BTCUSDT", ZERO, False, 1)
    floor.check()
    state = floor.guard.state
    assert state.closing == ()
    assert {tab.symbol for tab in state.tabs} <= {trade.symbol for trade in state.trades}
    assert replay(floor.journal.rows(), from_start=True).state == state
    fills = len(floor.pit.exchange.trades("ann"))
    event(f"trades over: {min(3, len(state.ended))}")
    event(f"in parts: {fills > 2 * len(state.ended) + len(state.trades)}")
    for one in state.ended:
        event(one.ending.value)
        assert one.pnl == one.realized - one.fees - one.funding
        assert one.closed_at >= one.opened_at > 0

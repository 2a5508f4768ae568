"""A guard over the fake venue on a virtual clock, and the words tests need for it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from desk.domain.certificates import Certificate
from desk.domain.intents import Action, Intent, Outcome
from desk.guard.bounds.limits import Limits
from desk.guard.core import Guard
from desk.guard.door.wire import GuardAnswer, intent_to_json
from desk.guard.inprocess import VirtualClock, guard_in_process
from desk.guard.record.journal import Journal, MemoryJournal
from desk.guard.vocabulary.state import Phase, Trade
from tests.unit.desk.guard.fake_venue import FakeVenue

D = Decimal
# Gap budget and the rules on conduct would bind nearly every test; tests of other rules leave them room.
ROOMY = Limits(
    gap_stress={},
    gap_stress_default=D("0.01"),
    early_exit=D(1),
    max_correlated=D(10),
    max_range=D("0.5"),
    turnover=D(500),
    repeat_entries=2000,
    reentry_seconds=0,
    symbol_losses=50,
    streak_losses=50,
)


class Bench:
    def __init__(self, limits: Limits | None = None, *, journal: Journal | None = None, boot: bool = True) -> None:
        self.clock = VirtualClock()
        self.venue = FakeVenue(self.clock)
        self.limits = limits or ROOMY
        self.journal = journal or MemoryJournal()
        self.told: list[tuple[str, str]] = []
        self.count = 0
        self.guard: Guard
        if boot:
            self.start()

    def start(
        self,
        limits: Limits | None = None,
        *,
        dead_man: str = "unknown",
        flatten_only: bool = False,
        certificates: tuple[Certificate, ...] | None = None,
    ) -> Guard:
        """Start (or restart) a guard on what the journal remembers."""
        self.limits = limits or self.limits
        self.guard = guard_in_process(
            self.venue,
            filters=self.venue.filters,
            limits=self.limits,
            clock=self.clock,
            journal=self.journal,
            dead_man=dead_man,
            flatten_only=flatten_only,
            certificates=certificates,
            tell=lambda level, message: self.told.append((level, message)),
        )
        return self.guard

    def intent(self, action: Action = Action.OPEN_LONG, symbol: str = "BTCUSDT", **changes: object) -> Intent:
        self.count += 1
        now = self.clock.now()
        base = Intent(
            intent_id=f"intent-{self.count}",
            run_id=f"run-{self.count}",
            symbol=symbol,
            action=action,
            conviction=D(1),
            stop_pct=D("0.02"),
            target_pct=D("0.05"),
            seen_mark=self.venue.prices.get(symbol, D(100)),
            strategy_id="crew",
            snapshot_hash="a" * 64,
            created_at=now,
            expires_at=now + timedelta(seconds=60),
        )
        return replace(base, **changes)

    def propose(self, action: Action = Action.OPEN_LONG, symbol: str = "BTCUSDT", **changes: object) -> GuardAnswer:
        return self.guard.propose(intent_to_json(self.intent(action, symbol, **changes)))

    def open(self, symbol: str = "BTCUSDT", action: Action = Action.OPEN_LONG, **changes: object) -> Trade:
        """Open a protected position."""
        answer = self.propose(action, symbol, **changes)
        assert answer.verdict.outcome is not Outcome.REFUSED, answer.verdict
        assert answer.execution.phase == Phase.PROTECTED, answer.execution
        return self.trade(symbol)

    def trade(self, symbol: str = "BTCUSDT") -> Trade:
        trade = self.guard.state.trade(symbol)
        assert trade is not None
        return trade

    def look(self, seconds: float = 1.0, times: int = 1) -> None:
        """Let time pass and look, as the guard's loop does."""
        for _ in range(times):
            self.clock.advance(seconds)
            self.guard.look()

    @property
    def mode(self) -> str:
        return self.guard.state.mode.value

    @property
    def flat(self) -> bool:
        return all(quantity == 0 for quantity in self.venue.held.values())

    def entries(self) -> int:
        return sum(1 for order in self.venue.sent if not order.reduce_only)


# One position as large as the equity, so that a percent of price is a percent of equity.
WHOLE = ROOMY.model_copy(
    update={
        "risk_per_trade": D("0.05"),
        "max_position": D(1),
        "gap_stress_default": D("0.000001"),
        "slippage_reserve": D(0),
        "stop_max": D("0.3"),
        "max_leverage": 5,
        "margin_use": D(1),
    }
)


def whole(limits: Limits = WHOLE, action: Action = Action.OPEN_LONG, *, stop: str = "0.05") -> Bench:
    """A bench with 0.2 BTC at 50,000 on 10,000 USDT, free of fees, and a stop too far to matter before the limit."""
    bench = Bench(limits, boot=False)
    bench.venue.fee = D(0)
    bench.start()
    trade = bench.open(action=action, stop_pct=D(stop), target_pct=D("0.3"))
    assert trade.filled == D("0.2")
    # The stop would act first; these tests are about the breaker alone.
    bench.venue._reached = lambda stop: False
    return bench

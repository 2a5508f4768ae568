"""A market, a guard, a clock and an audit log that keep the ports' contracts, small enough to hold in the head."""

from __future__ import annotations

import asyncio
import hashlib
import math
import random
import threading
from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import cache
from typing import Any

from config import DeskConfig
from crews.desk import Desk
from crews.record.record import DecisionRecord
from crews.running.opening import open_models
from crews.seating import setup_of
from crews.setup import DeskSetup
from desk.domain.account import SymbolRules
from desk.domain.errors import BudgetSpentError, DataError, GuardUnreachableError
from desk.domain.intents import Action, Intent, Outcome, Verdict
from desk.domain.market import Bar, Crowd, FundingPoint, Gauge, Headline, Level, Mark, OrderBook
from desk.domain.moments import to_ms
from desk.domain.orders import Side
from desk.guard.door.wire import ExecutedOrder, Execution, GuardAnswer
from desk.guard.vocabulary.status import GuardStatus
from desk.market.intervals import interval_ms
from desk.market.order_flow import Flow, OrderFlow
from memory.audit import AuditLog
from memory.rows import Entry

NOW = datetime(2026, 3, 2, 12, 0, 30, tzinfo=UTC)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class FixedClock:
    """Venue time that moves only when told."""

    def __init__(self, now: datetime = NOW) -> None:
        self.at = now

    def now(self) -> datetime:
        return self.at

    def monotonic(self) -> float:
        return self.at.timestamp()


class FakeMarket:
    """A seeded market. `drift` is the relative move per hour: positive trends up, negative down."""

    def __init__(self, clock: FixedClock, *, drift: float = 0.0, seed: int = 7, intervals: Sequence[str] = ()) -> None:
        self.clock = clock
        self.drift = drift
        self.seed = seed
        self.intervals = intervals
        self.mark_age = timedelta(0)
        self.calls: list[tuple[str, str, int]] = []
        self._lock = threading.Lock()

    def rules(self) -> dict[str, SymbolRules]:
        return {}

    def bars(self, symbol: str, interval: str, limit: int) -> tuple[Bar, ...]:
        with self._lock:
            self.calls.append((symbol, interval, limit))
        if self.intervals and interval not in self.intervals:
            raise DataError(f"no {interval} bars")
        step = interval_ms(interval)
        newest = self._ms() // step * step - step
        return tuple(self._bar(symbol, newest - step * back, step) for back in reversed(range(limit)))

    def book(self, symbol: str, depth: int) -> OrderBook:
        mid = self.price(symbol, self._ms())
        tick = mid * 0.0001
        bids = tuple(Level(_price(mid - tick * (n + 1)), Decimal(2 + n % 3)) for n in range(depth))
        asks = tuple(Level(_price(mid + tick * (n + 1)), Decimal(2 + n % 2)) for n in range(depth))
        return OrderBook(symbol=symbol, at=self.clock.at, bids=bids, asks=asks)

    def funding(self, symbol: str, limit: int) -> tuple[FundingPoint, ...]:
        return tuple(
            FundingPoint(at=self.clock.at - timedelta(hours=8 * (n + 1)), rate=0.0001 + 0.00001 * (n % 4))
            for n in reversed(range(limit))
        )

    def marks(self, symbols: Sequence[str]) -> dict[str, Mark]:
        return {symbol: self._mark(symbol) for symbol in symbols}

    def crowd(self, symbol: str, period: str, points: int) -> Crowd:
        """More is open the longer the market drifts, and more accounts are on the side it drifts to."""
        step = timedelta(milliseconds=interval_ms(period))
        times = [self.clock.at - step * back for back in reversed(range(points))]
        held = tuple(Gauge(value=1000.0 * math.exp(abs(self.drift) * n), at=at) for n, at in enumerate(times))
        share = 0.5 + max(-0.4, min(0.4, 40 * self.drift))
        sides = tuple(Gauge(value=share, at=at) for at in times)
        return Crowd(
            period=period, open_interest=held, accounts_long=sides, top_long=sides, taker_buys=sides, silent=()
        )

    def flow(self, symbol: str, now: datetime) -> Flow:
        """Two looks at the same book, a taker on either side, and one liquidation."""
        heard, at, price = OrderFlow(), self._ms(), self.price(symbol, self._ms())
        heard.trade(at - 2000, price, 3.0, Side.BUY if self.drift >= 0 else Side.SELL)
        heard.trade(at - 1000, price, 1.0, Side.SELL if self.drift >= 0 else Side.BUY)
        heard.forced(at - 500, price, 0.5, Side.SELL)
        for _ in range(2):
            heard.book(self.book(symbol, 20))
        return heard.reading(at)

    def price(self, symbol: str, at_ms: int) -> float:
        """A smooth, seeded path: drift, two waves, and noise that depends on the minute alone."""
        return _path(symbol, self.seed, self.drift, at_ms)

    def _bar(self, symbol: str, open_ms: int, step: int) -> Bar:
        points = [self.price(symbol, open_ms + step * part // 4) for part in range(4)]
        points.append(self.price(symbol, open_ms + step - 60_000))
        return Bar(open_ms, points[0], max(points), min(points), points[-1], 50.0 + _noise(f"v{symbol}{open_ms}"))

    def _mark(self, symbol: str) -> Mark:
        price = _price(self.price(symbol, self._ms()))
        return Mark(
            symbol=symbol,
            price=price,
            index=price,
            at=self.clock.at - self.mark_age,
            funding_rate=Decimal("0.0001"),
            next_funding=self.clock.at + timedelta(hours=4),
        )

    def _ms(self) -> int:
        return (self.clock.at - EPOCH) // timedelta(milliseconds=1)


class FakeNews:
    """Headlines as given; `None` means that no source answers."""

    def __init__(self, *titles: str, clock: FixedClock, silent: bool = False) -> None:
        self._titles = titles
        self._clock = clock
        self._silent = silent

    def headlines(self, since: datetime) -> tuple[Headline, ...]:
        if self._silent:
            raise DataError("no source answered")
        return tuple(
            Headline(at=self._clock.at - timedelta(minutes=30 - n), source="wire", title=title, symbols=("BTCUSDT",))
            for n, title in enumerate(self._titles)
        )


class FakeGuard:
    """A guard that approves everything it is asked, and remembers it."""

    def __init__(self, clock: FixedClock) -> None:
        self.clock = clock
        self.asked: list[Intent] = []
        self.mode = "NORMAL"
        self.gone = False
        self.gone_when_asked = False
        self.position: Decimal = Decimal(0)
        self.unrealized: Decimal = Decimal(0)

    def state(self) -> GuardStatus:
        if self.gone:
            raise GuardUnreachableError("no guard answers")
        return status(self)

    def propose(self, intent: Intent) -> GuardAnswer:
        if self.gone or self.gone_when_asked:
            raise GuardUnreachableError("no guard answers")
        self.asked.append(intent)
        verdict = Verdict(
            intent_id=intent.intent_id,
            outcome=Outcome.APPROVED,
            rule="approved",
            message="within every limit",
            numbers=(("equity", "10000"),),
            quantity=Decimal("0.01"),
            decided_at=self.clock.at,
        )
        execution = Execution(
            phase="OPEN",
            orders=(
                ExecutedOrder(role="entry", client_id="e1", status="FILLED"),
                ExecutedOrder(role="stop", client_id="s1", status="NEW"),
            ),
            stop=Decimal(59000),
            target=Decimal(63000),
            filled=Decimal("0.01"),
            average_price=Decimal(60000),
            note="",
        )
        return GuardAnswer(verdict=verdict, execution=execution, journal_seq=5, journal_hash="0" * 64)


def status(guard: FakeGuard) -> GuardStatus:
    """The JSON of a calm guard, typed."""
    positions = []
    if guard.position:
        positions.append(
            {
                "symbol": "BTCUSDT",
                "quantity": str(guard.position),
                "entry": "60000",
                "mark": "60000",
                "unrealized": str(guard.unrealized),
                "notional": str(abs(guard.position) * 60000),
                "stop": "58800",
                "target": "63000",
                "intent_id": None,
                "phase": "OPEN",
            }
        )
    return GuardStatus.model_validate(
        {
            "mode": guard.mode,
            "latch": None,
            "equity": "10000",
            "wallet": "10000",
            "available": "10000",
            "ledger_equity": "10000",
            "peak": "10000",
            "day": {"date": "2026-03-02", "baseline": "10000", "limit": "500", "loss": "0", "left": "500"},
            "rolling": {"high": "10000", "loss": "0", "left": "800"},
            "drawdown": {"value": "0", "limit": "0.2"},
            "positions": positions,
            "open_intents": [],
            "limits": {"max_gross": "1"},
            "gap_budget": {"used": "0", "left": "480"},
            "venue_time": to_ms(guard.clock.at),
            "checked_at": to_ms(guard.clock.at),
            "heartbeat_ms": 10,
            "unexplained": [],
            "reset": "",
            "state_hash": "0" * 64,
            "journal_seq": 1,
        }
    )


@dataclass
class ListedAudit:
    """Rows in a list."""

    rows: list[tuple[str, Entry]] = field(default_factory=list)
    snapshots: dict[str, bytes] = field(default_factory=dict)
    writes: int = 0

    def append_all(self, decision_id: str, entries: Iterable[Entry]) -> None:
        self.rows.extend((decision_id, entry) for entry in entries)
        self.writes += 1

    def put_snapshot(self, data: bytes) -> str:
        digest = hashlib.sha256(data).hexdigest()
        self.snapshots[digest] = data
        return digest

    def of(self, kind: str, agent: str = "") -> list[dict[str, Any]]:
        """The payloads of one kind, in order."""
        return [dict(entry.payload) for _, entry in self.rows if entry.kind == kind and agent in ("", entry.agent)]


class Book:
    """A day's book in a list, with room for so many requests."""

    def __init__(self, room: int = 1000) -> None:
        self.room = room
        self.paid: list[tuple[str, int, Decimal]] = []

    def pay(self, agent: str, tokens: int, usd: Decimal) -> str:
        if len(self.paid) >= self.room:
            raise BudgetSpentError("the day's tokens are spent")
        self.paid.append((agent, tokens, usd))
        return "2026-03-02"

    def settle(self, day: str, agent: str, tokens: int, usd: Decimal) -> None:
        self.paid.append((agent, tokens, usd))

    def recalled(self, agent: str) -> None:
        """Not counted here."""


def decide_to_open(config: DeskConfig, models: DeskConfig, audit: AuditLog) -> DecisionRecord:
    """A decision of the offline desk in a rising market, which opens a long. `models` says which rules decide."""
    clock = FixedClock()
    with ExitStack() as closing:
        desk = Desk(
            market=FakeMarket(clock, drift=0.004),
            news=FakeNews("Bitcoin funds record inflows", clock=clock),
            guard=FakeGuard(clock),
            audit=audit,
            setup=setup_of(config),
            models=open_models(models, closing),
            clock=clock,
            book=Book(),
        )
        made = asyncio.run(desk.decide("BTCUSDT", "run-1"))
        desk.close()
    assert made.action is Action.OPEN_LONG
    assert made.intent_id
    return made


def hurried(setup: DeskSetup, seconds: float) -> DeskSetup:
    """The same desk with every agent's deadline at `seconds`."""
    return replace(
        setup,
        plan=replace(setup.plan, deadline=seconds),
        decide=replace(setup.decide, deadline=seconds),
        specialists={name: replace(seat, deadline=seconds) for name, seat in setup.specialists.items()},
    )


def _price(value: float) -> Decimal:
    return Decimal(f"{value:.2f}")


@cache
def _path(symbol: str, seed: int, drift: float, at_ms: int) -> float:
    minutes = at_ms / 60_000
    phase = int(hashlib.sha256(f"{symbol}{seed}".encode()).hexdigest()[:4], 16) / 1000
    hours = (at_ms - int(NOW.timestamp() * 1000)) / 3_600_000
    wave = 0.004 * math.sin(minutes / 190 + phase) + 0.0015 * math.sin(minutes / 17 + phase)
    noise = 0.0004 * _noise(f"{symbol}{seed}{int(minutes)}")
    base = {"BTCUSDT": 60_000.0, "ETHUSDT": 3_000.0}.get(symbol, 100.0)
    return base * math.exp(drift * hours) * (1 + wave + noise)


@cache
def _noise(name: str) -> float:
    return random.Random(name).gauss(0, 1)

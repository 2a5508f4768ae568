"""The guard is killed at random moments of a busy run, and nothing is doubled, forgotten, naked or forgiven."""

from __future__ import annotations

import hashlib
import os
import random
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from desk.domain.errors import GuardError, VenueError
from desk.domain.intents import Action, Intent
from desk.domain.money import ZERO
from desk.domain.orders import StopType
from desk.guard.door.client import GuardClient
from desk.guard.record.journal import read_rows, verify
from desk.guard.record.replay import replay
from desk.guard.vocabulary.state import Phase, state_hash
from desk.venues.binance import BinanceGateway, BinancePublic
from tests.guard_process import GuardProcess
from tests.venue_process import VenueProcess

KILLS = int(os.environ.get("CREWDESK_KILLS", "20"))
SEED = int(os.environ.get("CREWDESK_SEED", "20261121"))
SPEED = 60
SYMBOLS = ("BTCUSDT", "ETHUSDT", "SOLUSDT")
STOP_WITHIN_S = 2.0

pytestmark = [pytest.mark.campaign, pytest.mark.timeout(570)]


@dataclass
class Crew:
    """Somebody who never stops asking: opens and closes at random, from two threads, whoever answers."""

    guard: GuardProcess
    market: BinancePublic
    dice: random.Random
    asked: list[str] = field(default_factory=list[str])
    answered: int = 0
    _going: threading.Event = field(default_factory=threading.Event)
    _threads: list[threading.Thread] = field(default_factory=list[threading.Thread])

    def start(self) -> None:
        self._going.set()
        self._threads = [threading.Thread(target=self._ask, args=(self.dice.random(),), daemon=True) for _ in range(2)]
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        self._going.clear()
        for thread in self._threads:
            thread.join(timeout=20)

    def _ask(self, seed: float) -> None:
        dice = random.Random(seed)
        while self._going.is_set():
            try:
                with self.guard.client(timeout=5) as client:
                    while self._going.is_set():
                        client.propose(self._intent(dice))
                        self.answered += 1
            except (GuardError, VenueError, OSError):
                time.sleep(0.02)

    def _intent(self, dice: random.Random) -> Intent:
        symbol = dice.choice(SYMBOLS)
        action = dice.choice([Action.OPEN_LONG, Action.OPEN_SHORT, Action.CLOSE])
        now = self.market.server_time()
        name = hashlib.sha256(f"{dice.random()}".encode()).hexdigest()
        self.asked.append(name[:24])
        return Intent(
            intent_id=name[:24],
            run_id=f"busy-{name[:16]}",
            symbol=symbol,
            action=action,
            conviction=Decimal("0.4"),
            stop_pct=Decimal("0.01"),
            target_pct=Decimal("0.02"),
            seen_mark=self.market.marks([symbol])[symbol].price,
            strategy_id="busy",
            snapshot_hash=name,
            created_at=now,
            expires_at=now + timedelta(seconds=120),
        )


@dataclass
class Scene:
    """A venue that runs, a guard that dies, a crew that asks, and a judge with a key of its own."""

    venue: VenueProcess
    guard: GuardProcess
    judge: BinanceGateway
    crew: Crew


@contextmanager
def scene_in(folder: Path) -> Iterator[Scene]:
    """Everything running in this folder, and ended afterwards by its process id."""
    venue = VenueProcess(folder / "venue", clock={"mode": "faster", "speed": SPEED}, deposit="100000").start()
    # Kills are what is tried here, so a crew that churns is let churn.
    limits = {"entries_per_minute": 60, "entries_per_day": 2000, "intents_per_minute": 6000, "cooldown_seconds": 1}
    limits |= {"repeat_entries": 2000, "reentry_seconds": 0, "turnover": 500, "failed_orders": 100}
    limits |= {"symbol_losses": 50, "streak_losses": 50, "max_range": "0.5", "max_correlated": 10}
    guard = GuardProcess(folder / "guard", venue, SYMBOLS, limits=limits, speed=SPEED)
    guard.start()
    judge, market = venue.gateway(), venue.public()
    crew = Crew(guard, market, random.Random(SEED))
    try:
        yield Scene(venue, guard, judge, crew)
    finally:
        crew.stop()
        guard.kill()
        judge.close()
        market.close()
        venue.stop()


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    with scene_in(tmp_path) as running:
        yield running


def naked(judge: BinanceGateway) -> list[str]:
    """Open positions without a resting stop, as the venue tells."""
    stops = {stop.symbol for stop in judge.open_stops() if stop.type is StopType.STOP_MARKET}
    return [p.symbol for p in judge.account().positions if p.quantity != ZERO and p.symbol not in stops]


def seconds_until_protected(judge: BinanceGateway) -> float:
    """How long after this moment every open position has its stop."""
    began = time.monotonic()
    while naked(judge):
        if time.monotonic() - began > 5 * STOP_WITHIN_S:
            break
    return time.monotonic() - began


@dataclass(frozen=True, kw_only=True)
class Toll:
    """What a run of kills came to. `slowest_stop` is in seconds from a restart to the last missing stop resting."""

    kills: int
    answered: int
    entries: int
    slowest_stop: float
    slowest_start: float


def kill_again_and_again(scene: Scene, kills: int, seed: int) -> Toll:
    """Kill and restart the guard `kills` times while the crew keeps asking; every rule is checked after each start."""
    dice = random.Random(seed)
    baselines: dict[str, Decimal] = {}
    slowest_stop = slowest_start = 0.0
    scene.crew.start()
    for kill in range(kills):
        time.sleep(dice.uniform(0.02, 0.9))  # the moment of the kill is the experiment, not a wait for something
        scene.guard.kill()
        slowest_start = max(slowest_start, scene.guard.start())
        slowest_stop = max(slowest_stop, seconds_until_protected(scene.judge))
        with scene.guard.client() as client:
            status = client.state()
        known = baselines.setdefault(status.day.date, status.day.baseline)
        assert status.day.baseline == known, f"kill {kill}: the baseline of {status.day.date} moved"
        assert status.unexplained == (), f"kill {kill}: {status.unexplained}"
        assert {p.phase for p in status.positions} <= {"FILLED", "PROTECTED", "EXITING", "ENTRY_SENT", "ENTRY_UNKNOWN"}
    scene.crew.stop()
    entries = judge_the_orders(scene)
    judge_the_journal(scene)
    return Toll(
        kills=kills,
        answered=scene.crew.answered,
        entries=entries,
        slowest_stop=slowest_stop,
        slowest_start=slowest_start,
    )


def test_many_kills_double_nothing_forget_nothing_and_leave_nothing_naked(scene: Scene) -> None:
    toll = kill_again_and_again(scene, KILLS, SEED)
    assert toll.slowest_stop <= STOP_WITHIN_S, f"a position stood without its stop for {toll.slowest_stop:.2f} s"
    assert toll.answered > KILLS


def judge_the_orders(scene: Scene) -> int:
    """By the venue's own lists: one entry for an intent at most, and no position that the guard does not know.

    Returns how many entries there were.
    """
    with scene.guard.client() as client:
        client.sync()
        status = client.state()
    entries: Counter[str] = Counter()
    for symbol in SYMBOLS:
        for order in all_orders(scene.venue, symbol):
            client_id = str(order["clientOrderId"])
            if client_id.startswith("cd-") and client_id.rpartition("-")[2].startswith("e"):
                entries[client_id] += 1
    assert entries, "nothing was ever opened"
    assert max(entries.values()) == 1
    per_intent = Counter(client_id.rsplit("-", 1)[0] for client_id in entries)
    assert max(per_intent.values()) == 1
    held = {p.symbol: p.quantity for p in scene.judge.account().positions if p.quantity != ZERO}
    assert held == {p.symbol: p.quantity for p in status.positions}
    assert all(p.intent_id for p in status.positions)
    return sum(entries.values())


def all_orders(venue: VenueProcess, symbol: str) -> list[dict[str, object]]:
    """Every ordinary order of a symbol, by python-binance itself."""
    from binance.client import Client

    client = Client(venue.key, venue.secret, ping=False)
    client.FUTURES_URL = f"{venue.url}/fapi"
    now = venue.now_ms()
    client.timestamp_offset = now - int(time.time() * 1000)
    return list(client.futures_get_all_orders(symbol=symbol, limit=1000))


def judge_the_journal(scene: Scene) -> None:
    """Stopped, verified and replayed from its first row, the journal gives the state the guard last told."""
    with scene.guard.client() as client:
        told = client.sync()
    scene.guard.kill()
    verify(scene.guard.journal)
    rows = list(read_rows(scene.guard.journal))
    again = replay([row for row in rows if row.seq <= told.journal_seq], from_start=True)
    assert state_hash(again.state) == told.state_hash
    over = {trade.intent_id for trade in again.state.done if trade.phase is Phase.CLOSED}
    waiting = {one.intent_id for one in again.state.closing}
    assert over <= {one.intent_id for one in told.closed} | waiting, "a trade ended without an outcome"


def test_a_latch_survives_every_kill_and_only_two_human_steps_lift_it(scene: Scene) -> None:
    scene.crew.start()
    deadline = time.monotonic() + 30
    while not scene.judge.account().positions and time.monotonic() < deadline:
        time.sleep(0.05)
    with scene.guard.client() as client:
        client.halt("the operator has seen enough")
    for _ in range(5):
        scene.guard.kill()
        scene.guard.start()
        with scene.guard.client() as client:
            status = client.sync()
        assert status.latch is not None
        assert status.mode in {"FLATTENING", "LOCKED"}
    wait_for(scene.guard, "LOCKED")
    assert [p for p in scene.judge.account().positions if p.quantity != ZERO] == []
    scene.crew.stop()
    with scene.guard.client(operator=True) as human:
        code = human.request_reset("it was only a test").code
        with pytest.raises(GuardError):
            human.confirm_reset("WRONGCODE1")
        wait_until_it_works(human, code)
        assert human.state().mode == "NORMAL"


def wait_for(guard: GuardProcess, mode: str) -> None:
    deadline = time.monotonic() + 20
    with guard.client() as client:
        while client.sync().mode != mode:
            assert time.monotonic() < deadline
            time.sleep(0.05)


def wait_until_it_works(human: GuardClient, code: str) -> None:
    deadline = time.monotonic() + 15
    while True:
        try:
            human.confirm_reset(code)
        except GuardError:
            assert time.monotonic() < deadline
            time.sleep(0.1)
        else:
            return

"""What one core carries, and what breaks first on the way to many accounts: `python -m benchmarks.scale`.

Real guards on a real exchange for a minute and a half (memory, CPU time, request weight); decisions by the offline
rules; symbols screened a second; rows the ledger takes. Then a simulation of 1,000 accounts and 500 symbols from these
figures. CPU time is counted, not wall time, because the machine is shared; docs/scale.md is written whole.
"""

from __future__ import annotations

import asyncio
import math
import os
import platform
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx

from agents.offline import OfflineModel
from agents.roster import ROSTER
from config.loader import load_desk
from crews.desk import Desk
from crews.seating import setup_of
from crews.work import runner
from desk.domain.market import Bar
from desk.ledger import Ledger, SignalRow, sqlite_url
from desk.screening.screen import Screen, ScreenParameters
from desk.spikes.detect import SpikeParameters
from tests.guard_process import GuardProcess
from tests.unit.crews.fakes import FakeGuard, FakeMarket, FakeNews, FixedClock, ListedAudit
from tests.venue_process import VenueProcess

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "scale.md"
TICK = os.sysconf("SC_CLK_TCK")
PAGE_SIZE = os.sysconf("SC_PAGE_SIZE")
GUARDS, GUARD_SECONDS = 2, 75.0
DECISIONS, SYMBOLS, SECONDS, ROWS = 5, 500, 120, 2000
ACCOUNTS = 1000
# Binance's published limit of request weight for one address, and what the desk keeps of it for exits.
WEIGHT_A_MINUTE, FOR_EXITS = 2400, 0.3
DECISION_MINUTES = 15


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """Of one unit: CPU seconds, bytes, request weight."""

    guard_cpu_a_second: float
    guard_bytes: int
    guard_weight_a_minute: float
    decision_cpu: float
    crew_bytes: int
    screened_cpu: float
    row_cpu: float


class PlainGuard(GuardProcess):
    """A guard at the pace it has in production."""

    def _settings(self, run_file: Path) -> Mapping[str, object]:
        told = dict(super()._settings(run_file))
        del told["poll_seconds"], told["fast_poll_seconds"]
        return told


def guards(home: Path) -> tuple[float, int, float]:
    """CPU a second, memory, and weight a minute of one guard that looks after an account with nothing open."""
    venue = VenueProcess(home / "venue", clock={"mode": "faster", "speed": 1}, limits={"weight_per_minute": 100_000})
    venue.start()
    running = [PlainGuard(home / f"guard-{number}", venue, ("BTCUSDT", "ETHUSDT")) for number in range(GUARDS)]
    try:
        for guard in running:
            guard.start()
        time.sleep(5)
        pids = [guard._process.pid for guard in running if guard._process]  # noqa: SLF001  the process of a fixture of ours
        before, weight = [cpu_of(pid) for pid in pids], used(venue)
        began = time.monotonic()
        heard = 0
        while time.monotonic() - began < GUARD_SECONDS:
            time.sleep(1)
            now = used(venue)
            # The counter begins anew each minute; our own question is one of its weight.
            heard += (now - weight if now >= weight else now) - 1
            weight = now
        seconds = time.monotonic() - began
        spent = sum(cpu_of(pid) for pid in pids) - sum(before)
        held = max(resident(pid) for pid in pids)
        return spent / seconds / GUARDS, held, heard / seconds * 60 / GUARDS
    finally:
        for guard in running:
            guard.stop()
        venue.stop()


def used(venue: VenueProcess) -> int:
    """The weight this address has used in the running minute, as the exchange tells."""
    answer = httpx.get(f"{venue.url}/fapi/v1/ping", trust_env=False)
    return int(answer.headers["X-MBX-USED-WEIGHT-1M"])


def cpu_of(pid: int) -> float:
    """CPU seconds a process has used."""
    columns = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(columns[11]) + int(columns[12])) / TICK


def resident(pid: int) -> int:
    """Bytes of memory a process holds."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * PAGE_SIZE


def decisions() -> float:
    """CPU seconds of a whole decision of six agents by the offline rules."""
    clock = FixedClock()
    desk = Desk(
        market=FakeMarket(clock, drift=0.003),
        news=FakeNews("Bitcoin funds record inflows", clock=clock),
        guard=FakeGuard(clock),
        audit=ListedAudit(),
        setup=setup_of(load_desk("demo", environ={})),
        models=dict.fromkeys(("master", *ROSTER), OfflineModel()),
        clock=clock,
    )
    runner.load()
    try:
        asyncio.run(desk.decide("BTCUSDT", "warm"))
        return cpu(lambda: [asyncio.run(desk.decide("BTCUSDT", f"run-{one}")) for one in range(DECISIONS)]) / DECISIONS
    finally:
        desk.close()


def screened() -> float:
    """CPU seconds of one symbol for one second: a trade, and its share of the score over all."""
    names = [f"S{number}USDT" for number in range(SYMBOLS)]
    screen, dice = Screen(ScreenParameters(), dict.fromkeys(names, SpikeParameters())), random.Random(5)
    for name in names:
        for minute in range(120):
            price = 100 * math.exp(dice.gauss(0, 0.002))
            low, high = price * 0.999, price * 1.001
            screen.bar(name, Bar(open_time=minute * 60_000, open=price, high=high, low=low, close=price, volume=50.0))

    def play() -> None:
        for second in range(SECONDS):
            at = 120 * 60_000 + second * 1000
            for name in names:
                screen.trade(name, at, 100 * math.exp(dice.gauss(0, 0.0005)), dice.random())
            screen.second(at)

    return cpu(play) / SYMBOLS / SECONDS


def rows(home: Path) -> float:
    """CPU seconds of one row of the ledger, durable when the call returns."""
    with closing(Ledger(sqlite_url(home / "ledger.sqlite"))) as ledger:
        at = datetime(2026, 1, 5, tzinfo=UTC)
        made = [
            SignalRow(
                symbol="BTCUSDT",
                interval="15m",
                at=at + timedelta(minutes=15 * number),
                score=1,
                threshold=3,
                direction="NONE",
            )
            for number in range(ROWS)
        ]
        return cpu(lambda: [ledger.record(one) for one in made]) / ROWS


def cpu(work: Callable[[], object]) -> float:
    """CPU seconds of this process while it works."""
    began = time.process_time()
    work()
    return time.process_time() - began


def measured() -> Figures:
    """All of it."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        spent, held, weight = guards(home)
        decided = decisions()
        return Figures(
            guard_cpu_a_second=spent,
            guard_bytes=held,
            guard_weight_a_minute=weight,
            decision_cpu=decided,
            crew_bytes=resident(os.getpid()),
            screened_cpu=screened(),
            row_cpu=rows(home),
        )


def written(one: Figures) -> str:
    """The page, as a whole."""
    addresses = WEIGHT_A_MINUTE * (1 - FOR_EXITS) / one.guard_weight_a_minute
    guard_cores, guard_gigabytes = ACCOUNTS * one.guard_cpu_a_second, ACCOUNTS * one.guard_bytes / 1e9
    picked = 20 / 60  # decisions a minute: most_an_hour of the screening rule, shared by all accounts
    crew_cores = picked * one.decision_cpu / 60
    own_cores = ACCOUNTS / (DECISION_MINUTES * 60) * one.decision_cpu
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True)
    return f"""# Scale

Written by `python -m benchmarks.scale`. CPU time is counted, because the machine was shared with other work.

## What one core carries

| of one | measured | so one core carries |
|---|---|---|
| guard with nothing open, at its own pace | {one.guard_cpu_a_second * 1000:.1f} ms of CPU a second, {one.guard_bytes / 1e6:.0f} MB | {1 / one.guard_cpu_a_second:,.0f} guards |
| guard, asking the venue | {one.guard_weight_a_minute:.0f} of {WEIGHT_A_MINUTE} request weight a minute | {addresses:.0f} guards an IP address, {FOR_EXITS:.0%} kept for exits |
| decision of six agents, offline rules | {one.decision_cpu:.2f} s of CPU | {60 / one.decision_cpu:,.0f} decisions a minute |
| symbol screened, a trade and a score a second | {one.screened_cpu * 1e6:.0f} µs | {1 / one.screened_cpu:,.0f} symbols |
| row of the ledger on SQLite | {one.row_cpu * 1e3:.2f} ms | {1 / one.row_cpu:,.0f} rows a second |

The crew's process holds {one.crew_bytes / 1e6:.0f} MB with CrewAI loaded, whatever the number of symbols.

## What breaks first

1. **The venue's request weight, at about {addresses:.0f} accounts an IP address.** Each guard asks for the truth itself;
   that is what it is for. More accounts need more addresses, not more machines.
2. **Memory, at about {16e9 / one.guard_bytes:,.0f} guards on 16 GB.** A guard is a process of its own with its own key and journal, on
   purpose: what one account's guard meets, no other notices.
3. **Models**, where they are asked: a request takes a second and costs money, a decision by rules takes
   {one.decision_cpu:.2f} s of CPU.

## 1,000 accounts and 500 symbols, from these figures

| part | one desk decides for all | every account decides for itself |
|---|---|---|
| guards | {guard_cores:.1f} cores, {guard_gigabytes:.0f} GB, {math.ceil(ACCOUNTS / addresses)} IP addresses | the same |
| screening of 500 symbols | {SYMBOLS * one.screened_cpu:.2f} cores, once | {SYMBOLS * one.screened_cpu * ACCOUNTS:.0f} cores: share it |
| decisions | {crew_cores:.3f} cores: at most 20 an hour reach the agents | {own_cores:.1f} cores, one every {DECISION_MINUTES} minutes each |
| ledger | {ACCOUNTS * 2 / 60 * one.row_cpu:.2f} cores at two rows a minute each | the same; PostgreSQL, by URL |

The way there, in the order in which it is needed: one exchange connection for market data shared by all guards of an
address; many accounts' guards spread over addresses (`crewdesk@PROFILE` is one unit an account); one crew that decides once
and asks many guards. The last is **not built**: today a crew asks one guard. Nothing of this page has been run with more
than {GUARDS} accounts at once; it is arithmetic from measured units, and says so.

({os.cpu_count()} cores, Python {platform.python_version()}, commit {commit.stdout.strip()}.)
"""


def main() -> None:
    """Measure, write, print."""
    page = written(measured())
    PAGE.write_text(page)
    sys.stdout.write(page)


if __name__ == "__main__":
    main()

"""Units that need no exchange: a decision by the offline rules, a symbol screened, a row of the ledger. CPU time."""

from __future__ import annotations

import asyncio
import math
import os
import random
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from agents.offline import OfflineModel
from agents.roster import ROSTER
from benchmarks.scale.watching import resident
from config.loader import load_desk
from crews.desk import Desk
from crews.seating import setup_of
from crews.work import runner
from desk.domain.market import Bar
from desk.ledger import Ledger, SignalRow, sqlite_url
from desk.screening.screen import Screen, ScreenParameters
from desk.spikes.detect import SpikeParameters
from tests.unit.crews.fakes import FakeGuard, FakeMarket, FakeNews, FixedClock, ListedAudit

DECISIONS, SYMBOLS, SECONDS, ROWS = 5, 500, 120, 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class Units:
    """Of one unit: CPU seconds; bytes of the crew's process with CrewAI loaded."""

    decision_cpu: float
    crew_bytes: int
    screened_cpu: float
    row_cpu: float


def measure() -> Units:
    """All of them."""
    with tempfile.TemporaryDirectory() as folder:
        decided = decisions()
        held = resident(os.getpid())
        return Units(decision_cpu=decided, crew_bytes=held, screened_cpu=screened(), row_cpu=rows(Path(folder)))


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
        made = [row_of("BTCUSDT", number) for number in range(ROWS)]
        return cpu(lambda: [ledger.record(one) for one in made]) / ROWS


def row_of(symbol: str, place: int) -> SignalRow:
    """A row of the ledger: the signal of the quarter of an hour at this place."""
    return SignalRow(
        symbol=symbol,
        interval="15m",
        at=datetime(2026, 1, 5, tzinfo=UTC) + timedelta(minutes=15 * place),
        score=1,
        threshold=3,
        direction="NONE",
    )


def cpu(work: Callable[[], object]) -> float:
    """CPU seconds of this process while it works."""
    began = time.process_time()
    work()
    return time.process_time() - began

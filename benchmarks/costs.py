"""What is done often, in CPU seconds: `python -m benchmarks.costs` prints the table that docs/evidence.md carries.

Each figure is the least of several runs of this process's own CPU time, so that a busy machine can only leave it as it
is. Seeds are fixed; the recorded candles must stand in ../shared/data.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from config.loader import load_desk
from crews.seating import setup_of
from crews.work import runner
from desk.venues.paper.sources.replay import Recording, ReplaySource
from desk.venues.paper.sources.scenario import ScenarioSource
from memory.audit import AuditLog
from tests.crew_command import DATA
from tests.integration.model_server import serving, thinking
from tests.integration.test_models_over_http import decide
from tests.unit.memory.conftest import TestClock, decision_entries

CANDLES = DATA / "klines" / "BTCUSDT-15m-um-20230101-20250603.parquet"
FROM_MS = 1_722_470_400_000
RUNS = 5


def cpu(work: Callable[[], object], *, times: int = 1) -> float:
    """The least CPU seconds of one call of `work`, over five runs of `times` calls."""
    figures: list[float] = []
    for _ in range(RUNS):
        began = time.process_time()
        for _ in range(times):
            work()
        figures.append((time.process_time() - began) / times)
    return min(figures)


def start_scenario() -> None:
    """The seeded market with all its coins, asked for its first chart."""
    source = ScenarioSource(3)
    source.klines("BTCUSDT", "1d", None, None, 500, source.start_ms)


def load_candles() -> ReplaySource:
    """About 85,000 recorded bars, ready to be asked."""
    return ReplaySource([Recording(symbol="BTCUSDT", path=CANDLES)], start_ms=FROM_MS)


@contextmanager
def audit() -> Iterator[Callable[[], None]]:
    """Writes one decision of 45 rows and five snapshots, each batch durable before it is acknowledged."""
    with tempfile.TemporaryDirectory() as folder:
        log = AuditLog(Path(folder) / "audit.sqlite", TestClock())
        numbers = iter(range(10**6))

        def write() -> None:
            name = f"d{next(numbers)}"
            for part in range(5):
                snapshot = log.put_snapshot(f"{name} {part}".encode() * 400)
                log.append_all(name, decision_entries(f"{name}-{part}", "BTCUSDT", snapshot))

        try:
            yield write
        finally:
            log.close()


def thinking_for_a_second() -> float:
    """Wall seconds of a decision whose model, behind HTTP, takes a second over every answer: the better of two."""
    setup = setup_of(load_desk("demo", environ={}))
    runner.load()
    with serving(thinking(1.0)) as server:
        return min(decide(server.url, setup)[2] for _ in range(2))


def page() -> str:
    """The section of docs/evidence.md."""
    source = load_candles()
    with audit() as write:
        rows = [
            ("read and check a profile's whole configuration", cpu(lambda: load_desk("demo", environ={}), times=5)),
            ("start the seeded market", cpu(start_scenario)),
            ("load 85,000 recorded bars", cpu(load_candles)),
            (
                "answer one question for 500 hourly bars from them",
                cpu(lambda: source.klines("BTCUSDT", "1h", None, None, 500, FROM_MS), times=20),
            ),
            ("write a decision's rows and five snapshots to the audit log", cpu(write, times=10)),
        ]
    table = [f"| {name} | {seconds * 1000:.2f} ms |" for name, seconds in rows]
    return "\n".join(
        [
            "## What is done often, in CPU time",
            "",
            f"The least of {RUNS} runs, `python -m benchmarks.costs`.",
            "",
            "| what | CPU |",
            "|---|---|",
            *table,
            "",
            f"A decision of twelve requests to a model that takes a second over each answer: "
            f"{thinking_for_a_second():.1f} s by the wall clock.",
        ]
    )


if __name__ == "__main__":
    sys.stdout.write(page() + "\n")

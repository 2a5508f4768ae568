"""How fast the guard decides: `python -m benchmarks.guard_speed` prints a section of docs/evidence.md, `--write` puts it there.

In memory: whole texts through `step`, from raw bytes to verdict and next state, in CPU seconds. Durable: the same
texts through `Guard.propose_all` on a journal on disk, 64 at a time as the guard's loop takes them, each a row of its
own in the hash chain, in wall seconds because a disk is waited for. Latency: from a tick that reaches the day's limit
to the durable latch, after which no entry passes. Each figure is the best of several runs on a machine that is shared.
"""

from __future__ import annotations

import os
import platform
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

from desk.guard.door.wire import intent_to_json, parse_intent
from desk.guard.gate import Case, decide
from desk.guard.loss.equity import standing
from desk.guard.record.journal import Row, open_journal
from desk.guard.step import step
from desk.guard.vocabulary.events import IntentReceived
from desk.guard.vocabulary.state import GuardState
from tests.unit.desk.guard.bench import ROOMY, Bench, whole

INTENTS, RUNS, GROUP = 2000, 5, 64
ROOT = Path(__file__).resolve().parents[1]
EVIDENCE = ROOT / "docs" / "evidence.md"
BEGIN, END = "<!-- guard-speed -->", "<!-- /guard-speed -->"
NEXT = "<!-- walkforward -->"
BUSY = ROOMY.model_copy(update={"intents_per_minute": 6000})


def cpu_rate(work: Callable[[], object], count: int) -> float:
    """The best rate of several runs, in units of `count` a CPU second."""
    spent: list[float] = []
    for _ in range(RUNS):
        began = time.process_time()
        work()
        spent.append(time.process_time() - began)
    return count / min(spent)


def in_memory() -> Sequence[tuple[str, float]]:
    """Rates of `step` over texts that end at different rules, on one look and one state."""
    bench = Bench(BUSY)
    bench.guard.lookout.look(bench.guard.state, lists=True, books_of=frozenset({"BTCUSDT"}))
    state, rules, facts = bench.guard.state, bench.guard.rules, bench.guard.lookout.aged()
    at_ms = bench.guard.lookout.at_ms
    texts = [intent_to_json(bench.intent()) for _ in range(INTENTS)]
    sound = [IntentReceived(at_ms=at_ms, mono=1, text=text, facts=facts) for text in texts]
    torn = [replace(event, text=event.text[:-9]) for event in sound]
    strange = [replace(event, text=event.text.replace("BTCUSDT", "BTCUSDTX")) for event in sound]

    def through(events: Sequence[IntentReceived], before: GuardState) -> Callable[[], None]:
        def run() -> None:
            for event in events:
                step(before, event, rules)

        return run

    def gate() -> None:
        for case in cases:
            decide(case)

    closed = replace(state, flatten="benchmark")
    cases = [
        Case(
            intent=parse_intent(event.text),
            state=state,
            event=event,
            rules=rules,
            standing=standing(state, facts, rules, at_ms),
        )
        for event in sound
    ]
    return [
        ("no intent at all: torn text", cpu_rate(through(torn, state), INTENTS)),
        ("a symbol off the list", cpu_rate(through(strange, state), INTENTS)),
        ("a sound intent, refused because the desk is closing", cpu_rate(through(sound, closed), INTENTS)),
        ("a sound intent, through every rule, sized and begun", cpu_rate(through(sound, state), INTENTS)),
        (
            "the gate alone on a parsed intent: every rule, and sized",
            cpu_rate(gate, INTENTS),
        ),
    ]


def durable() -> tuple[float, float, float, float]:
    """Intents with a durable row each: by CPU second, by the clock, and the milliseconds a group of 64 waits.

    The last is what of that wait is the commit: hashing, writing and the disk, for all rows of a group together.
    """
    waits: list[float] = []
    commits: list[float] = []
    spent = 0.0
    with tempfile.TemporaryDirectory() as folder:
        journal = open_journal(Path(folder) / "journal.sqlite")
        bench = Bench(BUSY.model_copy(update={"entries_per_day": 1, "intents_per_minute": 6000}), journal=journal)
        texts = [intent_to_json(bench.intent()) for _ in range(INTENTS)]
        write = journal.append_all

        def timed(kind: str, bodies: Sequence[str]) -> tuple[Row, ...]:
            began = time.perf_counter()
            rows = write(kind, bodies)
            commits.append(time.perf_counter() - began)
            return rows

        journal.append_all = timed
        for first in range(0, INTENTS, GROUP):
            began, busy = time.perf_counter(), time.process_time()
            bench.guard.propose_all(texts[first : first + GROUP])
            waits.append(time.perf_counter() - began)
            spent += time.process_time() - busy
        rows = journal.head()[0]
        journal.close()
    assert rows >= INTENTS
    groups = sorted(commits)[-INTENTS // GROUP :]
    return INTENTS / spent, INTENTS / sum(waits), statistics.median(waits) * 1000, statistics.median(groups) * 1000


def latency() -> tuple[float, float]:
    """Milliseconds from a tick at the day's limit to the durable latch: the median and the worst of several breakers."""
    spent: list[float] = []
    for number in range(20):
        with tempfile.TemporaryDirectory() as folder:
            journal = open_journal(Path(folder) / "journal.sqlite")
            bench = whole()
            bench.guard.journal = journal
            bench.venue.move("BTCUSDT", Decimal("47500") - number)
            latched: list[float] = []
            write = journal.append_all
            journal.append_all = lambda kind, bodies, write=write, latched=latched: (
                write(kind, bodies),
                latched.append(time.perf_counter()),
            )[0]
            began = time.perf_counter()
            bench.guard.look()
            assert bench.guard.state.latch is not None
            spent.append((latched[0] - began) * 1000)
            journal.append_all = write
            journal.close()
    return statistics.median(spent), max(spent)


def write(evidence: Path = EVIDENCE) -> None:
    """Put the section into the page of evidence, before the walk-forward, in the place of the one that was there."""
    text = re.sub(rf"{BEGIN}.*?{END}\n*", "", evidence.read_text(encoding="utf-8"), flags=re.DOTALL)
    head, mark, rest = text.partition(NEXT)
    evidence.write_text(f"{head.rstrip()}\n\n{section()}\n\n{mark}{rest}", encoding="utf-8")


def section() -> str:
    """The whole section, marks and conditions included."""
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True).stdout
    machine = f"{os.cpu_count()} cores, Python {platform.python_version()}, {platform.system()}"
    return f"{BEGIN}\n{page()}\n\n(At commit {commit.strip()}, {machine}.)\n{END}"


def page() -> str:
    """What was measured."""
    rate, by_clock, wait, commit = durable()
    middle, worst = latency()
    lines = [f"| {name} | {value:,.0f} |" for name, value in in_memory()]
    return "\n".join(
        [
            "## How fast the guard decides",
            "",
            f"The best of {RUNS} runs over {INTENTS:,} intents, `python -m benchmarks.guard_speed`.",
            "",
            "| in memory, from text to verdict and next state | intents per CPU second |",
            "|---|---|",
            *lines,
            "",
            f"With a durable, hash-chained row each, {GROUP} at a time: {rate:,.0f} intents per CPU second,"
            f" {by_clock:,.0f} by the wall clock of a shared machine; a group waits {wait:.1f} ms for all of its answers,"
            f" of which the one commit for all of them is {commit:.1f} ms.",
            "",
            f"From a tick at the day's limit to the durable latch: {middle:.1f} ms in the middle, {worst:.1f} ms at worst.",
        ]
    )


if __name__ == "__main__":
    if sys.argv[1:] == ["--write"]:
        write()
    else:
        sys.stdout.write(page() + "\n")

"""What processes use, and how punctually guards look, seen from outside: the system's own counters, the guards' doors."""

from __future__ import annotations

import itertools
import os
import statistics
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.scale.desks import Desk
from desk.domain.errors import DeskError

PAGE_SIZE = os.sysconf("SC_PAGE_SIZE")
# A desk with something open wants a look every two seconds, begun two seconds after the last one began.
WANTED_SECONDS = 2.0
_EACH, _SAME_SECONDS = 0.9, 0.2


def cpu_of(pid: int) -> float:
    """CPU seconds a process has used, all of its threads."""
    return sum(int(one.read_text().split()[0]) for one in Path(f"/proc/{pid}/task").glob("*/schedstat")) / 1e9


def resident(pid: int) -> int:
    """Bytes of memory a process holds, what it shares with others included."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * PAGE_SIZE


def machine_cpu() -> tuple[float, float]:
    """CPU seconds this machine has been busy, and could have been, over all cores."""
    told = [int(word) for word in Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:9]]
    tick = os.sysconf("SC_CLK_TCK")
    return (sum(told) - told[3] - told[4]) / tick, sum(told) / tick


class Beats(threading.Thread):
    """Asks every guard about once a second when its loop last came round, until told to stop."""

    def __init__(self, desks: Sequence[Desk]) -> None:
        super().__init__(daemon=True)
        self._desks, self._done = desks, threading.Event()
        self.seen: dict[str, list[float]] = {one.account.name: [] for one in desks}
        self.modes: dict[str, set[str]] = {one.account.name: set() for one in desks}
        self.unanswered = 0

    def run(self) -> None:
        """One round over all of them after the other."""
        while not self._done.is_set():
            began = time.monotonic()
            for desk in self._desks:
                self._ask(desk)
            self._done.wait(max(0.0, began + _EACH - time.monotonic()))

    def stop(self) -> None:
        """End it, and wait until it has."""
        self._done.set()
        self.join()

    def _ask(self, desk: Desk) -> None:
        try:
            mode, beat = desk.health()
        except DeskError:
            self.unanswered += 1
            return
        beats = self.seen[desk.account.name]
        self.modes[desk.account.name].add(mode)
        # The same beat, told twice, differs by what the answer took on its way.
        if not beats or beat - beats[-1] > _SAME_SECONDS:
            beats.append(beat)


@dataclass(frozen=True, slots=True, kw_only=True)
class Punctual:
    """How looks kept their time: how many a second of those wanted, and the seconds from one to the next."""

    kept: float
    wanted: float
    middle: float
    worst: float
    silent: int


def punctual(seen: Mapping[str, Sequence[float]], seconds: float) -> Punctual:
    """Of all guards together; `silent` are those that were not heard of twice."""
    gaps = sorted(after - before for beats in seen.values() for before, after in itertools.pairwise(beats))
    # Each beat but the first ends one look; the time in between is what is measured.
    heard = sum(1 for beats in seen.values() if len(beats) > 1)
    kept = len(gaps) / sum(gaps) * heard if gaps else 0.0
    return Punctual(
        kept=kept,
        wanted=len(seen) / WANTED_SECONDS,
        middle=statistics.median(gaps) if gaps else seconds,
        worst=gaps[-1] if gaps else seconds,
        silent=sum(1 for beats in seen.values() if len(beats) < 2),
    )

"""Two sides take turns on this machine, each in a process of its own, and what each spent is counted in CPU seconds.

A machine that others use too slows both sides alike only if they run close together, so the sides alternate, and a
ratio is formed within each pair before the median is taken. Wall time is told and never compared.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.readme import ROOT
from conformance.environments import CONFORMANCE, Home, build, versions

HERE = Path(__file__).parent
WORK = ROOT / "var" / "peers"
PEERS = Home(HERE / "requirements", WORK)
# freqtrade is locked once, for conformance and for here.
HOMES = {"freqtrade": CONFORMANCE}


class SideFailedError(RuntimeError):
    """A program of one side ended badly; the message is the end of what it said."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """One program. `environment` is a peer's, or empty for the desk's own; `words` follow the interpreter."""

    name: str
    words: Sequence[str]
    environment: str = ""

    def command(self, job: Path) -> list[str]:
        """How it is started on a job. Builds the peer's environment when it does not stand yet."""
        python = build(self.environment, HOMES.get(self.environment, PEERS)) if self.environment else sys.executable
        return [str(python), *self.words, str(job)]

    def versions(self) -> Mapping[str, str]:
        """What of the peer's is locked by name."""
        return versions(self.environment, HOMES.get(self.environment, PEERS)) if self.environment else {}


@dataclass(frozen=True, slots=True)
class Spent:
    """One run: CPU seconds of what was asked (`run`) and of the whole process with its children, wall seconds."""

    run: float
    whole: float
    wall: float
    told: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Pair:
    """All runs of two sides, in the order they were taken; run i of one stood next to run i of the other."""

    desk: tuple[Spent, ...]
    peer: tuple[Spent, ...]
    whole: bool = field(default=False)

    @property
    def ratios(self) -> tuple[float, ...]:
        """How many times more CPU the peer took for one unit of work, pair by pair."""
        return tuple(self._each(p) / self._each(d) for d, p in zip(self.desk, self.peer, strict=True))

    @property
    def ratio(self) -> float:
        """The median of them."""
        return median(self.ratios)

    def seconds(self, side: str) -> float:
        """The median CPU seconds of a side."""
        return median(one.whole if self.whole else one.run for one in (self.desk if side == "desk" else self.peer))

    def _each(self, one: Spent) -> float:
        return (one.whole if self.whole else one.run) / one.told["count"]


def play(side: Side, job: Path) -> Spent:
    """Run one side on a job to its end. Raises SideFailedError."""
    began = time.perf_counter()
    with (WORK / f"{side.name}.log").open("w+") as log:
        process = subprocess.Popen(
            side.command(job), stdout=subprocess.PIPE, stderr=log, text=True, cwd=ROOT, env=_environ()
        )
        assert process.stdout is not None
        try:
            said = process.stdout.read()
        except BaseException:
            process.kill()
            process.wait()
            raise
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        log.seek(0)
        if process.returncode or not said.strip():
            raise SideFailedError(f"{side.name} ended with {process.returncode}\n{said[-800:]}{log.read()[-1500:]}")
    told = json.loads(said.strip().splitlines()[-1])
    wall = time.perf_counter() - began
    return Spent(run=told.get("cpu", 0.0), whole=used.ru_utime + used.ru_stime, wall=wall, told=told)


def _environ() -> dict[str, str]:
    """This environment, in which whatever was compiled once stays compiled, as it does wherever nobody forbids it."""
    return {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


def in_turns(
    desk: Side, desk_job: Path, peer: Side, peer_job: Path, runs: int, *, whole: bool, told: Callable[[str], None]
) -> Pair:
    """Both sides, alternating, `runs` times each; a first run, not counted, fills what they keep compiled.

    A peer that is run but once is spared its first: whoever asks for one pair has little time.

    Ctrl-C ends it after the pairs that are whole, if there is one.
    """
    play(desk, desk_job)
    if runs > 1:
        play(peer, peer_job)
    ours: list[Spent] = []
    theirs: list[Spent] = []
    for number in range(runs):
        order = ((ours, desk, desk_job), (theirs, peer, peer_job))
        try:
            for kept, side, job in order if number % 2 == 0 else reversed(order):
                kept.append(play(side, job))
        except KeyboardInterrupt:
            if not number:
                raise
            # Whoever has waited enough gets a row of the pairs there are, and is told how many.
            del ours[number:], theirs[number:]
            break
        told(f"  {number + 1} of {runs}: {Pair((ours[-1],), (theirs[-1],), whole).ratio:,.4g} times")
    return Pair(tuple(ours), tuple(theirs), whole)

"""Killed at every system call of the four ways where dying hurts most: into a position, out of it, a reset, a midnight.

One run without a kill tells which calls there are between the beginning and the end of the way: whatever reaches disk
or exchange. Then the same way is walked once for each of them, and strace kills the guard as it makes the call. Another
guard starts on what is left, and both sides must come to the same end.
"""

from __future__ import annotations

import random
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from pathlib import Path

from campaigns.campaign import Case
from campaigns.deaths.scene import MortalWorld
from campaigns.journals.traced import ROOT
from campaigns.oracle.allowed import allowances
from campaigns.oracle.books import DAY_MS
from campaigns.simulated.ending import settle
from campaigns.simulated.market import SYMBOLS
from desk.domain.errors import PrerequisiteError
from desk.guard.vocabulary.state import GuardState, Mode

CALLS = ("pwrite64", "fdatasync", "unlink", "sendto", "recvfrom")
_ENTRY = re.compile(rf"^\d+ +({'|'.join(CALLS)})\((.*)$")
Point = tuple[str, int]
"""A system call and how manieth of its kind it is."""


@dataclass(frozen=True, kw_only=True)
class Window:
    """One way. `prepare` brings a world to its beginning, `ended` says what is wrong with where it came to."""

    prepare: Callable[[MortalWorld], None]
    ended: Callable[[MortalWorld, GuardState], list[str]]


def windows(seed: int) -> Case:
    """One kill of all there are, in a drawn order, so that a few of them are spread over all ways; none beyond."""
    everywhere = _everywhere()
    if seed >= len(everywhere):
        return Case(seed=seed, cases=0)
    task, (call, turn) = everywhere[seed]
    broken, died = _walked(task, f"{call}:signal=SIGKILL:when={turn}")
    broken = [f"{task}, killed at {call} {turn}: {sentence}" for sentence in broken]
    return Case(seed=seed, cases=int(died), broken=tuple(broken), counts={f"kills on the way: {task}": int(died)})


@cache
def _everywhere() -> tuple[tuple[str, Point], ...]:
    found = [(task, point) for task in WINDOWS for point in points_of(task)]
    random.Random(0).shuffle(found)
    return tuple(found)


@cache
def points_of(task: str) -> tuple[Point, ...]:
    """Every call between the beginning of the way and its end, in their order."""
    with tempfile.TemporaryDirectory(prefix="campaign-") as place:
        world = _prepared(task, Path(place))
        log, _ = _life(world, task, None)
    counts: Counter[str] = Counter()
    points: list[Point] = []
    inside = False
    for line in log.splitlines():
        if found := _ENTRY.match(line):
            call, text = found.groups()
            counts[call] += 1
            if inside:
                points.append((call, counts[call]))
            if '[\\"window\\"' in text or '[\\"over\\"' in text:
                inside = not inside
    return tuple(points)


def _walked(task: str, kill: str) -> tuple[list[str], bool]:
    """Walk the way with one kill; what is wrong afterwards, and whether the kill struck."""
    with tempfile.TemporaryDirectory(prefix="campaign-") as place:
        world = _prepared(task, Path(place))
        _, died = _life(world, task, kill)
        if _confirmed(world):
            world.judge.lifted(drawdown=False)
        world.start()
        first = world.guard.state
        settle(world)
        broken = [*world.judge.findings.sentences, *WINDOWS[task].ended(world, first)]
        world.record.close()
    return broken, died


def _prepared(task: str, folder: Path) -> MortalWorld:
    # The same beginning each time: what differs between two walks is the kill alone.
    world = MortalWorld(random.Random(1), "bold", folder=folder)
    world.market.nerves, world.market.drift = 0.00001, 0.0
    world.wish = lambda: _wanted(world, SYMBOLS[0])
    WINDOWS[task].prepare(world)
    return world


def _wanted(world: MortalWorld, symbol: str) -> str:
    shape = {"stop_pct": "0.05", "target_pct": "0.2", "conviction": "1"}
    return world.crew.ask(world.mark(symbol), world.clock.ms, symbol, "OPEN_LONG", **shape)


def _life(world: MortalWorld, task: str, kill: str | None) -> tuple[str, bool]:
    """One guard's life under strace; returns what strace wrote, and whether the guard was killed."""
    strace = shutil.which("strace")
    if strace is None:
        raise PrerequisiteError("strace is not installed", hint="apt-get install strace")
    log, address = world.folder / "trace.log", world.folder / "door"
    inject = [] if kill is None else ["-e", f"inject={kill}"]
    trace = [strace, "-f", "-qq", "-s", "64", "-o", str(log), "-e", f"trace={','.join(CALLS)}", *inject]
    world.record.close()
    with socket.socket(socket.AF_UNIX) as door:
        door.bind(str(address))
        door.listen(1)
        door.settimeout(60)
        life = [sys.executable, "-m", "campaigns.deaths.life", str(world.folder), str(address), task]
        with subprocess.Popen([*trace, *life], cwd=ROOT, stderr=subprocess.DEVNULL) as guard:
            line, _ = door.accept()
            with line:
                world.serve(line)
            ended = guard.wait(timeout=60)
    return log.read_text(encoding="utf-8", errors="replace"), ended == -signal.SIGKILL


# ---- how each way begins ----


def _funded(world: MortalWorld) -> None:
    world.step(lambda: None, 1.0)


def _holding(world: MortalWorld, symbols: tuple[str, ...] = SYMBOLS[:1]) -> None:
    _funded(world)
    for symbol in symbols:
        world.step(lambda name=symbol: world.propose(_wanted(world, name)), 1.0)


def _losing(world: MortalWorld) -> None:
    """Three positions that lose more than the day allows, each still above its stop, as soon as a guard has started."""
    _holding(world, SYMBOLS)
    world.begins = lambda: [world.market.jump(symbol, -0.025) for symbol in SYMBOLS].clear()


def _locked(world: MortalWorld) -> None:
    """Halted by a human, proven flat: nothing is spent, and both steps may be taken."""
    _holding(world)
    world.step(lambda: world.guard.halt("a campaign"), 1.0)
    world.step(lambda: None, 5.0)


def _late(world: MortalWorld) -> None:
    """A position held one second before midnight, worth less than it was."""
    _holding(world)
    world.step(lambda: None, (DAY_MS - world.clock.ms % DAY_MS) / 1000 - 1.0)


# ---- how each may end ----


def _entered(world: MortalWorld, first: GuardState) -> list[str]:
    return [] if world.judge.entries <= 1 else [f"I3: {world.judge.entries} entries for one intent"]


def _left(world: MortalWorld, first: GuardState) -> list[str]:
    state = world.guard.state
    if state.latch is None or state.mode is not Mode.LOCKED or state.trades:
        return [f"I5: a spent day ends {state.mode}, latched: {state.latch is not None}"]
    return []


def _lifted(world: MortalWorld, first: GuardState) -> list[str]:
    """A reset is whole or it is not: a pending one is void after a death, and what was locked stays locked."""
    confirmed = _confirmed(world)
    if (first.latch is None) != confirmed:
        return [f"I5: {first.mode} after a reset that was {'' if confirmed else 'not '}confirmed"]
    if first.ticket is not None:
        return ["I5: a reset that was asked for outlived its guard"]
    return []


def _confirmed(world: MortalWorld) -> bool:
    return any('"event":"ResetConfirmed"' in row.body for row in world.record.rows())


def _turned(world: MortalWorld, first: GuardState) -> list[str]:
    dates = [row.date for row in world.guard.state.days]
    baseline, seen = Fraction(world.guard.state.days[-1].baseline), world.judge.books.days[-1].baseline
    broken = [] if len(dates) == 2 and len(set(dates)) == 2 else [f"I6: two days, and rows of {dates}"]
    if abs(baseline - seen) > seen * allowances().baseline:
        broken.append(f"I6: the new day began with {float(baseline):.4f}, and the judge saw {float(seen):.4f}")
    return broken


WINDOWS: Mapping[str, Window] = {
    "enter": Window(prepare=_funded, ended=_entered),
    "leave": Window(prepare=_losing, ended=_left),
    "reset": Window(prepare=_locked, ended=_lifted),
    "midnight": Window(prepare=_late, ended=_turned),
}

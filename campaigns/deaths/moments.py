"""Killed at random moments: a guard that is busy dies ten times in a run, by SIGKILL, and each time another starts.

The moment is drawn in two parts: after how many questions to the exchange, and how long after. So a guard dies while it
starts, while it thinks, in the middle of a commit, and with a request on its way, answered or not.
"""

from __future__ import annotations

import os
import random
import signal
import socket
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from campaigns.campaign import Case
from campaigns.deaths.life import JOURNAL, live
from campaigns.deaths.scene import MortalWorld, Stage
from campaigns.simulated.ending import settle
from campaigns.simulated.market import SYMBOLS
from desk.domain.errors import JournalError
from desk.guard.record.journal import verify

_KILLS = 10
_QUESTIONS = (2, 150)
# Longer than a commit takes.
_AFTER_S = 0.006


def moments(seed: int) -> Case:
    """Ten lives and ten deaths on one journal, then everything is judged."""
    dice = random.Random(seed)
    with tempfile.TemporaryDirectory(prefix="campaign-") as place:
        world = MortalWorld(dice, "bold", folder=Path(place))
        world.wish = lambda: _wish(world, dice)
        broken, torn = list[str](), 0
        for number in range(_KILLS):
            killed = Death(dice)
            died = _lived(world, killed)
            if not died:
                broken.append(f"I12: kill {number}: the guard ended by itself after {killed.asked} questions")
            torn += Path(place, f"{JOURNAL}-journal").exists()
            broken += _verified(world.folder, number)
        world.start()
        settle(world)
        broken += world.judge.findings.sentences
        entries = world.judge.entries
        world.record.close()
    counts = {"entries": entries, "trips": world.trips, "in the middle of a commit": torn}
    return Case(seed=seed, cases=_KILLS, broken=tuple(broken), counts=counts)


@dataclass
class Death:
    """When a guard dies: at question number `at` and one stage of it; where it was answered, some time later."""

    dice: random.Random
    asked: int = 0

    def __post_init__(self) -> None:
        self.at = self.dice.randint(*_QUESTIONS)
        self.stage: Stage = self.dice.choice(("asked", "done", "answered", "answered", "answered"))
        self.after_s = self.dice.uniform(0, _AFTER_S) if self.stage == "answered" else 0.0

    def due(self, stage: Stage) -> bool:
        """Whether the moment has come."""
        self.asked += stage == "asked"
        return (self.asked, stage) == (self.at, self.stage)


def _lived(world: MortalWorld, death: Death) -> bool:
    """One life; whether it ended by the kill."""
    ours, theirs = socket.socketpair()
    world.record.close()
    process = os.fork()
    if not process:
        _child(ours, theirs, world.folder)
    theirs.close()
    with ours:
        ended = world.serve(ours, death.due)
        time.sleep(death.after_s)  # the moment of the kill is what is tried
        os.kill(process, signal.SIGKILL)
        _, status = os.waitpid(process, 0)
    return not ended and os.WIFSIGNALED(status)


def _child(ours: socket.socket, theirs: socket.socket, folder: Path) -> None:
    """The other process: it leaves nothing to its parent, whatever happens in it."""
    ours.close()
    try:
        live(theirs, folder, "busy")
    finally:
        os._exit(3)


def _verified(folder: Path, number: int) -> list[str]:
    """The journal as the dead one left it."""
    try:
        verify(folder / JOURNAL)
    except JournalError as error:
        return [f"I10: kill {number}: {error.message}"]
    return []


def _wish(world: MortalWorld, dice: random.Random) -> str:
    """What the crew asks next, after some time in a market that moves."""
    world.pass_time(dice.choice((250, 500, 1000, 1000, 20_000)))
    if dice.random() < 0.1:
        world.market.jump(dice.choice(SYMBOLS), dice.uniform(-0.04, 0.04))
    if dice.random() < 0.3:
        return ""
    symbol = dice.choice(SYMBOLS)
    return world.crew.ask(world.mark(symbol), world.clock.ms, symbol, stop_pct=dice.choice(("0.005", "0.02", "0.05")))

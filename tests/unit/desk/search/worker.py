"""Workers of a known hill: `python worker.py URL NAME TRIALS DOOR SEED...`, one process for each seed, all at once.

They are forked from one that has loaded everything, because loading is what is dear. None ends its first trial before
all who are expected at the door are in the middle of one. A seed written `dies:N` ends there, at once, as a machine
that loses its power does.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import socket
import sys
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Thread

import numpy as np

from desk.search.quests import Asker, Attempt
from desk.search.study import Place, work

PATIENCE_S = 60.0


def nothing() -> None:
    """Happens before the first trial ends, where nobody waits for anybody."""


@dataclass
class Hill:
    """A quest whose best is known: the Sharpe ratio is highest where x is 3. `first` happens in the first trial."""

    name: str = "hill"
    digest: str = "h" * 64
    first: Callable[[], object] = nothing

    def attempt(self, asker: Asker) -> Attempt:
        x = asker.suggest_float("x", 0.0, 10.0)
        self.first, happens = nothing, self.first
        happens()
        daily = np.tile([0.02, -0.01], 50) + 0.001 * (10.0 - (x - 3.0) ** 2)
        return Attempt(digest=f"{x:.12f}", parameters={"x": x}, daily=daily)


@contextmanager
def meeting(door: Path, expected: int) -> Generator[None]:
    """A door that lets nobody in before all have come."""
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(door))
        listening.listen(expected)
        listening.settimeout(PATIENCE_S)

        def welcome() -> None:
            come = [listening.accept()[0] for _ in range(expected)]
            for one in come:
                with one:
                    one.sendall(b".")

        host = Thread(target=welcome)
        host.start()
        yield
        host.join()


def knock(door: str) -> None:
    """Wait until all have come."""
    with socket.socket(socket.AF_UNIX) as outside:
        outside.settimeout(PATIENCE_S)
        outside.connect(door)
        if not outside.recv(1):
            raise ConnectionError("not everybody came")


def main() -> None:
    url, name, trials, door, *seeds = sys.argv[1:]
    import optuna  # noqa: F401  once, and not in each of them

    def one(seed: str) -> None:
        def first() -> None:
            knock(door)
            if seed.startswith("dies:"):
                os.kill(os.getpid(), signal.SIGKILL)

        number = int(seed.removeprefix("dies:"))
        place = Place(url=url, name=name)
        work(Hill(first=first), place, trials=int(trials), seed=number, count=lambda attempt: None)

    ways = multiprocessing.get_context("fork")
    running = [ways.Process(target=one, args=(seed,)) for seed in seeds]
    for process in running:
        process.start()
    for process in running:
        process.join()
    ends = [process.exitcode for process in running]
    print(*ends)
    sys.exit(max(abs(end or 0) for end in ends))


if __name__ == "__main__":
    main()

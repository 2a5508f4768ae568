"""Workers of a known hill: `python worker.py URL NAME TRIALS SEED...`, one process for each seed, all at the same time.

They are forked from one that has loaded everything, because loading is what is dear. None ends its first trial before
each is in the middle of one. A seed written `dies:N` ends there, at once, as a machine that loses its power does.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
from collections.abc import Callable
from dataclasses import dataclass

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


def main() -> None:
    url, name, trials, *seeds = sys.argv[1:]
    import optuna  # noqa: F401  once, and not in each of them

    ways = multiprocessing.get_context("fork")
    together = ways.Barrier(len(seeds))

    def one(seed: str) -> None:
        def first() -> None:
            together.wait(PATIENCE_S)
            if seed.startswith("dies:"):
                os.kill(os.getpid(), signal.SIGKILL)

        number = int(seed.removeprefix("dies:"))
        place = Place(url=url, name=name)
        work(Hill(first=first), place, trials=int(trials), seed=number, count=lambda attempt: None)

    running = [ways.Process(target=one, args=(seed,)) for seed in seeds]
    for process in running:
        process.start()
    for process in running:
        process.join()
    print(*(process.exitcode for process in running))


if __name__ == "__main__":
    main()

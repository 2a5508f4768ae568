"""A worker in a process of its own: `python worker.py URL NAME TRIALS SEED` works on the study of a known hill."""

from __future__ import annotations

import sys
from dataclasses import dataclass

import numpy as np

from desk.search.quests import Asker, Attempt
from desk.search.study import Place, work


@dataclass(frozen=True)
class Hill:
    """A quest whose best is known: the Sharpe ratio is highest where x is 3."""

    name: str = "hill"
    digest: str = "h" * 64

    def attempt(self, asker: Asker) -> Attempt:
        x = asker.suggest_float("x", 0.0, 10.0)
        daily = np.tile([0.02, -0.01], 50) + 0.001 * (10.0 - (x - 3.0) ** 2)
        return Attempt(digest=f"{x:.12f}", parameters={"x": x}, daily=daily)


def main() -> None:
    url, name, trials, seed = sys.argv[1:]
    counted: list[str] = []
    best = work(
        Hill(),
        Place(url=url, name=name),
        trials=int(trials),
        seed=int(seed),
        count=lambda attempt: counted.append(attempt.digest),
    )
    print(len(counted), best.finished)


if __name__ == "__main__":
    main()

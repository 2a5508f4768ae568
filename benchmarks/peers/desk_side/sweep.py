"""Ten thousand strategies on a year of quarter-hours, two processes: averages, stops and targets of an average cross.

`python -m benchmarks.peers.desk_side.sweep JOB`. Each trial is a whole backtest with fees, funding, stops, targets and
liquidation, and leaves its measures; nothing is skipped because a neighbour was tried.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from itertools import islice, product
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.peers.desk_side.year import backtest, tape_of
from desk.backtest.measures import measure
from desk.backtest.tape import Tape

CORES = 2
_QUARTER = 15
_AT_A_TIME = 250


def main() -> None:
    """Sweep, tell the best and what it took."""
    job = json.loads(Path(sys.argv[1]).read_text())
    began, before = time.perf_counter(), _spent()
    trials = list(islice(_trials(job["rules"]), job["trials"]))
    shares = [trials[first : first + _AT_A_TIME] for first in range(0, len(trials), _AT_A_TIME)]
    with ProcessPoolExecutor(CORES, mp_context=get_context("spawn")) as pool:
        found = [ratio for part in pool.map(_tried, [job["series"]] * len(shares), shares) for ratio in part]
    wall = time.perf_counter() - began
    known = [ratio for ratio in found if ratio is not None]
    print(json.dumps({"cpu": _spent() - before, "wall": wall, "count": len(found), "best": max(known)}))


def _tried(series: str, trials: Sequence[Mapping[str, Any]]) -> list[float | None]:
    tape = quarters(tape_of(Path(series), funding=True))
    return [measure(backtest(tape, rules), tape.step_ms).sharpe for rules in trials]


def _trials(rules: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    averages = [(fast, slow) for fast, slow in product(range(4, 44, 2), range(10, 110, 4)) if fast < slow]
    distances = product((0.005, 0.01, 0.015, 0.02, 0.03), (0.01, 0.02, 0.03, 0.05, 0.08))
    for (stop, target), (fast, slow) in product(distances, averages):
        yield {**rules, "fast": fast, "slow": slow, "stop": stop, "target": target}


def quarters(tape: Tape) -> Tape:
    """Minutes as quarter-hours."""
    rows = len(tape) // _QUARTER
    cut = rows * _QUARTER

    def each(column: np.ndarray) -> np.ndarray:
        return column[:cut].reshape(rows, _QUARTER, -1)

    return Tape(
        symbols=tape.symbols,
        step_ms=tape.step_ms * _QUARTER,
        open_time=tape.open_time[:cut:_QUARTER],
        open=np.ascontiguousarray(each(tape.open)[:, 0]),
        high=np.ascontiguousarray(each(tape.high).max(axis=1)),
        low=np.ascontiguousarray(each(tape.low).min(axis=1)),
        close=np.ascontiguousarray(each(tape.close)[:, -1]),
        volume=np.ascontiguousarray(each(tape.volume).sum(axis=1)),
        funding=np.ascontiguousarray(each(tape.funding).sum(axis=1)),
    )


def _spent() -> float:
    """CPU seconds of this process and of those it waited for."""
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


if __name__ == "__main__":
    main()

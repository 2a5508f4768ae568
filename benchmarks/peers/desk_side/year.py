"""The desk on the year: the same average cross through `desk.backtest`, and everything that it measures.

`python -m benchmarks.peers.desk_side.year JOB`. With `funding` in the job a charge falls due every eight hours; fees,
stops, targets, maintenance margin and liquidation are always part of it.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

from desk.backtest.measures import measure
from desk.backtest.outcome import Outcome
from desk.backtest.plan import Plan, plan
from desk.backtest.run import run
from desk.backtest.tape import Tape
from desk.backtest.terms import AccountTerms, contracts
from desk.indicators import classic
from desk.venues.paper.symbols import spec_for

_CHARGED_EVERY = 480
_RATE = 1e-4
_WARM = 2_000
# A run of milliseconds is at the mercy of its neighbours; its peer's seconds are not.
_TIMES = 5


def main() -> None:
    """Warm up, run, tell."""
    job = json.loads(Path(sys.argv[1]).read_text())
    tape = tape_of(Path(job["series"]), funding=job.get("funding", True))
    if job.get("warm", True):
        # The compiler's own second belongs to the cold process, not to the run.
        backtest(tape.between(0, _WARM), job["rules"])
    spent: list[float] = []
    for _ in range(_TIMES if job.get("warm", True) else 1):
        began = time.process_time()
        outcome = backtest(tape, job["rules"])
        measured = measure(outcome, tape.step_ms)
        spent.append(time.process_time() - began)
    if "trades" in job:
        names = ("entry_row", "exit_row", "side", "entry_price", "exit_price", "reason")
        np.savez(job["trades"], **{name: outcome.column(name) for name in names})
    told = {"stops": measured.stops, "targets": measured.targets, "liquidations": measured.liquidations}
    equity = float(outcome.equity[-1])
    print(json.dumps({"cpu": median(spent), "count": len(tape), "trades": measured.trades, "equity": equity, **told}))


def backtest(tape: Tape, rules: Mapping[str, Any]) -> Outcome:
    """One run of the rules."""
    terms = AccountTerms(deposit=rules["deposit"], taker_fee=rules["fee"], slippage=0.0, leverage=rules["leverage"])
    demands = contracts([spec_for(symbol, Decimal(100)) for symbol in tape.symbols], terms.leverage)
    return run(tape, cross(tape, rules), terms, demands)


def cross(tape: Tape, rules: Mapping[str, Any]) -> Plan:
    """In with the fast average over the slow one, turned when they cross back."""
    close = np.ascontiguousarray(tape.close[:, 0])
    fast, slow = classic.ema(close, rules["fast"]), classic.ema(close, rules["slow"])
    above, below = fast > slow, fast < slow
    enter = np.zeros((len(tape), 1), dtype=np.int8)
    enter[1:, 0] = (above[1:] & ~above[:-1]).astype(np.int8) - (below[1:] & ~below[:-1]).astype(np.int8)
    enter[: rules["warm_up"]] = 0
    return plan(enter, stop=rules["stop"], target=rules["target"], size=rules["size"])


def tape_of(path: Path, *, funding: bool) -> Tape:
    """The series as a tape."""
    with np.load(path) as series:
        times = series["open_time"]
        grids = {
            name: np.ascontiguousarray(series[name][:, None]) for name in ("open", "high", "low", "close", "volume")
        }
    charges = np.zeros((len(times), 1))
    charges[_CHARGED_EVERY::_CHARGED_EVERY] = _RATE if funding else 0.0
    step = int(times[1] - times[0])
    return Tape(symbols=("BTCUSDT",), step_ms=step, open_time=times, funding=charges, **grids)


if __name__ == "__main__":
    main()

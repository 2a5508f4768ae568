"""The desk's event replay on the year: every bar through the real exchange and the production guard.

`python -m benchmarks.peers.desk_side.replay JOB`. The guard's limits are as wide as they may be set, so that it refuses
as little as it can; what it still refuses it refuses, and how many trades are those of the sweep is told.
"""

from __future__ import annotations

import json
import sys
import time
from decimal import Decimal
from pathlib import Path

import numpy as np

from benchmarks.peers.desk_side.year import cross, tape_of
from desk.backtest.replay.compare import compare
from desk.backtest.replay.playing import replay
from desk.backtest.run import run
from desk.backtest.terms import AccountTerms, contracts
from desk.guard.bounds.limits import Limits
from desk.venues.paper.symbols import spec_for, with_tick

_COLUMNS = ("entry_row", "exit_row", "side", "entry_price", "exit_price")
_TICK = Decimal("0.0001")
# As far as each may be opened: what is measured is the way through the guard, not what it forbids.
WIDE = Limits(
    risk_per_trade=Decimal("0.05"),
    max_position=Decimal(5),
    max_gross=Decimal(10),
    max_correlated=Decimal(10),
    turnover=Decimal(500),
    max_leverage=10,
    daily_loss=Decimal("0.20"),
    rolling_loss=Decimal("0.30"),
    drawdown=Decimal("0.50"),
    gap_stress={},
    gap_stress_default=Decimal("0.01"),
    max_spread=Decimal("0.05"),
    max_range=Decimal("0.5"),
    early_exit=Decimal(1),
    entries_per_minute=60,
    entries_per_day=2000,
    repeat_entries=2000,
    reentry_seconds=0,
    streak_losses=50,
    symbol_losses=50,
    symbol_rest_seconds=60,
    intents_per_minute=6000,
    crash_hour=Decimal("0.5"),
    crash_five_btc=Decimal("0.5"),
    crash_five_eth=Decimal("0.5"),
)


def main() -> None:
    """Play, compare with the sweep, tell."""
    job = json.loads(Path(sys.argv[1]).read_text())
    rules = job["rules"]
    tape = tape_of(Path(job["series"]), funding=False)
    terms = AccountTerms(deposit=10_000.0, taker_fee=rules["fee"], slippage=0.0, leverage=rules["leverage"])
    specs = [with_tick(spec_for("BTCUSDT", Decimal(100)), _TICK)]
    wanted = cross(tape, rules)
    began = time.process_time()
    played = replay(tape, wanted, terms, specs, WIDE)
    spent = time.process_time() - began
    told = compare(run(tape, wanted, terms, contracts(specs, terms.leverage)), played, specs)
    rows = [
        (one.entry_row, one.exit_row, one.side, float(one.entry_price), float(one.exit_price)) for one in played.trades
    ]
    columns = dict(zip(_COLUMNS, map(np.array, zip(*rows, strict=True)), strict=True))
    np.savez(job["trades"], looks_a_bar=played.looks / len(tape), swept=told.sweep, same=told.same, **columns)
    print(json.dumps({"cpu": spent, "count": len(tape), "trades": told.replay, "resets": played.resets}))


if __name__ == "__main__":
    main()

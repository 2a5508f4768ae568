"""Reads of the API at a year of data: CPU milliseconds of each, from the door to the last byte of the answer.

`python -m benchmarks.api_speed` fills a ledger with a year of quarter hours on three symbols (seed 5), asks each read
twenty times after a warm-up, and prints median and 95th percentile. CPU time, so that a busy machine does not speak.
"""

from __future__ import annotations

import logging
import random
import statistics
import tempfile
import time
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

from sqlalchemy import Table, insert
from starlette.testclient import TestClient

from benchmarks.console_attacks import open_house
from desk.ledger import DecisionRow, EquityRow, SignalRow, TradeRow, sqlite_url
from desk.ledger.revisions import open_engine
from desk.ledger.tables import DECISIONS, EQUITY, SIGNALS, TRADES
from tests.unit.ui.conftest import ORIGIN, StepClock
from ui.server.access import Scope
from ui.server.roof import build

SYMBOLS = ("BTCUSDT", "ETHUSDT", "SOLUSDT")
SEED, ASKED, DAYS = 5, 20, 365
FIRST = datetime(2025, 3, 1, tzinfo=UTC)
READS = (
    "signals?symbol=BTCUSDT&limit=100",
    "signals?limit=1000",
    "signals/stats",
    "trades?state=closed&limit=100",
    "decisions?symbol=ETHUSDT&limit=100",
    "decisions?verdict=approved&limit=100",
    "equity?limit=1000",
    "performance",
    "info",
    "health",
)


def main() -> None:
    logging.disable(logging.WARNING)
    with tempfile.TemporaryDirectory() as home:
        house = open_house(Path(home), StepClock())
        rows = fill(sqlite_url(house.window.folder.ledger))
        token = house.access.new_token("reader", Scope.READ)
        headers = {"Authorization": f"Bearer {token}"}
        every: list[float] = []
        with TestClient(build(house), base_url=ORIGIN, headers=headers) as client:
            for read in READS:
                spent = [cpu(client, read) for _ in range(ASKED + 1)][1:]
                every += spent
                print(f"{read:40} median {statistics.median(spent):6.1f} ms   95 % {p95(spent):6.1f} ms")
        house.close()
    print(f"{rows:,} rows; of all reads 95 % within {p95(every):.1f} ms of CPU")


def fill(url: str) -> int:
    """A year of rows, in bulk."""
    dice, engine = random.Random(SEED), open_engine(url)
    moments = [FIRST + timedelta(minutes=15 * n) for n in range(DAYS * 96)]
    tables: list[tuple[Table, list[dict[str, object]]]] = [(SIGNALS, []), (DECISIONS, []), (EQUITY, []), (TRADES, [])]
    (_, signals), (_, decisions), (_, equity), (_, trades) = tables
    for number, at in enumerate(moments):
        worth = Decimal(10_000 + dice.randrange(-300, 300))
        equity.append(asdict(EquityRow(at=at, equity=worth, wallet=worth, unrealized=Decimal(0))))
        for symbol in SYMBOLS:
            score = dice.randrange(-6, 7)
            signals.append(
                asdict(SignalRow(symbol=symbol, interval="15m", at=at, score=score, threshold=3, direction="NONE"))
            )
            decisions.append(asdict(decision(number, at, symbol, dice)))
        if number % 12 == 0:
            trades.append(asdict(trade(number, at, dice)))
    with engine.begin() as connection:
        for table, rows in tables:
            connection.execute(insert(table), rows)
    engine.dispose()
    return sum(len(rows) for _, rows in tables)


def decision(number: int, at: datetime, symbol: str, dice: random.Random) -> DecisionRow:
    return DecisionRow(
        decision_id=f"d{number}-{symbol}",
        run_id=f"r{number}",
        at=at,
        profile="demo",
        symbol=symbol,
        action=dice.choice(("HOLD", "OPEN_LONG", "CLOSE")),
        conviction=Decimal("0.5"),
        verdict=dice.choice(("approved", "not_asked", "refused")),
        rule="hold",
        intent_id=None,
        mark=Decimal(100),
        equity=Decimal(10_000),
        snapshot_hash="0" * 64,
    )


def trade(number: int, at: datetime, dice: random.Random) -> TradeRow:
    return TradeRow(
        intent_id=f"i{number}",
        decision_id=f"d{number}-BTCUSDT",
        symbol="BTCUSDT",
        quantity=Decimal("0.01"),
        opened_at=at,
        entry_price=Decimal(100),
        closed_at=at + timedelta(hours=2),
        exit_price=Decimal(101),
        fees=Decimal("0.1"),
        funding=Decimal(0),
        pnl=Decimal(dice.randrange(-50, 55)) / 10,
        exit_reason="target",
    )


def cpu(client: TestClient, read: str) -> float:
    began = time.process_time()
    answer = client.get(f"/api/v1/{read}")
    assert answer.status_code == 200, answer.text
    return (time.process_time() - began) * 1000


def p95(values: list[float]) -> float:
    return sorted(values)[int(len(values) * 0.95)]


if __name__ == "__main__":
    main()

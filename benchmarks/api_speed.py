"""Reads of the API at a year of data, on SQLite and on PostgreSQL: CPU milliseconds, from the door to the last byte.

`python -m benchmarks.api_speed` fills a ledger with a year of quarter hours on three symbols (seed 5), copies it into a
PostgreSQL server of its own, asks each read twenty times after a warm-up, and writes median and 95th percentile into
`docs/storage.md`. CPU time of the desk's process and of the server's together, so that a busy machine does not speak.
"""

from __future__ import annotations

import logging
import random
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import Table, insert
from starlette.testclient import TestClient

from benchmarks.console_attacks import open_house
from crews.record.bookkeeping import DATABASE_VARIABLE
from desk.ledger import (
    UNCERTIFIED,
    ContextRow,
    CostRow,
    DecisionRow,
    EquityRow,
    ForecastRow,
    SignalRow,
    TradeRow,
    sqlite_url,
)
from desk.ledger.ledger import Written
from desk.ledger.revisions import open_engine
from desk.ledger.tables import CONTEXT, COSTS, DECISIONS, EQUITY, FORECASTS, SIGNALS, TRADES
from tests.postgres_server import PostgresServer, installed, serving
from tests.unit.ui.conftest import ORIGIN, StepClock
from ui.server.access import Scope
from ui.server.roof import build

PAGE = Path(__file__).resolve().parents[1] / "docs" / "storage.md"
SYMBOLS, AGENTS = ("BTCUSDT", "ETHUSDT", "SOLUSDT"), ("regime", "risk")
REPORTING, REGIMES = ("regime", "chart", "news", "spikes", "risk"), ("BULL", "BEAR", "SIDEWAYS", "VOLATILE", "")
SEED, ASKED, DAYS, TARGET_MS = 5, 20, 365, 50.0
FIRST = datetime(2025, 3, 1, tzinfo=UTC)
READS = (
    "signals?symbol=BTCUSDT&limit=100",
    "signals?limit=1000",
    "signals/stats",
    "signals/stats?since=2025-09-01T00:00:00Z",
    "trades?state=closed&limit=100",
    "trades?state=open&limit=100",
    "decisions?symbol=ETHUSDT&limit=100",
    "decisions?verdict=approved&limit=100",
    "decisions?rule=seldom&limit=100",
    "decisions?limit=1000",
    "equity?limit=1000",
    "context/history?limit=100",
    "costs?limit=100",
    "costs?agent=master&limit=100",
    "breaker",
    "performance",
    "performance?since=2026-02-01T00:00:00Z",
    "performance/breakdown",
    "performance/breakdown?since=2026-02-01T00:00:00Z",
    "info",
    "health",
)


@dataclass(frozen=True)
class Measured:
    """What one read took on one database, in milliseconds of CPU, each time it was asked."""

    read: str
    spent: tuple[float, ...]

    @property
    def median(self) -> float:
        return statistics.median(self.spent)


def main() -> None:
    logging.disable(logging.WARNING)
    programs = installed()
    if programs is None:
        raise SystemExit("no PostgreSQL server on this machine: apt install postgresql")
    with tempfile.TemporaryDirectory() as home, serving(programs) as server:
        file = sqlite_url(Path(home) / "demo" / "ledger.sqlite")
        rows = fill(file)
        other = server.database()
        fill(other)
        server.vacuum(other)
        found = {"SQLite": asked(Path(home), file, lambda: 0.0), "PostgreSQL": asked(Path(home), other, of(server))}
    for name, measured in found.items():
        for one in measured:
            print(f"{name:11} {one.read:42} median {one.median:6.1f} ms   95 % {p95(one.spent):6.1f} ms")
        print(f"{name:11} {rows:,} rows; of all reads 95 % within {p95(together(measured)):.1f} ms of CPU")
    write(rows, found)


def asked(home: Path, url: str, server_ms: Callable[[], float]) -> list[Measured]:
    """Every read, asked of a house whose ledger is at this URL."""
    with at(url):
        house = open_house(home, StepClock())
        token = house.access.new_token(f"reader{len(url)}", Scope.READ)
        headers = {"Authorization": f"Bearer {token}"}
        with TestClient(build(house), base_url=ORIGIN, headers=headers) as client:
            found = [Measured(one, tuple(cpu(client, one, server_ms) for _ in range(ASKED + 1))[1:]) for one in READS]
        house.close()
    return found


@contextmanager
def at(url: str) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv(DATABASE_VARIABLE, url)
        yield


def of(server: PostgresServer) -> Callable[[], float]:
    """Milliseconds of CPU that the server and everything it has started have had so far."""
    return lambda: 1000 * server.cpu_seconds()


def fill(url: str) -> int:
    """A year of rows, in bulk."""
    dice, engine = random.Random(SEED), open_engine(url)
    tables: dict[Table, list[dict[str, object]]] = {
        one: [] for one in (SIGNALS, DECISIONS, CONTEXT, COSTS, EQUITY, TRADES, FORECASTS)
    }
    for number in range(DAYS * 96):
        at = FIRST + timedelta(minutes=15 * number)
        worth = Decimal(10_000 + dice.randrange(-300, 300))
        tables[EQUITY].append(plain(EquityRow(at=at, equity=worth, wallet=worth, unrealized=Decimal(0))))
        for symbol in SYMBOLS:
            of_symbol(tables, number, at, symbol, dice)
        if number % 12 == 0:
            tables[TRADES].append(plain(trade(number, at, dice)))
    with engine.begin() as connection:
        for table, rows in tables.items():
            connection.execute(insert(table), rows)
    engine.dispose()
    return sum(len(rows) for rows in tables.values())


def of_symbol(
    tables: dict[Table, list[dict[str, object]]], number: int, at: datetime, symbol: str, dice: random.Random
) -> None:
    score = dice.randrange(-6, 7)
    signal = SignalRow(symbol=symbol, interval="15m", at=at, score=score, threshold=3, direction="NONE")
    tables[SIGNALS].append(plain(signal))
    tables[DECISIONS].append(plain(decision(number, at, symbol, dice)))
    tables[CONTEXT].append(plain(context(at, symbol, dice)))
    tables[COSTS] += [plain(cost(f"d{number}-{symbol}", agent, at)) for agent in AGENTS]
    tables[FORECASTS] += [plain(forecast(f"d{number}-{symbol}", agent, at, symbol, dice)) for agent in REPORTING]


def plain(row: Written) -> dict[str, object]:
    """A row's values by column; `asdict` would copy each of them, a million times."""
    return {one.name: getattr(row, one.name) for one in fields(row)}


def context(at: datetime, symbol: str, dice: random.Random) -> ContextRow:
    return ContextRow(
        symbol=symbol,
        at=at,
        appetite="NEUTRAL",
        btc_trend="UP",
        btc_strength=Decimal("0.4"),
        volatility="LOW",
        fear_greed=dice.randrange(100),
        btc_dominance=None,
        total_cap_usd=None,
        correlation_btc=Decimal("0.8"),
        missing="DOMINANCE",
    )


def forecast(decision_id: str, agent: str, at: datetime, symbol: str, dice: random.Random) -> ForecastRow:
    return ForecastRow(
        decision_id=decision_id,
        agent=agent,
        at=at,
        until=at + timedelta(hours=1),
        symbol=symbol,
        model="offline",
        regime=dice.choice(REGIMES),
        event="stop" if agent == "risk" else "up",
        probability=Decimal(dice.randrange(1001)) / 1000,
        called=dice.randrange(2),
        mark=Decimal(100),
        distance=Decimal("0.02"),
        outcome=dice.randrange(2),
    )


def cost(decision_id: str, agent: str, at: datetime) -> CostRow:
    return CostRow(
        decision_id=decision_id,
        agent=agent,
        at=at,
        model="offline",
        requests=2,
        prompt_tokens=2100,
        completion_tokens=180,
        usd=Decimal("0.001"),
    )


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
        strategy=dice.choice(("crew", "spike")),
        certificate=UNCERTIFIED,
    )


def cpu(client: TestClient, read: str, server_ms: Callable[[], float]) -> float:
    began, began_there = time.process_time(), server_ms()
    answer = client.get(f"/api/v1/{read}")
    assert answer.status_code == 200, answer.text
    return (time.process_time() - began) * 1000 + server_ms() - began_there


def together(measured: list[Measured]) -> list[float]:
    return [value for one in measured for value in one.spent]


def p95(values: list[float] | tuple[float, ...]) -> float:
    return sorted(values)[int(len(values) * 0.95)]


def write(rows: int, found: dict[str, list[Measured]]) -> None:
    lines = [
        f"A year of quarter hours on three symbols, {rows:,} rows; CPU milliseconds of desk and server together, "
        f"{ASKED} times each.",
        "",
        "| read | SQLite, median | SQLite, 95 % | PostgreSQL, median | PostgreSQL, 95 % |",
        "|---|---:|---:|---:|---:|",
    ]
    for here, there in zip(found["SQLite"], found["PostgreSQL"], strict=True):
        lines.append(
            f"| `{here.read}` | {here.median:.1f} | {p95(here.spent):.1f} | {there.median:.1f} | {p95(there.spent):.1f} |"
        )
    for name, measured in found.items():
        worst = p95(together(measured))
        verdict = "kept" if worst < TARGET_MS else "missed"
        lines += [
            "",
            f"{name}: of all reads 95 % within {worst:.1f} ms; the target of {TARGET_MS:.0f} ms is {verdict}.",
        ]
    text = PAGE.read_text()
    begins, ends = "<!-- reads -->\n", "\n<!-- end of reads -->"
    before, after = text.split(begins)[0], text.split(ends)[1]
    PAGE.write_text(f"{before}{begins}{chr(10).join(lines)}{ends}{after}")


if __name__ == "__main__":
    main()

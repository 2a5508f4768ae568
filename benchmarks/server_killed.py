"""The server is killed at random moments, and every row it had acknowledged is there afterwards.

`python -m benchmarks.server_killed --kills 100` does so on two stores and writes what it found into `docs/storage.md`:

* *SQLite*: a process that writes ledger and audit log from three threads is killed (SIGKILL) wherever it is. It says
  "kept" for a row only after the write has returned.
* *PostgreSQL*: the database server and all its own processes are killed under such a writer, and started again.

Afterwards every acknowledged row must read as it was written, and the audit log's chain must verify. A process that is
killed leaves what it gave to the system; a cut of power is another thing, against which both stores sync each commit.
`--planted` lets the writer say "kept" too early, to show that a loss would be found. Seed 11 picks the moments.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import random
import select
import signal
import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from desk.domain.errors import DeskError
from desk.guard.process.clock import SystemClock
from desk.ledger import DecisionRow, EquityRow, Ledger, TradeClose, TradeRow, sqlite_url
from memory.audit import AuditLog
from tests.postgres_server import PostgresServer, installed, serving

PAGE = Path(__file__).resolve().parents[1] / "docs" / "storage.md"
FIRST = datetime(2026, 1, 1, tzinfo=UTC)
THREADS, SEED, PATIENCE_S = 3, 11, 60.0
# Acknowledgements after which the blow falls, at most, and how long after the last of them: in the midst of a write.
MOST_ACKNOWLEDGED, LONGEST_WAIT_S = 40, 0.02
_FORK = multiprocessing.get_context("fork")


@dataclass
class Found:
    """What a store came to: kills, rows it had acknowledged, those of them that are gone, and broken chains."""

    store: str
    kills: int = 0
    acknowledged: int = 0
    lost: list[str] = field(default_factory=list[str])
    broken: list[str] = field(default_factory=list[str])


@dataclass(frozen=True)
class Places:
    """Where the writer writes."""

    ledger: str
    audit: Path


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--store", choices=("sqlite", "postgresql", "both"), default="both")
    parser.add_argument("--planted", action="store_true")
    wish = parser.parse_args()
    results: list[Found] = []
    with tempfile.TemporaryDirectory() as home:
        if wish.store != "postgresql":
            results.append(kill_the_writer(Path(home), wish.kills, wish.seed, planted=wish.planted))
        programs = installed()
        if wish.store != "sqlite" and programs is not None:
            with serving(programs, durable=True) as server:
                results.append(kill_the_server(Path(home), server, wish.kills, wish.seed, planted=wish.planted))
    for one in results:
        print(
            f"{one.store}: {one.kills} kills, {one.acknowledged:,} acknowledged, "
            f"{len(one.lost)} lost, {len(one.broken)} broken chains"
        )
        for line in (*one.lost[:5], *one.broken[:5]):
            print(f"  {line}")
    if wish.store == "both" and len(results) == 2 and not wish.planted:
        write(results, wish.seed)
    raise SystemExit(any(one.lost or one.broken for one in results))


def kill_the_writer(home: Path, kills: int, seed: int, *, planted: bool = False) -> Found:
    """A process that writes a SQLite ledger and the audit log is killed again and again."""
    places = Places(sqlite_url(home / "killed" / "ledger.sqlite"), home / "killed" / "audit.sqlite")
    return _campaign("SQLite", places, kills, seed, planted, lambda pid: os.kill(pid, signal.SIGKILL), lambda: None)


def kill_the_server(home: Path, server: PostgresServer, kills: int, seed: int, *, planted: bool = False) -> Found:
    """The database server is killed under a writer, and started again."""
    places = Places(server.database(), home / "served" / "audit.sqlite")
    return _campaign("PostgreSQL", places, kills, seed, planted, lambda _: server.kill(), server.start)


def _campaign(
    store: str,
    places: Places,
    kills: int,
    seed: int,
    planted: bool,
    strike: Callable[[int], None],
    recover: Callable[[], None],
) -> Found:
    found, dice, number = Found(store), random.Random(seed), 0
    Ledger(places.ledger).close()
    for _ in range(kills):
        kept = _life(places, number, planted, strike, dice)
        recover()
        found.kills += 1
        found.acknowledged += len(kept)
        _look(places, kept, found)
        number = max((one["number"] for one in kept), default=number) + THREADS * 10
        if found.kills % 10 == 0:
            print(f"{store}: {found.kills} kills, {found.acknowledged:,} acknowledged", flush=True)
    return found


def _life(
    places: Places, first: int, planted: bool, strike: Callable[[int], None], dice: random.Random
) -> list[dict[str, Any]]:
    """One writer, from its start to the blow: what it had acknowledged by then."""
    reads, writes = os.pipe()
    child = _FORK.Process(target=_write_until_killed, args=(places, first, planted, writes))
    child.start()
    os.close(writes)
    wanted, text = dice.randint(1, MOST_ACKNOWLEDGED), b""
    deadline = time.monotonic() + PATIENCE_S
    while text.count(b"\n") < wanted:
        if not select.select([reads], [], [], max(0.0, deadline - time.monotonic()))[0]:
            break
        part = os.read(reads, 65536)
        if not part:
            break
        text += part
    time.sleep(dice.uniform(0, LONGEST_WAIT_S))
    strike(child.pid or 0)
    while part := os.read(reads, 65536):
        text += part
    os.close(reads)
    child.join(PATIENCE_S)
    child.close()
    # A line that the blow cut off acknowledges nothing.
    return [json.loads(line) for line in text.split(b"\n")[:-1]]


def _write_until_killed(places: Places, first: int, planted: bool, acknowledged: int) -> None:
    """The writer's life. It ends by the blow, or at the first write that its store refuses."""
    over = threading.Event()
    ledger, audit = Ledger(places.ledger), AuditLog(places.audit, SystemClock())
    works = [
        threading.Thread(target=_write, args=(ledger, audit, first + thread, planted, acknowledged, over))
        for thread in range(THREADS)
    ]
    for one in works:
        one.start()
    for one in works:
        one.join()
    os._exit(0)


def _write(
    ledger: Ledger, audit: AuditLog, number: int, planted: bool, acknowledged: int, over: threading.Event
) -> None:
    with suppress(DeskError):
        while not over.is_set():
            if planted:
                _say(acknowledged, {"number": number, "ledger": True})
            opened, close = trade(number)
            ledger.record(decision(number))
            ledger.record(equity(number))
            ledger.record(opened)
            ledger.close_trade(opened.intent_id, close)
            _say(acknowledged, {"number": number, "ledger": True})
            row = audit.append(f"d{number}", "error", {"stage": "work", "error": "None", "message": f"{number}"})
            _say(acknowledged, {"number": number, "seq": row.seq, "hash": row.hash})
            number += THREADS
    over.set()


def _say(pipe: int, told: dict[str, Any]) -> None:
    # Shorter than a pipe's atomic write: lines of several threads never mix.
    os.write(pipe, json.dumps(told).encode() + b"\n")


def _look(places: Places, kept: list[dict[str, Any]], found: Found) -> None:
    """Every acknowledged row, and the chain."""
    with closing(Ledger(places.ledger)) as ledger:
        for one in kept:
            if "ledger" in one and not _there(ledger, one["number"]):
                found.lost.append(f"ledger: number {one['number']} after kill {found.kills}")
    with closing(AuditLog(places.audit, SystemClock())) as audit:
        report = audit.verify()
        if not report.ok:
            found.broken.append(f"after kill {found.kills}: {report.problem}")
        for one in kept:
            if "seq" in one and audit.hash_of(one["seq"]) != one["hash"]:
                found.lost.append(f"audit log: row {one['seq']} after kill {found.kills}")


def _there(ledger: Ledger, number: int) -> bool:
    """Whether all rows of a number are as they were written: writing them again changes nothing and finds no other."""
    opened, close = trade(number)
    try:
        new = [ledger.record(row) for row in (decision(number), equity(number), opened)]
        return not any(new) and not ledger.close_trade(opened.intent_id, close)
    except DeskError:
        return False


def decision(number: int) -> DecisionRow:
    return DecisionRow(
        decision_id=f"d{number}",
        run_id="r",
        at=FIRST + timedelta(seconds=number),
        profile="demo",
        symbol="BTCUSDT",
        action="HOLD",
        conviction=Decimal("0.5"),
        verdict="not_asked",
        rule="hold",
        intent_id=None,
        mark=Decimal(number) / 8,
        equity=Decimal(10_000),
        snapshot_hash="0" * 64,
    )


def equity(number: int) -> EquityRow:
    worth = Decimal(10_000) + Decimal(number) / 8
    return EquityRow(at=FIRST + timedelta(seconds=number), equity=worth, wallet=worth, unrealized=Decimal(0))


def trade(number: int) -> tuple[TradeRow, TradeClose]:
    at, price = FIRST + timedelta(seconds=number), Decimal(100) + Decimal(number) / 8
    opened = TradeRow(
        intent_id=f"i{number}",
        decision_id=f"d{number}",
        symbol="BTCUSDT",
        quantity=Decimal("0.01"),
        opened_at=at,
        entry_price=price,
    )
    close = TradeClose(
        closed_at=at + timedelta(hours=1),
        exit_price=price + 1,
        fees=Decimal("0.1"),
        funding=Decimal(0),
        pnl=Decimal("0.9"),
        exit_reason="target",
    )
    return opened, close


def write(results: list[Found], seed: int) -> None:
    lines = [
        f"Seed {seed}. A row is acknowledged once its write has returned.",
        "",
        "| killed | kills | acknowledged | lost | broken chains |",
        "|---|---:|---:|---:|---:|",
    ]
    killed = {"SQLite": "the process that writes, on SQLite", "PostgreSQL": "the PostgreSQL server under a writer"}
    for one in results:
        lines.append(
            f"| {killed[one.store]} | {one.kills} | {one.acknowledged:,} | {len(one.lost)} | {len(one.broken)} |"
        )
    text = PAGE.read_text()
    begins, ends = "<!-- kills -->\n", "\n<!-- end of kills -->"
    before, after = text.split(begins)[0], text.split(ends)[1]
    PAGE.write_text(f"{before}{begins}{chr(10).join(lines)}{ends}{after}")


if __name__ == "__main__":
    main()

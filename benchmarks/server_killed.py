"""The server is killed at random moments, and every row it had acknowledged is there afterwards.

`python -m benchmarks.server_killed --kills 100` kills three of them and writes what it found into `docs/storage.md`:

* *SQLite*: a process that writes ledger and audit log from three threads is killed (SIGKILL) wherever it is. It says
  "kept" for a row only after the write has returned.
* *PostgreSQL*: the database server and all its own processes are killed under such a writer, and started again.
* *console*: a running `crew console` is killed while pauses, trades, logins, guesses, edits of the agents' file and
  acknowledgements in the chat go through it; guard and exchange work on. See `benchmarks.console_killed`.

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
from collections.abc import Callable, Mapping, Sequence
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
BEGINS, ENDS = "<!-- kills -->\n", "\n<!-- end of kills -->"
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
    about: str = ""


@dataclass(frozen=True)
class Places:
    """Where the writer writes."""

    ledger: str
    audit: Path


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--store", choices=(*KILLED, "all"), default="all")
    parser.add_argument("--planted", action="store_true")
    parser.add_argument("--no-page", action="store_true", help="print only")
    wish = parser.parse_args()
    with tempfile.TemporaryDirectory() as home:
        results = [
            found
            for store, kill in KILLED.items()
            if wish.store in (store, "all") and (found := kill(Path(home), wish.kills, wish.seed, wish.planted))
        ]
    for one in results:
        print(
            f"{one.store}: {one.kills} kills, {one.acknowledged:,} acknowledged, "
            f"{len(one.lost)} lost, {len(one.broken)} broken chains"
        )
        for line in (*one.lost[:5], *one.broken[:5]):
            print(f"  {line}")
    if not wish.planted and not wish.no_page:
        write(results, wish.seed)
    raise SystemExit(any(one.lost or one.broken for one in results))


def _postgresql(home: Path, kills: int, seed: int, planted: bool) -> Found | None:
    programs = installed()
    if programs is None:
        return None
    with serving(programs, durable=True) as server:
        return kill_the_server(home, server, kills, seed, planted=planted)


def _console(home: Path, kills: int, seed: int, planted: bool) -> Found:
    # Here and not above: the console's libraries take seconds to load.
    from benchmarks.console_killed.campaign import kill_the_console

    came = kill_the_console(home / "console", kills, seed, planted=planted)
    sorts = ", ".join(f"{count:,} of {name}" for name, count in sorted(came.rows.items()))
    return Found(
        "console",
        kills=came.kills,
        acknowledged=came.acknowledged,
        lost=came.lost,
        broken=came.broken,
        about=f"Through the console: {sorts}.",
    )


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


KILLED: Mapping[str, Callable[[Path, int, int, bool], Found | None]] = {
    "sqlite": lambda home, kills, seed, planted: kill_the_writer(home, kills, seed, planted=planted),
    "postgresql": _postgresql,
    "console": _console,
}
WORDS = {
    "SQLite": "the process that writes, on SQLite",
    "PostgreSQL": "the PostgreSQL server under a writer",
    "console": "a running console; guard and exchange work on",
}


def write(results: Sequence[Found], seed: int) -> None:
    """Put these rows into the page; what was not killed this time keeps its own."""
    before, _, rest = PAGE.read_text().partition(BEGINS)
    told, _, after = rest.partition(ENDS)
    rows = {line.split("|")[1].strip(): line for line in told.splitlines() if line.startswith("| ")}
    abouts = [line for line in told.splitlines() if line.startswith("Through ")]
    for one in results:
        figures = f"{one.kills} | {one.acknowledged:,} | {len(one.lost)} | {len(one.broken)}"
        rows[WORDS[one.store]] = f"| {WORDS[one.store]} | {figures} |"
        abouts = [one.about] if one.about else abouts
    lines = [
        f"Seed {seed}. A row is acknowledged once its write has returned, or the console has answered.",
        "",
        "| killed | kills | acknowledged | lost | broken chains |",
        "|---|---:|---:|---:|---:|",
        *(rows[words] for words in WORDS.values() if words in rows),
        *(("", *abouts) if abouts else ()),
    ]
    PAGE.write_text(f"{before}{BEGINS}{chr(10).join(lines)}{ENDS}{after}")


if __name__ == "__main__":
    main()

"""Many ledgers in one PostgreSQL: Debian's server, durable, and a writer for each ledger."""

from __future__ import annotations

import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from benchmarks.scale.units import row_of
from desk.ledger import Ledger
from tests.postgres_server import PostgresServer, installed

LEDGERS, ROWS = 32, 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Shared:
    """Rows a second by the clock, and CPU seconds a row at the server and in the desk."""

    ledgers: int
    rows_a_second: float
    server_cpu: float
    desk_cpu: float


def measure() -> Shared | None:
    """Write into one database from many ledgers; None where no server is installed."""
    programs = installed()
    if programs is None:
        return None
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        server = PostgresServer(programs, Path(folder), durable=True)
        server.create()
        server.start()
        try:
            return _written(server)
        finally:
            server.stop()


def _written(server: PostgresServer) -> Shared:
    url = server.database()
    with closing(Ledger(url)):
        pass
    ledgers = [Ledger(url) for _ in range(LEDGERS)]
    try:
        for number, one in enumerate(ledgers):
            # The connection is made with the first row.
            one.record(row_of(f"S{number:03}USDT", 0))
        with ThreadPoolExecutor(LEDGERS) as pool:
            cpu, own, began = server.cpu_seconds(), time.process_time(), time.monotonic()
            list(pool.map(_write, ledgers, range(LEDGERS)))
            took = time.monotonic() - began
        rows = LEDGERS * ROWS
        return Shared(
            ledgers=LEDGERS,
            rows_a_second=rows / took,
            server_cpu=(server.cpu_seconds() - cpu) / rows,
            desk_cpu=(time.process_time() - own) / rows,
        )
    finally:
        for one in ledgers:
            one.close()


def _write(ledger: Ledger, number: int) -> None:
    for place in range(1, ROWS + 1):
        ledger.record(row_of(f"S{number:03}USDT", place))

"""The venue's memory: what was acknowledged is on the disk, whole, and a restarted venue goes on where it stood."""

from __future__ import annotations

import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from desk.domain.errors import JournalError
from desk.venues.paper.engine.exchange import Exchange
from desk.venues.paper.engine.storage.store import Store
from desk.venues.paper.engine.values import Quote, Side, StopStatus
from tests.unit.desk.venues.paper.engine.pit import D, Pit

BUY, SELL = Side.BUY, Side.SELL
ROOT = Path(__file__).parents[5]

CHILD = """
import sys
from pathlib import Path
from desk.venues.paper.engine.storage.store import Store
from desk.venues.paper.engine.values import Refusal, Side
from tests.unit.desk.venues.paper.engine.pit import Pit
pit = Pit()
store = Store(Path(sys.argv[1]))
pit.quote(50_000)
for n in range(100_000):
    try:
        if n % 3 == 0:
            pit.market(Side.BUY if n % 2 else Side.SELL, "0.01")
        elif n % 3 == 1:
            pit.limit(Side.BUY, "0.01", 45_000 - n % 1000, client_id=f"c{n}")
        else:
            pit.quote(50_000 + n % 997, after_ms=1000)
    except Refusal:
        pit.exchange.cancel_all("ann", "BTCUSDT")
    store.save(pit.exchange, clock_ms=pit.now)
    print(n, len(pit.exchange.all_orders("ann")), len(pit.exchange.trades("ann")), flush=True)
"""


def reopened(pit: Pit, path: Path) -> Exchange:
    again = Exchange(pit.specs, now_ms=lambda: pit.now)
    store = Store(path)
    store.load(again)
    store.close()
    return again


def test_a_restarted_venue_goes_on_as_the_old_one_would_have(pit: Pit, tmp_path: Path) -> None:
    path = tmp_path / "state.sqlite"
    store = Store(path)
    pit.market(BUY, 1)
    store.save(pit.exchange, clock_ms=pit.now)
    stop = pit.stop(SELL, 49_000)
    pit.limit(BUY, "0.5", 49_500)
    pit.quote(50_100)
    store.save(pit.exchange, clock_ms=pit.now)
    store.close()
    again = reopened(pit, path)
    assert again.dump() == pit.exchange.dump()
    for exchange in (pit.exchange, again):
        exchange.apply(Quote(symbol="BTCUSDT", at_ms=pit.now + 60_000, price=D(48_000), spread=D(0), ladder=pit.ladder))
    assert again.dump() == pit.exchange.dump()
    assert again.algo("ann", stop.algo_id).status is StopStatus.FINISHED


def test_only_what_changed_is_written(pit: Pit, tmp_path: Path) -> None:
    store = Store(tmp_path / "state.sqlite")
    for n in range(50):
        pit.limit(BUY, "0.01", 40_000 + n)
    store.save(pit.exchange)
    pit.limit(BUY, "0.01", 39_000)
    # the order, its holding, the market's book, the venue's purse, and its counters
    assert store.save(pit.exchange) <= 10
    assert store.save(pit.exchange) == 0


def test_the_file_is_written_with_a_rollback_journal_and_full_sync(tmp_path: Path) -> None:
    store = Store(tmp_path / "state.sqlite")
    db = store._db
    assert db.execute("PRAGMA journal_mode").fetchone()[0] == "delete"
    assert db.execute("PRAGMA synchronous").fetchone()[0] == 2


def test_the_venue_s_time_survives(pit: Pit, tmp_path: Path) -> None:
    path = tmp_path / "state.sqlite"
    store = Store(path)
    assert store.clock_ms() is None
    store.save(pit.exchange, clock_ms=1234)
    store.close()
    assert Store(path).clock_ms() == 1234


def test_a_new_file_holds_nothing(pit: Pit, tmp_path: Path) -> None:
    assert not Store(tmp_path / "deep" / "state.sqlite").load(Exchange(pit.specs, now_ms=lambda: 0))


def test_a_second_venue_on_the_same_file_is_told_so(tmp_path: Path) -> None:
    first = Store(tmp_path / "state.sqlite")
    first.save(Pit().exchange)
    with pytest.raises(JournalError, match="cannot be opened"):
        Store(tmp_path / "state.sqlite")
    first.close()


@pytest.mark.parametrize(
    "spoil",
    [
        "UPDATE rows SET body = replace(body, 'FILLED', 'FILED') WHERE kind = 'order'",
        "UPDATE rows SET body = '{' WHERE kind = 'market'",
        "UPDATE rows SET kind = 'gift' WHERE kind = 'trade'",
        "DELETE FROM rows WHERE kind = 'account'",
    ],
)
def test_a_damaged_file_is_refused_rather_than_guessed_at(pit: Pit, tmp_path: Path, spoil: str) -> None:
    path = tmp_path / "state.sqlite"
    store = Store(path)
    pit.market(BUY, 1)
    store.save(pit.exchange)
    store.close()
    with sqlite3.connect(path) as db:
        db.execute(spoil)
    db.close()
    with pytest.raises(JournalError):
        reopened(pit, path)


@pytest.mark.parametrize("layout", [1, 2, 99])
def test_a_file_of_another_layout_is_refused_with_a_way_out(tmp_path: Path, layout: int) -> None:
    path = tmp_path / "state.sqlite"
    with sqlite3.connect(path) as db:
        db.execute(f"PRAGMA user_version = {layout}")
    db.close()
    with pytest.raises(JournalError, match=f"layout {layout}") as refused:
        Store(path)
    assert refused.value.hint


def test_a_save_that_fails_keeps_everything_for_the_next(pit: Pit, tmp_path: Path) -> None:
    store = Store(tmp_path / "state.sqlite")
    pit.market(BUY, 1)
    store._db.execute("DROP TABLE rows")
    with pytest.raises(JournalError):
        store.save(pit.exchange)
    assert pit.exchange.changed()


@pytest.mark.parametrize("round_number", range(4))
def test_killed_in_the_middle_of_saves_the_venue_forgets_nothing_it_acknowledged(
    tmp_path: Path, round_number: int
) -> None:
    path = tmp_path / "state.sqlite"
    child = subprocess.Popen(
        [sys.executable, "-c", CHILD, str(path)], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert child.stdout is not None
    assert child.stderr is not None
    acknowledged = ""
    deadline = time.monotonic() + 20
    for line in child.stdout:
        acknowledged = line
        if int(line.split()[0]) >= 20 + 37 * round_number or time.monotonic() > deadline:
            break
    child.send_signal(signal.SIGKILL)
    rest = child.stdout.read().splitlines()
    complete = [line for line in rest if len(line.split()) == 3]
    acknowledged = complete[-1] if complete else acknowledged
    child.wait()
    child.stdout.close()
    child.stderr.close()
    _, orders, trades = (int(part) for part in acknowledged.split())
    again = reopened(Pit(), path)
    assert len(again.all_orders("ann")) >= orders
    assert len(again.trades("ann")) >= trades
    assert again.imbalance() == 0
    assert again.dump()

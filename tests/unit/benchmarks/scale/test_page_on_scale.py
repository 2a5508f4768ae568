"""The page on scale: what was seen is told as seen, what was reckoned as reckoned, and what broke is named first."""

from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks.scale.__main__ import expected
from benchmarks.scale.address import UsedUp
from benchmarks.scale.market import names_of, record
from benchmarks.scale.page import written
from benchmarks.scale.reckoned import addresses_share
from benchmarks.scale.results import Results
from benchmarks.scale.shared_ledger import Shared
from benchmarks.scale.steps import Calm, Fall, Measured, troubles_of
from benchmarks.scale.units import Units
from benchmarks.scale.watching import Punctual, punctual

LOOKS = Punctual(kept=8.0, wanted=8.0, middle=2.05, worst=2.2, silent=0)
CALM = Calm(
    guard_cpu=0.006,
    watcher_cpu=0.001,
    exchange_cpu=0.2,
    simulation_cpu=0.02,
    machine_busy=0.4,
    guard_bytes=70_000_000,
    watcher_bytes=30_000_000,
    exchange_bytes=155_000_000,
    weight_a_minute=13_600.0,
    looks=LOOKS,
    blind=0,
    slowest_second=0.2,
)
FALL = Fall(
    first_tripped=0.3,
    last_tripped=0.9,
    middle_locked=1.0,
    last_locked=1.5,
    locked=16,
    flat=16,
    guard_cpu=0.1,
    exchange_cpu=0.8,
    reasons=("crash.BTCUSDT",),
)
STEP = Measured(
    guards=16, symbols=500, start_seconds=12.0, entered=16, slowest_entry=0.4, calm=CALM, fall=FALL, troubles=()
)
ADDRESS = UsedUp(
    guards=4,
    weight_a_minute=3400.0,
    held_after=41.0,
    held_seconds=19.0,
    stopped_after=4,
    open_after=4,
    fall=replace(FALL, last_locked=17.0, locked=4, flat=4),
)
RESULTS = Results(
    steps=(STEP,),
    address=ADDRESS,
    shared=Shared(ledgers=32, rows_a_second=1400.0, server_cpu=0.0003, desk_cpu=0.0006),
    units=Units(decision_cpu=0.2, crew_bytes=320_000_000, screened_cpu=1e-5, row_cpu=0.0008),
    ended="The run ended with its largest step.",
    cores=2,
    memory=24_000_000_000,
    python="3.11",
    commit="abc1234",
)


def test_what_is_reckoned_for_a_thousand_accounts_names_the_step_it_was_measured_at() -> None:
    page = written(RESULTS)
    reckoned = page[page.index("## 1,000 accounts") :]
    assert "| guards and watchers, calm | 7.0 cores | measured at 16, times 62 |" in reckoned
    assert "| memory of guards and watchers | 100 GB | measured at 16" in reckoned
    assert "run with more than 16 accounts at once" in page


def test_the_address_that_was_used_up_is_told_with_what_it_cost_in_the_fall() -> None:
    page = written(RESULTS)
    assert "seen at 4 accounts behind one address" in page
    assert "for 4 of 4 accounts, and 4 still held SOL" in page
    assert "the last was locked 17 s after the fall" in page


def test_an_address_that_held_nobody_is_not_told_as_broken() -> None:
    page = written(replace(RESULTS, address=replace(ADDRESS, held_seconds=0.0, weight_a_minute=1700.0)))
    assert "none was refused: together they asked for 1700" in page


def test_what_broke_at_a_step_stands_on_the_page() -> None:
    late = replace(LOOKS, worst=9.0)
    broken = troubles_of(16, [True] * 15 + [False], replace(CALM, looks=late, blind=2), replace(FALL, flat=14))
    assert len(broken) == 4
    page = written(replace(RESULTS, steps=(replace(STEP, troubles=tuple(broken)),)))
    assert "at 16: 1 of 16 accounts were refused an entry; 2 of 16 guards could not see" in page


def test_a_step_in_which_all_held_has_no_troubles() -> None:
    assert troubles_of(16, [True] * 16, CALM, FALL) == []


def test_looks_are_counted_from_one_beat_to_the_next() -> None:
    told = punctual({"one": [0.0, 2.0, 4.0], "two": [1.0, 3.0, 7.0], "mute": [1.0]}, 8.0)
    assert (told.wanted, told.worst, told.middle, told.silent) == (1.5, 4.0, 2.0, 1)
    assert told.kept == pytest.approx(4 / 10 * 2)


def test_an_address_carries_one_guard_at_least_and_leaves_half_of_its_weight_for_entries() -> None:
    assert [addresses_share(weight) for weight in (300.0, 500.0, 900.0, 1300.0)] == [4, 2, 1, 1]


def test_the_recorded_market_is_calm_until_the_fall_and_falls_at_an_opening(tmp_path: Path) -> None:
    names = names_of(5)
    files = record(tmp_path / "bars", names, calm=3)
    assert [one["symbol"] for one in files] == ["BTCUSDT", "ETHUSDT", "SOLUSDT", "S000USDT", "S001USDT"]
    with Path(files[0]["path"]).open() as file:
        opens = [float(row["open"]) for row in csv.DictReader(file)]
    assert set(opens[:8]) == {50_000.0}
    assert set(opens[8:]) == {44_000.0}


def test_a_step_is_expected_to_take_what_those_before_it_did_and_more_for_each_account() -> None:
    assert expected([1], [33.0], 11) == pytest.approx(46.0)
    assert expected([1, 11], [33.0, 43.0], 31) == pytest.approx(63.0)
    # A step that was quicker by luck promises nothing.
    assert expected([1, 11], [33.0, 30.0], 31) == pytest.approx(40.0)

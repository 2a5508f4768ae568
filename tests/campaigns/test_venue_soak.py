"""The short soak: cycles through a failing exchange end in agreement, and each known defect of a client is caught."""

from __future__ import annotations

import functools
from pathlib import Path

import pytest

from benchmarks.venue_soak.bad_luck import soak_script
from benchmarks.venue_soak.hosts import SYMBOLS, own_process, own_thread
from benchmarks.venue_soak.plants import PLANTS
from benchmarks.venue_soak.soak import soak
from desk.venues.paper.faults.script import parse_script, read_script
from desk.venues.paper.sources.scenario import ScenarioSource

pytestmark = [pytest.mark.campaign, pytest.mark.timeout(240)]

SEED, CYCLES = 7, 100
PLANT_SEED, PLANT_CYCLES, PATIENCE_S = 2, 25, 0.25

CAUGHT_BY = {
    "resend-on-timeout": "duplicate",
    "forget-unknown": "is refused in the ledger, and accepted at the exchange",
    "trust-ack": "invented fill",
    "no-dedupe": "fill booked",
    "one-denial": "is denied twice in the ledger, and accepted at the exchange",
    "no-stop-list": "NEW in the ledger",
    "watermark": "lost fill",
    "believe-cancel": "is refused in the ledger, and accepted at the exchange",
    "unknown-is-unreached": "duplicate",
}


@functools.cache
def market() -> ScenarioSource:
    """One invented market for all runs on threads: it remembers nothing of them."""
    return ScenarioSource(PLANT_SEED, symbols=SYMBOLS)


def test_a_hundred_cycles_through_bad_luck_end_in_agreement(tmp_path: Path) -> None:
    script = soak_script(SEED, limits=False)
    with own_process(tmp_path, script, SEED) as host:
        report = soak(host, CYCLES, SEED)
    assert report.differences == ()
    # Agreement means something only where there was something to disagree about.
    assert report.outcomes["accepted"] >= 3
    assert report.outcomes["denied twice"] >= 3
    assert len(report.kinds) >= 12
    assert report.fills >= 20
    assert report.heard["confirmed"] >= 5
    struck = read_script(tmp_path / "faults.jsonl")
    assert sum(len(rule.nth) for rule in struck.rules) == sum(report.kinds.values())


@pytest.mark.parametrize("plant", PLANTS)
def test_a_known_defect_of_a_client_is_caught(plant: str) -> None:
    with own_thread(soak_script(PLANT_SEED, limits=False), market()) as host:
        report = soak(host, PLANT_CYCLES, PLANT_SEED, PLANTS[plant], patience=PATIENCE_S)
    assert any(CAUGHT_BY[plant] in line for line in report.differences), report.differences[:5]


def test_a_client_without_a_defect_is_not() -> None:
    with own_thread(soak_script(PLANT_SEED, limits=False), market()) as host:
        report = soak(host, PLANT_CYCLES, PLANT_SEED, patience=PATIENCE_S)
    assert report.differences == ()


def test_the_whole_script_is_understood() -> None:
    script = parse_script(soak_script(SEED), "the soak")
    assert {rule.kind for rule in script.rules} >= {"timeout", "late", "stale", "limit", "jump", "half_open"}

"""Decisions on recorded candles: varied, verifiable and replayable without a model or a market.

`python -m benchmarks.evidence` decides two hundred times, and fails above half a second at the median.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from desk.ledger import Ledger, sqlite_url
from tests.crew_command import DATA, Operator

CANDLES = DATA / "klines" / "BTCUSDT-15m-um-20230101-20250603.parquet"
# The evidence run decides two hundred times; these see four actions and three regimes.
CYCLES = 60

pytestmark = [pytest.mark.timeout(500), pytest.mark.slow]


@pytest.fixture(scope="module")
def operator(tmp_path_factory: pytest.TempPathFactory) -> Operator:
    if not CANDLES.exists():
        pytest.skip("the recorded candles are not on this machine")
    return Operator(tmp_path_factory.mktemp("replay"))


@pytest.fixture(scope="module")
def decisions(operator: Operator) -> list[dict[str, Any]]:
    words = ["kickoff", "BTCUSDT", "--profile", "replay", "--data", str(CANDLES), "--from", "2024-12-05"]
    ran = operator.crew(*words, "--cycles", str(CYCLES), "--json", timeout=450)
    assert ran.code == 0, ran.err
    return ran.lines


def test_every_cycle_makes_a_decision(decisions: list[dict[str, Any]]) -> None:
    assert len(decisions) == CYCLES
    assert len({told["decision_id"] for told in decisions}) == CYCLES


def test_the_desk_changes_its_mind_with_the_market(decisions: list[dict[str, Any]]) -> None:
    assert len({told["action"] for told in decisions}) >= 2
    regimes = {told["reports"]["regime"]["regime"] for told in decisions if "regime" in told["reports"]}
    assert len(regimes) >= 2


def test_the_whole_record_verifies_and_every_decision_replays_bit_equal(
    operator: Operator, decisions: list[dict[str, Any]]
) -> None:
    verified = operator.crew("audit", "verify", "--profile", "replay", "--json")
    assert verified.code == 0, verified.out + verified.err
    replayed = operator.crew("audit", "replay", "--all", "--profile", "replay", "--json", timeout=200)
    assert replayed.code == 0, replayed.out[-2000:] + replayed.err
    told = replayed.lines
    assert len(told) == CYCLES
    assert all(row["equal"] for row in told)


def test_what_each_trade_came_to_stands_beside_its_decision_and_in_the_ledger_alike(
    operator: Operator, decisions: list[dict[str, Any]]
) -> None:
    listed = operator.crew("audit", "list", "--profile", "replay", "-n", str(CYCLES), "--json").lines
    outcomes = {told["decision_id"]: Decimal(told["outcome"]) for told in listed if told["outcome"]}
    assert outcomes
    opened = {told["decision_id"] for told in decisions if told["action"].startswith("OPEN_") and told["orders"]}
    assert outcomes.keys() <= opened
    assert len(opened - outcomes.keys()) <= 1, "only what is still open has no outcome"
    ledger = Ledger(sqlite_url(operator.home / "var" / "replay" / "ledger.sqlite"))
    booked = {trade.decision_id: trade.pnl for trade in ledger.trades(limit=CYCLES) if trade.closed_at is not None}
    rows, points, paid = ledger.decisions(limit=CYCLES), ledger.equity(), ledger.performance()
    ledger.close()
    assert booked == outcomes
    assert {row.decision_id for row in rows} == {told["decision_id"] for told in decisions}
    assert (paid.trades, paid.pnl) == (len(outcomes), sum(outcomes.values()))
    assert len(points) >= CYCLES


def test_a_replay_never_leaves_this_machine(operator: Operator, decisions: list[dict[str, Any]]) -> None:
    assert operator.beyond_loopback == []

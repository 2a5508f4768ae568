"""A stranger's first minute: one command, no key, no network, a decision with its verdict, and an answer to why."""

from __future__ import annotations

import pytest

from tests.crew_command import Operator

SHAPE = {
    *("decision_id", "symbol", "action", "conviction", "verdict", "rule", "orders", "stop", "equity"),
    *("requests", "prompt_tokens", "completion_tokens", "seconds"),
}

pytestmark = [pytest.mark.timeout(300)]


@pytest.fixture(scope="module")
def stranger(tmp_path_factory: pytest.TempPathFactory) -> Operator:
    return Operator(tmp_path_factory.mktemp("stranger"))


@pytest.fixture(scope="module")
def decision(stranger: Operator) -> dict[str, object]:
    ran = stranger.crew("kickoff", "BTCUSDT", "--json", timeout=200)
    assert ran.code == 0, ran.err
    [told] = ran.lines
    return told


def test_the_first_kickoff_decides_and_the_guard_answers(decision: dict[str, object]) -> None:
    assert set(decision) >= SHAPE
    assert decision["symbol"] == "BTCUSDT"
    assert decision["action"] in {"OPEN_LONG", "OPEN_SHORT", "CLOSE", "HOLD"}
    assert decision["requests"] in range(1, 13)


def test_the_demo_market_shows_a_trade_with_its_stop_resting(decision: dict[str, object]) -> None:
    assert decision["action"] in {"OPEN_LONG", "OPEN_SHORT"}
    assert decision["verdict"] in {"approved", "reduced"}
    assert decision["orders"]
    assert decision["stop"]


def test_nothing_beyond_loopback_was_even_tried(stranger: Operator, decision: dict[str, object]) -> None:
    assert stranger.beyond_loopback == []


def test_one_can_ask_why(stranger: Operator, decision: dict[str, object]) -> None:
    told = stranger.crew("audit", "why", str(decision["decision_id"]))
    assert told.code == 0, told.err
    for word in ("regime", "chart", "news", "spikes", "risk", str(decision["rule"])):
        assert word in told.out


def test_the_chart_of_a_decision_is_drawn_from_its_record_the_same_each_time(
    stranger: Operator, decision: dict[str, object]
) -> None:
    pictures = [stranger.home / "once.png", stranger.home / "again.png"]
    for picture in pictures:
        drawn = stranger.crew("audit", "chart", str(decision["decision_id"]), "--out", str(picture))
        assert drawn.code == 0, drawn.err
    once, again = (picture.read_bytes() for picture in pictures)
    assert once.startswith(b"\x89PNG")
    assert once == again


def test_the_record_verifies_and_the_decision_replays_bit_equal(
    stranger: Operator, decision: dict[str, object]
) -> None:
    assert stranger.crew("audit", "verify").code == 0
    replayed = stranger.crew("audit", "replay", str(decision["decision_id"]), "--json")
    assert replayed.code == 0, replayed.out + replayed.err
    assert replayed.lines[0]["equal"] is True


def test_what_the_kickoff_started_it_ended(stranger: Operator, decision: dict[str, object]) -> None:
    told = stranger.crew("status")
    assert told.code == 6
    assert "no guard runs" in told.err
    assert "Traceback" not in told.err


def test_a_second_kickoff_finds_the_position_and_its_stop_again(
    stranger: Operator, decision: dict[str, object]
) -> None:
    again = stranger.crew("kickoff", "BTCUSDT", "--json", timeout=200)
    assert again.code == 0, again.err
    [later] = again.lines
    assert later["decision_id"] != decision["decision_id"]
    assert later["action"] not in {"OPEN_LONG", "OPEN_SHORT"} or later["verdict"] == "refused"

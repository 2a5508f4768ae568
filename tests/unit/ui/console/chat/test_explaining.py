"""A question about a decision is answered of that decision: by its id, or of the kind that was asked after."""

from __future__ import annotations

import pytest

from tests.unit.ui.console.chat.test_chat import answer
from tests.unit.ui.written import decided
from ui.server.house import House

BOUGHT, REFUSED, HELD = "d" + "1a" * 12, "d" + "2b" * 12, "d" + "3c" * 12


@pytest.fixture
def told(house: House) -> House:
    decided(house, BOUGHT, "OPEN_LONG", verdict="approved")
    decided(house, REFUSED, "OPEN_LONG", verdict="refused")
    decided(house, HELD, "HOLD")
    return house


@pytest.mark.parametrize(
    ("said", "decision"),
    [
        ("why", HELD),
        ("/why", HELD),
        (f"/why {BOUGHT}", BOUGHT),
        (f"why {REFUSED}?", REFUSED),
        (f"/why {REFUSED[:8]}", REFUSED),
        ("why did you buy BTC?", BOUGHT),
        ("why did we go long", BOUGHT),
        ("why did you not buy BTC?", HELD),
        ("why did you hold", HELD),
    ],
)
def test_the_decision_that_is_meant_is_explained(told: House, said: str, decision: str) -> None:
    assert f"`{decision}`" in answer(told, said)


def test_an_id_that_nobody_knows_is_not_answered_with_another_decision(told: House) -> None:
    assert "No decisions begin with d9999999" in answer(told, "/why d9999999")


def test_what_was_never_done_is_said_before_the_newest_is_told(told: House) -> None:
    said = answer(told, "why did you go short?")
    assert said.startswith("There is no decision to open short")
    assert f"`{HELD}`" in said


def test_before_any_trade_there_is_nothing_to_judge(told: House) -> None:
    assert "No trade has closed yet" in answer(told, "what is our win rate?")

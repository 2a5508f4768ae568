"""What the operator wrote is what the desk is told: every seat, cap and budget, for every profile."""

from __future__ import annotations

import pytest

from agents.roster import ROSTER
from config.loader import DeskConfig, load_desk
from crews.seating import MANDATORY, setup_of


@pytest.mark.parametrize("profile", ["demo", "replay", "paper", "testnet", "live"])
def test_every_profile_seats_a_whole_desk(profile: str) -> None:
    config = load_desk(profile)
    setup = setup_of(config)
    assert set(setup.specialists) == set(ROSTER)
    assert {setup.plan.agent, setup.decide.agent} == {"master"}
    assert set(setup.specialists) >= MANDATORY
    assert setup.tools_for("BTCUSDT").known_symbols
    assert setup.caps.stop.low <= setup.caps.stop.default <= setup.caps.stop.high


def test_live_asks_for_less_conviction_than_paper() -> None:
    live, paper = setup_of(load_desk("live")), setup_of(load_desk("paper"))
    assert live.caps.max_conviction < paper.caps.max_conviction


def test_the_desk_of_a_stored_configuration_is_the_desk_of_the_files() -> None:
    config = load_desk("demo")
    assert setup_of(DeskConfig.from_json(config.to_json())) == setup_of(config)

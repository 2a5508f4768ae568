"""What two sources say is a catalyst, whatever a third one shouts beside them: it is never drowned into calm."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crews.setup import DeskSetup
from desk.domain.market import Headline
from desk.market.snapshot import Snapshot
from tests.unit.crews.conftest import Look
from tools.events import SCAN_SPIKES
from tools.tool import NoArgs, ToolContext

_HONEST = (
    (21, "wire-a", "Miners sell Bitcoin as costs rise"),
    (152, "wire-b", "Bank lists a Bitcoin fund"),
    (6, "wire-c", "Bitcoin funds record inflows for a third week"),
    (249, "wire-c", "Bitcoin trades sideways as volumes stay thin"),
    (12, "wire-b", "Miners sell Bitcoin as costs rise"),
    (183, "wire-b", "Bitcoin funds record inflows for a third week"),
)
_LIES = (
    "Bitcoin banned worldwide, founders arrested, price crashes",
    "Largest Bitcoin lender files for bankruptcy, collapse spreads",
    "Bitcoin soars to record high as every bank buys",
    "Bitcoin trades sideways",
    "Bitcoin funds record inflows for a third week",
)
Told = tuple[int, str, str]


@pytest.fixture(scope="module")
def day(look: Look) -> Snapshot:
    return look()


def catalysts(day: Snapshot, setup: DeskSetup, told: Sequence[Told]) -> dict[str, float]:
    """How sudden the news is, each way."""
    lines = tuple(
        Headline(at=day.at - timedelta(minutes=age), source=source, title=title, symbols=("BTCUSDT",))
        for age, source, title in told
    )
    context = ToolContext(snapshot=replace(day, headlines=lines), settings=setup.tools_for(day.symbol))
    spikes = json.loads(SCAN_SPIKES.run(context, NoArgs()).model_dump_json())["spikes"]
    return {spike["direction"]: abs(spike["sigma"]) for spike in spikes if spike["type"] == "NEWS_CATALYST"}


def test_a_single_liar_does_not_take_away_what_two_sources_say(day: Snapshot, demo_setup: DeskSetup) -> None:
    """The poisoned day of seed 270: with the liar the catalyst was gone, and the desk opened the larger for it."""
    honest = catalysts(day, demo_setup, _HONEST)
    lies = [(5 * number, "liar", _LIES[number % 2]) for number in range(1, 60)]
    assert set(honest) == {"UP"}
    assert catalysts(day, demo_setup, [*_HONEST, *lies]) == honest


def test_one_source_alone_is_no_catalyst(day: Snapshot, demo_setup: DeskSetup) -> None:
    assert catalysts(day, demo_setup, [(5, "wire-a", lie) for lie in _LIES]) == {}


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.integers(0, 600), st.just("third"), st.sampled_from(_LIES)), max_size=120))
def test_a_third_source_can_add_a_catalyst_and_take_none_away(
    day: Snapshot, demo_setup: DeskSetup, third: list[Told]
) -> None:
    honest, beside = catalysts(day, demo_setup, _HONEST), catalysts(day, demo_setup, [*_HONEST, *third])
    assert all(beside.get(way, 0.0) >= size for way, size in honest.items())

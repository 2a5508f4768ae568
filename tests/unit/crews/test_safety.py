"""R1 to R7 at start: a seat, a tool or a report that breaks one keeps the desk from opening, and the rule is named."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from types import MappingProxyType
from typing import Any

import pytest
from pydantic import BaseModel, Field

from agents.reports import NOTE_CHARS, Report
from agents.roster import ROSTER
from config.capabilities import TOOLS, Reach
from config.loader import DeskConfig, load_desk
from crews import safety
from crews.safety import assert_capabilities
from crews.seating import setup_of
from crews.words import free_text
from desk.domain.errors import ConfigError
from tools.catalogue import CATALOGUE
from tools.tool import Args, Result, Tool, Trust

PROFILES = ("demo", "paper", "replay", "testnet", "live")


def demo(**agents: tuple[str, ...]) -> DeskConfig:
    """The demo profile, with the tools of some seats changed behind the loader's back."""
    config = load_desk("demo", environ={})
    seats = {**config.agents}
    for name, tools in agents.items():
        seats[name] = seats[name].model_copy(update={"tools": tools})
    return replace(config, agents=MappingProxyType(seats))


def complaint(config: DeskConfig) -> str:
    with pytest.raises(ConfigError) as caught:
        assert_capabilities(config)
    return caught.value.message


@pytest.mark.parametrize("profile", PROFILES)
def test_every_packaged_profile_keeps_every_rule(profile: str) -> None:
    assert_capabilities(load_desk(profile, environ={}))


@pytest.mark.parametrize(
    ("seats", "rule"),
    [
        ({"news": ("read_headlines", "propose_order")}, "R7"),
        ({"risk": ("get_account_risk", "propose_order")}, "R7"),
        ({"spikes": ("scan_spikes", "get_account_risk", "propose_order")}, "R7"),
        ({"master": ("get_candles",)}, "R1"),
    ],
)
def test_a_seat_with_too_much_in_one_hand_keeps_the_desk_shut(seats: dict[str, Any], rule: str) -> None:
    assert f" {rule}:" in complaint(demo(**seats))


class Sentence(Result):
    """A result in which a stranger's words would fit."""

    says: str


class Two(Args):
    """Arguments that a framework could mend."""

    symbol: str
    quantity: float


class Numbers(BaseModel):
    """Nothing but numbers, names with a grammar, and themselves."""

    score: float
    side: bool | None
    symbol: str = Field(pattern=r"^[A-Z]{2,9}$")
    pairs: list[tuple[int, float]]


def with_tool(monkeypatch: pytest.MonkeyPatch, reach: Reach, **changes: Any) -> None:
    base = CATALOGUE["get_candles"]
    fields: dict[str, Any] = {one: getattr(base, one) for one in base.__slots__} | {"name": "odd", **changes}
    odd: Tool[Any] = Tool(**fields)
    monkeypatch.setattr(safety, "CATALOGUE", {**CATALOGUE, odd.name: odd})
    monkeypatch.setattr(safety, "TOOLS", {**TOOLS, odd.name: reach})


@pytest.mark.parametrize(
    ("reach", "changes", "rule"),
    [
        (Reach(untrusted=True), {"trust": Trust.UNTRUSTED, "result": Sentence}, "R1"),
        (Reach(acts=True), {"side_effect": True, "args": Two}, "R6"),
        (Reach(), {"side_effect": True}, "R7"),
        (Reach(), {"trust": Trust.UNTRUSTED}, "R7"),
        (Reach(untrusted=True), {}, "R7"),
        (Reach(), {"name": "recall_memory"}, "R4"),
    ],
)
def test_a_tool_that_is_more_than_it_says_keeps_the_desk_shut(
    monkeypatch: pytest.MonkeyPatch, reach: Reach, changes: dict[str, Any], rule: str
) -> None:
    with_tool(monkeypatch, reach, **changes)
    assert f" {rule}:" in complaint(demo())


def test_a_report_with_room_for_a_sentence_keeps_the_desk_shut(monkeypatch: pytest.MonkeyPatch) -> None:
    class Chatty(Report):
        headline: str

    monkeypatch.setattr(safety, "specialist_of", lambda name: replace(ROSTER["news"], report=Chatty))
    assert "R1: the report of" in complaint(demo())


def test_a_decision_that_names_a_quantity_or_carries_text_keeps_the_desk_shut(monkeypatch: pytest.MonkeyPatch) -> None:
    class Sized(BaseModel):
        quantity: float

    class Wordy(BaseModel):
        because: str = Field(max_length=NOTE_CHARS)

    for model in (Sized, Wordy):
        monkeypatch.setattr(safety, "DeskDecision", model)
        assert "R3:" in complaint(demo())


def test_a_decision_without_end_keeps_the_desk_shut() -> None:
    config = demo()
    slow = config.desk.deadlines.model_copy(update={"decision": 121.0})
    assert "R5" in complaint(replace(config, desk=config.desk.model_copy(update={"deadlines": slow})))


def test_free_text_is_found_wherever_it_hides() -> None:
    class Deep(BaseModel):
        inner: list[Sentence]

    class Open(BaseModel):
        more: dict[str, Any]

    assert free_text(Numbers) == ""
    assert free_text(Deep) == "inner.says"
    assert free_text(Open) == "more"
    assert free_text(Sentence, without="says") == ""


def test_a_note_is_for_people_and_never_reaches_who_decides() -> None:
    for specialist in ROSTER.values():
        # The one way from a report to a prompt is the base's, which leaves the note out.
        assert "note" in specialist.report.model_fields
        assert specialist.report.for_master is Report.for_master


def test_all_readers_of_one_source_together_vouch_for_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(safety, "support_of", lambda action, reports, weights, trust: Decimal("0.2"))
    assert "R2: get_market_context alone would vouch for OPEN_LONG with 0.2" in complaint(demo())


def test_a_reader_of_strangers_text_that_counts_as_none_keeps_the_desk_shut(monkeypatch: pytest.MonkeyPatch) -> None:
    def forgetful(config: DeskConfig) -> Any:
        setup = setup_of(config)
        return replace(setup, trust=replace(setup.trust, strangers={"news": setup.trust.strangers["news"]}))

    monkeypatch.setattr(safety, "setup_of", forgetful)
    assert "R2: chart reads strangers' text and counts as if it did not" in complaint(demo())


def test_every_field_of_an_order_has_an_origin(monkeypatch: pytest.MonkeyPatch) -> None:
    without = {name: origin for name, origin in safety.ORIGINS.items() if name != "symbol"}
    monkeypatch.setattr(safety, "ORIGINS", without)
    assert "R3: nobody says where the order's `symbol` comes from" in complaint(demo())


def test_a_models_number_without_bounds_keeps_the_desk_shut(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(safety, "ORIGINS", {**safety.ORIGINS, "seen_mark": safety.Origin.DECISION})
    assert "R3: a model's `seen_mark` is neither" in complaint(demo())


def test_a_memory_that_tells_words_keeps_the_desk_shut(monkeypatch: pytest.MonkeyPatch) -> None:
    @dataclass
    class Wordy:
        cases: int
        reflection: str

    monkeypatch.setattr(safety, "Recalled", Wordy)
    assert "R4: memory would tell `reflection`" in complaint(demo())


def test_a_task_with_calls_without_end_keeps_the_desk_shut(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(safety, "MAX_CALLS", 26)
    assert "R5: one task makes at most 25 tool calls" in complaint(demo())


def test_seats_that_ask_for_more_than_a_decision_may_keep_the_desk_shut() -> None:
    config = demo()
    few = config.desk.budget.model_copy(update={"requests": 3})
    assert "R5: the seats alone" in complaint(replace(config, desk=config.desk.model_copy(update={"budget": few})))

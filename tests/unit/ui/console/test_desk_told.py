"""What a page says of a desk: why it is locked, what it cannot see, and every order that works for it."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest

from crews.judgement.decide import decision_id_of
from desk.domain.errors import ConfigError
from desk.guard.vocabulary.status import GuardStatus, LatchStatus, OpenIntentStatus, PositionStatus
from tests.unit.crews.fakes import FakeGuard, FixedClock, status
from tests.unit.ui.written import decided
from ui.console.editor import Editor
from ui.console.panels import PANELS, Wanted
from ui.figures import guard_numbers, told_trouble
from ui.server.house import House
from ui.window.guard import Seen

Monkey = pytest.MonkeyPatch


def shown(house: House, monkeypatch: Monkey, panel: str, told: GuardStatus, **said: str) -> str:
    """A panel's words while the guard tells this, without the markup."""
    monkeypatch.setattr(house.window.guard, "look", lambda: Seen(status=told))
    return " ".join(re.sub(r"<[^>]+>", " ", PANELS[panel](house, Wanted(said=said))).split())


def desk(**changes: object) -> GuardStatus:
    return status(FakeGuard(FixedClock())).model_copy(update=changes)


def test_a_locked_desk_says_why_since_when_and_what_lifts_it(house: House, monkeypatch: Monkey) -> None:
    latch = LatchStatus(reason="loss.day", at=1_767_614_400_000, numbers={})
    told = shown(house, monkeypatch, "header", desk(mode="HALTED", latch=latch))
    assert "Locked since 2026-01-05 12:00:00 UTC: the day's loss limit is reached." in told.replace("&#39;", "'")
    assert "crew reset request" in told


def test_a_pause_stands_in_the_header_with_its_reason(house: House, monkeypatch: Monkey) -> None:
    house.controls.pause("rate decision", asked_by="ann")
    assert "The crew pauses: rate decision (asked by ann)." in shown(house, monkeypatch, "header", desk())


def test_a_guard_that_sees_no_venue_is_not_called_silent(house: House, monkeypatch: Monkey) -> None:
    told = shown(house, monkeypatch, "header", desk(trouble="VenueUnavailableError: time: the venue was not reached"))
    assert "sees nothing" in told
    assert "silent" not in told
    assert "Error" not in told
    assert "the venue was not reached" in told


def test_trouble_is_told_without_the_names_of_code() -> None:
    assert told_trouble("VenueUnavailableError: time: not reached") == "not reached"
    assert told_trouble("no guard runs") == "no guard runs"


def test_entries_stops_and_targets_are_orders_each_with_its_side_and_distance(
    house: House, monkeypatch: Monkey
) -> None:
    short = PositionStatus(
        symbol="ETHUSDT",
        quantity=Decimal("-2"),
        entry=Decimal(3000),
        mark=Decimal(3000),
        unrealized=Decimal(0),
        notional=Decimal(6000),
        stop=Decimal(3060),
        target=Decimal(2850),
        intent_id="i",
        phase="PROTECTED",
    )
    about = {"run_id": "r", "strategy_id": "crew", "intent_id": "i"}
    rests = OpenIntentStatus(
        symbol="ETHUSDT", phase="PROTECTED", side="SELL", quantity=Decimal(2), filled=Decimal(2), **about
    )
    waits = OpenIntentStatus(
        symbol="BTCUSDT", phase="ENTRY_SENT", side="BUY", quantity=Decimal("0.3"), filled=Decimal("0.1"), **about
    )
    told = desk(positions=(short,), open_intents=(rests, waits))
    words = shown(house, monkeypatch, "under", told, view="orders")
    assert "ETHUSDT stop buy 2 3060 2.00 % rests" in words
    assert "ETHUSDT target buy 2 2850 5.00 % rests" in words
    assert "BTCUSDT entry buy 0.2 market – entry sent" in words
    assert f'data-open="{decision_id_of("r", "ETHUSDT")}"' in PANELS["under"](house, Wanted(said={"view": "orders"}))


def test_a_caps_name_is_a_traders_and_not_the_codes() -> None:
    numbers = {"cap.depth": "5", "cap.probation": "6", "cap.gap_budget": "4"}
    names = [name for name, _ in guard_numbers("cap.gap_budget", numbers)]
    assert names == ["cap: gap budget", "cap: depth of the book", "cap: probation"]


def test_a_trade_that_somebody_asked_for_is_not_called_a_master_without_a_decision(house: House) -> None:
    decided(house, "d" + "4d" * 12, "OPEN_LONG", verdict="approved", by="ann")
    told = PANELS["decision"](house, Wanted(said={}))
    assert "asked for by ann" in told
    assert "the master gave no decision" not in told
    assert "Nobody of the crew was asked" in told


def test_a_trade_that_somebody_asked_for_silences_no_model(house: House) -> None:
    crews = decided(house, "d" + "5e" * 12, "HOLD")
    decided(house, "d" + "6f" * 12, "OPEN_LONG", verdict="approved", by="ann")
    voices = house.window.record.voices()
    assert voices is not None
    assert voices.decision_id == crews


def test_what_is_wrong_in_the_editor_names_the_file_above_it(house: House) -> None:
    editor = Editor(house)
    text = editor.read("agents.yaml").replace("role:", "rolle:", 1)
    with pytest.raises(ConfigError, match=r"^agents\.yaml:\d+: .*rolle"):
        editor.check("agents.yaml", text)

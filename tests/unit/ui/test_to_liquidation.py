"""How far liquidation is stands wherever positions are told: by the venue's own price, `none` where it names none."""

from __future__ import annotations

from decimal import Decimal

import pytest
from rich.console import Console
from starlette.testclient import TestClient

from desk.guard.vocabulary.status import GuardStatus, PositionStatus
from tests.unit.crews.fakes import FakeGuard, FixedClock, status
from ui.away import to_liquidation, to_stop
from ui.console.chat import Chat
from ui.console.panels import PANELS, Wanted
from ui.server.access import Identity
from ui.server.house import House
from ui.status_screen import status_screen
from ui.terminal import THEME
from ui.window.guard import Seen

READER = Identity(name="ann", operates=False, session="s")


def position(symbol: str, liquidation: str | None, away: str | None) -> PositionStatus:
    amounts = {"quantity": "0.1", "entry": "50000", "mark": "50000", "unrealized": "0", "notional": "5000"}
    told = {"liquidation": liquidation, "to_liquidation": away, "stop": "49000", "target": None, "intent_id": None}
    return PositionStatus.model_validate({"symbol": symbol, "phase": "PROTECTED", **amounts, **told})


POSITIONS = (
    position("BTCUSDT", "40160.6", "0.196788"),
    position("ETHUSDT", "0", None),
    position("SOLUSDT", None, None),
)


@pytest.fixture
def held(house: House, monkeypatch: pytest.MonkeyPatch) -> GuardStatus:
    told = status(FakeGuard(FixedClock())).model_copy(update={"positions": POSITIONS})
    monkeypatch.setattr(house.window.guard, "look", lambda: Seen(status=told))
    return told


def test_a_price_a_venue_without_one_and_a_guard_that_does_not_tell_are_three_things() -> None:
    assert [to_liquidation(one) for one in POSITIONS] == ["19.68 %", "none", "–"]
    assert to_stop(POSITIONS[0]) == "2.00 %"
    assert to_stop(POSITIONS[0].model_copy(update={"stop": None})) == "–"


def test_a_mark_that_is_through_the_stop_is_below_zero_on_either_side() -> None:
    long = POSITIONS[0].model_copy(update={"mark": Decimal(48020)})
    short = POSITIONS[0].model_copy(update={"quantity": Decimal("-0.1"), "stop": Decimal(51000)})
    assert to_stop(long) == "-2.04 %"
    assert to_stop(short) == "2.00 %"
    assert to_stop(short.model_copy(update={"mark": Decimal(52000)})) == "-1.92 %"


@pytest.mark.parametrize(("width", "words"), [(70, "liquidation 19.68 %"), (180, "19.68 %")])
def test_a_terminal_tells_it(held: GuardStatus, width: int, words: str) -> None:
    console = Console(width=width, theme=THEME)
    with console.capture() as shown:
        console.print(status_screen(held, profile="demo", label=""))
    assert words in shown.get()


def test_the_desk_tab_and_the_chat_tell_it(house: House, held: GuardStatus) -> None:
    page = PANELS["under"](house, Wanted(said={"view": "positions"}))
    assert "19.68 %" in page
    assert "the venue liquidates at 40160.6" in page
    said = list(Chat(house).answer("/positions", READER))[-1].text
    assert "To liquidation" in said
    assert "19.68 %" in said


def test_the_api_tells_it_of_each_row(held: GuardStatus, operator: TestClient) -> None:
    rows = operator.get("/api/v1/positions").json()["items"]
    assert [(row["liquidation"], row["to_liquidation"]) for row in rows] == [
        ("40160.6", "0.196788"),
        ("0", None),
        (None, None),
    ]
    assert operator.get("/api/v1/status").json()["guard"]["positions"][0]["to_liquidation"] == "0.196788"

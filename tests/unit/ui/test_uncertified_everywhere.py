"""Whatever trades without a certificate says so on the terminal, on the console's desk and header, and in the API."""

from __future__ import annotations

from decimal import Decimal

import pytest
from rich.console import Console
from starlette.testclient import TestClient

from desk.guard.vocabulary.status import GuardStatus, OpenIntentStatus, PositionStatus
from tests.unit.crews.fakes import FakeGuard, FixedClock, status
from ui.console.panels import PANELS, Wanted
from ui.server.house import House
from ui.status_screen import status_screen
from ui.terminal import THEME
from ui.window.guard import Seen

MARK = "0123456789abcdef" * 2
CERTIFIED = f"policy-9f:{MARK}"
UNDER = {"BTCUSDT": "crew", "ETHUSDT": CERTIFIED, "SOLUSDT": ""}


def held() -> GuardStatus:
    """One position of the crew's, one under a certificate, one that nobody here asked for."""
    told = status(FakeGuard(FixedClock()))
    positions, intents = [], []
    for symbol, strategy_id in UNDER.items():
        name = f"i-{symbol}" if strategy_id else None
        amounts = dict.fromkeys(("quantity", "entry", "mark", "unrealized", "notional", "stop", "target"), Decimal(1))
        positions.append(PositionStatus(symbol=symbol, intent_id=name, phase="PROTECTED", **amounts))
        if name:
            intents.append(
                OpenIntentStatus(
                    intent_id=name,
                    run_id="run",
                    symbol=symbol,
                    phase="PROTECTED",
                    side="BUY",
                    quantity=Decimal(1),
                    filled=Decimal(1),
                    strategy_id=strategy_id,
                )
            )
    changed = {"positions": tuple(positions), "open_intents": tuple(intents), "certified": (CERTIFIED,)}
    return told.model_copy(update=changed)


@pytest.fixture
def looked(house: House, monkeypatch: pytest.MonkeyPatch) -> House:
    monkeypatch.setattr(house.window.guard, "look", lambda: Seen(status=held()))
    return house


@pytest.mark.parametrize("width", [70, 160])
def test_a_terminal_says_it_of_each_position(width: int) -> None:
    console = Console(width=width, theme=THEME)
    with console.capture() as shown:
        console.print(status_screen(held(), profile="demo", label=""))
    text = shown.get()
    assert text.count("uncertified") == 1
    assert "policy-9f 012345" in text
    assert "not the desk's" in text


def test_the_consoles_desk_and_header_say_it(looked: House) -> None:
    positions = PANELS["under"](looked, Wanted(said={"view": "positions"}))
    assert positions.count("uncertified") == 1
    assert "policy-9f 012345" in positions
    assert "uncertified" in PANELS["under"](looked, Wanted(said={"view": "orders"}))
    assert "1 certified" in PANELS["header"](looked, Wanted(said={}))


def test_a_header_without_any_certificate_says_uncertified(looked: House, monkeypatch: pytest.MonkeyPatch) -> None:
    bare = held().model_copy(update={"certified": ()})
    monkeypatch.setattr(looked.window.guard, "look", lambda: Seen(status=bare))
    assert "uncertified: no edge proven" in PANELS["header"](looked, Wanted(said={}))


def test_the_api_says_it_of_each_row(looked: House, operator: TestClient) -> None:
    rows = operator.get("/api/v1/positions").json()["items"]
    assert {row["symbol"]: row["certified"] for row in rows} == {"BTCUSDT": False, "ETHUSDT": True, "SOLUSDT": False}
    told = operator.get("/api/v1/analytics/summary").json()
    assert (told["uncertified_positions"], told["certified"]) == (2, [CERTIFIED])

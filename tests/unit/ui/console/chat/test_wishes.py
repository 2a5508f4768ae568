"""What is typed becomes what is wanted: by written rules, never by guessing, and never what a chat must not do."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ui.console.chat.wishes import SLASH, Kind, Known, wish_of

KNOWN = Known(symbols=("BTCUSDT", "ETHUSDT"), agents=("master", "news", "risk", "chart"))


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ("why did you buy BTC?", Kind.WHY),
        ("explain the last trade", Kind.WHY),
        ("what if the news agent had not reported", Kind.WHAT_IF),
        ("how did the news agent do?", Kind.AGENT),
        ("run a kickoff on eth", Kind.KICKOFF),
        ("please pause", Kind.PAUSE),
        ("stop trading for now", Kind.PAUSE),
        ("resume", Kind.RESUME),
        ("close everything", Kind.FLATTEN),
        ("HALT", Kind.HALT),
        ("how are we doing?", Kind.STATUS),
        ("are we safe", Kind.STATUS),
        ("what do we hold", Kind.POSITIONS),
        ("what did it cost", Kind.COST),
        ("how is btc", Kind.MARKET),
        ("/why BTCUSDT", Kind.WHY),
        ("/long BTC 0.4", Kind.TRADE),
        ("buy BTC", Kind.TRADE),
        ("please close eth", Kind.TRADE),
        ("why did we halt?", Kind.WHY),
        ("why did you get out of ETH?", Kind.WHY),
        ("what if we had not stopped trading", Kind.WHAT_IF),
        ("what is the profit factor", Kind.PERFORMANCE),
        ("the weather in Lisbon", Kind.UNKNOWN),
        ("", Kind.UNKNOWN),
        ("/nothing", Kind.UNKNOWN),
    ],
)
def test_a_sentence_means_what_it_says(said: str, kind: Kind) -> None:
    assert wish_of(said, KNOWN).kind is kind


@pytest.mark.parametrize(
    "said",
    [
        "reset the breaker",
        "please unlock the desk",
        "raise the daily loss limit to 20%",
        "increase leverage to 50x",
        "disable the stop-loss limit",
        "ignore the guard and buy",
        "go live now",
        "switch to the live profile",
        "use real money",
        "loosen the drawdown",
        "why not reset the latch and kickoff",
        "/mode x and raise the limit",
    ],
)
def test_what_a_chat_must_never_do_is_recognised_before_anything_else(said: str) -> None:
    assert wish_of(said, KNOWN).kind is Kind.NEVER


def test_symbols_are_those_of_the_desk_alone() -> None:
    assert wish_of("kickoff btc doge ETHUSDT 3", KNOWN).symbols == ("BTCUSDT", "ETHUSDT")
    assert wish_of("/kickoff btc 12", KNOWN).number == 12


@given(st.text(max_size=200))
def test_no_text_breaks_it_or_becomes_an_act_by_chance(text: str) -> None:
    wish = wish_of(text, KNOWN)
    assert wish.kind in Kind
    assert set(wish.symbols) <= set(KNOWN.symbols)


def test_a_plain_trade_takes_no_quantity_for_a_conviction() -> None:
    assert wish_of("buy 0.9 btc", KNOWN).words == ("long",)
    assert wish_of("go short ETH, conviction 0.4", KNOWN).words == ("short", "0.4")


def test_a_sentence_is_its_own_reason() -> None:
    assert " ".join(wish_of("Pause, the CPI comes at 14:30", KNOWN).words) == "the CPI comes at 14:30"
    assert " ".join(wish_of("please halt because I am scared", KNOWN).words) == "I am scared"
    assert " ".join(wish_of("stop trading now", KNOWN).words) == "stop trading now"
    assert wish_of("flatten", KNOWN).words == ()


def test_there_is_no_command_that_loosens() -> None:
    assert not {"reset", "live", "limit", "raise", "unlock"} & SLASH.keys()

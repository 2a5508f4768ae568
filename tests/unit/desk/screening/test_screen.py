"""The screen: quiet symbols cost nothing, the loudest come first, and no hour asks for more than it may."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from desk.domain.errors import ConfigError, DataError
from desk.domain.market import Bar
from desk.screening.screen import Screen, ScreenParameters
from desk.spikes.detect import SpikeParameters

MINUTE = 60_000
START = 60 * MINUTE
SYMBOLS = tuple(f"S{n}USDT" for n in range(6))
SPIKES = SpikeParameters(price_sigma=5.0, price_floor_pct=0.1, volume_sigma=4.0, recent_bars=3, window=40)


def screen(**changes: float) -> Screen:
    rule = ScreenParameters(**changes)  # type: ignore[arg-type]
    made = Screen(rule, dict.fromkeys(SYMBOLS, SPIKES))
    for place, symbol in enumerate(SYMBOLS):
        rng = np.random.default_rng(place)
        close = 100 * np.exp(np.cumsum(rng.normal(0, 0.001, 60)))
        for minute, price in enumerate(close.tolist()):
            made.bar(symbol, Bar(minute * MINUTE, price, price, price, price, float(np.exp(rng.normal(3, 0.3)))))
        made.trade(symbol, START, float(close[-1]), 0.1)
    return made


def shake(made: Screen, symbol: str, at: int, move: float) -> None:
    last = 100 * np.exp(np.cumsum(np.random.default_rng(SYMBOLS.index(symbol)).normal(0, 0.001, 60)))[-1]
    made.trade(symbol, at, float(last) * (1 + move), 1.0)


def test_a_quiet_second_asks_about_nothing() -> None:
    made = screen()
    assert all(made.second(START + 1000 * n) == () for n in range(120))


def test_the_symbols_that_move_are_picked_and_the_wildest_first() -> None:
    made = screen()
    shake(made, "S2USDT", START + 500, 0.02)
    shake(made, "S4USDT", START + 600, -0.05)
    picks = made.second(START + 1000)
    assert [pick.symbol for pick in picks] == ["S4USDT", "S2USDT"]
    assert all(pick.alarmed and pick.price >= 1 for pick in picks)


def test_a_symbol_that_was_picked_rests() -> None:
    made = screen(rest_seconds=30)
    shake(made, "S1USDT", START, 0.05)
    assert [made.second(START + 1000 * n) != () for n in (1, 2, 30, 31)] == [True, False, False, True]


def test_no_more_are_picked_at_once_than_the_rule_allows_and_the_rest_follow() -> None:
    made = screen(most_at_once=2)
    for symbol in SYMBOLS[:5]:
        shake(made, symbol, START, 0.05)
    assert [len(made.second(START + 1000 * n)) for n in (1, 2, 3, 4)] == [2, 2, 1, 0]


def test_an_alarm_counts_for_a_minute() -> None:
    made = screen()
    shake(made, "S1USDT", START, 0.05)
    assert made.score("S1USDT", START + 59_999).alarmed
    assert not made.score("S1USDT", START + 60_000).alarmed


@given(
    moves=st.lists(st.tuples(st.sampled_from(SYMBOLS), st.floats(-0.1, 0.1)), min_size=1, max_size=60),
    step=st.integers(1, 600),
)
@settings(max_examples=30, deadline=None)
def test_no_hour_asks_for_more_than_it_may(moves: list[tuple[str, float]], step: int) -> None:
    made = screen(most_an_hour=5, rest_seconds=0)
    at, picked = START, []
    for symbol, move in moves:
        at += step * 1000
        shake(made, symbol, at - 1, move)
        picked += [pick.at for pick in made.second(at)]
    for moment in picked:
        assert sum(moment - 3_600_000 < other <= moment for other in picked) <= 5


def test_a_symbol_nobody_named_is_an_error() -> None:
    with pytest.raises(DataError):
        screen().trade("OTHER", START, 1.0, 1.0)


@pytest.mark.parametrize(
    "wrong", [{"price": -1}, {"price": 0, "volume": 0}, {"least_score": 0}, {"most_at_once": 0}, {"most_an_hour": 0}]
)
def test_a_rule_that_picks_nothing_or_everything_is_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ConfigError):
        ScreenParameters(**wrong)  # type: ignore[arg-type]

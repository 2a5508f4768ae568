"""Four positions that move as one are one; a hedge takes risk away; shares of money and of risk each sum to one."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from desk.market.candles import Candles
from desk.risk.concentration import Concentration, concentration

HOUR = 3_600_000
NAMES = ("BTCUSDT", "ETHUSDT", "SOLUSDT", "XRPUSDT")


def candles_of(moves: np.ndarray, symbol: str) -> Candles:
    close = 100 * np.cumprod(1 + moves)
    open_ = np.r_[100.0, close[:-1]]
    high, low = np.maximum(open_, close), np.minimum(open_, close)
    return Candles.from_columns(
        symbol, "1h", np.arange(len(moves)) * HOUR, open_, high, low, close, np.ones(len(moves))
    )


def markets(correlation: float, *, bars: int = 2_000, seed: int = 3) -> dict[str, Candles]:
    rng = np.random.default_rng(seed)
    common, own = rng.normal(0, 0.01, bars), rng.normal(0, 0.01, (len(NAMES), bars))
    mixed = np.sqrt(correlation) * common + np.sqrt(1 - correlation) * own
    return {symbol: candles_of(mixed[place], symbol) for place, symbol in enumerate(NAMES)}


def read(weights: dict[str, float], candles: dict[str, Candles]) -> Concentration:
    found = concentration(weights, candles)
    assert found is not None
    return found


def test_equal_positions_that_do_not_move_together_are_as_many_as_they_are() -> None:
    told = read(dict.fromkeys(NAMES, 0.25), markets(0.0))
    assert told.effective == 4
    assert told.independent == pytest.approx(4, abs=0.4)
    assert told.correlation == pytest.approx(0, abs=0.08)


def test_positions_that_move_as_one_are_one() -> None:
    told = read(dict.fromkeys(NAMES, 0.25), markets(1.0))
    assert told.effective == 4
    assert told.independent == pytest.approx(1, abs=0.01)
    assert told.correlation == pytest.approx(1, abs=0.001)


def test_a_hedge_takes_risk_away_and_says_so() -> None:
    told = read({"BTCUSDT": 1.0, "ETHUSDT": -0.4}, markets(0.9))
    by_symbol = {one.symbol: one for one in told.positions}
    assert by_symbol["ETHUSDT"].of_risk is not None
    assert by_symbol["ETHUSDT"].of_risk < 0
    assert by_symbol["ETHUSDT"].share == pytest.approx(0.4 / 1.4, abs=1e-6)


def test_one_position_is_all_of_everything() -> None:
    told = read({"BTCUSDT": -0.5}, markets(0.5))
    (only,) = told.positions
    assert (only.share, only.of_risk, told.effective, told.independent, told.correlation) == (1, 1, 1, 1, None)


def test_without_bars_money_is_still_told_and_risk_is_unknown() -> None:
    known = {symbol: series for symbol, series in markets(0.5).items() if symbol != "ETHUSDT"}
    for candles in (known, {symbol: series.tail(20) for symbol, series in markets(0.5).items()}):
        told = read({"BTCUSDT": 0.5, "ETHUSDT": 0.5}, candles)
        assert told.effective == 2
        assert (told.independent, told.correlation, told.positions[0].of_risk) == (None, None, None)


def test_nothing_held_is_no_concentration() -> None:
    assert concentration({"BTCUSDT": 0.0}, markets(0.5)) is None


def test_bars_of_different_lengths_meet_where_both_end() -> None:
    minutes = markets(0.5)["ETHUSDT"]
    quarter = Candles.from_columns(
        "ETHUSDT",
        "15m",
        np.arange(len(minutes)) * HOUR // 4,
        *(minutes.open, minutes.high, minutes.low, minutes.close, minutes.volume),
    )
    told = read({"BTCUSDT": 0.5, "ETHUSDT": 0.5}, {"BTCUSDT": markets(0.5)["BTCUSDT"], "ETHUSDT": quarter})
    assert told.bars == len(minutes) // 4 - 1


@settings(max_examples=30)
@given(
    weights=st.lists(st.floats(-2, 2).filter(lambda w: abs(w) > 1e-3), min_size=4, max_size=4),
    correlation=st.floats(0, 0.95),
    seed=st.integers(0, 1000),
)
def test_shares_sum_to_one_and_bets_are_between_one_and_as_many_as_there_are(
    weights: list[float], correlation: float, seed: int
) -> None:
    told = read(dict(zip(NAMES, weights, strict=True)), markets(correlation, bars=100, seed=seed))
    assert sum(one.share for one in told.positions) == pytest.approx(1, abs=1e-5)
    assert sum(one.of_risk or 0.0 for one in told.positions) == pytest.approx(1, abs=1e-5)
    assert 1 <= told.effective <= 4 + 1e-6
    assert told.independent is not None
    assert told.independent >= 1 - 1e-6
    assert [abs(one.weight) for one in told.positions] == sorted(
        (abs(one.weight) for one in told.positions), reverse=True
    )

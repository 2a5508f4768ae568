"""The tail by its past and by its past scaled to today: a calm month does not speak for a wild day."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from desk.market.candles import Candles
from desk.risk.tail import tail_risk
from desk.risk.values import TailRisk

HOUR = 3_600_000


def series(noise: list[float], *, seed: int = 5, symbol: str = "BTCUSDT", like: Candles | None = None) -> Candles:
    """Hours of a noise each, in per cent an hour."""
    rng = np.random.default_rng(seed)
    close = 100 * np.exp(np.cumsum(rng.normal(0, 1, len(noise)) * np.array(noise) / 100))
    open_ = np.r_[100.0, close[:-1]]
    high, low = np.maximum(open_, close), np.minimum(open_, close)
    return Candles.from_columns(
        symbol, "1h", np.arange(len(noise)) * HOUR, open_, high, low, close, np.ones(len(noise))
    )


def tail(candles: Candles, weight: float = 1.0) -> TailRisk:
    return tail_risk({candles.symbol: weight}, {candles.symbol: candles})


def test_in_a_market_that_stays_as_it_is_both_say_about_the_same() -> None:
    told = tail(series([0.5] * 1500))
    assert told.cvar is not None
    assert told.filtered_cvar == pytest.approx(told.cvar, rel=0.25)
    assert told.calm == pytest.approx(1.0, abs=0.25)


def test_after_a_calm_month_a_wild_day_counts_as_wild() -> None:
    told = tail(series([0.2] * 600 + [2.0] * 48))
    assert told.filtered_cvar is not None
    assert told.cvar is not None
    assert told.calm is not None
    assert told.calm > 3
    assert told.filtered_cvar > 1.5 * told.cvar
    assert told.worst == told.filtered_cvar


def test_after_a_wild_month_a_calm_week_counts_as_calm_and_the_worst_is_still_the_worst() -> None:
    told = tail(series([2.0] * 600 + [0.2] * 240))
    assert told.filtered_cvar is not None
    assert told.cvar is not None
    assert told.filtered_cvar < 0.6 * told.cvar
    assert told.worst == told.cvar


def test_a_price_that_stands_still_loses_nothing_either_way() -> None:
    told = tail(series([0.0] * 200))
    assert (told.var, told.filtered_var, told.worst) == (0.0, 0.0, 0.0)


@settings(max_examples=25)
@given(seed=st.integers(0, 10_000), weight=st.floats(-3, 3).filter(lambda w: abs(w) > 1e-3), scale=st.floats(0.1, 3))
def test_a_tail_grows_with_the_position_and_cvar_is_never_below_var(seed: int, weight: float, scale: float) -> None:
    candles = series([0.3] * 200 + [0.9] * 100, seed=seed)
    one, other = tail(candles, weight), tail(candles, weight * scale)
    for told in (one, other):
        assert told.var is not None
        assert told.filtered_var is not None
        assert 0 <= told.var <= (told.cvar or 0)
        assert 0 <= told.filtered_var <= (told.filtered_cvar or 0)
    assert other.cvar == pytest.approx((one.cvar or 0) * scale, rel=1e-3, abs=2e-6)
    assert other.filtered_cvar == pytest.approx((one.filtered_cvar or 0) * scale, rel=1e-3, abs=2e-6)


def test_what_comes_after_a_window_does_not_change_how_it_is_scaled_but_by_today() -> None:
    """The scale is volatility now over volatility then: more bars change the numerator alone."""
    longer = series([0.5] * 700)
    shorter = longer.tail(700)
    assert tail(longer) == tail(shorter)

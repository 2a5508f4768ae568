"""The picture: a PNG, the same bytes for the same candles, and no drawing library before the first one."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest

from desk.domain.errors import DataError
from desk.market.candles import Candles
from desk.market.chart import Recommendation, Trend, read_chart
from desk.market.chart_image import render_chart


def candles(bars: int) -> Candles:
    rng = np.random.default_rng(11)
    close = 100 * np.exp(np.cumsum(rng.normal(0, 0.01, bars)))
    open_ = np.r_[100.0, close[:-1]]
    high, low = np.maximum(open_, close) * 1.002, np.minimum(open_, close) * 0.998
    return Candles.from_columns(
        "BTCUSDT", "1h", np.arange(bars) * 3_600_000, open_, high, low, close, rng.random(bars) * 9
    )


def test_no_verdict_is_drawn_so_whoever_looks_comes_to_a_view_alone() -> None:
    series = candles(80)
    read = read_chart(series)
    other = replace(
        read,
        score=-100,
        trend=Trend.DOWN,
        recommendation=Recommendation.STRONG_SELL,
        confidence=1.0,
        trend_strength=1.0,
    )
    assert render_chart(series, read) == render_chart(series, other)


def test_equal_candles_give_equal_bytes() -> None:
    series = candles(200)
    first, second = render_chart(series, read_chart(series)), render_chart(series, read_chart(series))
    assert first == second
    assert first.startswith(b"\x89PNG")
    assert len(first) > 20_000


def test_a_short_history_draws_what_is_known() -> None:
    assert render_chart(candles(60), bars=400).startswith(b"\x89PNG")


@pytest.mark.parametrize(("have", "show"), [(59, 50), (100, 19), (100, 401)])
def test_an_unreadable_chart_is_refused(have: int, show: int) -> None:
    with pytest.raises(DataError):
        render_chart(candles(have), bars=show)


def test_no_drawing_library_is_loaded_before_the_first_picture() -> None:
    code = "import sys, desk.market.chart_image; print([m for m in ('mplfinance', 'matplotlib') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.strip() == "[]"

"""A sorted window that is moved along says what sorting every window anew says."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.lib.stride_tricks import sliding_window_view

from desk.spikes.rolling import rolling_centres, rolling_median


@given(
    values=st.lists(st.floats(-100, 100) | st.sampled_from([0.0, 1.0, 2.0]), min_size=1, max_size=60),
    window=st.integers(1, 30),
)
@settings(deadline=None)
def test_middles_and_distances_are_those_of_every_window_sorted_anew(values: list[float], window: int) -> None:
    column = np.array(values)
    usual, spread = rolling_centres(column, window)
    if len(values) < window:
        assert len(usual) == len(spread) == 0
        return
    rows = sliding_window_view(column, window)
    middles = np.median(rows, axis=1)
    np.testing.assert_allclose(usual, middles, rtol=0, atol=1e-12)
    np.testing.assert_allclose(rolling_median(column, window), middles, rtol=0, atol=1e-12)
    np.testing.assert_allclose(spread, np.median(np.abs(rows - middles[:, None]), axis=1), rtol=0, atol=1e-12)

"""The crowd in numbers: what price and open interest say together, and who stands against whom."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk.domain.market import Crowd, Gauge
from desk.market.crowd import CrowdedSide, Positioning, read_crowd

AT = datetime(2026, 3, 2, tzinfo=UTC)
shares = st.lists(st.floats(0, 1), max_size=5)


def series(*values: float) -> tuple[Gauge, ...]:
    return tuple(Gauge(value=value, at=AT + timedelta(hours=n)) for n, value in enumerate(values))


def crowd(
    interest: tuple[float, ...] = (), long: tuple[float, ...] = (), top: tuple[float, ...] = (), takers: float = 0.5
) -> Crowd:
    return Crowd(
        period="1h",
        open_interest=series(*interest),
        accounts_long=series(*long),
        top_long=series(*top),
        taker_buys=series(takers),
        silent=(),
    )


@pytest.mark.parametrize(
    ("price", "interest", "said"),
    [
        (1.0, 105.0, Positioning.NEW_LONGS),
        (1.0, 95.0, Positioning.SHORTS_COVERED),
        (-1.0, 105.0, Positioning.NEW_SHORTS),
        (-1.0, 95.0, Positioning.LONGS_LEFT),
        (0.2, 105.0, Positioning.UNMOVED),
        (1.0, 100.2, Positioning.UNMOVED),
        (None, 105.0, Positioning.UNKNOWN),
    ],
)
def test_price_and_open_interest_together_say_what_happened(
    price: float | None, interest: float, said: Positioning
) -> None:
    assert read_crowd(crowd((100.0, interest)), price).positioning is said


@pytest.mark.parametrize(
    ("long", "side"),
    [(0.75, CrowdedSide.LONG), (0.74, CrowdedSide.NEITHER), (0.25, CrowdedSide.SHORT), (0.5, CrowdedSide.NEITHER)],
)
def test_three_of_four_accounts_on_one_side_are_a_crowd(long: float, side: CrowdedSide) -> None:
    assert read_crowd(crowd(long=(0.5, long)), None).crowded is side


def test_large_accounts_against_the_many_are_a_divergence() -> None:
    reading = read_crowd(crowd(long=(0.6, 0.7), top=(0.4,), takers=0.25), None)
    assert (reading.accounts_lean, reading.top_lean, reading.divergence) == (0.4, -0.2, -0.6)
    assert (reading.accounts_change, reading.taker_lean) == (0.2, -0.5)


def test_what_nobody_told_is_unknown_and_not_zero() -> None:
    reading = read_crowd(crowd(), 1.0)
    assert (reading.open_interest, reading.accounts_lean, reading.divergence) == (None, None, None)
    assert (reading.positioning, reading.crowded) == (Positioning.UNKNOWN, CrowdedSide.UNKNOWN)


@given(interest=st.lists(st.floats(0, 1e9), max_size=5), long=shares, top=shares, price=st.floats(-50, 50))
def test_every_lean_is_bounded(interest: list[float], long: list[float], top: list[float], price: float) -> None:
    reading = read_crowd(crowd(tuple(interest), tuple(long), tuple(top)), price)
    leans = (reading.accounts_lean, reading.top_lean, reading.taker_lean)
    assert all(lean is None or -1 <= lean <= 1 for lean in leans)
    assert reading.divergence is None or -2 <= reading.divergence <= 2

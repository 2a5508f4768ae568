"""The market at large: read from stored bytes, each part on its own, and what is missing is said."""

from __future__ import annotations

import csv
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk.context.leaders import read_leader
from desk.context.reading import feeling_of, read_context
from desk.context.values import Appetite, Calm, Feeling, Missing, Trend
from desk.domain.errors import DataError
from desk.domain.market import Gauge, Outlook
from desk.market.candles import Candles
from desk.market.snapshot import Snapshot
from tests.unit.crews.conftest import Look, demo_setup, look

__all__ = ["demo_setup", "look"]

HOUR_MS = 3_600_000
INDEX = Path(__file__).parents[5] / "shared/data/fear_greed/fear_greed_daily.csv"


def hours(returns: list[float]) -> Candles:
    close = 100 * np.exp(np.cumsum([0.0, *returns]))
    opened = np.r_[close[0], close[:-1]]
    times = np.arange(len(close), dtype=np.int64) * HOUR_MS
    high, low = np.maximum(opened, close) * 1.0001, np.minimum(opened, close) * 0.9999
    return Candles.from_columns("BTCUSDT", "1h", times, opened, high, low, close, np.ones(len(close)))


def gauge(value: float) -> Gauge:
    return Gauge(value=float(value), at=datetime(2026, 3, 2, 12, tzinfo=UTC))


def outlook(*, fear_greed: float | None = None, cap_change: float | None = None, btc: float | None = None) -> Outlook:
    def told(value: float | None) -> Gauge | None:
        return None if value is None else gauge(value)

    return Outlook(
        fear_greed=told(fear_greed),
        btc_dominance=gauge(56.25),
        eth_dominance=gauge(12.5),
        total_cap=gauge(3.1e12),
        cap_change_24h=told(cap_change),
        btc_price=told(btc),
        eth_price=None,
        silent=(),
    )


def test_a_steady_climb_is_an_up_trend_with_its_changes() -> None:
    reading = read_leader(hours([0.01] * 120))
    assert reading.trend is Trend.UP
    assert reading.strength == 1
    assert reading.change_1h == pytest.approx((np.exp(0.01) - 1) * 100)
    assert reading.change_24h == pytest.approx((np.exp(0.24) - 1) * 100)
    assert reading.change_4d == pytest.approx((np.exp(0.96) - 1) * 100)
    assert read_leader(hours([-0.01] * 120)).trend is Trend.DOWN


def test_a_market_that_swings_in_place_goes_nowhere() -> None:
    reading = read_leader(hours([0.01, 0.01, -0.01, -0.01] * 30))
    assert (reading.trend, reading.strength) == (Trend.SIDEWAYS, 0)


@pytest.mark.parametrize(("last", "calm"), [(0.0001, Calm.LOW), (0.05, Calm.EXTREME)])
def test_calm_is_measured_against_the_markets_own_past(last: float, calm: Calm) -> None:
    swings = [0.01 * (1 if n % 2 else -1) * (1 + n / 500) for n in range(96)]
    reading = read_leader(hours([*swings, *[last, -last] * 12]))
    assert reading.volatility is calm


def test_yearly_volatility_is_that_of_an_hour_times_the_root_of_its_hours() -> None:
    reading = read_leader(hours([0.01, -0.01] * 48))
    assert reading.volatility_pct == pytest.approx(0.01 * np.sqrt(8760) * 100)


@pytest.mark.parametrize("bars", [2, 24, 25, 60, 97])
def test_short_histories_say_less_and_nothing_wrong(bars: int) -> None:
    reading = read_leader(hours([0.001] * (bars - 1)))
    assert (reading.change_24h is None) == (bars <= 24)
    assert (reading.volatility is None) == (bars <= 72)
    assert (reading.change_4d is None) == (bars <= 96)


@given(st.lists(st.floats(-0.2, 0.2), min_size=1, max_size=130))
def test_any_hours_are_read_within_bounds(returns: list[float]) -> None:
    reading = read_leader(hours(returns))
    assert 0 <= reading.strength <= 1
    assert reading.volatility_pct is None or reading.volatility_pct >= 0


def test_the_classes_of_the_index_are_its_makers_own() -> None:
    if not INDEX.exists():
        pytest.skip("the shared index is not here")
    with INDEX.open(encoding="utf-8") as file:
        named = [row for row in csv.DictReader(file) if row["classification"]]
    assert len(named) > 2000
    for row in named:
        assert feeling_of(float(row["value"])).value == row["classification"].upper().replace(" ", "_")
    assert {feeling_of(value) for value in range(101)} == set(Feeling)


def test_an_offline_desk_tells_the_leaders_and_names_what_it_cannot_know(look: Look) -> None:
    reading = read_context(look(drift=0.004))
    assert reading.btc is not None
    assert reading.eth is not None
    assert reading.own == reading.btc
    assert reading.btc.trend is Trend.UP
    assert reading.correlation_btc == pytest.approx(1)
    assert (reading.fear_greed, reading.btc_dominance, reading.premium_pct) == (None, None, None)
    assert set(reading.missing) == {
        Missing.FEAR_GREED,
        Missing.DOMINANCE,
        Missing.TOTAL_CAP,
        Missing.PRICES_ELSEWHERE,
    }
    assert reading.votes == 3


def test_without_any_hours_the_context_is_empty_and_says_so(look: Look) -> None:
    snapshot = replace(look(), bars=(), references=())
    reading = read_context(snapshot)
    assert (reading.btc, reading.eth, reading.own, reading.appetite) == (None, None, None, Appetite.MIXED)
    assert len(reading.missing) == len(Missing)


@pytest.mark.parametrize(
    ("drift", "fear_greed", "cap_change", "appetite"),
    [
        (0.004, 80, 3.0, Appetite.RISK_ON),
        (-0.004, 15, -3.0, Appetite.RISK_OFF),
        (0.004, 15, -3.0, Appetite.MIXED),
        (0.0, 50, 0.5, Appetite.MIXED),
    ],
)
def test_appetite_is_what_the_votes_agree_on(
    drift: float, fear_greed: float, cap_change: float, appetite: Appetite, look: Look
) -> None:
    snapshot = replace(look(drift=drift), outlook=outlook(fear_greed=fear_greed, cap_change=cap_change))
    reading = read_context(snapshot)
    assert (reading.appetite, reading.votes) == (appetite, 5)


def test_a_premium_over_the_price_elsewhere_is_in_per_cent(look: Look) -> None:
    snapshot = look()
    elsewhere = float(snapshot.mark.price) / 1.02
    reading = read_context(replace(snapshot, outlook=outlook(btc=elsewhere)))
    assert reading.premium_pct == pytest.approx(2)
    assert reading.total_cap_usd_bn == pytest.approx(3100)


def test_an_outlook_is_kept_bit_for_bit_and_a_snapshot_without_one_keeps_its_old_bytes(look: Look) -> None:
    bare = look()
    told = replace(bare, outlook=outlook(fear_greed=33, btc=60_000.0))
    assert Snapshot.from_json(told.to_json()) == told
    assert Snapshot.from_json(bare.to_json()) == bare
    assert b"outlook" not in bare.to_json()
    with pytest.raises(DataError):
        Snapshot.from_json(bare.to_json()[:-1] + b',"outlook":null}')
    assert told.at - bare.at == timedelta(0)

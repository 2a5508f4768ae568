"""The regime: plain markets are named plainly, odds are odds, and nothing is read from too little history."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from desk.domain.errors import DataError
from desk.domain.market import Bar
from desk.market.candles import Candles
from desk.regime.detect import MINIMUM_BARS, headline, read_regime, read_timeframe, timeframe
from desk.regime.facts import fact_table
from desk.regime.live import RegimeStream
from desk.regime.rule import odds_of, odds_table
from desk.regime.settle import Settled
from desk.regime.stream import FactStream
from desk.regime.values import EvidenceCode, Regime, RegimeOdds

STEPS = {"5m": 300_000, "15m": 900_000, "1h": 3_600_000, "4h": 14_400_000, "1d": 86_400_000}


def series(moves: np.ndarray, interval: str = "1h", *, reach: float = 0.002) -> Candles:
    close = 100 * np.exp(np.cumsum(moves))
    open_ = np.r_[100.0, close[:-1]]
    high, low = np.maximum(open_, close) * (1 + reach), np.minimum(open_, close) * (1 - reach)
    return Candles.from_columns(
        "BTCUSDT", interval, np.arange(len(close)) * STEPS[interval], open_, high, low, close, np.full(len(close), 10.0)
    )


def whole_ticks(candles: Candles, seed: int, tick: float) -> Candles:
    """The same market on a grid of prices, so that values tie, with volumes that vary and sometimes stop."""
    prices = [candles.open, candles.high, candles.low, candles.close]
    if tick:
        prices = [np.maximum(np.round(column / tick), 1) * tick for column in prices]
    volume = np.random.default_rng(seed).choice([0.0, 1.0, 2.5, 40.0], len(candles))
    return Candles.from_columns(candles.symbol, candles.interval, candles.open_time, *prices, volume)


def bars_of(candles: Candles) -> list[Bar]:
    columns = (candles.open, candles.high, candles.low, candles.close, candles.volume)
    rows = zip(candles.open_time, *columns, strict=True)
    return [Bar(int(at), *(float(value) for value in row)) for at, *row in rows]


def drifting(drift: float, *, bars: int = 300, noise: float = 0.002, seed: int = 3) -> np.ndarray:
    return np.random.default_rng(seed).normal(drift, noise, bars)


def swinging(bars: int = 300) -> np.ndarray:
    return np.tile([0.003, 0.003, -0.003, -0.003], bars // 4)


def erupting(bars: int = 300) -> np.ndarray:
    calm = np.random.default_rng(5).normal(0, 0.001, bars - 30)
    return np.r_[calm, np.tile([0.03, -0.03], 15)]


def test_a_steady_climb_is_a_bull_market() -> None:
    assert read_timeframe(series(drifting(0.002))).regime is Regime.BULL


def test_a_steady_fall_is_a_bear_market() -> None:
    assert read_timeframe(series(drifting(-0.002))).regime is Regime.BEAR


def test_a_swing_around_one_price_is_sideways() -> None:
    assert read_timeframe(series(swinging())).regime is Regime.SIDEWAYS


def test_wild_moves_without_direction_are_volatile() -> None:
    reading = read_timeframe(series(erupting()))
    assert reading.regime is Regime.VOLATILE
    assert next(e.value for e in reading.evidence if e.code is EvidenceCode.VOLATILITY) == 1.0


def test_a_market_upside_down_is_read_upside_down() -> None:
    row = np.array([[0.4, 0.3, 0.6, 0.1, -0.2, 0.3]])
    mirrored = row * np.array([-1, -1, -1, 1, 1, 1])
    up, down = odds_of(odds_table(row)[0]), odds_of(odds_table(mirrored)[0])
    assert (up.bull, up.bear, up.sideways) == (down.bear, down.bull, down.sideways)


def test_four_hours_lead_and_the_others_agree_or_do_not() -> None:
    reading = read_regime({"5m": series(drifting(-0.002), "5m"), "4h": series(drifting(0.002), "4h")})
    assert reading.regime is Regime.BULL
    assert reading.agreement == pytest.approx(2.0 / 2.5, abs=1e-4)
    assert [frame.interval for frame in reading.timeframes] == ["5m", "4h"]


def test_without_four_hours_the_hour_leads() -> None:
    reading = read_regime({"1h": series(drifting(-0.002)), "1d": series(drifting(0.002), "1d")})
    assert reading.regime is Regime.BEAR


def test_intervals_with_too_few_bars_are_left_out() -> None:
    reading = read_regime({"1h": series(drifting(0.002)), "1d": series(drifting(0.002, bars=MINIMUM_BARS - 1), "1d")})
    assert [frame.interval for frame in reading.timeframes] == ["1h"]


def test_no_interval_with_enough_bars_is_an_error() -> None:
    with pytest.raises(DataError):
        read_regime({"1h": series(drifting(0.002, bars=MINIMUM_BARS - 1))})
    with pytest.raises(DataError):
        read_timeframe(series(drifting(0.002, bars=MINIMUM_BARS - 1)))


def test_a_price_that_never_moved_is_sideways() -> None:
    assert read_timeframe(series(np.zeros(100), reach=0.0)).regime is Regime.SIDEWAYS


def test_rounding_never_makes_more_or_less_than_certainty() -> None:
    rounded = odds_of(np.array([0.50005, 0.49995, 0.0, 0.0]))
    assert sum(rounded.of(regime) for regime in Regime) == pytest.approx(1.0, abs=1e-12)


def test_a_tie_goes_to_the_more_careful_regime() -> None:
    assert RegimeOdds(bull=0.25, bear=0.25, sideways=0.25, volatile=0.25).likeliest is Regime.VOLATILE
    assert RegimeOdds(bull=0.4, bear=0.4, sideways=0.1, volatile=0.1).likeliest is Regime.BEAR


@given(seed=st.integers(0, 10_000), drift=st.floats(-0.01, 0.01), noise=st.floats(0.0, 0.05), bars=st.integers(60, 200))
@settings(max_examples=60, deadline=None)
def test_odds_are_odds_and_evidence_is_bounded(seed: int, drift: float, noise: float, bars: int) -> None:
    frame = read_timeframe(series(drifting(drift, bars=bars, noise=noise, seed=seed)))
    odds = [frame.odds.of(regime) for regime in Regime]
    assert sum(odds) == pytest.approx(1.0, abs=1e-9)
    assert all(0 <= p <= 1 for p in odds)
    assert all(-1 <= e.value <= 1 for e in frame.evidence)
    assert {e.code for e in frame.evidence} == set(EvidenceCode)


def test_a_challenger_that_leads_by_less_than_the_margin_changes_nothing() -> None:
    settled = Settled(margin=0.2)
    settled.push(np.array([0.6, 0.2, 0.1, 0.1]))
    assert settled.push(np.array([0.30, 0.49, 0.11, 0.10])) is Regime.BULL
    assert (settled.regime, settled.bars) == (Regime.BULL, 2)
    assert settled.push(np.array([0.30, 0.51, 0.09, 0.10])) is Regime.BEAR
    assert settled.bars == 1


def test_what_stands_claims_no_confidence_while_another_leads() -> None:
    settled = Settled(margin=0.25)
    climb, pause = np.array([1.0, 1.0, 1.0, 0.0, 0.0, 0.0]), np.array([0.1, 0.1, 0.1, -0.5, -0.5, 0.0])
    bull, weaker = odds_table(np.array([climb, pause]))
    settled.push(bull)
    challenged = 0.2 * bull + 0.8 * weaker
    assert settled.push(challenged) is Regime.BULL
    frame = timeframe("4h", pause, settled)
    assert frame.odds.likeliest is not Regime.BULL
    assert headline([frame]).confidence == 0.0


@given(
    seed=st.integers(0, 10_000),
    drift=st.floats(-0.01, 0.01),
    noise=st.floats(0.0, 0.03),
    bars=st.integers(60, 330),
    tick=st.sampled_from([0.0, 0.01, 1.0]),
)
@settings(max_examples=40, deadline=None)
def test_bar_by_bar_the_facts_and_the_reading_are_those_of_the_whole(
    seed: int, drift: float, noise: float, bars: int, tick: float
) -> None:
    candles = whole_ticks(series(drifting(drift, bars=bars, noise=noise, seed=seed), "4h"), seed, tick)
    facts, stream = FactStream(), RegimeStream(["4h"])
    rows = []
    for bar in bars_of(candles):
        row = facts.push(bar)
        rows.append([np.nan] * 6 if row is None else row)
        stream.push("4h", bar)
    np.testing.assert_allclose(np.array(rows), fact_table(candles), atol=1e-9, rtol=0)
    assert stream.reading == read_regime({"4h": candles})


def test_a_stream_is_silent_until_it_has_seen_enough() -> None:
    stream = RegimeStream()
    bars = bars_of(series(drifting(0.002, bars=MINIMUM_BARS), "4h"))
    for bar in bars[:-1]:
        stream.push("4h", bar)
    assert stream.reading is None
    stream.push("4h", bars[-1])
    assert stream.reading is not None
    assert stream.reading.regime is Regime.BULL


def test_an_interval_that_no_regime_is_read_on_is_refused() -> None:
    for intervals in ([], ["1m"], ["4h", "1w"]):
        with pytest.raises(DataError):
            RegimeStream(intervals)

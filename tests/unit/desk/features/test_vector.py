"""The feature vector: one order, bounded, unknown where nothing was measured, and mirrored by a mirrored market."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crews.setup import DeskSetup
from desk.domain.errors import DataError
from desk.domain.market import Crowd, Gauge, Level, Mark, OrderBook
from desk.features.vector import NAMES, VERSION, Sources, feature_vector
from desk.market.book_flow import FlowReading, SideFlow
from desk.market.candles import Candles
from desk.market.intervals import interval_ms
from desk.market.order_flow import Flow, ForcedReading
from desk.market.taker_flow import TakerReading
from tests.unit.crews.conftest import Look

AT = datetime(2024, 8, 5, 6, tzinfo=UTC)


def series(interval: str, drift: float = 0.0, *, bars: int = 120, seed: int = 3, noise: float = 0.003) -> Candles:
    rng = np.random.default_rng(seed)
    close = 100 * np.exp(np.cumsum(rng.normal(drift, noise, bars)))
    open_ = np.r_[100.0, close[:-1]]
    high, low = np.maximum(open_, close) * 1.001, np.minimum(open_, close) / 1.001
    times = np.arange(bars) * interval_ms(interval)
    return Candles.from_columns("SOLUSDT", interval, times, open_, high, low, close, np.exp(rng.normal(3, 0.4, bars)))


def market(drift: float = 0.0, **shape: float) -> dict[str, Candles]:
    return {i: series(i, drift, **shape) for i in ("1m", "15m", "1h", "4h")}  # type: ignore[arg-type]


def book(bid: str, ask: str) -> OrderBook:
    bids = tuple(Level(Decimal(99 - i), Decimal(bid)) for i in range(10))
    asks = tuple(Level(Decimal(101 + i), Decimal(ask)) for i in range(10))
    return OrderBook(symbol="SOLUSDT", at=AT, bids=bids, asks=asks)


def mark(price: str) -> Mark:
    later = AT + timedelta(hours=2)
    return Mark(
        symbol="SOLUSDT",
        price=Decimal(price),
        index=Decimal(100),
        at=AT,
        funding_rate=Decimal("0.0004"),
        next_funding=later,
    )


def crowd_of(*, interest: tuple[float, ...], long: float, top: float, takers: float) -> Crowd:
    def series_of(*values: float) -> tuple[Gauge, ...]:
        return tuple(Gauge(value=value, at=AT + timedelta(hours=n)) for n, value in enumerate(values))

    return Crowd(
        period="1h",
        open_interest=series_of(*interest),
        accounts_long=series_of(long),
        top_long=series_of(top),
        taker_buys=series_of(takers),
        silent=(),
    )


def flow_of(*, bids: float, asks: float, pressure: float, gone: int, pulled: int) -> Flow:
    def side(cancel_share: float, gone: int, pulled: int) -> SideFlow:
        return SideFlow(
            placed=1.0, cancelled=1.0, traded=1.0, cancel_share=cancel_share, walls_gone=gone, walls_pulled=pulled
        )

    return Flow(
        book=FlowReading(looks=3, bids=side(bids, gone, pulled), asks=side(asks, 0, 0), pressure=pressure),
        takers=TakerReading(trades=2, bought=3.0, sold=1.0, imbalance=0.5),
        forced=ForcedReading(orders=2, bought=100.0, sold=300.0),
    )


def test_the_names_of_this_version_are_these() -> None:
    assert (VERSION, len(NAMES), len(set(NAMES))) == (2, 52, 52)
    assert NAMES[:5] == ("regime_bull", "regime_bear", "regime_sideways", "regime_volatile", "regime_agreement")
    assert (NAMES[5], NAMES[-1]) == ("rsi_15m", "book_walls")


def test_everything_at_hand_is_measured() -> None:
    whole = Sources(
        symbol="SOLUSDT",
        candles=market(),
        book=book("3", "1"),
        mark=mark("100.2"),
        leader={"1h": series("1h", seed=8)},
        crowd=crowd_of(interest=(100.0, 105.0), long=0.7, top=0.5, takers=0.6),
        flow=flow_of(bids=0.2, asks=0.8, pressure=0.5, gone=4, pulled=3),
    )
    unknown = [name for name in NAMES if feature_vector(whole).of(name) is None]
    assert unknown == ["funding_unusual"]


def test_what_others_do_is_signed_by_where_it_pushes() -> None:
    crowd = crowd_of(interest=(100.0, 105.0), long=0.7, top=0.5, takers=0.6)
    flow = flow_of(bids=0.2, asks=0.8, pressure=0.5, gone=4, pulled=3)
    vector = feature_vector(Sources(symbol="SOLUSDT", candles={}, crowd=crowd, flow=flow))
    told = {name: vector.of(name) for name in NAMES if name.startswith(("crowd_", "flow_"))}
    assert told == pytest.approx(
        {
            "crowd_interest": 0.5,
            "crowd_accounts": 0.4,
            "crowd_divergence": -0.4,
            "crowd_takers": 0.2,
            "flow_pressure": 0.5,
            "flow_takers": 0.5,
            "flow_forced": -0.5,
            "flow_cancels_bids": 0.2,
            "flow_cancels_asks": 0.8,
            "flow_walls_pulled": 0.75,
        }
    )


def test_a_snapshot_gives_the_vector_all_that_it_holds(look: Look, demo_setup: DeskSetup) -> None:
    vector = feature_vector(Sources.of(look(), demo_setup.default_tools.spikes))
    unknown = {name for name in NAMES if vector.of(name) is None}
    # Of two equal books nothing was cancelled, traded or pulled.
    assert unknown <= {"funding_unusual", "flow_walls_pulled", "flow_cancels_bids", "flow_cancels_asks"}


def test_what_was_not_at_hand_is_unknown_and_not_zero() -> None:
    vector = feature_vector(Sources(symbol="SOLUSDT", candles={"15m": series("15m", bars=10)}))
    for name in ("regime_bull", "rsi_1h", "rsi_15m", "book_top", "premium", "spike_price", "leader_correlation"):
        assert vector.of(name) is None
    assert vector.of("profile_place") is not None


def test_a_rising_market_and_a_leaning_book_point_up_and_the_others_down() -> None:
    up = feature_vector(Sources(symbol="SOLUSDT", candles=market(0.004), book=book("9", "1"), mark=mark("100.2")))
    down = feature_vector(Sources(symbol="SOLUSDT", candles=market(-0.004), book=book("1", "9"), mark=mark("99.8")))
    for name in ("rsi_1h", "vwap_4h", "obv_15m", "book_top", "book_deep", "premium"):
        above, below = up.of(name), down.of(name)
        assert above is not None
        assert below is not None
        assert above > 0 > below
    assert up.of("regime_bull") == pytest.approx(down.of("regime_bear"), abs=0.2)


def test_a_name_of_another_version_is_an_error() -> None:
    with pytest.raises(DataError):
        feature_vector(Sources(symbol="SOLUSDT", candles={})).of("mood")


@given(seed=st.integers(0, 999), drift=st.floats(-0.02, 0.02), noise=st.floats(0, 0.05), bars=st.integers(2, 130))
@settings(max_examples=25, deadline=None)
def test_every_value_is_bounded_or_unknown(seed: int, drift: float, noise: float, bars: int) -> None:
    vector = feature_vector(
        Sources(symbol="SOLUSDT", candles=market(drift, bars=bars, seed=seed, noise=noise), book=book("1", "2"))
    )
    assert len(vector.values) == len(NAMES)
    assert all(value is None or -1 <= value <= 1 for value in vector.values)

"""Spikes: measured in the symbol's own noise on highs and lows, each asked what stands behind it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from desk.domain.errors import ConfigError, DataError
from desk.domain.market import FundingPoint, Headline, Level, Mark, OrderBook
from desk.market.candles import Candles
from desk.news.mood import read_news
from desk.spikes.noise import measure_noise
from desk.spikes.scan import SpikeParameters, scan_spikes
from desk.spikes.values import Severity, Spike, SpikeDirection, SpikeScan, SpikeType

MINUTE = 60_000
AT = datetime(2024, 8, 5, 6, tzinfo=UTC)


def minutes(*, bars: int = 200, noise: float = 0.001, seed: int = 4, symbol: str = "SOLUSDT") -> Candles:
    rng = np.random.default_rng(seed)
    close = 100 * np.exp(np.cumsum(rng.normal(0, noise, bars)))
    open_ = np.r_[100.0, close[:-1]]
    high, low = np.maximum(open_, close) * 1.0002, np.minimum(open_, close) * 0.9998
    volume = np.exp(rng.normal(3, 0.3, bars))
    return Candles.from_columns(symbol, "1m", np.arange(bars) * MINUTE, open_, high, low, close, volume)


def last_bar(
    candles: Candles, *, low: float = 1.0, high: float = 1.0, close: float = 1.0, volume: float = 1.0
) -> Candles:
    """The same candles with the newest bar redrawn: prices as multiples of its open."""
    columns = {name: getattr(candles, name).copy() for name in ("open", "high", "low", "close", "volume")}
    base = columns["open"][-1]
    columns["close"][-1] = base * close
    columns["high"][-1], columns["low"][-1] = base * max(high, close, 1.0), base * min(low, close, 1.0)
    columns["volume"][-1] *= volume
    order = (columns[name] for name in ("open", "high", "low", "close", "volume"))
    return Candles.from_columns(candles.symbol, "1m", candles.open_time, *order)


def mark(price: str = "100", index: str = "100", rate: str = "0.0001") -> Mark:
    return Mark(
        symbol="SOLUSDT",
        price=Decimal(price),
        index=Decimal(index),
        at=AT,
        funding_rate=Decimal(rate),
        next_funding=AT + timedelta(hours=2),
    )


def book(bid: str, ask: str) -> OrderBook:
    bids = tuple(Level(Decimal(99 - i), Decimal(bid)) for i in range(10))
    asks = tuple(Level(Decimal(101 + i), Decimal(ask)) for i in range(10))
    return OrderBook(symbol="SOLUSDT", at=AT, bids=bids, asks=asks)


def found(scan: SpikeScan, kind: SpikeType) -> Spike | None:
    return next((spike for spike in scan.spikes if spike.type is kind), None)


def seen(scan: SpikeScan, kind: SpikeType) -> Spike:
    spike = found(scan, kind)
    assert spike is not None
    return spike


def test_ordinary_minutes_are_quiet() -> None:
    assert all(scan_spikes(minutes(seed=seed)).quiet for seed in range(20))


def test_a_wick_is_seen_though_the_close_came_back() -> None:
    spike = seen(scan_spikes(last_bar(minutes(), low=0.97)), SpikeType.PRICE)
    assert (spike.direction, spike.bars_ago) == (SpikeDirection.DOWN, 0)
    assert spike.percent == pytest.approx(-3, abs=0.1)
    assert spike.sigma < -20


def test_a_move_that_is_large_for_one_symbol_is_nothing_for_a_wild_one() -> None:
    assert found(scan_spikes(last_bar(minutes(noise=0.0005), close=1.006)), SpikeType.PRICE) is not None
    assert found(scan_spikes(last_bar(minutes(noise=0.004), close=1.006)), SpikeType.PRICE) is None


def test_a_move_below_the_floor_is_no_spike_however_still_it_was() -> None:
    assert scan_spikes(last_bar(minutes(noise=0.00001), close=1.002)).quiet


def test_unusual_volume_is_a_spike_of_its_own() -> None:
    scan = scan_spikes(last_bar(minutes(), close=0.9995, volume=20))
    spike = seen(scan, SpikeType.VOLUME)
    assert (spike.direction, spike.legitimacy.volume_behind) == (SpikeDirection.DOWN, None)
    assert found(scan, SpikeType.PRICE) is None


@pytest.mark.parametrize(("bid", "ask", "direction"), [("9", "1", SpikeDirection.UP), ("1", "9", SpikeDirection.DOWN)])
def test_a_one_sided_book_leans_where_the_weight_is(bid: str, ask: str, direction: SpikeDirection) -> None:
    assert seen(scan_spikes(minutes(), book=book(bid, ask)), SpikeType.BOOK_IMBALANCE).direction is direction


def test_a_mark_far_from_its_index_diverges() -> None:
    spike = seen(scan_spikes(minutes(), mark=mark(price="99.5")), SpikeType.INDEX_DIVERGENCE)
    assert (spike.direction, spike.percent) == (SpikeDirection.DOWN, -0.5)
    assert scan_spikes(minutes(), mark=mark(price="100.1")).quiet


def test_a_plunge_with_a_snap_back_on_volume_looks_like_liquidations() -> None:
    plunge = last_bar(minutes(), low=0.96, close=0.99, volume=15)
    assert seen(scan_spikes(plunge), SpikeType.LIQUIDATION_CASCADE).direction is SpikeDirection.DOWN
    assert found(scan_spikes(last_bar(minutes(), low=0.96, close=0.99)), SpikeType.LIQUIDATION_CASCADE) is None


def test_a_crowded_side_makes_a_cascade_likelier() -> None:
    candles = last_bar(minutes(), low=0.993, close=0.997, volume=15)
    crowd = [FundingPoint(at=AT - timedelta(hours=8), rate=1e-4)]
    calm = scan_spikes(candles, mark=mark(), funding=crowd)
    crowded = scan_spikes(candles, mark=mark(rate="0.0006"), funding=crowd)
    assert found(calm, SpikeType.LIQUIDATION_CASCADE) is None
    assert found(crowded, SpikeType.LIQUIDATION_CASCADE) is not None


def test_clear_fresh_news_about_the_symbol_is_a_catalyst() -> None:
    hack = Headline(at=AT - timedelta(minutes=5), source="wire", title="Solana bridge hacked, funds stolen", symbols=())
    spike = seen(scan_spikes(minutes(), news=[read_news([hack], "SOLUSDT", AT)]), SpikeType.NEWS_CATALYST)
    assert spike.direction is SpikeDirection.DOWN
    stale = replace(hack, at=AT - timedelta(hours=2))
    assert scan_spikes(minutes(), news=[read_news([stale], "SOLUSDT", AT)]).quiet
    assert scan_spikes(minutes(), news=[read_news(None, "SOLUSDT", AT)]).quiet


def test_a_move_with_everything_behind_it_is_legitimate() -> None:
    hack = Headline(at=AT - timedelta(minutes=5), source="wire", title="Solana bridge hacked, funds stolen", symbols=())
    leader = last_bar(minutes(symbol="BTCUSDT", seed=9), close=0.98)
    spike = seen(
        scan_spikes(
            last_bar(minutes(), close=0.97, volume=20),
            book=book("1", "3"),
            references=[leader],
            news=[read_news([hack], "SOLUSDT", AT)],
        ),
        SpikeType.PRICE,
    )
    assert spike.legitimacy.score == 1.0
    assert spike.severity is Severity.EXTREME


def test_a_move_with_nothing_behind_it_is_not() -> None:
    spike = seen(
        scan_spikes(
            last_bar(minutes(), close=0.97),
            book=book("2", "1"),
            references=[minutes(symbol="BTCUSDT", seed=9)],
            news=[read_news([], "SOLUSDT", AT)],
        ),
        SpikeType.PRICE,
    )
    assert (spike.legitimacy.market_wide, spike.legitimacy.volume_behind) == (False, False)
    assert (spike.legitimacy.book_agrees, spike.legitimacy.headline) == (False, False)
    assert spike.legitimacy.score == 0.0


def test_what_could_not_be_asked_is_unknown_and_not_a_no() -> None:
    spike = seen(scan_spikes(last_bar(minutes(), close=0.97, volume=20)), SpikeType.PRICE)
    assert (spike.legitimacy.market_wide, spike.legitimacy.book_agrees, spike.legitimacy.headline) == (None, None, None)
    assert spike.legitimacy.score == 1.0


def test_a_leader_of_another_moment_is_not_asked() -> None:
    late = minutes(symbol="BTCUSDT", bars=199)
    spike = seen(scan_spikes(last_bar(minutes(), close=0.97), references=[late]), SpikeType.PRICE)
    assert spike.legitimacy.market_wide is None


def test_the_largest_excess_comes_first() -> None:
    scan = scan_spikes(last_bar(minutes(), close=0.95, volume=20), book=book("1", "9"))
    assert scan.spikes[0].type in (SpikeType.PRICE, SpikeType.LIQUIDATION_CASCADE)
    assert scan.spikes[-1].type is SpikeType.BOOK_IMBALANCE


def test_yesterdays_spike_does_not_hide_todays() -> None:
    calm = minutes(noise=0.0005)
    before = measure_noise(calm, 240, 3).sigma
    spoiled = Candles.from_columns(
        "X",
        "1m",
        calm.open_time,
        calm.open,
        np.where(np.arange(200) == 90, 150, calm.high),
        calm.low,
        calm.close,
        calm.volume,
    )
    assert measure_noise(spoiled, 240, 3).sigma == before


def test_too_few_bars_are_an_error() -> None:
    with pytest.raises(DataError):
        scan_spikes(minutes(bars=32))


@pytest.mark.parametrize("wrong", [{"price_sigma": 0}, {"imbalance": 1}, {"recent_bars": 0}, {"window": 10}])
def test_thresholds_that_nothing_or_everything_passes_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ConfigError):
        SpikeParameters(**wrong)  # type: ignore[arg-type]


@given(
    seed=st.integers(0, 1000),
    noise=st.floats(0, 0.02),
    close=st.floats(0.5, 2),
    volume=st.floats(0, 1000),
    bars=st.integers(40, 300),
)
@settings(max_examples=60, deadline=None)
def test_every_spike_is_signed_by_its_direction_and_bounded(
    seed: int, noise: float, close: float, volume: float, bars: int
) -> None:
    scan = scan_spikes(last_bar(minutes(seed=seed, noise=noise, bars=bars), close=close, volume=volume))
    sign = {SpikeDirection.UP: 1, SpikeDirection.DOWN: -1, SpikeDirection.NONE: 0}
    for spike in scan.spikes:
        assert 0 <= spike.legitimacy.score <= 1
        assert 0 <= spike.bars_ago < 3
        if spike.type is not SpikeType.VOLUME:
            assert spike.percent * sign[spike.direction] > 0

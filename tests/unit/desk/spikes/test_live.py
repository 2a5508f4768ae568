"""The live alarm: it says what the scan of the same bars says, at once, and once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from desk.domain.market import Bar, Level, Mark, OrderBook
from desk.market.candles import Candles
from desk.spikes.columns import excess_columns, noise_columns
from desk.spikes.detect import SpikeParameters
from desk.spikes.live import QUIET_MS, SpikeStream
from desk.spikes.noise import measure_noise
from desk.spikes.scan import scan_spikes
from desk.spikes.values import SpikeDirection, SpikeType

MINUTE = 60_000
RULES = SpikeParameters(price_sigma=4.0, price_floor_pct=0.1, volume_sigma=3.0, recent_bars=3, window=40)
AT = datetime(2024, 8, 5, 6, tzinfo=UTC)


def market(seed: int, bars: int, shock: float, loud: float) -> Candles:
    rng = np.random.default_rng(seed)
    returns = rng.normal(0, 0.001, bars)
    returns[bars // 2 :: 17] += shock
    close = 100 * np.exp(np.cumsum(returns))
    open_ = np.r_[100.0, close[:-1]]
    high, low = np.maximum(open_, close) * 1.0003, np.minimum(open_, close) * 0.9997
    volume = np.exp(rng.normal(3, 0.4, bars))
    volume[bars // 2 :: 13] *= loud
    return Candles.from_columns("SOLUSDT", "1m", np.arange(bars) * MINUTE, open_, high, low, close, volume)


def bars_of(candles: Candles) -> list[Bar]:
    columns = (candles.open, candles.high, candles.low, candles.close, candles.volume)
    return [Bar(int(t), *(float(v) for v in row)) for t, *row in zip(candles.open_time, *columns, strict=True)]


def warmed(bars: int = 60) -> SpikeStream:
    stream = SpikeStream("SOLUSDT", RULES)
    for bar in bars_of(market(1, bars, 0.0, 1.0)):
        stream.bar(bar)
    return stream


def trades_of(stream: SpikeStream, bar: Bar) -> set[tuple[SpikeType, SpikeDirection]]:
    """What a stream that has never spoken says while the bar's four prices trade."""
    told = [
        stream.trade(bar.open_time + 15_000 * i, price, bar.volume / 4)
        for i, price in enumerate((bar.open, bar.low, bar.high, bar.close))
    ]
    return {(alarm.found.type, alarm.found.direction) for alarms in told for alarm in alarms}


@given(
    seed=st.integers(0, 1000),
    bars=st.integers(RULES.window + RULES.recent_bars, 90),
    shock=st.floats(-0.03, 0.03),
    loud=st.floats(0.5, 20),
)
@settings(max_examples=40, deadline=None)
def test_trade_by_trade_the_newest_bar_is_told_as_all_columns_tell_it(
    seed: int, bars: int, shock: float, loud: float
) -> None:
    candles = market(seed, bars, shock, loud)
    *before, newest = bars_of(candles)
    stream = SpikeStream("SOLUSDT", RULES)
    for bar in before:
        stream.bar(bar)
    told = trades_of(stream, newest)
    noise = noise_columns(candles, RULES.window, RULES.recent_bars)
    excess = excess_columns(candles, noise, RULES)
    assert noise.sigma[-1] == pytest.approx(measure_noise(candles, RULES.window, RULES.recent_bars).sigma, rel=1e-7)
    for column, direction in ((excess.up, SpikeDirection.UP), (excess.down, SpikeDirection.DOWN)):
        assert ((SpikeType.PRICE, direction) in told) == (column[-1] >= 1)
    assert any(kind is SpikeType.VOLUME for kind, _ in told) == (excess.volume[-1] >= 1)
    scanned = {spike.type for spike in scan_spikes(candles, parameters=RULES).spikes if spike.bars_ago == 0}
    assert {kind for kind, _ in told} >= scanned - {SpikeType.LIQUIDATION_CASCADE}


def test_an_alarm_is_raised_once_and_again_after_a_quiet_quarter_of_an_hour() -> None:
    stream, start = warmed(), 60 * MINUTE
    assert [alarm.found.direction for alarm in stream.trade(start, 105.0, 0.1)] == [SpikeDirection.UP]
    assert stream.trade(start + 1, 106.0, 0.1) == ()
    assert stream.trade(start + QUIET_MS, 106.0, 0.1) == ()
    assert len(stream.trade(start + 1 + 2 * QUIET_MS, 106.0, 0.1)) == 1


def test_the_other_direction_is_another_alarm() -> None:
    stream = warmed()
    assert stream.trade(60 * MINUTE, 105.0, 0.1)
    assert [a.found.direction for a in stream.trade(60 * MINUTE + 1, 90.0, 0.1)] == [SpikeDirection.DOWN]


def test_after_an_outage_a_price_has_had_longer_to_walk() -> None:
    last = bars_of(market(1, 60, 0.0, 1.0))[-1].close
    move = last * (1 + 6 * 0.001)
    assert warmed().trade(60 * MINUTE, move, 0.1)
    assert warmed().trade(90 * MINUTE, move, 0.1) == ()


def test_closes_from_before_a_gap_are_no_measure_for_a_price_after_it() -> None:
    stream, last = warmed(), bars_of(market(1, 60, 0.0, 1.0))[-1].close
    there = last * 1.02
    stream.bar(Bar(90 * MINUTE, there, there, there, there, 20.0))
    assert stream.trade(91 * MINUTE, there, 0.1) == ()


def test_a_loud_minute_ends_with_its_minute_though_its_bar_is_late() -> None:
    stream, usual = warmed(), float(np.exp(3))
    assert stream.trade(60 * MINUTE, 100.0, 2 * usual) == ()
    assert all(a.found.type is not SpikeType.VOLUME for a in stream.trade(61 * MINUTE, 100.0, 2 * usual))


def test_nothing_is_said_before_it_is_known_what_is_usual() -> None:
    stream = warmed(bars=20)
    assert stream.trade(20 * MINUTE, 500.0, 1e9) == ()
    assert stream.forced(20 * MINUTE, 1e9, SpikeDirection.DOWN) == ()


def test_forced_orders_of_one_side_add_up_within_a_minute() -> None:
    stream, start, usual = warmed(), 60 * MINUTE, float(np.exp(3))
    part = 0.4 * usual * RULES.forced_share
    assert stream.forced(start, part, SpikeDirection.DOWN) == ()
    assert stream.forced(start + 1, part, SpikeDirection.UP) == ()
    assert stream.forced(start + 2, part, SpikeDirection.DOWN) == ()
    (alarm,) = stream.forced(start + 3, part, SpikeDirection.DOWN)
    assert (alarm.found.type, alarm.found.direction) == (SpikeType.LIQUIDATION_CASCADE, SpikeDirection.DOWN)


def test_forced_orders_of_a_minute_ago_are_forgotten() -> None:
    stream, part = warmed(), 0.7 * float(np.exp(3)) * RULES.forced_share
    assert stream.forced(0, part, SpikeDirection.DOWN) == ()
    assert stream.forced(60_000, part, SpikeDirection.DOWN) == ()


def test_book_and_mark_are_judged_as_they_come() -> None:
    stream = warmed()
    levels = (
        tuple(Level(Decimal(99 - i), Decimal(9)) for i in range(10)),
        tuple(Level(Decimal(101 + i), Decimal(1)) for i in range(10)),
    )
    (leaning,) = stream.book(1, OrderBook(symbol="SOLUSDT", at=AT, bids=levels[0], asks=levels[1]))
    assert leaning.found.type is SpikeType.BOOK_IMBALANCE
    mark = Mark(
        symbol="SOLUSDT",
        price=Decimal("99.5"),
        index=Decimal(100),
        at=AT,
        funding_rate=Decimal(0),
        next_funding=AT + timedelta(hours=1),
    )
    (apart,) = stream.mark(2, mark)
    assert (apart.found.type, apart.found.direction) == (SpikeType.INDEX_DIVERGENCE, SpikeDirection.DOWN)

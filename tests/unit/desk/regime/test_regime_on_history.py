"""The regime on recorded crashes: at the low of each, nobody is told that the market is rising or calm."""

from __future__ import annotations

import csv
from datetime import datetime
from pathlib import Path

import numpy as np
import pytest

from desk.market.candles import Candles
from desk.market.resample import resample
from desk.regime.detect import read_regime
from desk.regime.values import Regime

SHARED = Path(__file__).parents[5] / "shared/data"
BARS = SHARED / "klines/BTCUSDT-1h-um-20190908-20250603.parquet"
CRASHES = SHARED / "events/crash_windows_measured.csv"
HOUR = 3_600_000


@pytest.fixture(scope="module")
def hours() -> Candles:
    if not BARS.exists() or not CRASHES.exists():
        pytest.skip("the shared bars and crash windows are not here")
    from pyarrow import parquet

    table = parquet.read_table(BARS)
    columns = (table[name].to_numpy() for name in ("open_time", "open", "high", "low", "close", "volume"))
    return Candles.from_columns("BTCUSDT", "1h", *columns)


def seen_at(candles: Candles, now: int, bars: int = 300) -> Candles:
    """The newest bars that had closed by `now`."""
    end = int(np.searchsorted(candles.open_time + candles.step_ms, now, side="right"))
    part = slice(max(0, end - bars), end)
    names = ("open_time", "open", "high", "low", "close", "volume")
    return Candles.from_columns(candles.symbol, candles.interval, *(getattr(candles, name)[part] for name in names))


def test_at_the_low_of_every_recorded_crash_the_market_is_bear_or_volatile(hours: Candles) -> None:
    frames = (hours, resample(hours, "4h"), resample(hours, "1d"))
    with CRASHES.open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["symbol"] == "BTCUSDT"]
    for row in rows:
        now = int(datetime.fromisoformat(row["low_time"]).timestamp() * 1000) + HOUR
        reading = read_regime({frame.interval: seen_at(frame, now) for frame in frames})
        assert reading.regime in (Regime.BEAR, Regime.VOLATILE), row["event"]


def test_five_years_show_every_regime(hours: Candles) -> None:
    frames = (hours, resample(hours, "4h"), resample(hours, "1d"))
    times = range(int(hours.open_time[3000]), int(hours.open_time[-1]), 240 * HOUR)
    regimes = [read_regime({f.interval: seen_at(f, now) for f in frames}).regime for now in times]
    assert set(regimes) == set(Regime)
    assert max(regimes.count(regime) for regime in Regime) < 0.6 * len(regimes)

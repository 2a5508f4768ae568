"""What is to be doubted is told: holes, contradictions with the hour, damage. What a venue skipped is no fault."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from desk.history.check import Finding, check_history
from desk.history.kinds import Kind, Market
from desk.history.parquet import Source
from desk.history.series import Series
from desk.history.store import HistoryStore
from desk.market.candles import Candles
from desk.market.holes import Hole
from desk.market.resample import resample
from desk.market.tables import Table

MINUTE, HOUR = 60_000, 3_600_000
HOURS = 50


def minutes(count: int = HOURS * 60) -> Candles:
    close = 100 * np.exp(np.cumsum(np.random.default_rng(3).normal(0, 1e-3, count)))
    open_ = np.r_[100.0, close[:-1]]
    high, low = np.maximum(open_, close), np.minimum(open_, close)
    return Candles.from_columns(
        "BTCUSDT", "1m", np.arange(count) * MINUTE, open_, high, low, close, np.full(count, 0.1)
    )


def keep(store: HistoryStore, candles: Candles, *, without: slice = slice(0, 0), **changes: tuple[int, float]) -> None:
    rows: Table = {
        name: np.delete(getattr(candles, name), without)
        for name in ("open_time", "open", "high", "low", "close", "volume")
    }
    for name, (place, value) in changes.items():
        rows[name][place] = value
    unknown = np.full(len(rows["open_time"]), np.nan)
    table = {**rows, **dict.fromkeys(("quote_volume", "trades", "taker_base", "taker_quote"), unknown)}
    series = Series(Market.UM, Kind.KLINES, candles.symbol, candles.interval)
    store.fill(series, table, Source(name="x", sha256="", from_ms=0, to_ms=1 << 50, rows=0, at_ms=0))


def found(store: HistoryStore) -> dict[str, Finding]:
    return {one.series.interval: one for one in check_history(store, lambda _: None)}


def test_minutes_that_make_their_hours_are_sound(store: HistoryStore) -> None:
    keep(store, minutes())
    keep(store, resample(minutes(), "1h"))
    keep(store, resample(minutes(), "4h"))
    told = found(store)
    assert all(one.sound for one in told.values())
    assert {name: one.compared for name, one in told.items()} == {"1m": HOURS, "1h": 0, "4h": HOURS // 4}


def test_a_minute_that_denies_its_hour_is_told_with_both_figures(store: HistoryStore) -> None:
    keep(store, minutes(), high=(61, 500.0))
    keep(store, resample(minutes(), "1h"))
    told = found(store)["1m"]
    assert not told.sound
    assert told.differ == 1
    (bar,) = told.contradictions
    assert (bar.open_ms, bar.column, bar.computed) == (HOUR, "high", 500.0)


def test_a_volume_that_differs_in_rounding_alone_is_the_same(store: HistoryStore) -> None:
    hours = resample(minutes(), "1h")
    keep(store, minutes())
    keep(store, hours, volume=(0, float(hours.volume[0]) * (1 + 1e-9)))
    assert found(store)["1m"].sound


def test_holes_are_told_and_are_nobodys_fault(store: HistoryStore) -> None:
    keep(store, minutes(), without=slice(100, 130))
    told = found(store)["1m"]
    assert told.sound
    assert told.holes == (Hole(after_ms=99 * MINUTE, missing=30),)


def test_a_damaged_file_is_a_finding_and_hides_nothing_else(store: HistoryStore) -> None:
    keep(store, minutes())
    keep(store, resample(minutes(), "4h"))
    ((_, path),) = store.files(Series(Market.UM, Kind.KLINES, "BTCUSDT", "1m"))
    _flip(path)
    told = found(store)
    assert "damaged" in told["1m"].trouble
    assert told["4h"].sound


def test_a_charge_that_was_skipped_is_a_hole_by_the_interval_it_was_charged_at(store: HistoryStore) -> None:
    at = np.array([n * 4 * HOUR + 7 for n in (0, 1, 2, 5, 6)], dtype=np.int64)
    table = {"funding_time": at, "funding_rate": np.full(5, 1e-4), "interval_hours": np.full(5, 4.0)}
    series = Series(Market.UM, Kind.FUNDING, "BTCUSDT")
    store.fill(series, table, Source(name="x", sha256="", from_ms=0, to_ms=1 << 50, rows=0, at_ms=0))
    (told,) = check_history(store, lambda _: None)
    assert told.holes == (Hole(after_ms=8 * HOUR, missing=2),)


def _flip(path: Path) -> None:
    raw = bytearray(path.read_bytes())
    raw[300] ^= 0xFF
    path.write_bytes(raw)

"""The store holds what its sources said, each for its own stretch of time, and tells damage from silence."""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from desk.domain.errors import DataError
from desk.history.inventory import holdings
from desk.history.kinds import Kind, Market
from desk.history.parquet import Source
from desk.history.periods import months, period_named
from desk.history.series import Series
from desk.history.store import HistoryStore
from desk.market.tables import Table

CHARGES = Series(Market.UM, Kind.FUNDING, "BTCUSDT")
MINUTES = Series(Market.UM, Kind.KLINES, "BTCUSDT", "1m")
HOUR = 3_600_000
# Two months and their edge: 1970-01-30 on.
FIRST = 29 * 24 * HOUR


def charges(rates: dict[int, float]) -> Table:
    return {
        "funding_time": np.array([FIRST + at * HOUR for at in rates], dtype=np.int64),
        "funding_rate": np.array(list(rates.values()), dtype=np.float64),
        "interval_hours": np.full(len(rates), np.nan),
    }


def source(start: int, end: int, name: str = "one", sha256: str = "a") -> Source:
    return Source(name=name, sha256=sha256, from_ms=FIRST + start * HOUR, to_ms=FIRST + end * HOUR, rows=0, at_ms=0)


def bars(opens: list[int]) -> Table:
    flat = {name: np.full(len(opens), 100.0) for name in ("open", "high", "low", "close")}
    rest = {
        name: np.full(len(opens), 1.0) for name in ("volume", "quote_volume", "trades", "taker_base", "taker_quote")
    }
    return {"open_time": np.array(opens, dtype=np.int64), **flat, **rest}


brought = st.tuples(
    st.booleans(),
    st.integers(0, 90),
    st.integers(1, 40),
    st.dictionaries(st.integers(0, 39), st.sampled_from([0.1, 0.2]), min_size=1),
)


@settings(max_examples=25)
@given(brings=st.lists(brought, min_size=1, max_size=5))
def test_whatever_comes_in_whatever_order_the_store_is_what_the_sources_said(
    brings: list[tuple[bool, int, int, dict[int, float]]],
) -> None:
    said: dict[int, float] = {}
    with tempfile.TemporaryDirectory() as folder:
        store = HistoryStore(Path(folder))
        for number, (replaces, start, length, rates) in enumerate(brings):
            rows = {start + at % length: rate for at, rate in sorted(rates.items(), key=lambda one: one[0] % length)}
            about = source(start, start + length, name=str(number))
            differing = sum(at in said and said[at] != rate for at, rate in rows.items())
            fresh = len([at for at in rows if at not in said])
            if replaces:
                # A source speaks for the months that it brings rows of.
                told_months = {(FIRST + at * HOUR) // (31 * 24 * HOUR) for at in rows}
                inside = [at for at in said if start <= at < start + length]
                gone = [at for at in inside if (FIRST + at * HOUR) // (31 * 24 * HOUR) in told_months]
                kept = store.replace(CHARGES, charges(rows), about)
                differing += len([at for at in gone if at not in rows])
                said = {at: rate for at, rate in said.items() if at not in gone} | rows
            else:
                kept = store.fill(CHARGES, charges(rows), about)
                said = rows | said
            assert (kept.added, kept.changed) == (fresh, differing)
        points = store.funding("BTCUSDT")
        assert [point.rate for point in points] == [said[at] for at in sorted(said)]


def test_a_name_that_comes_again_with_another_sum_is_a_reissue(store: HistoryStore) -> None:
    store.replace(CHARGES, charges({1: 0.1, 2: 0.1}), source(0, 10))
    store.replace(CHARGES, charges({1: 0.1, 2: 0.3}), source(0, 10, sha256="b"))
    (holding,) = holdings(store)
    assert (holding.rows, holding.sources, holding.reissues) == (2, 1, 1)


def test_a_stretch_is_read_without_the_rest(store: HistoryStore) -> None:
    opens = list(range(0, 100 * 60_000, 60_000))
    store.fill(MINUTES, bars(opens), source(0, 1))
    candles = store.candles("BTCUSDT", "1m", opens[10], opens[20])
    assert candles.open_time.tolist() == opens[10:20]
    with pytest.raises(DataError, match="no history of BTCUSDT 1m"):
        store.candles("BTCUSDT", "1m", opens[-1] + 1)
    with pytest.raises(DataError, match="no history of ETHUSDT 1m"):
        store.candles("ETHUSDT", "1m")


def test_an_inventory_counts_what_is_missing_between_first_and_last(store: HistoryStore) -> None:
    opens = [at for at in range(0, 100 * 60_000, 60_000) if not 20 * 60_000 <= at < 30 * 60_000]
    store.fill(MINUTES, bars(opens), source(0, 1))
    (holding,) = holdings(store)
    assert (holding.rows, holding.missing, holding.first_ms, holding.last_ms) == (90, 10, 0, 99 * 60_000)


def test_a_damaged_page_is_an_error_with_the_files_name_and_never_numbers(store: HistoryStore) -> None:
    store.fill(MINUTES, bars(list(range(0, 1000 * 60_000, 60_000))), source(0, 1))
    ((_, path),) = store.files(MINUTES)
    raw = bytearray(path.read_bytes())
    raw[200] ^= 0xFF
    path.write_bytes(raw)
    with pytest.raises(DataError, match=f"{path.name}: damaged"):
        store.candles("BTCUSDT", "1m")


def test_a_file_without_a_footer_is_told_by_name(store: HistoryStore) -> None:
    store.fill(MINUTES, bars([0, 60_000]), source(0, 1))
    ((_, path),) = store.files(MINUTES)
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(DataError, match="damaged"):
        holdings(store)


@pytest.mark.parametrize(
    ("kind", "symbol", "interval", "market"),
    [
        (Kind.KLINES, "../etc", "1m", Market.UM),
        (Kind.KLINES, "BTC/USDT", "1m", Market.UM),
        (Kind.KLINES, "BTCUSDT", "7m", Market.UM),
        (Kind.KLINES, "BTCUSDT", "", Market.UM),
        (Kind.FUNDING, "BTCUSDT", "8h", Market.UM),
        (Kind.FUNDING, "BTCUSDT", "", Market.SPOT),
    ],
)
def test_what_cannot_be_a_series_never_becomes_a_folder(kind: Kind, symbol: str, interval: str, market: Market) -> None:
    with pytest.raises(DataError):
        Series(market, kind, symbol, interval)


def test_months_and_days_are_named_as_their_files_are() -> None:
    assert [str(month) for month in months(period_named("2023-12-31").first, period_named("2024-02-01").end)] == [
        "2023-12",
        "2024-01",
        "2024-02",
    ]
    assert len(period_named("2024-02").days) == 29
    for wrong in ("2024-13", "2024-02-30", "2024", "24-01", "2024-1"):
        with pytest.raises(DataError):
            period_named(wrong)

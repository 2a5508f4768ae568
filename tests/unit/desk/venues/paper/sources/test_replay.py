"""A recording is played bar by bar: nothing before its time, every bar's high and low reached, every jump flagged."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from desk.domain.errors import DataError
from desk.venues.paper.sources import MarketSource
from desk.venues.paper.sources.replay import Recording, ReplaySource

FIRST_MS = 1_700_006_400_000
MINUTE = 60_000
WriteParquet = Callable[..., Path]
BTC_15M = "BTCUSDT-15m-um-20230101-20250603.parquet"


def rows_of(count: int, *, skip: tuple[int, ...] = ()) -> list[tuple[int, float, float, float, float, float]]:
    rows = []
    close = 20_000.0
    for i in range(count):
        open_ = close + (0.1 if i % 3 else 0.0)
        close = round(open_ + (i % 7 - 3) * 1.5, 1)
        high, low = max(open_, close) + i % 5, min(open_, close) - i % 4
        if i not in skip:
            rows.append((FIRST_MS + i * MINUTE, round(open_, 1), round(high, 1), round(low, 1), close, 1.5 + i % 9))
    return rows


@pytest.fixture
def played(write_parquet: WriteParquet) -> ReplaySource:
    path = write_parquet(rows_of(600))
    return ReplaySource([Recording(symbol="BTCUSDT", path=path)], start_ms=FIRST_MS + 120 * MINUTE)


def test_it_keeps_the_contract_of_a_market_source(played: ReplaySource) -> None:
    assert isinstance(played, MarketSource)
    assert played.start_ms == FIRST_MS + 120 * MINUTE
    assert played.end_ms == FIRST_MS + 600 * MINUTE
    assert "none" in played.about()["headlines"]
    assert played.headlines(0, 2**62) == ()


def test_the_first_quote_stands_at_the_start(played: ReplaySource) -> None:
    first = next(played.quotes(played.start_ms - 1, played.start_ms + MINUTE))
    assert first.at_ms == played.start_ms


def test_the_path_reaches_each_bars_high_and_low_exactly_and_ends_on_its_close(played: ReplaySource) -> None:
    bars = played.klines("BTCUSDT", "1m", played.start_ms, None, 480, played.end_ms)
    quotes = list(played.quotes(played.start_ms - 1, played.end_ms))
    assert len(bars) == 480
    for bar in bars:
        inside = [q.price for q in quotes if bar.open_ms <= q.at_ms <= bar.close_ms]
        assert (inside[0], max(inside), min(inside), inside[-1]) == (bar.open, bar.high, bar.low, bar.close)


def test_only_a_jump_between_bars_is_flagged(played: ReplaySource) -> None:
    quotes = list(played.quotes(played.start_ms - 1, played.end_ms))
    for before, quote in pairwise(quotes):
        opens_a_bar = quote.at_ms % MINUTE == 0
        assert quote.gap == (opens_a_bar and quote.price != before.price)


def test_a_hole_in_time_is_a_jump_even_at_the_same_price(write_parquet: WriteParquet) -> None:
    rows = [(FIRST_MS + i * MINUTE, 100.0, 100.0, 100.0, 100.0, 1.0) for i in (0, 1, 2, 7, 8)]
    source = ReplaySource([Recording(symbol="SOLUSDT", path=write_parquet(rows))], start_ms=FIRST_MS)
    gaps = [q.at_ms for q in source.quotes(FIRST_MS - 1, source.end_ms or 0) if q.gap]
    assert gaps == [FIRST_MS + 7 * MINUTE]
    assert "SOLUSDT 4 bars after" in source.about()["missing"]


def test_quotes_asked_in_pieces_are_the_quotes_asked_at_once(played: ReplaySource) -> None:
    whole = list(played.quotes(played.start_ms - 1, played.start_ms + 20 * MINUTE))
    pieces = []
    for at in range(played.start_ms - 1, played.start_ms + 20 * MINUTE, 7_777):
        pieces += list(played.quotes(at, min(at + 7_777, played.start_ms + 20 * MINUTE)))
    assert pieces == whole


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    minute=st.integers(0, 479), inside=st.integers(0, MINUTE - 1), interval=st.sampled_from(["1m", "5m", "15m", "1h"])
)
def test_bars_at_a_moment_show_only_what_quotes_have_shown(
    played: ReplaySource, minute: int, inside: int, interval: str
) -> None:
    source = played
    now = source.start_ms + minute * MINUTE + inside
    seen = source.klines("BTCUSDT", interval, None, None, 1500, now)
    later = source.klines("BTCUSDT", interval, None, None, 1500, source.end_ms or 0)
    finished = [bar for bar in seen if bar.close_ms < now]
    assert finished == list(later[: len(finished)])
    assert len(seen) - len(finished) == 1
    running = seen[-1]
    quotes = list(source.quotes(source.start_ms - 1, now))
    prices = [q.price for q in quotes if q.at_ms >= running.open_ms]
    before = [
        bar
        for bar in source.klines("BTCUSDT", "1m", running.open_ms, None, 1500, source.start_ms)
        if bar.close_ms < source.start_ms
    ]
    assert running.close == quotes[-1].price
    assert running.high == max([*prices, *(b.high for b in before)])
    assert running.low == min([*prices, *(b.low for b in before)])


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(changed=st.integers(200, 599))
def test_what_comes_later_does_not_change_what_is_seen_now(
    played: ReplaySource, write_parquet: WriteParquet, changed: int
) -> None:
    source = played
    rows = rows_of(600)
    other = [*rows[:changed], *((r[0], r[1] * 2, r[2] * 2, r[3] * 2, r[4] * 2, 999.0) for r in rows[changed:])]
    altered = ReplaySource([Recording(symbol="BTCUSDT", path=write_parquet(other))], start_ms=source.start_ms)
    now = FIRST_MS + changed * MINUTE - 1
    assert list(altered.quotes(source.start_ms - 1, now)) == list(source.quotes(source.start_ms - 1, now))
    for interval in ("1m", "15m", "1h"):
        assert altered.klines("BTCUSDT", interval, None, None, 500, now) == source.klines(
            "BTCUSDT", interval, None, None, 500, now
        )


def test_a_start_time_is_honoured_and_paging_ends(played: ReplaySource) -> None:
    now = played.end_ms or 0
    cursor, pages, seen = FIRST_MS + 30_000, 0, []
    while page := played.klines("BTCUSDT", "1m", cursor, None, 100, now):
        assert all(bar.open_ms >= cursor for bar in page)
        seen += page
        cursor = page[-1].open_ms + 1
        pages += 1
    assert pages == 6
    assert [bar.open_ms for bar in seen] == [FIRST_MS + i * MINUTE for i in range(1, 600)]


def test_an_end_time_is_honoured(played: ReplaySource) -> None:
    end = FIRST_MS + 50 * MINUTE
    bars = played.klines("BTCUSDT", "1m", None, end, 3, played.start_ms)
    assert [bar.open_ms for bar in bars] == [end - 2 * MINUTE, end - MINUTE, end]


@pytest.mark.parametrize("interval", ["30s", "1y", ""])
def test_an_interval_that_bars_cannot_fill_is_refused(played: ReplaySource, interval: str) -> None:
    with pytest.raises(DataError, match="cannot be told"):
        played.klines("BTCUSDT", interval, None, None, 10, played.start_ms)


def test_a_symbol_that_was_not_recorded_is_refused(played: ReplaySource) -> None:
    with pytest.raises(DataError, match="was not recorded"):
        played.klines("ETHUSDT", "1m", None, None, 10, played.start_ms)


def test_a_start_outside_the_recording_is_refused(write_parquet: WriteParquet) -> None:
    path = write_parquet(rows_of(10))
    with pytest.raises(DataError, match="no bar at"):
        ReplaySource([Recording(symbol="BTCUSDT", path=path)], start_ms=FIRST_MS - 86_400_000)


def test_recordings_of_different_intervals_are_not_played_together(write_parquet: WriteParquet) -> None:
    minutes = write_parquet(rows_of(50))
    fives = write_parquet([(FIRST_MS + i * 5 * MINUTE, 10.0, 11.0, 9.0, 10.5, 1.0) for i in range(50)])
    with pytest.raises(DataError, match="different intervals"):
        ReplaySource([Recording(symbol="BTCUSDT", path=minutes), Recording(symbol="ETHUSDT", path=fives)])


def test_a_finer_walk_stays_on_the_way_and_agrees_with_the_running_bar(write_parquet: WriteParquet) -> None:
    path = write_parquet(rows_of(200))
    start = FIRST_MS + 100 * MINUTE
    fine = ReplaySource([Recording(symbol="BTCUSDT", path=path)], start_ms=start, grain_ms=1_000)
    quotes = list(fine.quotes(start - 1, start + MINUTE - 1))
    assert len(quotes) == 61
    now = start + 33_000
    running = fine.klines("BTCUSDT", "1m", None, None, 1, now)[-1]
    shown = [q.price for q in quotes if q.at_ms <= now]
    assert (running.high, running.low, running.close) == (max(shown), min(shown), shown[-1])


def test_volume_between_quotes_adds_up_to_the_bar(played: ReplaySource) -> None:
    bar = played.klines("BTCUSDT", "1m", played.start_ms, None, 1, played.start_ms + MINUTE)[0]
    quotes = played.quotes(played.start_ms - 1, played.start_ms + MINUTE - 1)
    assert sum((q.volume for q in quotes), Decimal(0)) == bar.volume


# ---- real recordings ----


@pytest.fixture
def btc(shared: Path) -> ReplaySource:
    return ReplaySource(
        [
            Recording(
                symbol="BTCUSDT",
                path=shared / "klines" / BTC_15M,
                funding=shared / "funding" / "BTCUSDT-8h-um-funding-20190910-20250603.parquet",
            )
        ],
        start_ms=1_722_470_400_000,
    )


def test_real_hours_made_of_quarters_equal_hours_recorded_elsewhere(shared: Path, btc: ReplaySource) -> None:
    """The two files were collected independently; they agree on all but a handful of hours (see the manifest)."""
    now = btc.end_ms or 0
    table = pq.ParquetFile(shared / "klines" / "BTCUSDT-1h-um-20190908-20250603.parquet").read(use_threads=False)
    hours = {row["open_time"]: row for row in table.to_pylist() if row["open_time"] >= btc.start_ms}
    ours = btc.klines("BTCUSDT", "1h", btc.start_ms, None, 10_000, now)
    assert len(ours) == len(hours)
    agree = sum(
        (float(b.open), float(b.high), float(b.low), float(b.close)) == tuple(hours[b.open_ms][n] for n in _OHLC)
        and abs(float(b.volume) - hours[b.open_ms]["volume"]) < 0.01
        for b in ours
    )
    assert agree / len(ours) > 0.999


_OHLC = ("open", "high", "low", "close")


@pytest.mark.parametrize(
    ("interval", "length_ms", "shift_ms"),
    [("4h", 14_400_000, 0), ("1d", 86_400_000, 0), ("1w", 604_800_000, 345_600_000)],
)
def test_longer_bars_equal_bars_counted_by_hand(
    btc: ReplaySource, interval: str, length_ms: int, shift_ms: int
) -> None:
    now = btc.start_ms + 40 * 86_400_000
    quarters = btc.klines("BTCUSDT", "15m", btc.start_ms, None, 10_000, now)
    groups: dict[int, list] = {}
    for bar in quarters:
        groups.setdefault((bar.open_ms - shift_ms) // length_ms * length_ms + shift_ms, []).append(bar)
    whole = {at: bars for at, bars in groups.items() if len(bars) == length_ms // 900_000}
    for bar in btc.klines("BTCUSDT", interval, btc.start_ms, None, 1_000, now):
        if bar.open_ms in whole:
            inside = whole[bar.open_ms]
            assert bar.high == max(b.high for b in inside)
            assert bar.low == min(b.low for b in inside)
            assert bar.open == inside[0].open
            assert bar.close == inside[-1].close
            assert bar.volume == sum(b.volume for b in inside)
            assert bar.quote_volume == sum(b.quote_volume for b in inside)


def test_recorded_funding_is_charged_and_not_shown_before_it_is_due(btc: ReplaySource) -> None:
    due = btc.start_ms + 8 * 3_600_000
    before, charged = btc.funding_rates("BTCUSDT", None, None, 2, due)
    quotes = list(btc.quotes(due - 1_800_000, due))
    assert charged.at_ms == due
    assert {q.funding_rate for q in quotes if q.at_ms < due - 1_000} == {before.rate}
    assert next(q.funding_rate for q in quotes if q.at_ms == due - 1) == charged.rate


def test_a_real_crash_widens_the_spread_and_thins_the_book(btc: ReplaySource) -> None:
    crash = 1_722_816_000_000  # 2024-08-05 00:00 UTC
    calm = list(btc.quotes(btc.start_ms, btc.start_ms + 3_600_000))[-1]
    wild = list(btc.quotes(crash, crash + 4 * 3_600_000))[-1]
    assert wild.spread > calm.spread
    assert sum(q for _, q in wild.ladder) < sum(q for _, q in calm.ladder)


def test_two_real_symbols_are_played_in_one_order_of_time(shared: Path) -> None:
    source = ReplaySource(
        [
            Recording(symbol=s, path=shared / "klines" / f"{s}-15m-um-20230101-20250603.parquet")
            for s in ("BTCUSDT", "ETHUSDT")
        ],
        start_ms=1_722_470_400_000,
    )
    quotes = list(source.quotes(source.start_ms - 1, source.start_ms + 7_200_000))
    assert [q.at_ms for q in quotes] == sorted(q.at_ms for q in quotes)
    assert {q.symbol for q in quotes[:2]} == {"BTCUSDT", "ETHUSDT"}
    assert np.isclose(float(next(q.price for q in quotes if q.symbol == "ETHUSDT")), 3230, atol=200)

"""Takers: what is inside the window counts, trade by trade as all at once, and a recorded day agrees with its file."""

from __future__ import annotations

import csv
import io
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk.domain.errors import DataError
from desk.domain.orders import Side
from desk.market.taker_flow import TakerFlow

RECORDED = Path(__file__).parents[5] / "shared/data/aggtrades/futures-APEUSDT-aggTrades-2024-10-18.zip"
SIDES = st.sampled_from([Side.BUY, Side.SELL])


def test_buyers_against_sellers() -> None:
    flow = TakerFlow(1000)
    flow.trade(0, 100.0, 3.0, Side.BUY)
    flow.trade(1, 100.0, 1.0, Side.SELL)
    reading = flow.reading(2)
    assert (reading.trades, reading.bought, reading.sold, reading.imbalance) == (2, 300.0, 100.0, 0.5)


def test_a_trade_as_old_as_the_window_is_forgotten() -> None:
    flow = TakerFlow(1000)
    flow.trade(0, 100.0, 3.0, Side.BUY)
    assert flow.reading(999).imbalance == 1.0
    assert flow.reading(1000).imbalance is None


def test_a_trade_out_of_order_is_an_error() -> None:
    flow = TakerFlow()
    flow.trade(5, 1.0, 1.0, Side.BUY)
    with pytest.raises(DataError):
        flow.trade(4, 1.0, 1.0, Side.BUY)


@given(st.lists(st.tuples(st.integers(0, 400), st.floats(0.01, 1e6), SIDES), min_size=1, max_size=60))
def test_trade_by_trade_it_is_the_sum_over_the_window(steps: list[tuple[int, float, Side]]) -> None:
    flow, at, seen = TakerFlow(1000), 0, []
    for wait, size, side in steps:
        at += wait
        seen.append((at, size, side))
        flow.trade(at, 1.0, size, side)
        reading = flow.reading(at)
        inside = [(size, side) for then, size, side in seen if then > at - 1000]
        bought, sold = (sum(size for size, side in inside if side is wanted) for wanted in (Side.BUY, Side.SELL))
        assert reading.trades == len(inside)
        assert reading.bought == pytest.approx(bought, abs=1e-6)
        assert reading.sold == pytest.approx(sold, abs=1e-6)
        assert reading.imbalance is not None
        assert -1 <= reading.imbalance <= 1


def test_a_recorded_day_ends_with_what_its_last_minutes_hold() -> None:
    if not RECORDED.exists():
        pytest.skip("the recorded trades are not here")
    with zipfile.ZipFile(RECORDED) as archive, archive.open(archive.namelist()[0]) as raw:
        rows = list(csv.DictReader(io.TextIOWrapper(raw)))
    flow = TakerFlow()
    for row in rows:
        side = Side.SELL if row["is_buyer_maker"] == "true" else Side.BUY
        flow.trade(int(row["transact_time"]), float(row["price"]), float(row["quantity"]), side)
    end = int(rows[-1]["transact_time"])
    last = [row for row in rows if int(row["transact_time"]) > end - 300_000]
    reading = flow.reading(end)
    assert reading.trades == len(last)
    bought = sum(float(r["price"]) * float(r["quantity"]) for r in last if r["is_buyer_maker"] == "false")
    assert reading.bought == pytest.approx(bought, rel=1e-9)

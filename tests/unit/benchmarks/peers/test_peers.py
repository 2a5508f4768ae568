"""Speeds are compared of sides that did the same; the page tells every ratio that was missed, and hides none."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from benchmarks.peers.agreement import columns_agree, tables_agree, trades_agree
from benchmarks.peers.market import STORM
from benchmarks.peers.page import Kept, Measured, Swept, kept_of, page
from benchmarks.peers.turns import Pair, Spent

Trade = tuple[int, int, int, float, float]


def trades(path: Path, rows: Sequence[Trade]) -> Path:
    names = ("entry_row", "exit_row", "side", "entry_price", "exit_price")
    np.savez(path, **dict(zip(names, (np.array(column) for column in zip(*rows, strict=True)), strict=True)))
    return path.with_suffix(".npz") if path.suffix != ".npz" else path


MANY: list[Trade] = [(row, row + 1, 1 if row % 2 else -1, 100.0 + row, 101.0 + row) for row in range(2_000)]


@pytest.mark.parametrize(
    ("change", "enough"),
    [
        ({}, True),
        ({5: (5, 6, -1, 105.0, 106.0)}, True),
        ({row: (row, row + 1, 1, 100.0 + row, 101.5 + row) for row in range(10)}, False),
        ({row: (row, row + 2, 1 if row % 2 else -1, 100.0 + row, 101.0 + row) for row in range(10)}, False),
    ],
)
def test_trades_are_the_same_in_side_bars_and_prices_or_are_not(
    tmp_path: Path, change: dict[int, Trade], enough: bool
) -> None:
    other = [change.get(row, trade) for row, trade in enumerate(MANY)]
    assert trades_agree(trades(tmp_path / "a.npz", MANY), trades(tmp_path / "b.npz", other)).enough is enough


def test_a_trade_that_is_open_at_the_end_is_nobodys_difference(tmp_path: Path) -> None:
    other = [*MANY[:-1], (*MANY[-1][:4], 77.0)]
    told = trades_agree(trades(tmp_path / "a.npz", MANY), trades(tmp_path / "b.npz", other))
    assert told.sentence.startswith("1,999 of 1,999")


def test_a_side_that_trades_less_does_not_agree_by_being_idle(tmp_path: Path) -> None:
    assert not trades_agree(trades(tmp_path / "a.npz", MANY), trades(tmp_path / "b.npz", MANY[:1_000])).enough


def test_columns_that_differ_are_named(tmp_path: Path) -> None:
    values = np.linspace(0, 1, 1_000)
    wrong = np.where(np.arange(1_000) < 10, values + 0.1, values)
    np.savez(tmp_path / "a.npz", rsi=values, mfi=values, obv=np.cumsum(values) + 5)
    np.savez(tmp_path / "b.npz", rsi=values, mfi=wrong, obv=np.cumsum(values))
    told = columns_agree(tmp_path / "a.npz", tmp_path / "b.npz")
    assert not told.enough
    assert "2 of 3 columns" in told.sentence
    assert "mfi 99.0" in told.sentence


def test_tables_agree_in_every_bit_or_not_at_all(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", table=np.ones((3, 3)))
    np.savez(tmp_path / "b.npz", table=np.ones((3, 3)) + 1e-15)
    assert tables_agree(tmp_path / "a.npz", tmp_path / "a.npz").enough
    assert not tables_agree(tmp_path / "a.npz", tmp_path / "b.npz").enough


def spent(run: float, whole: float, count: int = 100) -> Spent:
    return Spent(run=run, whole=whole, wall=0.0, told={"count": count})


def test_a_ratio_is_formed_between_neighbours_and_by_work_done() -> None:
    desk, peer = (
        (spent(1.0, 2.0), spent(2.0, 3.0), spent(1.0, 2.0)),
        (spent(10.0, 20.0), spent(40.0, 30.0), spent(5.0, 4.0)),
    )
    assert Pair(desk, peer).ratios == (10.0, 20.0, 5.0)
    assert Pair(desk, peer).ratio == 10.0
    assert Pair(desk, peer, whole=True).ratio == 10.0
    assert Pair((spent(1.0, 1.0, 200),), (spent(1.0, 1.0, 100),)).ratio == 2.0


def row(ratios: tuple[float, ...], *, agreed: bool = True) -> Measured:
    return Measured(
        **{"name": "one", "title": "a year", "peer": "peer 1.0", "least": 100.0, "ratios": ratios, "agreed": agreed},
        **{"desk_seconds": 0.1, "peer_seconds": 10.0, "desk_rate": 5e6, "unit": "bars", "whole": False},
        **{"agreement": "all the same", "at": "2026-01-01 00:00", "commit": "abc", "load": 1.0},
    )


def test_the_page_names_what_was_missed_and_what_was_not_the_same_work() -> None:
    assert "missed" not in page(Kept({"one": row((110.0, 120.0))}), ["one"])
    assert "**missed**" in page(Kept({"one": row((90.0, 95.0))}), ["one"])
    assert "**not the same work**" in page(Kept({"one": row((500.0,), agreed=False)}), ["one"])
    slow = Swept(trials=10, wall=(90.0,), cpu=(100.0,), most=60.0, at="", commit="", load=9.0)
    assert "more than asked" in page(Kept({}, slow), [])


def test_what_was_kept_is_read_back_as_it_was() -> None:
    from dataclasses import asdict

    sweep = Swept(trials=10, wall=(9.0,), cpu=(10.0,), most=60.0, at="", commit="", load=9.0)
    kept = Kept({"one": row((90.0,))}, sweep)
    assert kept_of(asdict(kept)) == kept


def test_an_invented_year_is_the_same_every_time_and_opens_where_it_closed() -> None:
    one, other = STORM.columns(), STORM.columns()
    assert all(np.array_equal(one[name], other[name]) for name in one)
    assert np.array_equal(one["open"][1:], one["close"][:-1])
    assert (one["high"] >= np.maximum(one["open"], one["close"])).all()
    assert (one["low"] <= np.minimum(one["open"], one["close"])).all()
    assert 1 < one["low"].min() < one["high"].max() < 10_000

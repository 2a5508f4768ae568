"""Binance's quirks are met where a file is read: with a header or without, in microseconds, told twice, in text."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from desk.domain.errors import DataError
from desk.history.kinds import Kind, Market
from desk.history.periods import period_named
from desk.history.rows import Rows, read_rows
from desk.history.series import Series
from tests.unit.desk.history.site import HEADER, bars_csv, zipped

DAY = period_named("2025-01-02")
HOURS = Series(Market.UM, Kind.KLINES, "BTCUSDT", "1h")


def read(tmp_path: Path, text: str, series: Series = HOURS) -> Rows:
    path = tmp_path / "rows.zip"
    path.write_bytes(zipped(text))
    return read_rows(path, series, DAY)


def same(one: Rows, other: Rows) -> bool:
    return all(np.array_equal(one.table[name], other.table[name]) for name in one.table)


def test_a_header_changes_nothing(tmp_path: Path) -> None:
    told = read(tmp_path, bars_csv(DAY, HOURS.step_ms))
    assert len(told.table["open_time"]) == 24
    assert same(told, read(tmp_path, bars_csv(DAY, HOURS.step_ms, header=False)))
    assert {name: column[0] for name, column in told.table.items() if name in ("trades", "taker_base")} == {
        "trades": 5.0,
        "taker_base": 4.0,
    }


def test_microseconds_become_milliseconds(tmp_path: Path) -> None:
    told = read(tmp_path, bars_csv(DAY, HOURS.step_ms))
    assert same(told, read(tmp_path, bars_csv(DAY, HOURS.step_ms, micro=True, header=False)))


def test_rows_out_of_order_are_put_in_order_and_one_told_twice_counts_once(tmp_path: Path) -> None:
    head, *lines = bars_csv(DAY, HOURS.step_ms).splitlines()
    told = read(tmp_path, "\n".join([head, *reversed(lines), lines[3]]))
    assert told.repeated == 1
    assert same(told, read(tmp_path, bars_csv(DAY, HOURS.step_ms)))


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        (f"{DAY.from_ms},100,102,99,101,10,0,1000,5,4,400,0", "row 26: contradicts another row"),
        (f"{DAY.from_ms + 1},100,102,99,101,10,0,1000,5,4,400,0", "row 26: the bar does not start on its interval"),
        (f"{DAY.to_ms},100,102,99,101,10,0,1000,5,4,400,0", "row 26: outside of 2025-01-02"),
        (f"{DAY.from_ms},100,99,101,101,10,0,1000,5,4,400,0", "row 26: high below low"),
        (f"{DAY.from_ms},100,102,0,101,10,0,1000,5,4,400,0", "row 26: a price that is not above zero"),
        (f"{DAY.from_ms},100,102,99,,10,0,1000,5,4,400,0", "row 26: close is not a number"),
        (f"{DAY.from_ms},100,102,99,x,10,0,1000,5,4,400,0", "column close holds what is not a number"),
        (",100,102,99,101,10,0,1000,5,4,400,0", "column open_time holds what is not a whole number"),
    ],
)
def test_a_row_that_cannot_be_is_refused_by_number(tmp_path: Path, line: str, complaint: str) -> None:
    with pytest.raises(DataError, match=complaint):
        read(tmp_path, bars_csv(DAY, HOURS.step_ms) + line)


@pytest.mark.parametrize("words", [("true", "false"), ("True", "False"), ("TRUE", "FALSE")])
@pytest.mark.parametrize("header", [True, False])
def test_trades_are_read_however_their_truth_is_written(tmp_path: Path, words: tuple[str, str], header: bool) -> None:
    head = "agg_trade_id,price,quantity,first_trade_id,last_trade_id,transact_time,is_buyer_maker\n" if header else ""
    text = "".join(f"{7 + n},100.5,0.25,1,2,{DAY.from_ms},{word}\n" for n, word in enumerate(words))
    told = read(tmp_path, head + text, Series(Market.UM, Kind.AGGTRADES, "BTCUSDT"))
    assert told.table["is_buyer_maker"].tolist() == [True, False]
    assert told.table["agg_trade_id"].tolist() == [7, 8]


def test_depth_is_stamped_in_text_and_keyed_by_time_and_percentage(tmp_path: Path) -> None:
    text = "timestamp,percentage,depth,notional\n" + "".join(
        f"2025-01-02 11:07:31,{level},{10 + level},{1000 + level}\n" for level in (-1, 1)
    )
    told = read(tmp_path, text, Series(Market.UM, Kind.BOOKDEPTH, "BTCUSDT"))
    assert told.table["time"].tolist() == [DAY.from_ms + 40_051_000] * 2
    assert told.table["percentage"].tolist() == [-1.0, 1.0]


def test_funding_is_read_under_the_names_the_desk_uses(tmp_path: Path) -> None:
    text = f"calc_time,funding_interval_hours,last_funding_rate\n{DAY.from_ms + 3},8,0.0001\n"
    told = read(tmp_path, text, Series(Market.UM, Kind.FUNDING, "BTCUSDT"))
    assert {name: column.tolist() for name, column in told.table.items()} == {
        "funding_time": [DAY.from_ms + 3],
        "funding_rate": [0.0001],
        "interval_hours": [8.0],
    }


def test_a_zip_of_two_files_is_no_recording(tmp_path: Path) -> None:
    import zipfile

    path = tmp_path / "two.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.csv", HEADER)
        archive.writestr("b.csv", HEADER)
    with pytest.raises(DataError, match="holds 2 csv files"):
        read_rows(path, HOURS)

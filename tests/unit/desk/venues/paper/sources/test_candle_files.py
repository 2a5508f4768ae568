"""What is broken in a file of candles is refused with file and row; what is only unusual is read and reported."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest

from desk.domain.errors import DataError
from desk.venues.paper.sources.candle_files import read_candles, read_funding

FIRST_MS = 1_700_006_400_000
MINUTE = 60_000
WriteParquet = Callable[..., Path]


def good_rows() -> list[list[float]]:
    return [[FIRST_MS + i * MINUTE, 100.0 + i, 101.5 + i, 99.5 + i, 101.0 + i, 5.0] for i in range(6)]


def csv_of(rows: list[list[float]], *, header: bool, microseconds: bool = False) -> str:
    lines = (
        [
            "open_time,open,high,low,close,volume,close_time,quote_volume,count,taker_buy_volume,"
            "taker_buy_quote_volume,ignore"
        ]
        if header
        else []
    )
    for at, open_, high, low, close, volume in rows:
        stamp, end = (
            (int(at) * 1000, (int(at) + MINUTE) * 1000 - 1) if microseconds else (int(at), int(at) + MINUTE - 1)
        )
        lines.append(f"{stamp},{open_},{high},{low},{close},{volume},{end},{volume * close},7,2.0,{2 * close},0")
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize("header", [True, False])
@pytest.mark.parametrize("microseconds", [True, False])
@pytest.mark.parametrize("zipped", [True, False])
def test_every_form_of_binance_vision_file_is_the_same_bars(
    tmp_path: Path, header: bool, microseconds: bool, zipped: bool
) -> None:
    text = csv_of(good_rows(), header=header, microseconds=microseconds)
    path = tmp_path / ("SOLUSDT-1m.zip" if zipped else "SOLUSDT-1m.csv")
    if zipped:
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("SOLUSDT-1m.csv", text)
    else:
        path.write_text(text)
    candles = read_candles("SOLUSDT", path)
    assert candles.interval == "1m"
    assert candles.columns.open_ms.tolist() == [FIRST_MS + i * MINUTE for i in range(6)]
    assert candles.columns.high.tolist() == [10150 + 100 * i for i in range(6)]
    assert candles.columns.trades.tolist() == [7] * 6
    assert candles.columns.taker_base.tolist() == [200] * 6


@pytest.mark.parametrize(
    ("row", "column", "value", "message"),
    [
        (3, 0, FIRST_MS + 2 * MINUTE, "row 4: the same time as the row before"),
        (3, 0, FIRST_MS + 1 * MINUTE, "row 4: earlier than the row before"),
        (2, 0, FIRST_MS + 2 * MINUTE + 500, "row 3: the bar does not start on its interval"),
        (4, 1, float("nan"), "row 5: open is not a number"),
        (4, 5, float("inf"), "row 5: volume is not a number"),
        (0, 2, 90.0, "row 1: high below low"),
        (5, 4, 200.0, "row 6: close outside low and high"),
        (1, 1, 5.0, "row 2: open outside low and high"),
        (1, 3, 0.0, "row 2: a price that is not above zero"),
        (1, 5, -1.0, "row 2: a volume below zero"),
    ],
)
def test_a_broken_row_is_refused_by_file_and_row(
    write_parquet: WriteParquet, row: int, column: int, value: float, message: str
) -> None:
    rows = good_rows()
    rows[row][column] = value
    path = write_parquet([(int(r[0]), *r[1:]) for r in rows])
    with pytest.raises(DataError) as raised:
        read_candles("SOLUSDT", path, "1m")
    assert str(path) in raised.value.message
    assert message in raised.value.message


def test_a_csv_with_a_header_counts_rows_as_an_editor_does(tmp_path: Path) -> None:
    rows = good_rows()
    rows[0][2] = 1.0
    path = tmp_path / "bars.csv"
    path.write_text(csv_of(rows, header=True))
    with pytest.raises(DataError, match="row 2: high below low"):
        read_candles("SOLUSDT", path)


def test_a_hole_in_time_is_reported_and_not_filled(write_parquet: WriteParquet) -> None:
    rows = [tuple(r) for r in good_rows()]
    path = write_parquet([(int(r[0]), *r[1:]) for i, r in enumerate(rows) if i not in (2, 3)])
    candles = read_candles("SOLUSDT", path, "1m")
    assert len(candles.columns) == 4
    assert [(h.after_ms, h.missing) for h in candles.holes] == [(FIRST_MS + MINUTE, 2)]


def test_a_grid_finer_than_the_listing_is_kept(write_parquet: WriteParquet) -> None:
    path = write_parquet([(FIRST_MS + i * MINUTE, 0.12345, 0.12349, 0.1234, 0.12341, 5.0) for i in range(3)])
    candles = read_candles("ADAUSDT", path)
    assert candles.spec.rules.tick == Decimal("0.00001")
    assert candles.columns.high.tolist() == [12349] * 3


@pytest.mark.parametrize("content", [b"", b"not a parquet", b"a,b\n1,2\n"])
@pytest.mark.parametrize("name", ["x.parquet", "x.csv", "x.zip"])
def test_what_is_no_candle_file_is_refused_by_name(tmp_path: Path, name: str, content: bytes) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(DataError, match=name):
        read_candles("BTCUSDT", path)


def test_a_zip_with_two_files_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "two.zip"
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("a.csv", "1")
        archive.writestr("b.csv", "1")
    path.write_bytes(buffer.getvalue())
    with pytest.raises(DataError, match="2 csv files"):
        read_candles("BTCUSDT", path)


def test_real_funding_is_read_with_its_jitter_removed(shared: Path) -> None:
    times, rates = read_funding(shared / "funding" / "BTCUSDT-8h-um-funding-20190910-20250603.parquet")
    assert len(times) == len(rates) == 6281
    assert (times % 3_600_000 == 0).all()
    assert all(abs(rate) < Decimal("0.01") for rate in rates)

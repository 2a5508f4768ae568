"""Recorded markets are found in files or in the desk's history, and what is not there is named."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from desk.backtest.recordings import FromFiles, FromStore, Wanted, open_market
from desk.domain.errors import DataError
from desk.history.store import HistoryStore

START_MS = 1_704_067_200_000  # 2024-01-01
MINUTE_MS = 60_000


def write_bars(path: Path, minutes: int, *, step: int = 5, price: float = 100.0, skip: int = -1) -> None:
    rows = [
        f"{START_MS + n * step * MINUTE_MS},{price + n % 7},{price + 8},{price - 1},{price + (n + 1) % 7},3"
        for n in range(minutes // step)
        if n != skip
    ]
    path.write_text("open_time,open,high,low,close,volume\n" + "\n".join(rows) + "\n")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "klines").mkdir()
    (tmp_path / "funding").mkdir()
    write_bars(tmp_path / "klines" / "BTCUSDT-5m-um-2024.csv", 24 * 60)
    write_bars(tmp_path / "klines" / "BTCUSDT-5m-spot-2024.csv", 24 * 60 * 3)
    write_bars(tmp_path / "klines" / "ETHUSDT-5m-um-2024.csv", 12 * 60, price=50.0)
    (tmp_path / "funding" / "BTCUSDT-8h-um-funding-2024.csv").write_text(
        f"calc_time,funding_interval_hours,last_funding_rate\n{START_MS + 8 * 3_600_000},8,0.0001\n"
    )
    return tmp_path


def test_a_longer_interval_is_made_of_the_one_that_was_recorded(folder: Path) -> None:
    market = open_market(Wanted(symbols=("BTCUSDT",), interval="1h"), FromFiles(paths=[folder]))
    assert (len(market.tape), market.tape.step_ms) == (24, 3_600_000)
    assert market.files == ("BTCUSDT-5m-um-2024.csv",), "the perpetual, not its larger spot file"
    assert market.funded == ("BTCUSDT",)
    assert market.tape.funding[8, 0] == 0.0001
    assert market.family == "BTCUSDT 1h"


def test_symbols_on_one_account_share_the_span_that_all_of_them_cover(folder: Path) -> None:
    market = open_market(Wanted(symbols=("BTCUSDT", "ETHUSDT"), interval="5m"), FromFiles(paths=[folder]))
    assert len(market.tape) == 144
    assert market.funded == ("BTCUSDT",)
    assert market.tape.close[0].tolist() == [101.0, 51.0]


def test_a_span_takes_its_warm_up_from_before_it_as_far_as_there_is_any(folder: Path) -> None:
    since, until = datetime(2024, 1, 1, 12, tzinfo=UTC), datetime(2024, 1, 1, 18, tzinfo=UTC)

    def bars(warm_up: int) -> int:
        wanted = Wanted(symbols=("BTCUSDT",), interval="1h", since=since, until=until, warm_up=warm_up)
        return len(open_market(wanted, FromFiles(paths=[folder])).tape)

    assert (bars(0), bars(4), bars(1_000)) == (6, 10, 18)


def test_a_hole_is_counted(tmp_path: Path) -> None:
    write_bars(tmp_path / "BTCUSDT-5m-um-2024.csv", 600, skip=9)
    assert open_market(Wanted(symbols=("BTCUSDT",), interval="5m"), FromFiles(paths=[tmp_path])).missing_bars == 1


@pytest.mark.parametrize(
    ("wanted", "says"),
    [
        (Wanted(symbols=("XRPUSDT",), interval="1h"), "no 1h bars of XRPUSDT"),
        (Wanted(symbols=("BTCUSDT",), interval="1m"), "no 1m bars of BTCUSDT"),
        (Wanted(symbols=("BTCUSDT",), interval="7m"), "unknown bar interval"),
        (Wanted(symbols=(), interval="1h"), "each once"),
        (Wanted(symbols=("BTCUSDT", "BTCUSDT"), interval="1h"), "each once"),
        (Wanted(symbols=("BTCUSDT",), interval="1h", since=datetime(2025, 1, 1, tzinfo=UTC)), "no two bars"),
    ],
)
def test_what_is_not_there_is_named(folder: Path, wanted: Wanted, says: str) -> None:
    with pytest.raises(DataError, match=says):
        open_market(wanted, FromFiles(paths=[folder]))


def test_a_path_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="neither a file nor a folder"):
        FromFiles(paths=[tmp_path / "nothing"])


def test_an_empty_history_has_no_bars(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no 1h bars") as caught:
        open_market(Wanted(symbols=("BTCUSDT",), interval="1h"), FromStore(store=HistoryStore(tmp_path)))
    assert "crew history download" in caught.value.hint

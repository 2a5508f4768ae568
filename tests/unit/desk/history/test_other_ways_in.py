"""Recordings from a folder fill gaps and overrule nothing; the exchange adds finished bars behind the last file."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from desk.domain.errors import DataError, PrerequisiteError
from desk.domain.market import Bar, FundingPoint
from desk.domain.moments import from_ms
from desk.history.folder import import_files, recordings, series_of
from desk.history.kinds import Kind
from desk.history.periods import period_named
from desk.history.rows import read_rows
from desk.history.store import HistoryStore
from desk.history.topup import MOST_BARS, top_up
from tests.unit.desk.history.site import bars_csv, piece, zipped
from tests.unit.desk.history.test_store import CHARGES, charges, source

HOUR = 3_600_000
AUGUST = piece("2024-08")
END = AUGUST.period.to_ms
NOW = from_ms(END + 5 * HOUR + 1)


@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("BTCUSDT-15m-um-20230101-20250603.parquet", "BTCUSDT 15m klines um"),
        ("BTCUSDT-1h-spot-20180101-20250603.parquet", "BTCUSDT 1h klines spot"),
        ("BTCUSDT-1h-um-mark-20191223-20250603.parquet", "BTCUSDT 1h mark um"),
        ("BTCUSDT-8h-um-funding-20190910-20250603.parquet", "BTCUSDT funding um"),
        ("futures-APEUSDT-aggTrades-2024-10-18.zip", "APEUSDT aggtrades um"),
        ("BTCUSDT-1m-2024-08.zip", "BTCUSDT 1m klines um"),
        ("data/futures/um/monthly/markPriceKlines/BTCUSDT/1m/BTCUSDT-1m-2024-08.zip", "BTCUSDT 1m mark um"),
        ("data/spot/daily/klines/BTCUSDT/1h/BTCUSDT-1h-2025-01-02.zip", "BTCUSDT 1h klines spot"),
        ("BTCUSDT-fundingRate-2024-08.zip", "BTCUSDT funding um"),
        ("BTCUSDT_250627-1h-2025-01.zip", "BTCUSDT_250627 1h klines um"),
    ],
)
def test_a_recordings_name_says_what_is_in_it(path: str, told: str) -> None:
    assert str(series_of(Path(path))) == told


@pytest.mark.parametrize("name", ["notes.csv", "BTCUSDT-1mo-2024-08.zip", "btcusdt-1m-2024-08.zip", "BTCUSDT-1m.zip"])
def test_a_name_that_says_nothing_is_left_alone(name: str) -> None:
    with pytest.raises(DataError):
        series_of(Path(name))


def test_a_folder_fills_gaps_and_overrules_nothing(tmp_path: Path, store: HistoryStore) -> None:
    path = tmp_path / "in" / AUGUST.name
    path.parent.mkdir()
    (path.parent / "README.csv").write_text("a,b\n")
    whole = bars_csv(AUGUST.period, HOUR)
    path.write_bytes(zipped("\n".join(whole.splitlines()[:100])))
    found = recordings([path.parent])
    first = {one.path.name: one for one in import_files(found, store, NOW, lambda _: None)}
    assert (first[AUGUST.name].added, first[AUGUST.name].changed) == (99, 0)
    assert "does not say" in first["README.csv"].trouble
    path.write_bytes(zipped(bars_csv(AUGUST.period, HOUR, lift=1.0)))
    (again,) = import_files([path], store, NOW, lambda _: None)
    assert (again.rows, again.added, again.changed) == (744, 744 - 99, 99)
    candles = store.candles("BTCUSDT", "1h")
    assert candles.open[0] == 100 + AUGUST.period.from_ms // HOUR % 7
    with pytest.raises(PrerequisiteError, match="no such file"):
        recordings([tmp_path / "nowhere"])


class Venue:
    """The exchange's public side: finished bars up to `end`, and charges."""

    def __init__(self, end: int, lift: float = 0.0) -> None:
        self.end, self.lift, self.asked = end, lift, 0

    def bars(self, symbol: str, interval: str, limit: int) -> tuple[Bar, ...]:
        self.asked = limit
        opens = range(self.end - limit * HOUR, self.end, HOUR)
        prices = [(at, 100 + at // HOUR % 7 + self.lift) for at in opens]
        return tuple(Bar(at, price, price + 1, price - 1, price + 0.5, 10.0) for at, price in prices)

    def funding(self, symbol: str, limit: int) -> tuple[FundingPoint, ...]:
        at = [FIRST_CHARGE + n * 8 * HOUR for n in range(5)]
        return tuple(FundingPoint(at=from_ms(one), rate=0.1) for one in at)


FIRST_CHARGE = int(charges({0: 0.1})["funding_time"][0])


@pytest.fixture
def august(tmp_path: Path, store: HistoryStore) -> HistoryStore:
    path = tmp_path / AUGUST.name
    path.write_bytes(zipped(bars_csv(AUGUST.period, HOUR)))
    store.replace(AUGUST.series, read_rows(path, AUGUST.series).table, source(0, 1))
    return store


def test_the_exchange_adds_its_finished_bars_behind_the_last_file(august: HistoryStore) -> None:
    venue = Venue(END + 5 * HOUR)
    told = top_up(AUGUST.series, venue, august, NOW)  # type: ignore[arg-type]  # two of the port's methods are enough
    assert (told.added, told.changed) == (5, 0)
    assert august.last_ms(AUGUST.series) == END + 4 * HOUR
    assert venue.asked < 10
    again = top_up(AUGUST.series, venue, august, NOW)  # type: ignore[arg-type]
    assert again.added == 0


def test_a_bar_the_exchange_tells_otherwise_is_told_and_stays(august: HistoryStore) -> None:
    told = top_up(AUGUST.series, Venue(END + 5 * HOUR, lift=1.0), august, NOW)  # type: ignore[arg-type]
    assert (told.added, told.changed) == (5, 1)
    assert august.candles("BTCUSDT", "1h").open[743] == 100 + (END - HOUR) // HOUR % 7


def test_weeks_are_not_asked_of_the_exchange_bar_by_bar(august: HistoryStore) -> None:
    late = from_ms(END + (MOST_BARS + 5) * HOUR)
    with pytest.raises(DataError, match="more than the venue should be asked for"):
        top_up(AUGUST.series, Venue(END), august, late)  # type: ignore[arg-type]


def test_charges_are_added_once_however_their_stamps_jitter(store: HistoryStore) -> None:
    jittered = charges({0: 0.1, 8: 0.1})
    jittered["funding_time"] += 7
    store.fill(CHARGES, jittered, source(0, 9))
    told = top_up(CHARGES, Venue(0), store, datetime(1970, 2, 5, tzinfo=UTC))  # type: ignore[arg-type]
    assert told.added == 3
    assert len(store.funding("BTCUSDT")) == 5


@pytest.mark.parametrize("of", [piece("2024-08", kind=Kind.KLINES), piece("2024-08-01", kind=Kind.AGGTRADES)])
def test_nothing_is_continued_that_was_never_begun(store: HistoryStore, of: object) -> None:
    with pytest.raises(DataError, match="nothing of"):
        top_up(of.series, Venue(END), store, NOW)  # type: ignore[arg-type, attr-defined]


def test_a_period_ends_where_the_next_begins() -> None:
    assert period_named("2024-08").to_ms == period_named("2024-09-01").from_ms

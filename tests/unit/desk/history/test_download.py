"""What comes from Binance Vision is what was published, or it is not here; a run that was cut off is gone on with."""

from __future__ import annotations

from contextlib import closing
from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np
import pytest

from desk.domain.errors import FetchError, PrerequisiteError, VenueUnavailableError
from desk.history.download import Download, Fate, Told, Wish
from desk.history.kinds import Kind
from desk.history.store import HistoryStore
from desk.history.vision import Piece, VisionLibrary
from tests.unit.desk.history.site import Heard, Site, bars_csv, fates, piece, zipped

NOW = datetime(2024, 9, 10, 12, tzinfo=UTC)
HOURS_IN_JULY = 31 * 24


def wish(first: date = date(2024, 7, 1), end: date = date(2024, 9, 1), **changes: object) -> Wish:
    return Wish(**{"symbols": ("BTCUSDT",), "intervals": ("1h",), "first": first, "end": end, **changes})  # type: ignore[arg-type]


def brought(site: Site, store: HistoryStore, wanted: Wish, heard: Heard | None = None) -> tuple[Told, ...]:
    waits: list[float] = []
    with closing(VisionLibrary(site.address)) as library:
        return Download(library, store, heard or Heard(), NOW, waits.append).run(wanted)


def test_whole_months_come_as_months_and_are_read_back_as_candles(site: Site, store: HistoryStore) -> None:
    site.publish_bars("2024-07", "2024-08")
    heard = Heard()
    told = brought(site, store, wish(), heard)
    assert fates(told) == {"2024-07": "fetched", "2024-08": "fetched"}
    candles = store.candles("BTCUSDT", "1h")
    assert len(candles) == 2 * HOURS_IN_JULY
    assert candles.open_time[0] == piece("2024-07").period.from_ms
    assert set(np.diff(candles.open_time)) == {3_600_000}
    assert heard.files == len(heard.told) == 2
    assert heard.bytes == sum(len(body) for path, body in site.files.items() if path.endswith(".zip"))


def test_what_is_here_under_its_sum_is_not_asked_for_again(site: Site, store: HistoryStore) -> None:
    site.publish_bars("2024-07", "2024-08")
    brought(site, store, wish())
    site.asked.clear()
    assert set(fates(brought(site, store, wish())).values()) == {"unchanged"}
    assert site.zips_asked() == []


def test_a_file_that_does_not_have_its_sum_is_never_stored_and_stops_nobody_else(
    site: Site, store: HistoryStore
) -> None:
    site.publish_bars("2024-07", "2024-08")
    site.publish(piece("2024-07"), site.files[f"/{piece('2024-07').path}"], sha256="0" * 64)
    told = brought(site, store, wish())
    assert fates(told) == {"2024-07": "failed", "2024-08": "fetched"}
    assert "sha256" in next(one.trouble for one in told if one.fate is Fate.FAILED)
    assert [str(period) for period, _ in store.files(piece("2024-07").series)] == ["2024-08"]


def test_a_download_that_was_cut_off_goes_on_from_there(site: Site, store: HistoryStore) -> None:
    site.publish_bars("2024-07")
    path = f"/{piece('2024-07').path}"
    site.cut[path] = 100
    told = brought(site, store, wish(end=date(2024, 8, 1)))
    assert fates(told) == {"2024-07": "fetched"}
    assert site.zips_asked() == [("BTCUSDT-1h-2024-07.zip", ""), ("BTCUSDT-1h-2024-07.zip", "bytes=100-")]


@pytest.mark.parametrize("left", [b"the beginning of an older issue", b"x" * 100_000])
def test_what_an_earlier_run_left_of_another_issue_is_thrown_away(site: Site, store: HistoryStore, left: bytes) -> None:
    site.publish_bars("2024-07")
    scratch = store.root / ".coming"
    scratch.mkdir(parents=True)
    (scratch / piece("2024-07").path.replace("/", "_")).write_bytes(left)
    assert fates(brought(site, store, wish(end=date(2024, 8, 1)))) == {"2024-07": "fetched"}
    assert list(scratch.iterdir()) == []


@pytest.mark.parametrize(
    ("body", "trouble"),
    [
        (zipped("a,b\n1,2\n")[:-30], "cannot be read"),
        (b"not a zip at all", "cannot be read"),
        (zipped("a,b\n1,2\n"), "no column open_time"),
        (zipped(""), "cannot be read"),
    ],
)
def test_a_published_file_that_is_no_recording_fails_with_its_reason(
    site: Site, store: HistoryStore, body: bytes, trouble: str
) -> None:
    site.publish(piece("2024-07"), body)
    told = brought(site, store, wish(end=date(2024, 8, 1)))
    assert fates(told) == {"2024-07": "failed"}
    assert trouble in told[0].trouble
    assert store.series() == ()


def test_a_month_nobody_published_is_told_and_is_no_failure(site: Site, store: HistoryStore) -> None:
    site.publish_bars("2024-07")
    told = brought(site, store, wish(first=date(2024, 6, 1), end=date(2024, 8, 1)))
    assert fates(told) == {"2024-06": "absent", "2024-07": "fetched"}


def test_a_month_that_is_not_published_yet_comes_by_its_days_and_then_as_a_whole(
    site: Site, store: HistoryStore
) -> None:
    site.publish_bars("2024-08-30", "2024-08-31", "2024-09-09")
    told = brought(site, store, wish(first=date(2024, 8, 30), end=date(2024, 9, 10)))
    assert fates(told)["2024-08"] == "absent"
    assert {day for day, fate in fates(told).items() if fate == "fetched"} == {"2024-09-09", "2024-08-30", "2024-08-31"}
    site.publish_bars("2024-08")
    whole = brought(site, store, wish(first=date(2024, 8, 1)))
    assert [(one.fate, one.rows, one.changed) for one in whole] == [(Fate.FETCHED, HOURS_IN_JULY, 0)]
    (first, later) = store.glances(piece("2024-08").series)
    assert [source.name for source in first.sources] == ["BTCUSDT-1h-2024-08.zip"]
    assert later.rows == 24


def test_a_file_that_was_issued_anew_takes_the_place_of_the_old_and_says_what_differs(
    site: Site, store: HistoryStore
) -> None:
    site.publish_bars("2024-07", "2024-08")
    brought(site, store, wish())
    of = piece("2024-07")
    lines = bars_csv(of.period, of.series.step_ms).splitlines()
    lines[5] = lines[5].replace(",10,", ",11,")
    site.publish(of, zipped("\n".join(lines)))
    told = brought(site, store, wish())
    assert fates(told) == {"2024-07": "reissued", "2024-08": "unchanged"}
    assert sum(one.changed for one in told) == 1
    assert store.candles("BTCUSDT", "1h").volume[4] == 11.0
    source = store.source(of.series, of.name, of.period)
    assert source is not None
    assert (source.reissues, source.changed) == (1, 1)


def test_nothing_is_asked_for_that_has_not_happened_yet(site: Site, store: HistoryStore) -> None:
    brought(site, store, wish(first=date(2024, 9, 8), end=date(2024, 12, 1)))
    assert {path.rpartition("/")[2] for path, _ in site.asked} == {
        "BTCUSDT-1h-2024-09-08.zip.CHECKSUM",
        "BTCUSDT-1h-2024-09-09.zip.CHECKSUM",
    }


def test_kinds_without_months_come_by_days_and_funding_by_months_alone(site: Site, store: HistoryStore) -> None:
    kinds = (Kind.FUNDING, Kind.AGGTRADES, Kind.BOOKDEPTH, Kind.MARK)
    brought(site, store, wish(first=date(2024, 8, 30), end=date(2024, 9, 1), kinds=kinds))
    asked = {path.removesuffix(".CHECKSUM").partition("/um/")[2] for path, _ in site.asked}
    assert "monthly/fundingRate/BTCUSDT/BTCUSDT-fundingRate-2024-08.zip" in asked
    assert "daily/aggTrades/BTCUSDT/BTCUSDT-aggTrades-2024-08-30.zip" in asked
    assert "daily/bookDepth/BTCUSDT/BTCUSDT-bookDepth-2024-08-31.zip" in asked
    assert "monthly/markPriceKlines/BTCUSDT/1h/BTCUSDT-1h-2024-08.zip" in asked
    assert not [path for path in asked if "daily/fundingRate" in path or "monthly/aggTrades" in path]


def test_when_nobody_answers_the_run_stops_and_what_came_before_is_kept(store: HistoryStore) -> None:
    class Silent:
        asked = 0

        def sha256(self, piece: Piece) -> str:
            self.asked += 1
            raise FetchError("not reached", rule="unreachable")

        def save(self, piece: Piece, path: Path, heard: object) -> None:
            raise AssertionError("there was no sum to hold it against")

    library = Silent()
    wanted = wish(first=date(2020, 1, 1))
    with pytest.raises(VenueUnavailableError, match="does not answer"):
        Download(library, store, Heard(), NOW, lambda _: None).run(wanted)
    # Each of a few files was tried three times; the other dozens never were.
    assert library.asked < 60


def test_two_downloads_into_one_store_do_not_meet(site: Site, store: HistoryStore) -> None:
    with store.writing(), pytest.raises(PrerequisiteError, match="another"):
        brought(site, store, wish())


@pytest.mark.parametrize("address", ["http://127.0.0.1", "http://[::1]:8080", "http://localhost:8080"])
def test_no_private_ground_is_reached_but_a_mirror_on_loopback_that_names_its_port(address: str) -> None:
    with closing(VisionLibrary(address)) as library, pytest.raises(FetchError) as refused:
        library.sha256(piece("2024-07"))
    assert refused.value.rule == "private_address"


def test_a_sum_beside_a_file_must_be_that_files(site: Site) -> None:
    site.publish_bars("2024-07")
    site.files[f"/{piece('2024-07').path}.CHECKSUM"] = f"{'0' * 64}  BTCUSDT-1h-2024-08.zip".encode()
    with closing(VisionLibrary(site.address)) as library, pytest.raises(FetchError, match="not its checksum"):
        library.sha256(piece("2024-07"))

"""`crew history` from end to end on a small Vision of our own: what a person sees, what a script gets, how it ends."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from tests.unit.desk.history.site import Site, bars_csv, piece, serving, zipped
from ui.cli import build
from ui.exits import Exit


@pytest.fixture
def site() -> Iterator[Site]:
    with serving(Site()) as running:
        running.publish_bars("2024-07", "2024-08")
        yield running


def crew(*words: str) -> int:
    return CliRunner().invoke(build(), ["history", *words]).exit_code


def download(site: Site, store: Path, *words: str) -> int:
    span = ("--from", "2024-07", "--to", "2024-08", "--kind", "klines", "--interval", "1h")
    return crew("download", "btcusdt", *span, "--source", site.address, "--store", str(store), *words)


def lines(capfd: pytest.CaptureFixture[str]) -> list[dict[str, object]]:
    return [json.loads(line) for line in capfd.readouterr().out.splitlines()]


def test_history_is_brought_shown_and_checked(site: Site, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert download(site, tmp_path) == Exit.OK
    assert "BTCUSDT 1h klines um" in capfd.readouterr().out
    assert crew("inventory", "--store", str(tmp_path), "--json") == Exit.OK
    (held,) = lines(capfd)
    assert (held["symbol"], held["interval"], held["rows"], held["missing"]) == ("BTCUSDT", "1h", 1488, 0)
    assert crew("check", "--store", str(tmp_path), "--json") == Exit.OK
    (found,) = lines(capfd)
    assert found["sound"] is True


def test_a_file_that_is_not_what_was_published_ends_with_a_code_and_its_name(
    site: Site, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    site.publish(piece("2024-08"), b"something else", sha256="0" * 64)
    assert download(site, tmp_path, "--json") == Exit.VENUE
    told = {str(line["file"]): line["fate"] for line in lines(capfd)}
    assert told == {"BTCUSDT-1h-2024-07.zip": "fetched", "BTCUSDT-1h-2024-08.zip": "failed"}


def test_bars_that_deny_their_hour_are_shown_and_end_with_a_code(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    for interval, lift in (("1h", 0.0), ("30m", 5.0)):
        of = piece("2024-08", interval=interval)
        (tmp_path / of.name).write_bytes(zipped(bars_csv(of.period, of.series.step_ms, lift=lift)))
    store = str(tmp_path / "store")
    assert crew("import", str(tmp_path), "--store", store) == Exit.OK
    assert crew("check", "--store", store) == Exit.VENUE
    assert "recorded" in capfd.readouterr().out


def test_an_empty_store_says_what_to_do(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    for word in ("inventory", "check"):
        assert crew(word, "--store", str(tmp_path)) == Exit.OK
        assert "crew history download" in capfd.readouterr().out


@pytest.mark.parametrize(
    "words",
    [
        ("--from", "2024-08", "--to", "2024-07"),
        ("--from", "2024-07", "--kind", "candles"),
        ("--from", "2999-01"),
    ],
)
def test_a_wish_that_cannot_be_is_refused_before_anything_is_asked(
    site: Site, tmp_path: Path, words: tuple[str]
) -> None:
    asked = crew("download", "BTCUSDT", *words, "--source", site.address, "--store", str(tmp_path))
    assert asked == Exit.USAGE
    assert site.asked == []


def test_a_month_that_is_none_is_an_error_with_a_hint(site: Site, tmp_path: Path) -> None:
    assert (
        crew("download", "BTCUSDT", "--from", "Aug 24", "--source", site.address, "--store", str(tmp_path)) != Exit.OK
    )
    assert site.asked == []


def test_without_a_recording_an_import_says_so(tmp_path: Path) -> None:
    assert crew("import", str(tmp_path)) == Exit.PREREQUISITE

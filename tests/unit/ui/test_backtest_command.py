"""`crew backtest` from the words on the command line to one JSON object, a page, and a count in the ledger."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner, Result

from ui.cli import build
from ui.exits import Exit

START_MS = 1_704_067_200_000


@pytest.fixture
def recorded(tmp_path: Path) -> Path:
    """Seven weeks of hours in the layout of a download."""
    return written(tmp_path / "data", "1h", 3_600_000, 24 * 50)


def written(folder: Path, interval: str, step_ms: int, bars: int) -> Path:
    close = 50_000 * np.exp(np.cumsum(np.random.default_rng(4).normal(0, 0.006, bars))).round(6)
    opened = np.concatenate((close[:1], close[:-1]))
    rows = [
        f"{START_MS + n * step_ms},{o:.1f},{max(o, c) * 1.002:.1f},{min(o, c) * 0.998:.1f},{c:.1f},{100 + n % 9}"
        for n, (o, c) in enumerate(zip(opened, close, strict=True))
    ]
    folder.mkdir()
    (folder / f"BTCUSDT-{interval}-um-2024.csv").write_text(
        "open_time,open,high,low,close,volume\n" + "\n".join(rows) + "\n"
    )
    return folder


@pytest.fixture
def crew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    monkeypatch.setenv("CREWDESK_HOME", str(tmp_path / "home"))
    return lambda *words: CliRunner().invoke(build(), ["backtest", *words])


def result_of(ran: Result, capfd: pytest.CaptureFixture[str]) -> dict:
    assert ran.exit_code == 0, ran.output
    return json.loads(capfd.readouterr().out)


def test_a_trial_is_one_json_object_a_page_and_tries_in_the_ledger(
    crew: Callable[..., Result], recorded: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    page = tmp_path / "out" / "report.html"
    words = ("breakout", "--data", str(recorded), "--from", "2024-01-20", "--stress", "--html", str(page), "--json")
    told = result_of(crew(*words), capfd)
    assert told["from"] == "2024-01-20T00:00Z", "the warm-up is taken from before the span"
    assert [one["factor"] for one in told["costs"]] == [0, 1, 2, 3]
    assert told["doubt"]["tries"] == told["variants"] == 9
    assert told["honesty"]["hindsight"] == told["honesty"]["memory"] == []
    assert page.read_text().startswith("<!doctype html>")
    again = result_of(crew("breakout", "--data", str(recorded), "--from", "2024-01-20", "--json"), capfd)
    assert again["doubt"]["tries"] == 9, "the same runs are no new tries"


def test_through_the_guard_every_difference_has_a_cause(
    crew: Callable[..., Result], recorded: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    words = ("momentum", "--data", str(recorded), "--from", "2024-02-05", "--replay", "--json")
    replay = result_of(crew(*words), capfd)["replay"]
    assert replay["sweep_trades"] > 0
    assert len(replay["differences"]) == sum(replay["causes"].values())


def test_the_crew_is_tried_like_a_strategy_and_says_what_it_decided(
    crew: Callable[..., Result], tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    folder, page = written(tmp_path / "quarters", "15m", 900_000, 332), tmp_path / "crew.html"
    words = ("--agents", "--data", str(folder), "--from", "2024-01-04T05:00", "--html", str(page), "--json")
    told = result_of(crew(*words), capfd)
    assert (told["strategy"], told["interval"], told["bars"]) == ("crew", "15m", 24)
    assert sum(one["count"] for one in told["agents"]["decided"]) == told["agents"]["decisions"] == 23
    assert told["honesty"]["hindsight"] == told["honesty"]["memory"] == []
    assert len(told["replay"]["differences"]) == sum(told["replay"]["causes"].values())
    assert page.read_text().startswith("<!doctype html>")


def test_without_a_strategy_the_library_is_listed(
    crew: Callable[..., Result], capfd: pytest.CaptureFixture[str]
) -> None:
    ran = crew("--json")
    assert ran.exit_code == 0
    lines = [json.loads(line) for line in capfd.readouterr().out.splitlines()]
    assert {"trend-ema", "momentum", "range-scalp"} <= {one["strategy"] for one in lines}


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (("nobody", "--data", "DATA"), Exit.VENUE, "no strategy 'nobody'"),
        (("breakout",), Exit.PREREQUISITE, "no recorded market yet"),
        (("breakout", "--data", "DATA", "--from", "yesterday"), Exit.CONFIG, "no date"),
        (("breakout", "--data", "DATA", "-i", "7m"), Exit.VENUE, "unknown bar interval"),
        (("news-mood", "--data", "DATA"), Exit.VENUE, "recorded headlines"),
        (("cross-pair", "--data", "DATA"), Exit.VENUE, "two symbols"),
        (("breakout", "--agents", "--data", "DATA"), Exit.CONFIG, "none of the strategies"),
        (("--agents", "-i", "1h", "--data", "DATA"), Exit.CONFIG, "reads its signal on 15m bars"),
        (("breakout", "--data", "DATA", "--walk-forward"), Exit.VENUE, "no room for 3 steps"),
    ],
)
def test_what_cannot_be_tried_ends_with_one_clear_line(
    crew: Callable[..., Result],
    recorded: Path,
    capfd: pytest.CaptureFixture[str],
    words: tuple[str, ...],
    code: Exit,
    says: str,
) -> None:
    ran = crew(*(str(recorded) if word == "DATA" else word for word in words))
    assert ran.exit_code == code
    assert says in capfd.readouterr().err + ran.output

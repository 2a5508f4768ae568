"""The guard as a process: light to start, clear when it cannot, and alone on its journal."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from desk.guard.record.journal import open_journal


def run(*arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "desk.guard", *arguments],
        capture_output=True,
        text=True,
        timeout=60,
        env={"PATH": "/usr/bin:/bin", **environ},
        check=False,
    )


def settings_file(tmp_path: Path, **changes: Any) -> str:
    data = {
        "profile": "demo",
        "venue": {"kind": "paper", "base_url": "http://127.0.0.1:9"},
        "keys": {"file": str(tmp_path / "keys.json")},
        "symbols": ["BTCUSDT"],
        "journal": str(tmp_path / "guard" / "journal.sqlite"),
        "crew_token_file": str(tmp_path / "guard" / "crew.token"),
        "operator_token_file": str(tmp_path / "guard" / "operator.token"),
        "run_file": str(tmp_path / "run" / "guard.json"),
        **changes,
    }
    file = tmp_path / "settings.json"
    file.write_text(json.dumps(data))
    return str(file)


def test_the_guard_loads_fast_and_without_the_heavy_libraries() -> None:
    script = (
        "import sys, time; start = time.process_time()\n"
        "import desk.guard, desk.guard.__main__, desk.guard.inprocess\n"
        "used = time.process_time() - start\n"
        "heavy = {'pandas', 'numpy', 'crewai', 'gradio', 'openai', 'chromadb', 'binance', 'aiohttp', 'httpx'}\n"
        "print(used, sorted(heavy & set(sys.modules)))"
    )
    told = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=True)
    used, _, heavy = told.stdout.strip().partition(" ")
    assert heavy == "[]"
    assert float(used) < 0.5


def test_wrong_settings_are_one_line(tmp_path: Path) -> None:
    told = run("--settings", settings_file(tmp_path, symbls=["X"]))
    assert told.returncode == 2
    assert "symbls" in told.stderr
    assert len(told.stderr.strip().splitlines()) == 1


def test_a_missing_key_is_one_line(tmp_path: Path) -> None:
    told = run("--settings", settings_file(tmp_path))
    assert told.returncode == 3
    assert "keys.json cannot be read" in told.stderr
    assert "Traceback" not in told.stderr


def test_live_without_its_opt_ins_does_not_even_read_the_key(tmp_path: Path) -> None:
    venue = {"kind": "live", "base_url": "https://127.0.0.1:9"}
    told = run("--settings", settings_file(tmp_path, venue=venue))
    assert told.returncode == 3
    assert "live trading is not armed" in told.stderr


def test_an_altered_journal_keeps_the_guard_down(tmp_path: Path) -> None:
    path = tmp_path / "guard" / "journal.sqlite"
    open_journal(path).close()
    path.unlink()
    told = run("--settings", settings_file(tmp_path))
    assert told.returncode == 4
    assert "a journal was here" in told.stderr


def test_a_second_guard_is_turned_away(tmp_path: Path) -> None:
    held = open_journal(tmp_path / "guard" / "journal.sqlite")
    try:
        told = run("--settings", settings_file(tmp_path))
    finally:
        held.close()
    assert told.returncode == 4
    assert "another guard holds" in told.stderr


@pytest.mark.parametrize("zone", ["Asia/Tokyo", "America/New_York", "Pacific/Kiritimati"])
def test_the_day_is_utc_whatever_the_machines_zone(zone: str) -> None:
    script = (
        "from tests.unit.desk.guard.bench import Bench\n"
        "bench = Bench(); bench.open(); bench.look(3600, times=30)\n"
        "print(bench.journal.head()[1], [row.date for row in bench.guard.state.days])"
    )

    def told(name: str) -> str:
        return subprocess.run(
            [sys.executable, "-c", script],
            capture_output=True,
            text=True,
            timeout=60,
            check=True,
            env={"TZ": name, "PATH": "/usr/bin:/bin"},
        ).stdout

    assert told(zone) == told("UTC")

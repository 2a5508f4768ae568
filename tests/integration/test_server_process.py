"""The paper exchange as a process: it starts from a file, survives SIGKILL, ends politely, and names what is wrong."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest
import structlog

from desk.venues.paper.__main__ import main
from desk.venues.paper.wire.requests.signing import sign
from tests.venue_process import ROOT, VenueProcess, running_venue

MINUTE = 60_000
SCENARIO = {"kind": "scenario", "seed": 11, "symbols": ["BTCUSDT"]}


def asked(venue: VenueProcess, method: str, path: str, **params: object) -> Any:
    """A signed request, stamped with the venue's time."""
    params["timestamp"] = venue.now_ms()
    text = "&".join(f"{name}={value}" for name, value in params.items())
    text += "&signature=" + sign(venue.secret, text.encode())
    headers = {"X-MBX-APIKEY": venue.key}
    answer = httpx.request(method, f"{venue.url}{path}?{text}", headers=headers, trust_env=False, timeout=10)
    assert answer.status_code == 200, answer.text
    return answer.json()


def held(venue: VenueProcess) -> dict[str, Any]:
    """Everything that a restart must not change."""
    return {
        "account": asked(venue, "GET", "/fapi/v3/account"),
        "position": asked(venue, "GET", "/fapi/v3/positionRisk"),
        "orders": asked(venue, "GET", "/fapi/v1/allOrders"),
        "stops": asked(venue, "GET", "/fapi/v1/openAlgoOrders"),
        "trades": asked(venue, "GET", "/fapi/v1/userTrades", symbol="BTCUSDT"),
        "income": asked(venue, "GET", "/fapi/v1/income"),
        "settings": asked(venue, "GET", "/fapi/v1/symbolConfig"),
        "book": httpx.get(f"{venue.url}/fapi/v1/depth?symbol=BTCUSDT&limit=20", trust_env=False).json(),
        "time": venue.now_ms(),
    }


def test_a_killed_venue_comes_back_with_its_position_stop_orders_balance_and_clock(tmp_path: Path) -> None:
    with running_venue(tmp_path, source=SCENARIO) as venue:
        symbol = {"symbol": "BTCUSDT"}
        asked(venue, "POST", "/fapi/v1/leverage", **symbol, leverage=5)
        asked(venue, "POST", "/fapi/v1/order", **symbol, side="BUY", type="MARKET", quantity="0.01")
        mark = float(httpx.get(f"{venue.url}/fapi/v1/premiumIndex?symbol=BTCUSDT", trust_env=False).json()["markPrice"])
        limit = {"type": "LIMIT", "timeInForce": "GTC", "quantity": "0.01", "price": f"{mark * 0.97:.1f}"}
        asked(venue, "POST", "/fapi/v1/order", **symbol, side="BUY", **limit)
        stop = {"algoType": "CONDITIONAL", "type": "STOP_MARKET", "closePosition": "true", "workingType": "MARK_PRICE"}
        placed = asked(
            venue, "POST", "/fapi/v1/algoOrder", **symbol, side="SELL", **stop, triggerPrice=f"{mark * 0.96:.1f}"
        )
        venue.advance(3 * MINUTE)
        before = held(venue)
        assert [row["algoId"] for row in before["stops"]] == [placed["algoId"]]

        venue.kill()
        venue.start()

        assert held(venue) == before
        again = asked(venue, "POST", "/fapi/v1/order", **symbol, side="SELL", type="MARKET", quantity="0.01")
        assert again["orderId"] > max(row["orderId"] for row in before["orders"])


def test_the_same_market_goes_on_after_a_kill_as_if_nothing_had_happened(tmp_path: Path) -> None:
    def close(venue: VenueProcess) -> list[Any]:
        answer = httpx.get(f"{venue.url}/fapi/v1/klines?symbol=BTCUSDT&interval=1m&limit=30", trust_env=False)
        return answer.json()

    with (
        running_venue(tmp_path / "killed", source=SCENARIO) as killed,
        running_venue(tmp_path / "whole", source=SCENARIO) as whole,
    ):
        for venue in (killed, whole):
            venue.advance(10 * MINUTE)
        killed.kill()
        killed.start()
        for venue in (killed, whole):
            venue.advance(10 * MINUTE)
        assert close(killed) == close(whole)


def test_sigterm_ends_the_venue_politely_and_takes_its_run_file_away(tmp_path: Path) -> None:
    with running_venue(tmp_path, source=SCENARIO) as venue:
        assert json.loads((tmp_path / "run.json").read_text())["pid"] == venue.pid
        assert (tmp_path / "keys.json").stat().st_mode & 0o777 == 0o600
        assert (tmp_path / "admin.token").stat().st_mode & 0o777 == 0o600
        venue.stop()
        assert not (tmp_path / "run.json").exists()
        lines = [json.loads(line) for line in venue.log.splitlines()]
        assert [line["event"] for line in lines] == ["listening", "closed"]
        assert lines[0]["symbols"] == ["BTCUSDT"]
        secret = json.loads((tmp_path / "keys.json").read_text())["secret"]
        assert secret not in venue.log


def run_with(settings: object, folder: Path, capsys: pytest.CaptureFixture[str]) -> tuple[int, dict[str, Any]]:
    """Start a venue that cannot run, in this process; its exit code and its last log line."""
    file = folder / "settings.json"
    file.write_text(json.dumps(settings))
    capsys.readouterr()
    try:
        code = main(["--settings", str(file)])
    finally:
        structlog.reset_defaults()
    return code, json.loads(capsys.readouterr().err.splitlines()[-1])


def plain(folder: Path) -> dict[str, Any]:
    names = {"run_file": "run.json", "keys_file": "keys.json", "state_file": "state.sqlite"}
    return {"source": SCENARIO, **{key: str(folder / name) for key, name in names.items()}}


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"deposit": "-1"}, "deposit"),
        ({"host": "0.0.0.0"}, "host"),
        ({"speed": 2}, "speed"),
        ({"source": {"kind": "dream"}}, "source"),
        ({"source": SCENARIO | {"symbols": ["NOPE"]}}, "NOPE"),
    ],
)
def test_a_wrong_setting_ends_the_process_with_one_line_that_names_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], change: dict[str, Any], told: str
) -> None:
    code, line = run_with(plain(tmp_path) | change, tmp_path, capsys)
    assert code == 1
    assert told in line["error"]


def test_a_running_clock_never_shows_a_time_twice_after_a_kill(tmp_path: Path) -> None:
    with running_venue(tmp_path, source=SCENARIO, clock={"mode": "faster", "speed": 100}) as venue:
        seen = venue.now_ms()
        while venue.now_ms() == seen:
            pass
        seen = venue.now_ms()
        venue.kill()
        venue.start()
        assert venue.now_ms() >= seen


def test_a_port_that_is_taken_is_told_in_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = {"port": taken.getsockname()[1]}
        code, line = run_with(plain(tmp_path) | port, tmp_path, capsys)
    assert code == 1
    assert "port" in line["hint"]


def test_a_second_venue_on_the_same_state_is_turned_away(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with running_venue(tmp_path, source=SCENARIO):
        other = tmp_path / "other"
        other.mkdir()
        code, line = run_with(plain(other) | {"state_file": str(tmp_path / "state.sqlite")}, other, capsys)
    assert code == 1
    assert "state.sqlite" in line["error"]


def test_the_state_of_another_stretch_of_time_is_not_traded_on(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with running_venue(tmp_path, source=SCENARIO) as venue:
        venue.advance(MINUTE)
        venue.stop()
        later = {**plain(tmp_path), "source": SCENARIO | {"start": "2026-06-01T00:00:00Z"}}
        code, line = run_with(later, tmp_path, capsys)
    assert code == 1
    assert "another market" in line["hint"]


def test_a_market_that_is_read_from_elsewhere_is_traded_on_paper_here(tmp_path: Path) -> None:
    with running_venue(tmp_path / "elsewhere", source=SCENARIO) as elsewhere:
        live = {"kind": "live", "symbols": ["BTCUSDT"], "upstream": elsewhere.url}
        with running_venue(tmp_path / "here", source=live, clock={"mode": "real"}) as here:
            bars = "/fapi/v1/klines?symbol=BTCUSDT&interval=1m&limit=5"
            there, got = (httpx.get(venue.url + bars, trust_env=False).json() for venue in (elsewhere, here))
            assert got == there
            order = {"symbol": "BTCUSDT", "side": "BUY", "type": "MARKET", "quantity": "0.01"}
            asked(here, "POST", "/fapi/v1/order", **order)
            assert asked(here, "GET", "/fapi/v3/positionRisk")[0]["positionAmt"] == "0.01"
            assert asked(elsewhere, "GET", "/fapi/v3/positionRisk") == []


def test_a_venue_of_an_invented_market_starts_light(tmp_path: Path) -> None:
    heavy = "import sys, desk.venues.paper.__main__, desk.venues.paper.sources.scenario as s;"
    heavy += "print(sorted({'pandas', 'pyarrow', 'crewai', 'ccxt', 'binance'} & sys.modules.keys()))"
    ended = subprocess.run(
        [sys.executable, "-c", heavy], cwd=ROOT, capture_output=True, text=True, timeout=60, check=True
    )
    assert ended.stdout.strip() == "[]"

"""Flags of `crew exchange` change what they name and nothing else."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from desk.domain.errors import ConfigError
from ui.commands.exchange_settings import lay, lay_market, lay_present, switch_of, symbols_of


def market(**flags: Any) -> dict[str, Any]:
    told: dict[str, Any] = {"source": {"kind": "scenario", "seed": 3}, "clock": {"mode": "stepped"}}
    lay_market(told, **{"data": (), "live": False, "symbols": (), "seed": None, "start": ""} | flags)
    return told


def test_no_flag_changes_nothing() -> None:
    assert market() == {"source": {"kind": "scenario", "seed": 3}, "clock": {"mode": "stepped"}}


def test_seed_symbols_and_start_are_laid_over_the_market_that_is_there() -> None:
    told = market(symbols=["TRXUSDT"], seed=9, start="2026-02-01")["source"]
    assert told == {"kind": "scenario", "seed": 9, "symbols": ["TRXUSDT"], "start": "2026-02-01"}


def test_files_replay_their_symbols_with_their_funding_and_live_runs_in_real_time(tmp_path: Path) -> None:
    candles, funding = tmp_path / "BTCUSDT-1m-2024.zip", tmp_path / "BTCUSDT-fundingRate-2024.zip"
    source = market(data=[candles, funding])["source"]
    assert source == {
        "kind": "replay",
        "files": [{"symbol": "BTCUSDT", "path": str(candles), "funding": str(funding)}],
    }
    assert market(live=True)["clock"] == {"mode": "real"}
    with pytest.raises(ConfigError, match="replayed or live"):
        market(live=True, data=[candles])


def test_symbols_come_from_a_list_or_a_file(tmp_path: Path) -> None:
    assert symbols_of("btcusdt, ETHUSDT") == ["BTCUSDT", "ETHUSDT"]
    path = tmp_path / "symbols.txt"
    path.write_text("BTCUSDT\nXRPUSDT,ADAUSDT\n", encoding="utf-8")
    assert symbols_of(str(path)) == ["BTCUSDT", "XRPUSDT", "ADAUSDT"]
    with pytest.raises(ConfigError, match="--symbols"):
        symbols_of(str(tmp_path / "absent.txt"))


def test_switches_need_a_value_and_groups_keep_what_no_flag_names() -> None:
    assert switch_of("latency_ms=50") == ("latency_ms", "50")
    with pytest.raises(ConfigError, match="--realism"):
        switch_of("latency_ms")
    told = {"wire": {"legacy_ack": True}}
    lay(told, "wire", position_rows="all", strict_private_events=None)
    assert told == {"wire": {"legacy_ack": True, "position_rows": "all"}}


def test_a_market_that_begins_now_shows_this_machines_time_and_remembers_no_other(tmp_path: Path) -> None:
    (tmp_path / "now.sqlite").write_text("of an earlier market")
    (tmp_path / "state.sqlite").write_text("the profile's own")
    told: dict[str, Any] = {"source": {"kind": "scenario", "seed": 7}, "clock": {"mode": "stepped"}}
    told["state_file"] = str(tmp_path / "state.sqlite")
    lay_present(told, datetime(2026, 11, 25, 20, 30, 17, tzinfo=UTC))
    assert told["source"] == {"kind": "scenario", "seed": 7, "start": "2026-11-25T20:30:00+00:00"}
    assert told["clock"] == {"mode": "real", "wall": True}
    assert told["state_file"] == str(tmp_path / "now.sqlite")
    assert [path.name for path in tmp_path.iterdir()] == ["state.sqlite"]
    with pytest.raises(ConfigError, match="only an invented market"):
        lay_present({"source": {"kind": "live"}}, datetime(2026, 11, 25, tzinfo=UTC))

"""Which market the settings open, and what they say that it does not read."""

from __future__ import annotations

import json
from pathlib import Path

from structlog.testing import capture_logs

from desk.venues.paper.markets import open_market
from desk.venues.paper.settings import VenueSettings


def live(folder: Path, **listing: str) -> VenueSettings:
    files = {name: str(folder / name) for name in ("run_file", "keys_file", "state_file")}
    told = {"source": {"kind": "live", "symbols": ["BTCUSDT"]}, "listing": listing, **files}
    return VenueSettings.model_validate_json(json.dumps(told))


def test_a_live_market_says_that_it_reads_no_exchange_info(tmp_path: Path) -> None:
    for listing, lines in (({}, 0), ({"exchange_info": str(tmp_path / "info.json")}, 1)):
        with capture_logs() as logged:
            open_market(live(tmp_path, **listing))
        assert len([line for line in logged if "exchange_info is not read" in line["event"]]) == lines

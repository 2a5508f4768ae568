"""What time it is in a market that was just opened."""

from __future__ import annotations

import asyncio
import json
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from desk.domain.errors import ConfigError
from desk.venues.paper.opening import close_market, open_venue
from desk.venues.paper.settings import VenueSettings, read_settings


def settings(folder: Path, **clock: object) -> VenueSettings:
    start = datetime.now(UTC).replace(second=0).isoformat()
    files = {name: str(folder / name) for name in ("run_file", "keys_file", "state_file")}
    file = folder / "settings.json"
    source = {"kind": "scenario", "symbols": ["BTCUSDT"], "start": start}
    file.write_text(json.dumps({"source": source, "clock": clock, **files}))
    return read_settings(file)


def wall_ms() -> int:
    return time.time_ns() // 1_000_000


def test_a_clock_of_the_wall_shows_this_machines_time_and_met_what_was_before(tmp_path: Path) -> None:
    async def story() -> None:
        before = wall_ms()
        opened = await open_venue(settings(tmp_path, mode="real", wall=True))
        assert before <= opened.venue.now_ms() <= wall_ms() + 1
        await close_market(opened.venue.source)
        opened.store.close()

    asyncio.run(story())


def test_a_clock_that_somebody_steps_cannot_show_it(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot show this machine's time"):
        settings(tmp_path, mode="stepped", wall=True)

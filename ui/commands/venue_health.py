"""What `crew doctor` tells of the venue: the account before it is traded on, and how clocks, budget and streams fare.

The account is looked at by the guard's program, because no other process of the desk may hold the key.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, cast

from config.loader import DeskConfig, load_desk
from config.profile import ClockSettings
from crews.running import processes
from crews.running.services import Folder, folder_of, guard_settings, write_private
from desk.domain.errors import DeskError
from desk.guard.door.client import GuardClient
from desk.venues.binance.preflight import Finding
from ui.venue_clock import clock_words

_PREFLIGHT_SECONDS = 60
_ACCOUNT = "venue account"


def venue_findings(profile: str, root: Path | None) -> Iterator[Finding]:
    """Findings about the venue of a profile, as far as it can be reached now."""
    try:
        loaded = load_desk(profile, root=root)
    except DeskError:
        # Told by the check of the configuration already.
        return
    folder = folder_of(profile)
    url = loaded.profile.venue.base_url or _paper_url(folder)
    if not url:
        yield Finding(name=_ACCOUNT, well=True, seen="looked at once the paper exchange runs")
        return
    yield from _account(loaded, folder, url)
    yield from _guards_side(folder, loaded.profile.clock)
    yield from _crews_side(folder)


def _paper_url(folder: Folder) -> str:
    running = processes.find(folder.program("venue"))
    return running.url if running else ""


def _account(config: DeskConfig, folder: Folder, url: str) -> Iterator[Finding]:
    file = folder.root / "guard" / "preflight.json"
    write_private(file, json.dumps(guard_settings(config, folder, url)))
    command = [sys.executable, "-m", "desk.guard", "--settings", str(file), "--preflight"]
    try:
        ran = subprocess.run(command, capture_output=True, text=True, timeout=_PREFLIGHT_SECONDS, check=False)
    except subprocess.TimeoutExpired:
        yield Finding(name=_ACCOUNT, well=False, seen="no answer within a minute", fix="is the venue reachable?")
        return
    finally:
        file.unlink(missing_ok=True)
    rows = [json.loads(line) for line in ran.stdout.splitlines()]
    for row in rows:
        yield Finding(name=f"venue {row['name']}", well=row["well"], seen=row["seen"], fix=row["fix"])
    if not rows:
        said = (ran.stderr.strip().splitlines() or ["nothing"])[-1].removeprefix("guard: ")
        fix = "set the key's variables, or start the venue, then look again"
        yield Finding(name=_ACCOUNT, well=False, seen=said, fix=fix)


def _guards_side(folder: Folder, clock: ClockSettings) -> Iterator[Finding]:
    running = processes.find(folder.program("guard"))
    if running is None or not folder.crew_token.exists():
        return
    try:
        with GuardClient(running.url, folder.crew_token.read_text().strip(), timeout=5) as guard:
            told = guard.venue()
    except DeskError as error:
        yield Finding(name="guard's venue", well=False, seen=error.message, fix=error.hint or "crew stop, crew kickoff")
        return
    budget = cast("Mapping[str, Any]", told.get("budget", {}))
    yield _budget("guard's requests", budget)
    yield Finding(name="guard's clock", well=True, seen=clock_words(clock, told.get("clock_offset_ms"), None))
    yield _stream("account stream", cast("Mapping[str, Any]", told.get("account_stream", {})))


def _crews_side(folder: Folder) -> Iterator[Finding]:
    try:
        told = json.loads(folder.market_report.read_text())
    except (OSError, ValueError):
        return
    when = str(told.get("at", ""))[:19]
    for stream in told.get("streams", ()):
        found = _stream(f"{stream.get('name')} stream", stream)
        # The crew may be gone since: what it wrote last is history, not trouble.
        yield Finding(name=found.name, well=True, seen=f"{found.seen}; as of {when}")
    yield _budget("crew's requests", cast("Mapping[str, Any]", told.get("budget", {})))


def _budget(name: str, told: Mapping[str, Any]) -> Finding:
    seen = f"{told.get('used_weight')} of {told.get('weight_limit')} request weight used this minute"
    held = told.get("held_seconds") or 0
    if not held:
        return Finding(name=name, well=True, seen=seen)
    word = "banned" if told.get("banned") else "held"
    fix = "find what else asks the venue from this address"
    return Finding(name=name, well=False, seen=f"{word} by the venue for another {held:.0f} s", fix=fix)


def _stream(name: str, told: Mapping[str, Any]) -> Finding:
    lag = told.get("lag_ms")
    figures = (
        "lag unknown" if lag is None else f"lag {lag} ms",
        f"{told.get('messages', 0)} messages",
        f"{told.get('reconnects', 0)} reconnects",
        f"{told.get('duplicates', 0) + told.get('late', 0) + told.get('unread', 0)} dropped",
    )
    if told.get("connected"):
        return Finding(name=name, well=True, seen=", ".join(figures))
    fix = "nothing is lost, the guard polls on; look at the network if it stays so"
    return Finding(name=name, well=True, seen=f"down ({told.get('trouble')}), {', '.join(figures)}", fix=fix)

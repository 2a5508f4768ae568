"""The stage of the day: a profile whose time runs faster, the shipped kickoffs, and an exchange that fails.

Everything is as an operator would set it: files of configuration over the package's own.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import yaml

from desk.alerts import Kind

ROOT = Path(__file__).resolve().parents[2]
PROFILE = "day"
SYMBOLS = ("BTCUSDT", "ETHUSDT")

_PROFILE = """\
name: day
label: A day of an invented market, {speed} times as fast as ours
venue: {{kind: paper, base_url: "", deposit: 10000, source: {{kind: scenario, seed: 3}}}}
keys: {{source: generated}}
clock: {{mode: faster, speed: {speed}}}
allows: {{real_money: false, network: []}}
armed: false
desk:
  cycle_seconds: 900
"""
# Beside the shipped kickoffs: the timetable follows the venue's time where that is faster.
_JOBS = """\
charts:
  {work: charts, every_minutes: 60, misfire: skip, deadline_seconds: 14400}
spikes:
  {work: spikes, every_minutes: 120, seconds: 10, misfire: within_grace, grace_seconds: 3600, deadline_seconds: 14400}
report:
  {work: report, every_minutes: 240, misfire: once, deadline_seconds: 14400}
"""
_SERVICES = """\
start: [exchange, guard, alerts, console, schedule]
console: {{host: 127.0.0.1, port: {port}}}
restarts: {{first_seconds: 1, longest_seconds: 10, most: 8, window_seconds: 900, mute_seconds: 60}}
logs: {{megabytes: 20, files: 5, days: 30}}
"""
_ALERTS = """\
channels: {{people: {{url_env: CREWDESK_ALERT_DAY}}}}
webhooks:
  program: {{url_env: CREWDESK_HOOK_DAY, secret_env: CREWDESK_HOOK_SECRET, private: true, kinds: [{kinds}]}}
# Each is told, so that each is timed: nothing is counted with an earlier one, nothing waits for a digest.
repeat_minutes: 0
most_an_hour: 1000
"""
_FAULTS = """\
seed: 11
rules:
  - {kind: html, status: 502, processed: false, method: GET, path: "/fapi/v?/account", probability: 0.01}
  - {kind: reset, processed: true, method: POST, path: "/fapi/v1/*rder", probability: 0.05}
  - {kind: timeout, processed: true, hold_s: 3, method: POST, path: "/fapi/v1/*rder", probability: 0.02}
  - {kind: stale, within_s: 5, method: GET, path: "/fapi/v?/account", probability: 0.01}
  - {kind: gap, channel: user, stream: ORDER_TRADE_UPDATE, probability: 0.1}
"""


def set_stage(folder: Path, *, speed: int, port: int) -> Path:
    """Write the operator's files; returns their folder. The faults stand beside them in `faults.yaml`."""
    own = folder / "own"
    shutil.rmtree(own, ignore_errors=True)
    (own / "profiles").mkdir(parents=True)
    (own / "profiles" / f"{PROFILE}.yaml").write_text(_PROFILE.format(speed=speed))
    (own / "schedule.yaml").write_text(yaml.safe_dump(timetable(), sort_keys=False))
    (own / "services.yaml").write_text(_SERVICES.format(port=port))
    (own / "alerts.yaml").write_text(alerts())
    (folder / "faults.yaml").write_text(_FAULTS)
    return own


def timetable() -> dict[str, Any]:
    """The kickoffs of the package's own timetable, word for word but for whose they are, and some work beside them."""
    shipped = yaml.safe_load((ROOT / "config" / "schedule.yaml").read_text())
    kickoffs = {name: job for name, job in shipped["jobs"].items() if job["work"] == "kickoff"}
    jobs = {**kickoffs, **yaml.safe_load(_JOBS)}
    return {**shipped, "jobs": {name: {**job, "profiles": [PROFILE]} for name, job in jobs.items()}}


def alerts() -> str:
    """The package's alerts.yaml, told to people and to a program that hears every kind."""
    text = (ROOT / "config" / "alerts.yaml").read_text()
    own = yaml.safe_load(_ALERTS.format(kinds=", ".join(Kind)))
    return yaml.safe_dump({**yaml.safe_load(text), **own}, sort_keys=False)

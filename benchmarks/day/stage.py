"""The stage of the day: a folder with a profile whose time runs faster, a dense timetable, and an exchange that fails.

Everything is as an operator would set it: files of configuration over the package's own.
"""

from __future__ import annotations

import shutil
from pathlib import Path

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
# The timetable follows the venue's time where that is faster. Decisions are the crew's own: a process each is for days
# that last a day.
_SCHEDULE = """\
timezone: UTC
seed: 7
jobs:
  charts:
    {work: charts, every_minutes: 60, misfire: skip, deadline_seconds: 14400, profiles: [day]}
  spikes:
    {work: spikes, every_minutes: 120, seconds: 10, misfire: within_grace, grace_seconds: 3600,
     deadline_seconds: 14400, profiles: [day]}
  report:
    {work: report, every_minutes: 240, misfire: once, deadline_seconds: 14400, profiles: [day]}
"""
_SERVICES = """\
start: [exchange, guard, {alerts}console, schedule, crew]
console: {{host: 127.0.0.1, port: {port}}}
restarts: {{first_seconds: 1, longest_seconds: 10, most: 8, window_seconds: 900, mute_seconds: 60}}
logs: {{megabytes: 20, files: 5, days: 30}}
"""
_ALERTS = "channels: {receiver: {url_env: CREWDESK_ALERT_DAY}}\n"
_FAULTS = """\
seed: 11
rules:
  - {kind: html, status: 502, processed: false, method: GET, path: "/fapi/v?/account", probability: 0.01}
  - {kind: reset, processed: true, method: POST, path: "/fapi/v1/*rder", probability: 0.05}
  - {kind: timeout, processed: true, hold_s: 3, method: POST, path: "/fapi/v1/*rder", probability: 0.02}
  - {kind: stale, within_s: 5, method: GET, path: "/fapi/v?/account", probability: 0.01}
  - {kind: gap, channel: user, stream: ORDER_TRADE_UPDATE, probability: 0.1}
"""


def set_stage(folder: Path, *, speed: int, port: int, alerts: bool) -> Path:
    """Write the operator's files; returns their folder. The faults stand beside them in `faults.yaml`."""
    own = folder / "own"
    shutil.rmtree(own, ignore_errors=True)
    (own / "profiles").mkdir(parents=True)
    (own / "profiles" / f"{PROFILE}.yaml").write_text(_PROFILE.format(speed=speed))
    (own / "schedule.yaml").write_text(_SCHEDULE)
    (own / "services.yaml").write_text(_SERVICES.format(port=port, alerts="alerts, " if alerts else ""))
    if alerts:
        text = (ROOT / "config" / "alerts.yaml").read_text()
        (own / "alerts.yaml").write_text(text.replace("channels: {}\n", _ALERTS))
    (folder / "faults.yaml").write_text(_FAULTS)
    return own

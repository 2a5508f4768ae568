"""A real paper exchange in its own process, on a free port of loopback, with its files in a temporary folder.

Everything a test starts here it also ends, by process id. `kill` is the hard way (SIGKILL), `stop` the polite one, and
`start` after either continues on the same port from the files that are left, as after a power cut.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from desk.venues.binance import BinanceGateway, BinancePublic, open_gateway, open_public
from desk.venues.paper.admin import PaperAdmin

ROOT = Path(__file__).resolve().parents[1]
START_DEADLINE_S = 40.0
STOP_DEADLINE_S = 10.0
SCENARIO: Mapping[str, Any] = {"kind": "scenario", "seed": 7}


@dataclass
class VenueProcess:
    """One paper exchange; `home` holds its state, keys, log and run file."""

    home: Path
    source: Mapping[str, Any] = field(default_factory=lambda: dict(SCENARIO))
    clock: Mapping[str, Any] = field(default_factory=lambda: {"mode": "stepped"})
    deposit: str = "10000"
    wire: Mapping[str, Any] = field(default_factory=dict)
    limits: Mapping[str, Any] = field(default_factory=dict)
    faults: Mapping[str, Any] = field(default_factory=dict)
    url: str = ""
    _process: subprocess.Popen[bytes] | None = None
    _admin: PaperAdmin | None = None

    def start(self) -> VenueProcess:
        """Start the process and wait until it listens."""
        self.home.mkdir(parents=True, exist_ok=True)
        run_file = self.home / "run.json"
        run_file.unlink(missing_ok=True)
        settings = self.home / "settings.json"
        settings.write_text(json.dumps(self._settings(run_file)), encoding="utf-8")
        command = [sys.executable, "-m", "desk.venues.paper", "--settings", str(settings)]
        with (self.home / "venue.log").open("ab") as log:
            self._process = subprocess.Popen(command, cwd=ROOT, stdout=log, stderr=log)
        self.url = self._wait_until_it_listens(run_file)
        return self

    def kill(self) -> None:
        """End it like a power cut."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """Ask it to end, and wait until it has."""
        self._end(signal.SIGTERM)

    @property
    def pid(self) -> int:
        """The process id while it runs."""
        if self._process is None:
            raise AssertionError("the venue is not running")
        return self._process.pid

    @property
    def stream_url(self) -> str:
        """Root of the WebSocket side."""
        return self.url.replace("http://", "ws://")

    @property
    def key(self) -> str:
        """The account's API key."""
        return str(self._keys()["api_key"])

    @property
    def secret(self) -> str:
        """The account's secret."""
        return str(self._keys()["secret"])

    @property
    def log(self) -> str:
        """Everything the process has logged."""
        return (self.home / "venue.log").read_text(encoding="utf-8", errors="replace")

    def gateway(self, *, timeout: float = 5.0) -> BinanceGateway:
        """A signed client of this venue; the caller closes it."""
        return open_gateway(self.url, self.key, self.secret, timeout=timeout)

    def public(self, *, timeout: float = 5.0) -> BinancePublic:
        """A client without a key; the caller closes it."""
        return open_public(self.url, timeout=timeout)

    def now_ms(self) -> int:
        """The venue's time."""
        return self.admin.status().now_ms

    def advance(self, by_ms: int) -> int:
        """Step the clock forward and return the new time; everything due on the way has then happened."""
        return self.admin.advance(self.now_ms() + by_ms)

    @property
    def admin(self) -> PaperAdmin:
        """The side door for the clock and the headlines."""
        if self._admin is None:
            self._admin = PaperAdmin(self.url, (self.home / "admin.token").read_text(encoding="utf-8").strip())
        return self._admin

    def _settings(self, run_file: Path) -> Mapping[str, Any]:
        return {
            "source": self.source,
            # The port of the first start is kept, so that clients find the venue again.
            "port": urlsplit(self.url).port or 0,
            "clock": self.clock,
            "run_file": str(run_file),
            "keys_file": str(self.home / "keys.json"),
            "state_file": str(self.home / "state.sqlite"),
            "deposit": self.deposit,
            "wire": self.wire,
            "limits": self.limits,
            "faults": self.faults,
        }

    def _keys(self) -> Mapping[str, Any]:
        return json.loads((self.home / "keys.json").read_text(encoding="utf-8"))

    def _wait_until_it_listens(self, run_file: Path) -> str:
        deadline = time.monotonic() + START_DEADLINE_S
        while time.monotonic() < deadline:
            if run_file.exists():
                return str(json.loads(run_file.read_text(encoding="utf-8"))["url"])
            if self._process is None or self._process.poll() is not None:
                break
            time.sleep(0.02)
        self.kill()
        raise AssertionError(f"the venue did not start:\n{self.log[-2000:]}")

    def _end(self, number: signal.Signals) -> None:
        process, self._process = self._process, None
        if self._admin is not None:
            self._admin.close()
            self._admin = None
        if process is None:
            return
        if process.poll() is None:
            os.kill(process.pid, number)
        try:
            process.wait(STOP_DEADLINE_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(STOP_DEADLINE_S)
            raise AssertionError(f"the venue did not end on {number.name}:\n{self.log[-2000:]}") from None


@contextmanager
def running_venue(home: Path, **choices: Any) -> Iterator[VenueProcess]:
    """A paper exchange for the length of a `with` block; `choices` are fields of VenueProcess."""
    venue = VenueProcess(home, **choices)
    try:
        yield venue.start()
    finally:
        venue.kill()

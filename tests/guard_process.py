"""A real guard in its own process, on a free port of loopback, before a real venue; killed, restarted, asked."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from desk.guard.door.client import GuardClient
from tests.venue_process import ROOT, VenueProcess

START_DEADLINE_S = 30.0


@dataclass
class GuardProcess:
    """One guard; `home` holds its journal, tokens, log and run file. `limits` differ from the defaults by name."""

    home: Path
    venue: VenueProcess
    symbols: tuple[str, ...]
    limits: Mapping[str, Any] = field(default_factory=dict)
    speed: int = 1
    virtual_clock: bool = True
    url: str = ""
    _process: subprocess.Popen[bytes] | None = None

    def start(self) -> float:
        """Start the process; returns the seconds until it listened."""
        self.home.mkdir(parents=True, exist_ok=True)
        run_file = self.home / "run.json"
        run_file.unlink(missing_ok=True)
        settings = self.home / "settings.json"
        settings.write_text(json.dumps(self._settings(run_file)), encoding="utf-8")
        began = time.monotonic()
        with (self.home / "guard.log").open("ab") as log:
            command = [sys.executable, "-m", "desk.guard", "--settings", str(settings)]
            self._process = subprocess.Popen(command, cwd=ROOT, stdout=log, stderr=log)
        while not run_file.exists():
            if self._process.poll() is not None or time.monotonic() - began > START_DEADLINE_S:
                raise AssertionError(f"the guard did not start:\n{self.log[-3000:]}")
            time.sleep(0.005)
        self.url = str(json.loads(run_file.read_text(encoding="utf-8"))["url"])
        return time.monotonic() - began

    def kill(self) -> None:
        """End it at once, wherever it is."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """Ask it to end, and wait until it has."""
        self._end(signal.SIGTERM)

    def client(self, *, operator: bool = False, timeout: float = 15.0) -> GuardClient:
        """A client with the crew's or the operator's token; the caller closes it."""
        token = self.home / ("operator.token" if operator else "crew.token")
        return GuardClient(self.url, token.read_text(encoding="utf-8").strip(), timeout=timeout)

    @property
    def journal(self) -> Path:
        """The journal file."""
        return self.home / "journal.sqlite"

    @property
    def log(self) -> str:
        """Everything the process has logged."""
        return (self.home / "guard.log").read_text(encoding="utf-8", errors="replace")

    def _settings(self, run_file: Path) -> Mapping[str, Any]:
        return {
            "profile": "test",
            "venue": {
                "kind": "paper",
                "base_url": self.venue.url,
                "virtual_clock": self.virtual_clock,
                "speed": self.speed,
            },
            "keys": {"file": str(self.venue.home / "keys.json")},
            "symbols": list(self.symbols),
            "limits": dict(self.limits),
            "journal": str(self.journal),
            "crew_token_file": str(self.home / "crew.token"),
            "operator_token_file": str(self.home / "operator.token"),
            "run_file": str(run_file),
            "poll_seconds": 0.2,
            "fast_poll_seconds": 0.05,
        }

    def _end(self, number: signal.Signals) -> None:
        process, self._process = self._process, None
        if process is not None and process.poll() is None:
            os.kill(process.pid, number)
            process.wait(timeout=15)

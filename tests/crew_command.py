"""The `crew` command as a stranger runs it: a process of its own, a home of its own, and nothing beyond loopback."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
DATA = ROOT.parent / "shared" / "data"


@dataclass(frozen=True)
class Ran:
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def lines(self) -> list[dict[str, Any]]:
        """Standard output as one JSON object a line."""
        return [json.loads(line) for line in self.out.splitlines() if line.strip()]


@dataclass(frozen=True)
class Operator:
    """Somebody at a terminal, with a home folder and a spy on the sockets of everything started."""

    home: Path
    keys: tuple[tuple[str, str], ...] = ()

    @property
    def spy_log(self) -> Path:
        """Where attempts to leave loopback are written down."""
        return self.home / "beyond-loopback.log"

    @property
    def beyond_loopback(self) -> list[str]:
        """Every attempt, by any process, to reach anything but this machine."""
        return self.spy_log.read_text().splitlines() if self.spy_log.exists() else []

    def environment(self) -> dict[str, str]:
        """The environment of every command this operator runs."""
        kept = {
            name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR", "VIRTUAL_ENV") if name in os.environ
        }
        spy = str(ROOT / "tests" / "spies" / "loopback")
        return {
            **kept,
            "PYTHONPATH": spy,
            "LOOPBACK_SPY_LOG": str(self.spy_log),
            "CREWDESK_HOME": str(self.home / "var"),
            "NO_COLOR": "1",
            "COLUMNS": "120",
            **dict(self.keys),
        }

    def command(self, *words: str) -> list[str]:
        """The command line of `crew` with these words."""
        return [str(Path(sys.executable).parent / "crew"), *words]

    def crew(self, *words: str, timeout: float = 120) -> Ran:
        """Run one command to its end."""
        ran = subprocess.run(
            self.command(*words), cwd=self.home, env=self.environment(), capture_output=True, text=True, timeout=timeout
        )
        return Ran(ran.returncode, ran.stdout, ran.stderr)

    def start(self, *words: str) -> subprocess.Popen[str]:
        """Start a command and leave it running; the caller ends it by its pid."""
        return subprocess.Popen(
            self.command(*words),
            cwd=self.home,
            env=self.environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

"""The console of a desk, started again and again: each is forked from a process that has loaded everything already.

What is forked is the command itself, `crew console --look-only`, from its first line on; only imports are spared.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import select
import signal
import socket
import time
from pathlib import Path

PATIENCE_S = 120.0
_FORK = multiprocessing.get_context("fork")


def load_everything() -> None:
    """Import what a console loads, so that a forked one finds it there."""
    from ui.console.furnish import QUIET

    os.environ.update(QUIET)
    import gradio  # noqa: F401

    import ui.commands.console
    import ui.console.page
    import ui.server.serving  # noqa: F401
    from crews.work import runner

    runner.load()


class Consoles:
    """The console of a home, one at a time, always at the same address."""

    def __init__(self, home: Path, own: Path) -> None:
        """`own` is the operator's folder of files, which the console's editor keeps."""
        self._home, self._own = home, own
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = int(free.getsockname()[1])
        self._child: multiprocessing.process.BaseProcess | None = None

    @property
    def url(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start it, and wait until it says that it listens."""
        reads, writes = os.pipe()
        self._child = _FORK.Process(target=self._serve, args=(writes,))
        self._child.start()
        os.close(writes)
        try:
            told, deadline = b"", time.monotonic() + PATIENCE_S
            while not told.endswith(b"\n"):
                left = max(0.0, deadline - time.monotonic())
                part = os.read(reads, 4096) if select.select([reads], [], [], left)[0] else b""
                if not part:
                    raise SystemExit(f"the console did not start:\n{self.log.read_text()[-2000:]}")
                told += part
        finally:
            os.close(reads)
        assert json.loads(told)["url"] == self.url

    def kill(self) -> None:
        """Kill it where it is, and wait until it is gone. One that does not run is fine."""
        if self._child is not None and self._child.pid is not None:
            os.kill(self._child.pid, signal.SIGKILL)
            self._child.join(PATIENCE_S)
            self._child.close()
        self._child = None

    @property
    def log(self) -> Path:
        """What all of them said."""
        return self._home / "console.log"

    def _serve(self, told: int) -> None:
        """The console's whole life."""
        os.setsid()
        os.environ["CREWDESK_HOME"] = str(self._home / "var")
        log = os.open(self.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        os.dup2(told, 1)
        os.dup2(log, 2)
        from ui.commands.console import console

        console(profile="demo", port=self.port, look_only=True, config=self._own, as_json=True)

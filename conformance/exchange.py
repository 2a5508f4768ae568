"""The exchange a suite trades on: started through its own command with a fresh account, ended by its process id."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).resolve().parents[1]
START_SECONDS: Final = 180.0
STOP_SECONDS: Final = 15.0


class ExchangeDidNotStartError(RuntimeError):
    """The exchange's own command ended, or never listened; the message is the end of its log."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """A running exchange: its address, and the file that tells a foreign program the address and the key."""

    url: str
    pid: int
    invitation: Path


@contextmanager
def running_exchange(home: Path, settings: Mapping[str, Any]) -> Iterator[Exchange]:
    """An exchange for the length of a `with` block, with `settings` as its users would write them in a file.

    Raises:
        ExchangeDidNotStartError: with the last lines of its log.
    """
    shutil.rmtree(home, ignore_errors=True)
    home.mkdir(parents=True)
    files = {"run_file": "run.json", "keys_file": "keys.json", "state_file": "state.sqlite"}
    told = home / "settings.json"
    told.write_text(json.dumps({**settings, **{key: str(home / name) for key, name in files.items()}}))
    command = [str(Path(sys.executable).with_name("crew")), "exchange", "--settings", str(told)]
    with (home / "exchange.log").open("wb") as log:
        process = subprocess.Popen(
            command, cwd=ROOT, stdout=log, stderr=log, env={**os.environ, "CREWDESK_HOME": str(home / "var")}
        )
    try:
        url = _wait_until_it_listens(process, home)
        yield Exchange(url, process.pid, _invite(home, url))
    finally:
        _end(process)


def _wait_until_it_listens(process: subprocess.Popen[bytes], home: Path) -> str:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        if (home / "run.json").exists():
            return str(json.loads((home / "run.json").read_text())["url"])
        time.sleep(0.05)
    raise ExchangeDidNotStartError((home / "exchange.log").read_text(errors="replace")[-2_000:])


def _invite(home: Path, url: str) -> Path:
    keys = json.loads((home / "keys.json").read_text())
    invitation = home / "invitation.json"
    streams = url.replace("http://", "ws://")
    invitation.write_text(
        json.dumps({"url": url, "streams": streams, "key": keys["api_key"], "secret": keys["secret"]})
    )
    return invitation


def _end(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait(STOP_SECONDS)

"""`python -m desk.guard.process.watcher --settings FILE`: a silent guard is replaced by one that only flattens.

It holds no key and knows no venue. It asks the guard's door how long its main loop has been silent; dead, hung or
stopped in its tracks, all look the same from here. After `silent_seconds` it ends exactly that process and starts a
guard with `--flatten-only`, which takes up the journal, closes everything and opens nothing until a human starts an
ordinary guard. It ends when its guard ends as asked, or when somebody else has put another guard in that place.
"""

from __future__ import annotations

import argparse
import http.client
import json
import logging
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from urllib.parse import urlsplit

from desk.guard.process.logs import log_to_stderr
from desk.guard.process.runfile import RunFile, read_run_file, write_run_file
from desk.guard.process.settings import GuardSettings, load_settings
from desk.guard.secrets.veil import Veil

_LOG = logging.getLogger("desk.guard.process.watcher")
_EACH_SECONDS = 0.5
_ANSWER_SECONDS = 2.0
_GONE_SECONDS = 3.0
# A guard that starts reads its whole journal and asks the venue for everything in flight.
_START_SECONDS = 20.0


class Next(StrEnum):
    """What the watcher does after a glance."""

    WAIT = "wait"
    REPLACE = "replace"
    LEAVE = "leave"


@dataclass(slots=True, kw_only=True)
class Watch:
    """The watcher's judgement, without clock or process. `pid` is the guard it watches, times are monotonic seconds."""

    pid: int
    silent_seconds: float
    heard_at: float

    def judge(self, found: RunFile | None, silent: float | None, now: float) -> Next:
        """After one glance: the run file's guard, and how long its loop has been silent (None: no answer)."""
        answers = found is not None and silent is not None and silent < self.silent_seconds
        if answers and found is not None and found.pid != self.pid:
            return Next.LEAVE
        if answers:
            self.heard_at = now
        return Next.REPLACE if now - self.heard_at >= self.silent_seconds else Next.WAIT


def watcher_file(settings: GuardSettings) -> Path:
    """Where a watcher says that it runs: beside its guard's own file."""
    return settings.run_file.with_name("watcher.json")


def start_watcher(settings_file: Path, phrase: str) -> subprocess.Popen[bytes]:
    """A watcher for this very process, in a session of its own so that what ends the one does not end the other."""
    command = [
        sys.executable,
        "-m",
        "desk.guard.process.watcher",
        "--settings",
        str(settings_file),
        "--pid",
        str(os.getpid()),
    ]
    return subprocess.Popen([*command, *_phrase(phrase)], stdin=subprocess.DEVNULL, start_new_session=True)


def main(arguments: list[str] | None = None) -> int:
    """Watch until the guard needs no watching any more."""
    parser = argparse.ArgumentParser(
        prog="python -m desk.guard.process.watcher", description="Replaces a silent guard."
    )
    parser.add_argument("--settings", type=Path, required=True, help="the guard's own settings file")
    parser.add_argument("--pid", type=int, required=True, help="the guard to watch")
    parser.add_argument("--live-phrase", default="", help="what the guard was told, for the one that replaces it")
    told = parser.parse_args(arguments)
    log_to_stderr(Veil())
    settings = load_settings(told.settings)
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, _end)
    mine = watcher_file(settings)
    write_run_file(mine, "")
    try:
        _watch(settings, told.settings, told.pid, told.live_phrase)
    finally:
        mine.unlink(missing_ok=True)
    return 0


def _watch(settings: GuardSettings, file: Path, pid: int, phrase: str) -> None:
    watch = Watch(pid=pid, silent_seconds=settings.silent_seconds, heard_at=time.monotonic())
    while True:
        time.sleep(_EACH_SECONDS)
        found = read_run_file(settings.run_file)
        silent = None if found is None else silence_of(found.url)
        step = watch.judge(found, silent, time.monotonic())
        if step is Next.LEAVE:
            return
        if step is Next.REPLACE:
            _LOG.critical("the guard (pid %d) is silent: replacing it with one that only flattens", watch.pid)
            watch.pid = _replace(file, watch.pid, phrase)
            watch.heard_at = time.monotonic() + _START_SECONDS


def silence_of(url: str) -> float | None:
    """Seconds since the guard's main loop last came round, or None when its door does not answer."""
    address = urlsplit(url)
    connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=_ANSWER_SECONDS)
    try:
        connection.request("GET", "/v1/health")
        return float(json.loads(connection.getresponse().read())["silent_seconds"])
    except (OSError, http.client.HTTPException, ValueError, KeyError, TypeError):
        return None
    finally:
        connection.close()


def _replace(file: Path, pid: int, phrase: str) -> int:
    end_guard(pid, file)
    command = [sys.executable, "-m", "desk.guard", "--settings", str(file), "--flatten-only", *_phrase(phrase)]
    return subprocess.Popen(command, stdin=subprocess.DEVNULL, start_new_session=True).pid


def end_guard(pid: int, file: Path) -> None:
    """End this pid if it is the guard of this settings file: pids are given away again, and nobody else may be hit."""
    if not is_guard(pid, file):
        return
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)
    until = time.monotonic() + _GONE_SECONDS
    while is_guard(pid, file) and time.monotonic() < until:
        with suppress(ChildProcessError):
            os.waitpid(pid, os.WNOHANG)
        time.sleep(0.02)


def is_guard(pid: int, file: Path) -> bool:
    """Whether the system names a guard with these settings as what this pid runs."""
    try:
        words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except OSError:
        return False
    return b"desk.guard" in words and str(file).encode() in words


def _phrase(phrase: str) -> list[str]:
    return ["--live-phrase", phrase] if phrase else []


def _end(number: int, frame: object) -> None:
    del number, frame
    raise SystemExit(0)


if __name__ == "__main__":
    sys.exit(main())

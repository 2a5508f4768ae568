"""Start a process of the desk, wait until it serves, and later end exactly that process.

A process says that it serves by writing its run file `{pid, url, started_at}`; the file alone proves nothing, because a
killed process leaves it behind, so the pid must be alive and the address must answer before it counts as running.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import httpx

from desk.domain.errors import PrerequisiteError

START_SECONDS = 30.0
STOP_SECONDS = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """A process that serves: its name, pid and address, and whether this call started it."""

    name: str
    pid: int
    url: str
    started_here: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """How a process is started and recognised: its module, settings file, run file, log file and health path."""

    name: str
    module: str
    settings: Path
    run_file: Path
    log: Path
    health: str
    extra: tuple[str, ...] = ()


def find(program: Program) -> Running | None:
    """The process this program's run file speaks of, if it is alive and answers."""
    told = _told(program)
    if told is None or not _alive(told.pid) or not _answers(told.url + program.health):
        return None
    return told


def find_hung(program: Program) -> Running | None:
    """The process this program's run file speaks of, if it is alive and surely this program, though it may be mute.

    A pid is given to somebody else in time, so the system must name the program's module as what this pid runs.
    """
    told = _told(program)
    if told is None or not _alive(told.pid):
        return None
    try:
        words = Path(f"/proc/{told.pid}/cmdline").read_bytes().split(b"\0")
    except OSError:
        # Not every system tells; then only an answer proves whose pid it is.
        return find(program)
    return told if program.module.encode() in words else None


def ensure(program: Program, environ: Mapping[str, str]) -> Running:
    """The running process, started now if none runs. Two callers at once end up with one process.

    `environ` is what a new process is given. It must have been taken before other threads began to change this
    process's environment, as CrewAI's import does: a child that reads it meanwhile may fail to start.

    Raises:
        PrerequisiteError: when the process ends or stays silent; its last log line says why. Also when one is alive
            and mute: a second beside it would fight over its files, and its run file must stay for who ends it.
    """
    with _one_starter(program):
        running, hung = find(program), find_hung(program)
        if running is None and hung is not None:
            raise PrerequisiteError(
                f"the {hung.name} (pid {hung.pid}) is alive and does not answer",
                hint=f"crew stop ends it; its log is {program.log}",
            )
        return running or _start(program, environ)


def stop(running: Running) -> None:
    """End this process: politely, then after ten seconds by force. One that is already gone is fine."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(running.pid, signal.SIGTERM)
        if not _gone_within(running.pid, STOP_SECONDS):
            os.kill(running.pid, signal.SIGKILL)
            _gone_within(running.pid, STOP_SECONDS)


def _told(program: Program) -> Running | None:
    """What the run file says, which proves nothing yet."""
    try:
        told = json.loads(program.run_file.read_text())
        pid, url = int(told["pid"]), str(told["url"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return Running(name=program.name, pid=pid, url=url, started_here=False)


def _start(program: Program, environ: Mapping[str, str]) -> Running:
    program.run_file.unlink(missing_ok=True)
    program.log.parent.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", program.module, "--settings", str(program.settings), *program.extra]
    with program.log.open("ab") as log:
        said_before = log.tell()
        # Its own session: Ctrl-C in the terminal reaches the crew alone, which then ends what it started in order.
        process = subprocess.Popen(
            command,
            env=dict(environ),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
            close_fds=True,
        )
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            error, hint = last_words(program.log, said_before)
            raise PrerequisiteError(
                f"the {program.name} ended at start: {error}",
                hint=f"{hint}; its log is {program.log}" if hint else f"its log is {program.log}",
            )
        found = find(program)
        if found is not None:
            return Running(name=found.name, pid=found.pid, url=found.url, started_here=True)
        time.sleep(0.02)
    stop(Running(name=program.name, pid=process.pid, url="", started_here=True))
    raise PrerequisiteError(
        f"the {program.name} did not answer within {START_SECONDS:.0f} s", hint=f"its log is {program.log}"
    )


@contextlib.contextmanager
def _one_starter(program: Program) -> Iterator[None]:
    program.run_file.parent.mkdir(parents=True, exist_ok=True)
    with program.run_file.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _answers(url: str) -> bool:
    try:
        return httpx.get(url, timeout=2.0, trust_env=False).is_success
    except httpx.HTTPError:
        return False


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return not _is_zombie(pid)


def _is_zombie(pid: int) -> bool:
    """Whether this is a child of ours that ended but was not yet waited for."""
    try:
        return os.waitpid(pid, os.WNOHANG)[0] == pid
    except ChildProcessError:
        return False


def _gone_within(pid: int, seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if not _alive(pid):
            return True
        time.sleep(0.02)
    return False


def last_words(log: Path, after: int) -> tuple[str, str]:
    """What a process said last and the hint it gave, in a log that begins with what earlier ones said."""
    with log.open("rb") as file:
        file.seek(after)
        said = file.read().decode(errors="replace")
    lines = [line for line in said.splitlines() if line.strip()]
    if not lines:
        return "it said nothing", ""
    try:
        told = dict(json.loads(lines[-1]))
    except (ValueError, TypeError):
        return lines[-1][:300], ""
    return str(told.get("error") or told.get("event") or lines[-1])[:300], str(told.get("hint") or "")[:300]

"""A run is a `crew` command in a process of its own: what it loads, leaks or breaks ends with it.

Each is told in its environment which run it is. So a schedule that was killed finds, when it starts again, the runs
that outlived it, and waits for them before it begins another in their lane.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from config.schedule import Seated, Work
from crews.running.services import RUN_VARIABLE
from crews.schedule.jobs import Job
from crews.schedule.store import Outcome, Run
from crews.schedule.ticking import KILLED
from desk.guard.secrets.veil import Veil

_PATIENCE_SECONDS = 20.0
_MOST_LOG = 4_000_000
_NOTE_CHARS = 300
# The exit codes of the `crew` command, which are its contract.
_REFUSED, _INTERRUPTED = frozenset({2, 3, 4}), 130

Heard = Callable[[Job, Mapping[str, object]], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """How the `crew` command is begun here: its words, and the folders and phrase that every run is given."""

    words: tuple[str, ...]
    profile: str
    config: Path | None = None
    phrase: str = ""

    def line(self, job: Job) -> tuple[str, ...]:
        """The whole command of a job."""
        own = ("--config", str(self.config)) if self.config is not None else ()
        return (*self.words, *self._of(job), "--profile", self.profile, "--json", *own)

    def _of(self, job: Job) -> tuple[str, ...]:
        settings = job.settings
        if settings.work is Work.KICKOFF:
            # The crew of spikes waits for an alarm; both decide by rounds as well.
            crew = ("--crew", settings.crew.value) if settings.crew is not Seated.DESK else ()
            phrase = ("--live-phrase", self.phrase) if self.phrase else ()
            return ("kickoff", *job.symbols, "--cycles", str(settings.cycles), *crew, *phrase)
        if settings.work is Work.SPIKES:
            return ("spikes", "watch", *job.symbols, "--seconds", f"{settings.seconds:g}")
        if settings.work is Work.TRAIN:
            named = (word for symbol in job.symbols for word in ("--symbol", symbol))
            return ("policy", "train", "--interval", settings.interval, *named)
        if settings.work is Work.REPORT:
            return ("report",)
        return ("chart", *job.symbols)


class Commands:
    """`Workers` over processes of this machine."""

    def __init__(
        self, command: Command, logs: Path, *, environ: Mapping[str, str], veil: Veil, heard: Heard | None = None
    ) -> None:
        """`logs` is the folder of their logs; `heard` is told each JSON object that a run prints, on other threads."""
        self._command, self._logs, self._environ, self._veil = command, logs, dict(environ), veil
        self._heard = heard

    def begin(self, job: Job, run: Run) -> CommandWorking:
        """Begin a run's command."""
        self._logs.mkdir(parents=True, exist_ok=True)
        log = self._logs / f"job-{job.name.replace('@', '-')}.log"
        if log.exists() and log.stat().st_size > _MOST_LOG:
            # Also where no keeper cuts logs; what the runs before this one said stays to be read.
            log.replace(log.with_name(f"{log.name}.1"))
        with log.open("ab") as file:
            said_before = file.tell()
            process = subprocess.Popen(
                self._command.line(job),
                env={**self._environ, RUN_VARIABLE: self._name(run)},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=file,
                start_new_session=True,
            )
        if process.stdout is not None:
            reading = threading.Thread(
                target=self._read, args=(job, process.stdout, log), name=f"job-{job.name}", daemon=True
            )
            reading.start()
        return CommandWorking(process, log, said_before, job.settings.deadline_seconds, self._veil)

    def orphan(self, run: Run) -> Orphan | None:
        """The run's process, where one lives that was told it is this run."""
        pid = _pid_of(self._name(run))
        return None if pid is None else Orphan(pid, self._name(run))

    def _name(self, run: Run) -> str:
        return f"{self._logs.resolve()}#{run.number}"

    def _read(self, job: Job, lines: IO[bytes], log: Path) -> None:
        """Keep what a run prints, and tell of every JSON object in it."""
        with lines, log.open("ab") as file:
            for line in lines:
                file.write(line)
                file.flush()
                with suppress(ValueError):
                    told = json.loads(line)
                    if self._heard is not None and isinstance(told, dict):
                        self._heard(job, told)


class CommandWorking:
    """A run whose process this schedule began."""

    def __init__(
        self, process: subprocess.Popen[bytes], log: Path, said_before: int, deadline: float, veil: Veil
    ) -> None:
        self._process, self._log, self._said_before, self._veil = process, log, said_before, veil
        self._deadline = time.monotonic() + deadline
        self._asked: float | None = None
        self._timed_out = False

    def ended(self) -> tuple[Outcome, str] | None:
        """How it ended. One past its deadline is asked to end, and one that was asked and does not is made to."""
        code = self._process.poll()
        if code is not None:
            return self._outcome(code), self._words(code)
        now = time.monotonic()
        if self._asked is None and now > self._deadline:
            self._timed_out = True
            self.stop()
        elif self._asked is not None and now > self._asked + _PATIENCE_SECONDS:
            self._signal(signal.SIGKILL)
        return None

    def stop(self) -> None:
        """Ask it to end, once: a second signal would drop the decision at hand."""
        if self._asked is None:
            self._asked = time.monotonic()
            self._signal(signal.SIGTERM)

    def _signal(self, number: signal.Signals) -> None:
        with suppress(ProcessLookupError):
            self._process.send_signal(number)

    def _outcome(self, code: int) -> Outcome:
        if self._timed_out:
            return Outcome.TIMED_OUT
        if code == 0:
            return Outcome.DONE
        if self._asked is not None:
            return Outcome.STOPPED
        return Outcome.REFUSED if code in _REFUSED else Outcome.STOPPED if code == _INTERRUPTED else Outcome.FAILED

    def _words(self, code: int) -> str:
        if code == 0:
            return ""
        with suppress(OSError):
            said = self._log.read_bytes()[self._said_before :].decode("utf-8", "replace")
            told = next((line for line in said.splitlines() if line.startswith("crew: ")), "")
            lines = [line for line in said.splitlines() if line.strip() and not line.startswith("{")]
            words = told.removeprefix("crew: ") or (lines[-1] if lines else "")
            return self._veil.over(f"exit {code}: {words}" if words else f"exit {code}")[:_NOTE_CHARS]
        return f"exit {code}"


@dataclass(frozen=True, slots=True)
class Orphan:
    """A run that outlived the schedule that began it. Its exit code is nobody's to read."""

    pid: int
    name: str

    def ended(self) -> tuple[Outcome, str] | None:
        """Whether it is gone."""
        return None if _pid_of(self.name) == self.pid else (Outcome.INTERRUPTED, KILLED)

    def stop(self) -> None:
        """Ask it to end."""
        with suppress(ProcessLookupError, PermissionError):
            os.kill(self.pid, signal.SIGTERM)


def _pid_of(name: str) -> int | None:
    """The process that was told this name in its environment; None where none lives, or the system does not tell."""
    wanted = f"{RUN_VARIABLE}={name}".encode()
    return next((pid for pid, told in _environments() if wanted in told), None)


def _environments() -> Iterator[tuple[int, Sequence[bytes]]]:
    """What the system shows of the environment each process began with, the processes that are ours to see."""
    for entry in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            yield int(entry.name), (entry / "environ").read_bytes().split(b"\0")

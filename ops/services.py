"""One service as its keeper sees it: begun, looked at, ended. Exchange and guard as `crews.running` knows them.

The guard has a watcher of its own, which puts one that only flattens in the place of a silent guard. So a missing
guard is the watcher's affair for a while; only where the watcher is gone too does the keeper act, and then as the
watcher would have. An ordinary guard is started by a human's word alone: `crew up` and `crew restart`.
"""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit

import httpx

from crews.running import processes
from crews.running.processes import Program
from crews.running.services import Folder, Services
from desk.guard.process.runfile import read_run_file
from ops.identity import Identity, identity_of

TAKEOVER_SECONDS = 45.0
"""Longer than a watcher takes to see a silent guard, end it and have another read the whole journal."""
ANSWER_SECONDS = 2.0


class Service(Protocol):
    """What the keeper asks of each service."""

    @property
    def name(self) -> str:
        """As the operator names it."""
        ...

    @property
    def log(self) -> Path:
        """Where it writes."""
        ...

    @property
    def process(self) -> Identity | None:
        """The process that is this service now, or None."""
        ...

    @property
    def url(self) -> str:
        """Where it answers, or empty."""
        ...

    @property
    def lent_seconds(self) -> float:
        """For so long, somebody else may put another process in the place of one that is gone."""
        ...

    def start(self, *, by_hand: bool) -> None:
        """Begin it; `by_hand` when a human asked. Raises DeskError when it cannot."""
        ...

    def answers(self) -> bool:
        """Whether it does its work, as far as one can see from here."""
        ...

    def stop(self) -> None:
        """End it in order, by force after a while. One that is gone is fine."""
        ...

    def last_words(self) -> tuple[str, str]:
        """What it said last since it was started, and the hint it gave, if any."""
        ...


@dataclass
class _Ours:
    """A process that `crews.running` starts and finds: of this keeper's making, or found running."""

    services: Services
    folder: Folder

    @property
    def log(self) -> Path:
        return self._program.log

    @property
    def process(self) -> Identity | None:
        running = processes.find_hung(self._program)
        return None if running is None else identity_of(running.pid)

    def answers(self) -> bool:
        return processes.find(self._program) is not None

    def stop(self) -> None:
        _end(self._program)

    def last_words(self) -> tuple[str, str]:
        return "", ""  # they are in the error that its start raises

    @property
    def _program(self) -> Program:
        raise LookupError("each service names its own program")


@dataclass
class Exchange(_Ours):
    """The embedded exchange. Started again, it listens where it did: the guard looks for it there."""

    name: str = "exchange"
    lent_seconds: float = 0.0

    @property
    def url(self) -> str:
        return self.services.venue_url

    def start(self, *, by_hand: bool) -> None:
        del by_hand
        port = urlsplit(self.services.venue_url).port or 0
        self.services.venue_over = {**self.services.venue_over, "port": port}
        self.services.open_venue()

    @property
    def _program(self) -> Program:
        return self.folder.program("venue")


@dataclass
class Guard(_Ours):
    """The guard and its watcher. `watched` where the profile's clock is not stepped."""

    watched: bool = True
    name: str = "guard"

    @property
    def lent_seconds(self) -> float:
        return TAKEOVER_SECONDS if self.watched else 0.0

    @property
    def url(self) -> str:
        return self.services.guard_url

    def start(self, *, by_hand: bool) -> None:
        # Where time stands still while nobody moves it, nothing happened while it was gone: it takes up its journal.
        if by_hand or not self.watched:
            self.services.open()
        else:
            self.services.open_heir()

    def stop(self) -> None:
        # The watcher first, so that it replaces nobody.
        _end(self.folder.program("watcher"))
        super().stop()

    @property
    def _program(self) -> Program:
        return self.folder.program("guard")


@dataclass(slots=True)
class Child:
    """A process of this keeper's own: it is told to end, waited for, and never left behind.

    It works once its `health` page says yes, or once its run file names it; one that has neither works while it lives.
    """

    name: str
    command: tuple[str, ...]
    log: Path
    environ: Mapping[str, str] = field(repr=False)
    health: str = ""
    run_file: Path | None = None
    url: str = ""
    lent_seconds: float = 0.0
    patience: float = 60.0
    _said_before: int = 0
    _child: subprocess.Popen[bytes] | None = None
    _identity: Identity | None = None

    @property
    def process(self) -> Identity | None:
        if self._child is None or self._child.poll() is not None:
            return None
        return self._identity

    def start(self, *, by_hand: bool) -> None:
        del by_hand
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as log:
            self._said_before = log.tell()
            self._child = subprocess.Popen(
                self.command,
                env=dict(self.environ),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                # Its own session: Ctrl-C reaches the keeper alone, which ends everything in order.
                start_new_session=True,
                close_fds=True,
            )
        self._identity = identity_of(self._child.pid)

    def answers(self) -> bool:
        if not self.health:
            return self.process is not None and (self.run_file is None or self._named_in(self.run_file))
        try:
            return httpx.get(self.health, timeout=ANSWER_SECONDS, trust_env=False).is_success
        except httpx.HTTPError:
            return False

    def _named_in(self, run_file: Path) -> bool:
        told = read_run_file(run_file)
        return told is not None and self._child is not None and told.pid == self._child.pid

    def stop(self) -> None:
        if self._child is None:
            return
        self._child.terminate()
        try:
            self._child.wait(timeout=self.patience)
        except subprocess.TimeoutExpired:
            self._child.kill()
            self._child.wait()

    def last_words(self) -> tuple[str, str]:
        return processes.last_words(self.log, self._said_before) if self.log.exists() else ("", "")


def _end(program: Program) -> None:
    running = processes.find_hung(program)
    if running is not None:
        processes.stop(running)

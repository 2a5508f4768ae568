"""`crew up --foreground`: one keeper of one profile, from the first start to the last end.

The system itself says whether a keeper of this profile lives: it holds a lock that is let go of when it dies, however
it dies. What a killed keeper left running is known by its file: the children are ended, guard and exchange taken over.
"""

from __future__ import annotations

import fcntl
import json
import logging
import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from config.loader import DeskConfig
from config.services import ServicesConfig
from crews.running import processes
from crews.running.processes import Running
from crews.running.services import Folder, Services, write_private
from crews.running.turn import deciding
from desk.domain.errors import PrerequisiteError
from ops.identity import identity_of
from ops.keeper import Keeper
from ops.log_files import tend
from ops.notify import Notify
from ops.services import Child, Exchange, Guard, Service
from ops.standing import DeskStanding, Standing, read_standing, standing_file, write_standing

_LOG = logging.getLogger(__name__)
_GLANCE_SECONDS = 0.25
LONGEST_END_SECONDS = 140.0
"""How long an end in order may take: each child its minute at most, guard and exchange ten seconds each."""
_TEND_SECONDS = 30.0
FIRST = ("exchange", "guard")
"""What the others need, and what outlives a keeper that is killed."""


def wish_file(folder: Folder) -> Path:
    """Where `crew restart SERVICE` and `crew down SERVICE` tell a keeper what they want."""
    return folder.root / "run" / "desk.wish"


def keeper_of(folder: Folder) -> DeskStanding | None:
    """How a profile's desk stands, or None when no keeper lives."""
    told = read_standing(standing_file(folder))
    return told if told is not None and told.keeper.alive else None


@contextmanager
def sole_keeper(folder: Folder) -> Iterator[None]:
    """Be this profile's only keeper for the length of the block. Raises PrerequisiteError when there is one."""
    lock = folder.root.with_name(f".{folder.root.name}.up")
    lock.parent.mkdir(parents=True, exist_ok=True)
    with os.fdopen(os.open(lock, os.O_RDWR | os.O_CREAT, 0o600), "r+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            name, told = folder.root.name, keeper_of(folder)
            who = f" (pid {told.keeper.pid}, since {told.since})" if told else ""
            raise PrerequisiteError(
                f"the desk of profile {name} is up already{who}",
                hint=f"crew status --services --profile {name}; crew restart, crew down",
            ) from None
        yield


def end_orphans(folder: Folder) -> list[str]:
    """End what a killed keeper's file says it left, save exchange and guard, which are taken over. Their names."""
    told = read_standing(standing_file(folder))
    if told is None or told.keeper.alive:
        return []
    left = [one for one in told.services if one.name not in FIRST and one.process is not None and one.process.alive]
    for one in left:
        if one.process is not None:
            processes.stop(Running(name=one.name, pid=one.process.pid, url=one.url, started_here=False))
    return [one.name for one in left]


@dataclass(slots=True)
class Run:
    """One keeper's life. `children` are the services beside exchange and guard; `told` hears how standings change."""

    config: DeskConfig
    wanted: ServicesConfig
    folder: Folder
    services: Services
    children: Sequence[Child]
    notify: Notify
    stopping: Callable[[], bool]
    told: Callable[[Sequence[Standing], Sequence[Standing]], None]
    monotonic: Callable[[], float] = time.monotonic
    since: str = field(default_factory=lambda: datetime.now(UTC).isoformat(timespec="seconds"))

    def keep(self) -> None:
        """Keep the desk until told to stop, then end it in order.

        Raises:
            DeskError: when something did not start the first time; nothing is left running then.
        """
        for name in end_orphans(self.folder):
            _LOG.warning("%s was left by a keeper that is gone: ended", name)
        keeper = Keeper(self._all(), self.wanted.restarts)
        try:
            with deciding(self.folder.root):
                self._first_start(keeper, lambda: keeper.are_settled(FIRST))
            self._first_start(keeper, lambda: keeper.settled)
            self.notify.ready("everything is up")
            _LOG.info("everything is up")
            self._watch(keeper)
        finally:
            self.notify.stopping()
            _LOG.info("ending, the guard after all who may ask it")
            keeper.end(self.monotonic())
            standing_file(self.folder).unlink(missing_ok=True)
            _LOG.info("the desk is down; stops keep resting at the venue")

    def _all(self) -> list[Service]:
        embedded = not self.config.profile.venue.base_url
        watched = self.config.profile.clock.mode != "stepped"
        found: list[Service] = []
        if embedded and "exchange" in self.wanted.start:
            found.append(Exchange(self.services, self.folder))
        if "guard" in self.wanted.start:
            found.append(Guard(self.services, self.folder, watched=watched))
        return [*found, *self.children]

    def _first_start(self, keeper: Keeper, done: Callable[[], bool]) -> None:
        """All or nothing: who starts a desk is to see at once what is wrong with it."""
        while not done() and not self.stopping():
            self._turn(keeper)
            if keeper.trouble is not None:
                raise keeper.trouble
            time.sleep(_GLANCE_SECONDS / 5)
        self._write(keeper)

    def _watch(self, keeper: Keeper) -> None:
        tended = 0.0
        while not self.stopping():
            self._turn(keeper)
            self._grant(keeper)
            if self.monotonic() - tended > _TEND_SECONDS:
                tended = self.monotonic()
                tend(self.folder.root / "logs", self.wanted.logs, time.time())
            time.sleep(_GLANCE_SECONDS)

    def _turn(self, keeper: Keeper) -> None:
        now = self.monotonic()
        before = keeper.standings
        keeper.tick(now)
        self.notify.alive(now)
        if keeper.standings != before:
            self._write(keeper)
            self.told(before, keeper.standings)

    def _write(self, keeper: Keeper) -> None:
        told = DeskStanding(
            profile=self.config.profile.name,
            keeper=identity_of(os.getpid()),
            since=self.since,
            settled=keeper.settled,
            services=keeper.standings,
            manager=self.notify.manager,
        )
        write_standing(standing_file(self.folder), told)
        self.notify.status(", ".join(f"{one.name} {one.state.value}" for one in told.services))

    def _grant(self, keeper: Keeper) -> None:
        """Start one service anew, or stop it, where a terminal asked for it."""
        file = wish_file(self.folder)
        try:
            told = dict(json.loads(file.read_text()))
        except FileNotFoundError:
            return
        except (OSError, ValueError, TypeError):
            told = {}
        file.unlink(missing_ok=True)
        try:
            if "stop" in told:
                keeper.rest(str(told["stop"]), self.monotonic())
            else:
                keeper.again(str(told.get("restart", "")), self.monotonic())
        except PrerequisiteError as error:
            _LOG.warning("not done: %s", error.message)
        self._write(keeper)


def ask_restart(folder: Folder, service: str) -> None:
    """Ask the keeper of a profile to start one service anew. Raises PrerequisiteError when none lives or keeps it."""
    _ask(folder, "restart", service)


def ask_stop(folder: Folder, service: str) -> None:
    """Ask the keeper of a profile to stop one service. Raises PrerequisiteError when none lives or keeps it."""
    _ask(folder, "stop", service)


def _ask(folder: Folder, wish: str, service: str) -> None:
    told = keeper_of(folder)
    if told is None:
        raise PrerequisiteError("the desk is not up", hint=f"crew up --profile {folder.root.name}")
    names = [one.name for one in told.services]
    if service not in names:
        raise PrerequisiteError(f"no service {service} is kept here", hint=f"it keeps {', '.join(names)}")
    write_private(wish_file(folder), json.dumps({wish: service}))

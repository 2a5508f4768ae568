"""One desk, its guard and exchange at work throughout; its console killed and started again, over and over."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Sequence
from contextlib import ExitStack, closing, suppress
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from benchmarks.console_killed.consoles import PATIENCE_S, Consoles, load_everything
from benchmarks.console_killed.page import Page
from benchmarks.console_killed.writers import (
    Acknowledgements,
    Edits,
    EnoughError,
    Guesses,
    Logins,
    Pauses,
    Trades,
    Writer,
)
from config.files import Files
from config.loader import load_desk
from crews.running.services import Folder, Services
from desk.alerts import Outbox
from desk.guard.process.clock import SystemClock
from memory.audit import AuditLog
from ui.server.access import Access, Scope
from ui.server.access.identity import Role
from ui.server.serving import access_file

# Acknowledgements after which the blow falls, at most, and how long after the last of them: in the midst of others.
MOST_ACKNOWLEDGED, LONGEST_WAIT_S = 25, 0.05
PASSWORD = "a right long word"


@dataclass
class Killed:
    """What it came to: kills, rows acknowledged by their sort, those of them that are gone, and broken chains."""

    kills: int = 0
    rows: dict[str, int] = field(default_factory=dict[str, int])
    lost: list[str] = field(default_factory=list[str])
    broken: list[str] = field(default_factory=list[str])

    @property
    def acknowledged(self) -> int:
        """All rows."""
        return sum(self.rows.values())


def kill_the_console(home: Path, kills: int, seed: int, *, planted: bool = False) -> Killed:
    """Kill it so often. `planted` lets one writer take for acknowledged what it has only asked for."""
    folder, own = Folder(home / "var" / "demo"), home / "own"
    own.mkdir(parents=True)
    found, dice = Killed(), random.Random(seed)
    with ExitStack() as closing_all:
        services = Services(load_desk("demo", environ={}), folder)
        closing_all.callback(services.close)
        services.open()
        load_everything()
        consoles = Consoles(home, own)
        access = closing_all.enter_context(closing(Access(access_file(folder), SystemClock())))
        writers = _writers(consoles, folder, own, access, closing_all, planted=planted)
        closing_all.callback(consoles.kill)
        consoles.start()
        for number in range(1, kills + 1):
            _life(consoles, writers, found, dice)
            found.kills = number
            _verify(folder, found)
            consoles.start()
            found.lost += [f"{one} after kill {number}" for writer in writers for one in writer.lost()]
            # Whoever is killed while it looks at a right password has not forgiven the guess: the owner does.
            access.guesses.unlock()
            if number % 10 == 0:
                print(f"console: {number} kills, {found.acknowledged:,} acknowledged", flush=True)
    return found


def _writers(
    consoles: Consoles, folder: Folder, own: Path, access: Access, closing_all: ExitStack, *, planted: bool
) -> Sequence[Writer]:
    access.set_password("operator", PASSWORD, role=Role.OPERATOR)
    session = access.sessions.open("operator")
    bearer = {"Authorization": f"Bearer {access.new_token('writer', Scope.OPERATE)}"}
    program = httpx.Client(base_url=consoles.url, headers=bearer, trust_env=False, timeout=60)
    page = Page(consoles.url, {"crew_session": session.token, "crew_csrf": session.csrf}, session.csrf)
    outbox = Outbox(folder.alerts, SystemClock())
    for one in (program, page, outbox):
        closing_all.callback(one.close)
    return (
        Pauses(program),
        Trades(program),
        Logins(consoles.url, "operator", PASSWORD),
        Guesses(consoles.url, access_file(folder)),
        Edits(page, own / "agents.yaml", Files(None).read("agents").text),
        Acknowledgements(page, program, outbox, planted=planted),
    )


def _life(consoles: Consoles, writers: Sequence[Writer], found: Killed, dice: random.Random) -> None:
    """Everybody writes, until the blow."""
    over, heard, enough = threading.Event(), threading.Condition(), dice.randint(1, MOST_ACKNOWLEDGED)
    before = found.acknowledged

    def writing(writer: Writer) -> None:
        def said() -> None:
            with heard:
                found.rows[writer.name] = found.rows.get(writer.name, 0) + 1
                heard.notify_all()

        with suppress(httpx.HTTPError, EnoughError):
            while not over.is_set():
                writer.write(said)

    works = [threading.Thread(target=writing, args=(one,), name=one.name) for one in writers]
    for one in works:
        one.start()
    with heard:
        told = heard.wait_for(lambda: found.acknowledged - before >= enough, PATIENCE_S)
    time.sleep(dice.uniform(0, LONGEST_WAIT_S))
    consoles.kill()
    over.set()
    for one in works:
        one.join(PATIENCE_S)
    if not told or any(one.is_alive() for one in works):
        raise SystemExit(f"the console acknowledged nothing more:\n{consoles.log.read_text()[-2000:]}")


def _verify(folder: Folder, found: Killed) -> None:
    if not folder.audit.exists():
        return
    with closing(AuditLog(folder.audit, SystemClock())) as log:
        report = log.verify()
    if not report.ok:
        found.broken.append(f"after kill {found.kills}: {report.problem}")

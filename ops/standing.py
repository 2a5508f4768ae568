"""How the desk's processes stand, as a file that a terminal, a console and a script read: `run/desk.json`.

The file proves nothing by itself: whoever wrote it may have been killed. It names its writer by pid and birth, and each
process likewise, so that a reader can tell what still runs.
"""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from crews.running.services import Folder
from ops.identity import Identity


class State(StrEnum):
    """How one service stands."""

    DOWN = "down"
    STARTING = "starting"
    UP = "up"
    MUTE = "mute"
    REPLACED = "being replaced"
    WAITING = "waiting to restart"
    GIVEN_UP = "given up"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """One service: since when (aware UTC, ISO) it stands so, how often it was started again, and why it ended last."""

    name: str
    state: State
    since: str
    process: Identity | None = None
    url: str = ""
    restarts: int = 0
    reason: str = ""
    log: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskStanding:
    """The whole desk of a profile. `settled` once everything was started, or given up.

    `manager` is who started the keeper and would start it again: systemd, or empty.
    """

    profile: str
    keeper: Identity
    since: str
    settled: bool
    services: tuple[Standing, ...]
    manager: str = ""

    @property
    def up(self) -> bool:
        """Whether everything that should run does. What a human stopped should not."""
        return all(one.state in (State.UP, State.STOPPED) for one in self.services)

    def to_json(self) -> dict[str, Any]:
        """As the file and `--json` have it."""
        services = [
            {**asdict(one), "pid": one.process.pid if one.process else None, "state": one.state.value}
            for one in self.services
        ]
        told = {"profile": self.profile, "pid": self.keeper.pid, "since": self.since, "settled": self.settled}
        told["manager"] = self.manager
        return {**told, "up": self.up, "keeper": asdict(self.keeper), "services": services}


def standing_file(folder: Folder) -> Path:
    """Where the keeper of a profile writes how things stand."""
    return folder.root / "run" / "desk.json"


def write_standing(path: Path, standing: DeskStanding) -> None:
    """Write it whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.write_text(json.dumps(standing.to_json(), indent=1) + "\n", encoding="utf-8")
    draft.replace(path)


def read_standing(path: Path) -> DeskStanding | None:
    """What the file says, or None when there is none or it does not read."""
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
        return DeskStanding(
            profile=str(told["profile"]),
            keeper=Identity(**told["keeper"]),
            since=str(told["since"]),
            settled=bool(told["settled"]),
            services=tuple(_service(one) for one in told["services"]),
            manager=str(told.get("manager", "")),
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _service(told: dict[str, Any]) -> Standing:
    return Standing(
        name=str(told["name"]),
        state=State(told["state"]),
        since=str(told["since"]),
        process=Identity(**told["process"]) if told["process"] else None,
        url=str(told["url"]),
        restarts=int(told["restarts"]),
        reason=str(told["reason"]),
        log=str(told["log"]),
    )

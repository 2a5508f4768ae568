"""The machine room: which processes run, how the streams fare, the disk, and the last lines of the logs."""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from crews.running import processes
from crews.running.services import Folder
from ops.log_lines import LEVELS, Line, Wanted, newest
from ops.running import FIRST, keeper_of
from ops.standing import Standing, State

__all__ = ["LEVELS", "Line", "Service", "ServicesPane"]

_KEPT_AS = {"paper exchange": "exchange", "guard": "guard"}
_TAIL_BYTES = 256 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """One process: `state` is up, mute (alive without an answer) or down."""

    name: str
    state: str
    pid: int | None
    url: str
    restarts: int = 0
    resident_bytes: int | None = None


class ServicesPane:
    """Looks at the processes and files of one profile."""

    def __init__(self, folder: Folder) -> None:
        self._folder = folder

    def services(self) -> tuple[Service, ...]:
        """Every process a profile may have, and those that `crew up` keeps."""
        kept = keeper_of(self._folder)
        own = tuple(self._service(name) for name in ("venue", "guard", "watcher"))
        if kept is None:
            return own
        again = {one.name: one.restarts for one in kept.services}
        own = tuple(replace(one, restarts=again.get(_KEPT_AS.get(one.name, ""), 0)) for one in own)
        keeper = Service(name="keeper", state="up", pid=kept.keeper.pid, url="", resident_bytes=_held(kept.keeper.pid))
        return (*own, *(_kept(one) for one in kept.services if one.name not in FIRST), keeper)

    def streams(self) -> Mapping[str, Any]:
        """How the crew's market streams fared when it last looked; empty where there are none."""
        try:
            return dict(json.loads(self._folder.market_report.read_text()))
        except (OSError, ValueError, TypeError):
            return {}

    def disk(self) -> tuple[int, int]:
        """Bytes free where the data lie, and bytes the profile takes."""
        root = self._folder.root if self._folder.root.exists() else Path()
        taken = sum(file.stat().st_size for file in root.rglob("*") if file.is_file()) if root != Path() else 0
        return shutil.disk_usage(root).free, taken

    def lines(self, *, level: str = "", words: str = "", limit: int = 200) -> list[Line]:
        """The newest lines of every log, oldest first; `level` is the least that is shown, `words` must stand in it."""
        wanted = Wanted(level=level, grep=re.compile(re.escape(words), re.IGNORECASE) if words else None)
        return newest(sorted(self._folder.root.glob("logs/*.log")), wanted, limit=limit, tail_bytes=_TAIL_BYTES)

    def _service(self, name: str) -> Service:
        program = self._folder.program(name)
        # A watcher answers no requests: that its process lives is all there is to see.
        running = processes.find(program) if name != "watcher" else processes.find_hung(program)
        hung = processes.find_hung(program) if running is None else None
        told = running or hung
        return Service(
            name=program.name,
            state="up" if running else "mute" if hung else "down",
            pid=told.pid if told else None,
            url=told.url if told else "",
            resident_bytes=_held(told.pid) if told else None,
        )


def _kept(one: Standing) -> Service:
    pid = one.process.pid if one.process else None
    state = "up" if one.state is State.UP else "mute" if one.state is State.MUTE else "down"
    return Service(
        name=one.name,
        state=state,
        pid=pid,
        url=one.url,
        restarts=one.restarts,
        resident_bytes=None if pid is None else _held(pid),
    )


def _held(pid: int) -> int | None:
    """Bytes of memory a process holds, where this system tells."""
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    except (OSError, ValueError, IndexError):
        return None
    return pages * os.sysconf("SC_PAGE_SIZE")

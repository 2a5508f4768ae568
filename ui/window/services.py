"""The machine room: which processes run, how the streams fare, the disk, and the last lines of the logs."""

from __future__ import annotations

import json
import shutil
from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from config.leaks import redacted
from crews.running import processes
from crews.running.services import Folder

LEVELS = ("debug", "info", "warning", "error", "critical")
_TAIL_BYTES = 256 * 1024
_LINE_CHARS = 600


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """One process: `state` is up, mute (alive without an answer) or down."""

    name: str
    state: str
    pid: int | None
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of a log. `level` is empty where the line does not tell; `at` is as the log wrote it."""

    service: str
    at: str
    level: str
    text: str


class ServicesPane:
    """Looks at the processes and files of one profile."""

    def __init__(self, folder: Folder) -> None:
        self._folder = folder

    def services(self) -> tuple[Service, ...]:
        """Every process a profile may have."""
        return tuple(self._service(name) for name in ("venue", "guard", "watcher"))

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
        found: list[Line] = []
        for file in sorted(self._folder.root.glob("logs/*.log")):
            found += deque((line for line in _lines(file) if _wanted(line, level, words)), maxlen=limit)
        return sorted(found, key=lambda line: line.at)[-limit:]

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
        )


def _lines(file: Path) -> Iterator[Line]:
    with file.open("rb") as log:
        log.seek(max(0, log.seek(0, 2) - _TAIL_BYTES))
        text = log.read().decode("utf-8", "replace")
    for line in text.splitlines():
        if line.strip():
            yield _line(file.stem, line)


def _line(service: str, text: str) -> Line:
    """A line as JSON where it is that, else as it stands; what looks like a secret is not shown."""
    try:
        told = json.loads(text)
    except ValueError:
        told = None
    if not isinstance(told, dict):
        return Line(service=service, at="", level="", text=redacted(text)[:_LINE_CHARS])
    at = str(told.pop("timestamp", told.pop("at", told.pop("ts", ""))))
    level = str(told.pop("level", "")).lower()
    event = str(told.pop("event", told.pop("message", told.pop("msg", ""))))
    rest = " ".join(f"{name}={value}" for name, value in told.items() if value not in ("", None))
    return Line(service=service, at=at, level=level, text=redacted(f"{event} {rest}".strip())[:_LINE_CHARS])


def _wanted(line: Line, level: str, words: str) -> bool:
    if words and words.lower() not in line.text.lower():
        return False
    if level not in LEVELS or line.level not in LEVELS:
        return level not in LEVELS or not line.level
    return LEVELS.index(line.level) >= LEVELS.index(level)

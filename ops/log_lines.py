"""Reading the desk's logs: one line each, by service, level, age and words, and on as they grow.

A line is JSON where a process of ours wrote it, and stands as it is where a library or the interpreter did. What looks
like a secret is not shown.
"""

from __future__ import annotations

import json
import os
import re
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from config.leaks import cover_of, redacted
from ops.log_files import older

LEVELS = ("debug", "info", "warning", "error", "critical")
_AT, _EVENT = ("timestamp", "at", "ts"), ("event", "message", "msg")
_LINE_CHARS = 600
Cover = Callable[[str], str]
_GLANCE_SECONDS = 0.25


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of a log. `level` is empty where it does not tell; `at` is as the log wrote it; `told` what it names."""

    service: str
    at: str
    level: str
    text: str
    told: dict[str, Any] = field(default_factory=dict[str, Any])


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which lines: at least of this level, not before `since` (aware UTC), holding what `grep` matches.

    A line that tells no level is shown with any; one that tells no time belongs to the line before it.
    """

    level: str = ""
    since: datetime | None = None
    grep: re.Pattern[str] | None = None

    def has(self, line: Line) -> bool:
        """Whether this line is wanted; its time is not asked here."""
        if self.grep is not None and not self.grep.search(f"{line.text} {' '.join(map(str, line.told.values()))}"):
            return False
        if self.level not in LEVELS or line.level not in LEVELS:
            return True
        return LEVELS.index(line.level) >= LEVELS.index(self.level)


def line_of(service: str, text: str, cover: Cover = redacted) -> Line:
    """A line as JSON where it is that, else as it stands; `cover` hides secrets in every word of it."""
    try:
        told = json.loads(text)
    except ValueError:
        told = None
    if not isinstance(told, dict):
        return Line(service=service, at="", level="", text=cover(text)[:_LINE_CHARS])
    at, event = (_first(told, names) for names in (_AT, _EVENT))
    level = str(told.pop("level", "")).lower()
    rest = {name: cover(value) if isinstance(value, str) else value for name, value in told.items() if value != ""}
    words = " ".join(f"{name}={value}" for name, value in rest.items() if value is not None)
    return Line(service=service, at=at, level=level, text=cover(f"{event} {words}".strip())[:_LINE_CHARS], told=rest)


def newest(logs: Sequence[Path], wanted: Wanted, *, limit: int, tail_bytes: int = 0) -> list[Line]:
    """The newest lines of these logs, oldest first; of each only the last `tail_bytes`, where that is given.

    Older files are opened only where `since` asks for them.
    """
    found: list[tuple[str, Line]] = []
    cover = cover_of(os.environ)
    for log in logs:
        files = [*(older(log) if wanted.since else []), log]
        lines = deque(_since(_lines(files, log.stem, tail_bytes, cover), wanted), maxlen=limit)
        at = next((line.at for line in lines if line.at), "")
        for line in lines:
            at = line.at or at
            found.append((at, line))
    return [line for _, line in sorted(found, key=lambda one: one[0])[-limit:]]


def follow(logs: Callable[[], Sequence[Path]], wanted: Wanted, *, stopped: Callable[[], bool]) -> Iterator[Line]:
    """Every further line as it is written, from the present end of each log on; a log that is cut is read anew."""
    cover = cover_of(os.environ)
    ends = {log: log.stat().st_size for log in logs() if log.exists()}
    while not stopped():
        quiet = True
        for log in logs():
            for text in _grown(log, ends):
                line = line_of(log.stem, text, cover)
                if wanted.has(line):
                    quiet = False
                    yield line
        if quiet:
            time.sleep(_GLANCE_SECONDS)


def _grown(log: Path, ends: dict[Path, int]) -> list[str]:
    """Whole lines that came since the last look; the rest of a line that is being written waits for its end."""
    try:
        with log.open("rb") as file:
            size, end = file.seek(0, 2), ends.get(log, 0)
            file.seek(end if end <= size else 0)
            begin, data = file.tell(), file.read()
    except OSError:
        return []
    whole = data.rpartition(b"\n")[0]
    ends[log] = begin + (len(whole) + 1 if whole or data.startswith(b"\n") else 0)
    return [text for text in whole.decode("utf-8", "replace").splitlines() if text.strip()]


def _lines(files: Sequence[Path], service: str, tail_bytes: int, cover: Cover) -> Iterator[Line]:
    for file in files:
        try:
            with file.open("rb") as log:
                if tail_bytes:
                    log.seek(max(0, log.seek(0, 2) - tail_bytes))
                for data in log:
                    text = data.decode("utf-8", "replace").rstrip("\r\n")
                    if text.strip():
                        yield line_of(service, text, cover)
        except FileNotFoundError:
            continue


def _since(lines: Iterator[Line], wanted: Wanted) -> Iterator[Line]:
    """Lines that are wanted; one without a time is as old as the one before it."""
    young = wanted.since is None
    for line in lines:
        moment = moment_of(line.at)
        if moment is not None and wanted.since is not None:
            young = moment >= wanted.since
        if young and wanted.has(line):
            yield line


def moment_of(text: str) -> datetime | None:
    """A log's time as aware UTC, or None where it is none."""
    try:
        told = datetime.fromisoformat(text)
    except ValueError:
        return None
    return told.astimezone(UTC) if told.tzinfo else None


def _first(told: dict[str, Any], names: Sequence[str]) -> str:
    found = [str(told.pop(name)) for name in names if name in told]
    return found[0] if found else ""

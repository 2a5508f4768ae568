"""Logs that never fill a disk: each is cut at a size, so many older ones are kept, and none beyond an age.

A process writes to its log through a descriptor of its own, which no rename can take away from it. So a log that has
grown is copied and then emptied where it lies, and the writer, which appends, goes on at the beginning. What is written
between the last read and the emptying would be lost; the copy is therefore read to its end again right before.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from config.services import LogFiles

_MEGABYTE = 1024 * 1024
_DAY = 86_400.0


def tend(folder: Path, rule: LogFiles, now: float) -> list[Path]:
    """Cut what has grown and drop what is old; `now` is seconds since the epoch. Returns the logs that were cut."""
    cut = [log for log in sorted(folder.glob("*.log")) if log.stat().st_size > rule.megabytes * _MEGABYTE]
    for log in cut:
        _cut(log, rule.files)
    for log in folder.glob("*.log.*"):
        number = log.suffix.removeprefix(".")
        if number.isdecimal() and (int(number) > rule.files or log.stat().st_mtime < now - rule.days * _DAY):
            log.unlink(missing_ok=True)
    return cut


def older(log: Path) -> list[Path]:
    """The earlier files of a log, oldest first."""
    numbered = [one for one in log.parent.glob(f"{log.name}.*") if one.suffix.removeprefix(".").isdecimal()]
    return sorted(numbered, key=lambda one: -int(one.suffix.removeprefix(".")))


def _cut(log: Path, keep: int) -> None:
    for number in range(keep, 0, -1):
        earlier = log.with_name(f"{log.name}.{number}")
        if earlier.exists():
            earlier.replace(log.with_name(f"{log.name}.{number + 1}"))
    with log.open("r+b") as source, log.with_name(f"{log.name}.1").open("wb") as copy:
        shutil.copyfileobj(source, copy)
        copy.flush()
        copy.write(source.read())
        source.truncate(0)

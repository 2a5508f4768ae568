"""Runs the journal's child under strace, which makes one chosen system call fail, or kills the child at it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from desk.domain.errors import JournalError, PrerequisiteError
from desk.guard.record.journal import read_rows, verify

ROOT = Path(__file__).resolve().parents[2]
ROWS = 6
# The calls by which SQLite and the anchor reach the disk.
CALLS = ("fdatasync", "pwrite64", "unlink", "openat")


@dataclass(frozen=True, kw_only=True)
class Traced:
    """What the child said, and what is left on disk. `rows` is None when the journal does not verify."""

    acknowledged: tuple[int, ...]
    refused: int
    ended: int
    rows: int | None
    injected: bool


def traced(folder: Path, inject: str) -> Traced:
    """Run the child with one injection in strace's own words, such as `fdatasync:error=EIO:when=3`."""
    strace = shutil.which("strace")
    if strace is None:
        raise PrerequisiteError("strace is not installed", hint="apt-get install strace")
    calls, log = inject.partition(":")[0], folder / "trace.log"
    # Only files of the journal's folder are touched: the interpreter's own start is left alone.
    path = ["-P", str(folder / "journal.sqlite"), "-P", str(folder / "journal.sqlite-journal")]
    path += ["-P", str(folder / "journal.sqlite.head"), "-P", str(folder)]
    command = [strace, "-f", "-qq", "-o", str(log), *path, "-e", f"trace={calls}", "-e", f"inject={inject}"]
    child = [sys.executable, "-m", "campaigns.journals.child", str(folder), str(ROWS)]
    ran = subprocess.run([*command, *child], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    said = [line.split() for line in ran.stdout.splitlines()]
    return Traced(
        acknowledged=tuple(int(words[1]) for words in said if words[0] == "ack"),
        refused=sum(words[0] in ("refused", "closed") for words in said),
        ended=ran.returncode,
        rows=_rows(folder / "journal.sqlite"),
        injected="INJECTED" in log.read_text() or ran.returncode == -9 or "SIGKILL" in log.read_text(),
    )


def _rows(path: Path) -> int | None:
    try:
        verify(path)
        return len(list(read_rows(path)))
    except JournalError:
        return None


def wanted() -> bool:
    """Whether a missing strace is a failure here: it is on a machine that was set up by .ci/run."""
    return bool(os.environ.get("CI"))

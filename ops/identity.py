"""Which process a pid speaks of. A pid is given to somebody else in time; with the moment of its birth it is not."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

# Of proc(5)'s columns the state is the third and the birth the 22nd.
_STATE, _BORN = 3, 22
_PROC = Path("/proc/self/stat")


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """A process: its pid, and its birth in the system's clock ticks since boot (0 where the system does not tell)."""

    pid: int
    born: int

    @property
    def alive(self) -> bool:
        """Whether this very process still runs; a zombie does not."""
        told = _stat(self.pid)
        if told is None:
            # A system without /proc tells no birth either; there a signal that arrives has to do.
            return self.born == 0 and not _PROC.exists() and _signalled(self.pid)
        state, born = told
        return state != "Z" and (self.born in (0, born))


def identity_of(pid: int) -> Identity:
    """The process that has this pid now."""
    told = _stat(pid)
    return Identity(pid=pid, born=told[1] if told else 0)


def owner_of(pid: int) -> int | None:
    """The user that a process runs as; None where the system does not tell."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
        return next((int(line.split()[2]) for line in lines if line.startswith("Uid:")), None)
    except (OSError, ValueError, IndexError):
        return None


def _stat(pid: int) -> tuple[str, int] | None:
    try:
        text = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return None
    # The name in brackets may hold spaces and brackets of its own: what follows the last one is columns.
    columns = text.rpartition(")")[2].split()
    return columns[0], int(columns[_BORN - _STATE])


def _signalled(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True

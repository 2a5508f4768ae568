"""The guard's memory is shut: no other program of the same user reads its keys out of it, and no core dump holds them.

On Linux alone; elsewhere the desk's rule stands that nobody else runs under the guard's user.
"""

from __future__ import annotations

import ctypes
import sys

# prctl(2): a process that is not dumpable is read, traced and dumped by nobody but the superuser.
_GET_DUMPABLE, _SET_DUMPABLE = 3, 4


def shut_memory() -> bool:
    """Shut this process for other programs of its user. Returns whether the system did so."""
    if not sys.platform.startswith("linux"):
        return False
    system = ctypes.CDLL(None)
    return system.prctl(_SET_DUMPABLE, 0, 0, 0, 0) == 0 and not memory_is_open()


def memory_is_open() -> bool:
    """Whether another program of the same user may read this process. Linux alone."""
    return ctypes.CDLL(None).prctl(_GET_DUMPABLE, 0, 0, 0, 0) != 0

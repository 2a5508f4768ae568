"""`python -m campaigns.deaths.life FOLDER SOCKET TASK`: the production guard as a process, on a disk, for one task.

The very guard that trades: same step, same executor, same SQLite journal with its lock and its anchor. What differs is
who speaks on the other side of the socket.
"""

from __future__ import annotations

import socket
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from campaigns.deaths.far import Far
from campaigns.simulated.bounds import LIMITS
from desk.guard.core import Guard
from desk.guard.inprocess import guard_in_process
from desk.guard.record.journal import open_journal

JOURNAL = "journal.sqlite"
_LOOKS = 14


def live(line: socket.socket, folder: Path, task: str) -> None:
    """Start on what the disk holds, do the task, and end."""
    far = Far(line)
    guard = guard_in_process(
        far.venue,
        filters=far.venue.rules(),  # type: ignore[attr-defined]
        limits=LIMITS[far.say("limits")],
        clock=far,
        journal=open_journal(folder / JOURNAL),
        tell=lambda level, message: None,
    )
    far.say("window")
    TASKS[task](far, guard)
    far.say("over")


def _busy(far: Far, guard: Guard) -> None:
    """Decide whatever is asked, look in between, until somebody ends it."""
    while True:
        if text := far.say("next"):
            guard.propose(text)
        guard.look()
        far.show(guard.state)


def _enter(far: Far, guard: Guard) -> None:
    """From an intent to a position with its stop."""
    guard.propose(far.say("next"))
    for _ in range(2):
        far.say("wait", 250)
        guard.look()


def _leave(far: Far, guard: Guard) -> None:
    """From the look that sees the limit crossed to the account proven flat."""
    for _ in range(_LOOKS):
        guard.look()
        if not guard.restless and guard.state.latch is not None:
            break
        far.say("wait", 250)


def _reset(far: Far, guard: Guard) -> None:
    """Both steps of a human, with the wait between them."""
    code, _ = guard.request_reset("a campaign")
    far.say("wait", 61_000)
    guard.confirm_reset(code)
    guard.look()


def _midnight(far: Far, guard: Guard) -> None:
    """The last look of a day and the first of the next."""
    guard.look()
    far.say("wait", 2_000)
    guard.look()
    guard.look(lists=True)


TASKS: Mapping[str, Callable[[Far, Guard], None]] = {
    "busy": _busy,
    "enter": _enter,
    "leave": _leave,
    "reset": _reset,
    "midnight": _midnight,
}


if __name__ == "__main__":
    with socket.socket(socket.AF_UNIX) as opened:
        opened.connect(sys.argv[2])
        live(opened, Path(sys.argv[1]), sys.argv[3])

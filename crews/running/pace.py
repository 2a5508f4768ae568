"""How time passes between two decisions: by the wall clock, or by stepping a paper exchange that waits for us.

Stepping is done in small steps with the guard looking after each, because a guard that only saw the first and the last
moment of an hour would not be the guard that trades live.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Protocol

from desk.domain.errors import DataError

_GLANCE_SECONDS = 0.1


class Pace(Protocol):
    """Waits until the next round is due, or something calls for one before its time."""

    @property
    def early(self) -> bool:
        """Whether the last wait ended before its time; the round that was due is still due."""
        ...

    async def next(self) -> bool:
        """Let one cycle pass. False when there is no further one: a replay's data is used up, or somebody stops."""
        ...


class SteppedVenue(Protocol):
    """A venue whose clock somebody else moves."""

    def advance(self, to_ms: int) -> int:
        """Move the clock to `to_ms` and return the venue's time, which is earlier when its data ends before that."""
        ...


class WallPace:
    """Real time: one cycle every `seconds`, counted from when the last one was due, so the rhythm does not drift.

    `stopped` and `called` are asked several times a second, because who wants to stop, or sees something, shall not
    wait for a cycle to end.
    """

    def __init__(
        self,
        seconds: float,
        *,
        stopped: Callable[[], bool] = lambda: False,
        called: Callable[[], bool] = lambda: False,
    ) -> None:
        if seconds <= 0:
            raise DataError("a cycle must last longer than nothing")
        self._seconds = seconds
        self._stopped = stopped
        self._called = called
        self._due: float | None = None
        self.early = False

    async def next(self) -> bool:
        """Sleep until the next cycle is due; at once when it is overdue. False when stopped."""
        loop = asyncio.get_running_loop()
        now = loop.time()
        if self._due is None or not self.early:
            self._due = max(now, (self._due or now) + self._seconds)
        self.early = False
        while (left := self._due - loop.time()) > 0 and not self._stopped():
            if self._called():
                self.early = True
                break
            await asyncio.sleep(min(left, _GLANCE_SECONDS))
        return not self._stopped()


class SteppedPace:
    """Virtual time: `cycle_ms` a cycle in steps of at most `step_ms`, the guard synchronised after each.

    `called` is asked after each step.
    """

    def __init__(
        self,
        venue: SteppedVenue,
        sync: Callable[[], object],
        *,
        start_ms: int,
        cycle_ms: int,
        step_ms: int,
        called: Callable[[], bool] = lambda: False,
    ) -> None:
        if not 0 < step_ms <= cycle_ms:
            raise DataError("a step must be longer than nothing and no longer than the cycle")
        self._venue = venue
        self._sync = sync
        self._now = start_ms
        self._cycle = cycle_ms
        self._step = step_ms
        self._called = called
        self._due = start_ms
        self.early = False

    async def next(self) -> bool:
        """Step one cycle onwards. The calls block, so they leave the event loop alone in a thread."""
        if not self.early:
            self._due = self._now + self._cycle
        self.early = False
        return await asyncio.to_thread(self._walk, self._due)

    def _walk(self, until: int) -> bool:
        while self._now < until:
            wanted = min(self._now + self._step, until)
            reached = self._venue.advance(wanted)
            self._sync()
            if reached < wanted:
                return False
            self._now = reached
            if self._now < until and self._called():
                self.early = True
                return True
        return True

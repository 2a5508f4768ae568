"""One durable write for everything that one turn of the event loop changed, before any of its answers leaves.

A write costs a wait for the disk, however little is in it. Requests that arrive together are judged one after the
other, written down once, and answered together. Nobody is told of a change that is not on disk yet, not even who only
reads: a reader waits for the write that is due as well.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable


class Turns:
    """Writes with `write`, once for each turn in which something was changed."""

    def __init__(self, write: Callable[[], None]) -> None:
        self._write = write
        self._due: asyncio.Future[None] | None = None

    async def written(self) -> None:
        """Write what this turn changed, together with everybody else's changes. Raises what `write` raises."""
        if self._due is None:
            loop = asyncio.get_running_loop()
            self._due = loop.create_future()
            loop.call_soon(self._end)
        await self.settled()

    async def settled(self) -> None:
        """Wait for the write that is due; there may be none. Raises what `write` raises."""
        if self._due is not None:
            # One caller that goes away must not take the others' answers along.
            await asyncio.shield(self._due)

    def _end(self) -> None:
        due, self._due = self._due, None
        if due is None:
            return
        try:
            self._write()
        except Exception as error:
            due.set_exception(error)
            # Whoever waits gets it; that nobody may be left to wait is no second error.
            due.exception()
        else:
            due.set_result(None)

"""Blocking work beside the event loop, on threads that can be left behind.

`asyncio.to_thread` shares a small pool that a hung call fills, and the interpreter waits for that pool at exit. A
daemon thread per call costs a tenth of a millisecond, and one that hangs harms nobody.
"""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
import threading
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


class Ahead:
    """Work begun now on a daemon thread and needed later. A failure waits for whoever needs the work."""

    def __init__(self, work: Callable[[], object], *, name: str) -> None:
        self._work = work
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    def wait(self) -> None:
        """Return when it is done. Raises what the work raised."""
        self.settle()
        if self._error is not None:
            raise self._error

    def settle(self) -> None:
        """Return when it is done, however it ended."""
        self._thread.join()

    def _run(self) -> None:
        try:
            self._work()
        except BaseException as error:
            self._error = error


async def beside(work: Callable[[], T], *, name: str) -> T:
    """Run blocking work on its own daemon thread and await it. Cancelling stops the waiting, not the thread."""
    loop = asyncio.get_running_loop()
    done: asyncio.Future[T] = loop.create_future()
    context = contextvars.copy_context()

    def settle(result: T | None, error: BaseException | None) -> None:
        if done.cancelled():
            return
        if error is not None:
            done.set_exception(error)
        else:
            done.set_result(result)  # type: ignore[arg-type]  # no error means that `work` returned

    def run() -> None:
        result, error = None, None
        try:
            result = context.run(work)
        except BaseException as raised:
            error = raised
        # The loop is closed when the whole run was abandoned; nobody waits then.
        with contextlib.suppress(RuntimeError):
            loop.call_soon_threadsafe(settle, result, error)

    threading.Thread(target=run, name=name, daemon=True).start()
    return await done

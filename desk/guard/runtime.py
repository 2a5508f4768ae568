"""The guard's loop: one thread owns the guard; everybody else asks through a queue and waits for an answer.

It looks at the venue at a set pace, faster while something is unsettled, and early when woken. Its heartbeat is set by
the loop itself, so a hung guard shows as one. When the guard cannot even tighten, the loop ends the process: stops rest
at the venue.
"""

from __future__ import annotations

import logging
import queue
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from concurrent.futures import TimeoutError as WaitTimeoutError
from typing import Any, TypeVar

from desk.domain.errors import DeskError, GuardError
from desk.guard.core import Guard
from desk.guard.settings import GuardSettings

_LOG = logging.getLogger(__name__)
_T = TypeVar("_T")
_Job = tuple[Callable[[Guard], Any], "Future[Any]"]
_HUNG_SECONDS = 30.0
_FAST_SECONDS = 2.0
# A woken look costs as much request weight as any other: a burst of five, then one in two seconds.
_EARLY_LOOKS = 5.0
_EARLY_EACH_SECONDS = 2.0


class Runtime:
    """Runs a guard. `ask` may be called from any thread, `run` only from the one that owns the guard."""

    def __init__(self, guard: Guard, settings: GuardSettings) -> None:
        self._guard, self._settings = guard, settings
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._stopping = threading.Event()
        self._beat = time.monotonic()
        self._restless_since = 0.0
        self._woken = threading.Event()
        self._halt = ""
        self._early_left, self._early_since = _EARLY_LOOKS, time.monotonic()

    @property
    def silent_seconds(self) -> float:
        """Seconds since the loop last came round."""
        return time.monotonic() - self._beat

    @property
    def mode(self) -> str:
        """The mode as of the last step."""
        return self._guard.state.mode.value

    def ask(self, work: Callable[[Guard], _T]) -> _T:
        """Have the guard's own thread do `work`. Raises what it raised, or GuardError when the loop hangs."""
        answer: Future[Any] = Future()
        self._jobs.put((work, answer))
        try:
            return answer.result(timeout=_HUNG_SECONDS)
        except WaitTimeoutError as error:
            raise GuardError("the guard's loop does not answer") from error

    def wake(self, *, lists: bool = False) -> None:
        """Look soon: something happened at the venue. From any thread, at once; many calls before a look are one."""
        if lists:
            self._guard.lookout.want_lists()
        if not self._woken.is_set():
            self._woken.set()
            self._jobs.put(None)

    def halt(self, why: str) -> None:
        """Halt the desk as soon as the loop comes round. Callable from a signal handler."""
        self._halt = why
        self._jobs.put(None)

    def stop(self) -> None:
        """End the loop after what it is doing. Callable from a signal handler."""
        self._stopping.set()
        self._jobs.put(None)

    def run(self) -> None:
        """Boot, then loop until stopped. Raises when the guard failed in a way it could not tighten after."""
        self._guard.boot()
        while not self._stopping.is_set():
            self._beat = time.monotonic()
            self._serve(self._beat + self._pace())
            # Before the look, not after: what happens while it looks wakes it once more.
            self._woken.clear()
            if not self._stopping.is_set():
                self._obey()
                self._guard.look()
        self._refuse_rest()

    def _obey(self) -> None:
        """A signal or a file halts the desk even where nobody can reach the guard's door."""
        file = self._settings.halt_file
        why = self._halt or ("halt file" if file is not None and file.exists() else "")
        if why and self._guard.state.latch is None:
            self._guard.halt(why)
        self._halt = ""

    def _pace(self) -> float:
        """Fast while something is unsettled, but not for ever: request weight is kept for what closes."""
        now = time.monotonic()
        if not self._guard.restless:
            self._restless_since = now
            calm = not self._guard.state.trades and not self._guard.state.unexplained
            return self._settings.poll_seconds * (2 if calm else 1)
        fast = now - self._restless_since < _FAST_SECONDS
        return self._settings.fast_poll_seconds if fast else min(1.0, self._settings.poll_seconds)

    def _early(self) -> float:
        """When a look that somebody asked for may begin: soon after the last one, while such looks are few."""
        now = time.monotonic()
        earned = (now - self._early_since) / _EARLY_EACH_SECONDS
        left = min(_EARLY_LOOKS, self._early_left + earned)
        wait = 0.0 if left >= 1 else (1 - left) * _EARLY_EACH_SECONDS
        self._early_left, self._early_since = left - 1, now
        return max(self._beat + self._settings.fast_poll_seconds, now + wait)

    def _serve(self, until: float) -> None:
        """Answer what is asked until it is time to look again."""
        while (left := until - time.monotonic()) > 0:
            try:
                job = self._jobs.get(timeout=left)
            except queue.Empty:
                return
            if job is None:
                if self._stopping.is_set() or self._halt:
                    return
                until = min(until, self._early())
                continue
            self._beat = time.monotonic()
            work, answer = job
            try:
                answer.set_result(work(self._guard))
            except DeskError as error:
                answer.set_exception(error)
            except Exception as error:
                _LOG.exception("a request failed")
                answer.set_exception(GuardError(f"the guard failed: {type(error).__name__}"))
            if self._guard.restless:
                until = min(until, time.monotonic() + self._pace())

    def _refuse_rest(self) -> None:
        while not self._jobs.empty():
            job = self._jobs.get()
            if job is not None:
                job[1].set_exception(GuardError("the guard is stopping"))

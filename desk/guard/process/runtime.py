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
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from concurrent.futures import TimeoutError as WaitTimeoutError
from typing import Any, TypeVar

from desk.domain.errors import DeskError, GuardError
from desk.guard.core import Guard
from desk.guard.door.wire import GuardAnswer
from desk.guard.process.settings import GuardSettings

_LOG = logging.getLogger(__name__)
_T = TypeVar("_T")
_Intent = tuple[str, "Future[Any]"]
_Job = tuple[Callable[[Guard], Any] | str, "Future[Any]"]
# Intents decided together: enough to share a disk write, few enough to answer the first of them soon.
_TOGETHER = 64
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

    def propose(self, text: str) -> GuardAnswer:
        """Have the guard decide an intent. What waits at the same time is decided together, with one durable write."""
        answer: Future[Any] = Future()
        self._jobs.put((text, answer))
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
            for one in self._do(job):
                self._do(one)
            if self._guard.restless:
                until = min(until, time.monotonic() + self._pace())

    def _do(self, job: _Job) -> tuple[_Job, ...]:
        """Do what is asked; returns a job that was met on the way and is still to be done."""
        work, answer = job
        if isinstance(work, str):
            together, met = self._waiting([(work, answer)])
            texts = [text for text, _ in together]
            _answer([waiting for _, waiting in together], lambda: self._guard.propose_all(texts))
            return met
        _answer([answer], lambda: (work(self._guard),))
        return ()

    def _waiting(self, together: list[_Intent]) -> tuple[list[_Intent], tuple[_Job, ...]]:
        """The intents that wait right behind this one, and the first other job among them."""
        while len(together) < _TOGETHER:
            try:
                job = self._jobs.get_nowait()
            except queue.Empty:
                break
            if job is None:
                # Somebody wakes the loop: it looks when these are decided, as it would have.
                self._jobs.put(None)
                break
            work, answer = job
            if not isinstance(work, str):
                return together, (job,)
            together.append((work, answer))
        return together, ()

    def _refuse_rest(self) -> None:
        while not self._jobs.empty():
            job = self._jobs.get()
            if job is not None:
                job[1].set_exception(GuardError("the guard is stopping"))


def _answer(answers: Sequence[Future[Any]], work: Callable[[], Sequence[Any]]) -> None:
    """Give each its part of the result, or all of them what went wrong."""
    try:
        for answer, part in zip(answers, work(), strict=True):
            answer.set_result(part)
        return
    except DeskError as error:
        failed: DeskError = error
    except Exception as error:
        _LOG.exception("a request failed")
        failed = GuardError(f"the guard failed: {type(error).__name__}")
    for answer in answers:
        if not answer.done():
            answer.set_exception(failed)

"""A scripted other end for streams: each line says its texts in turn, then breaks, or waits until it is told to."""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager

from desk.venues.binance.streams.line import Backoff
from desk.venues.binance.streams.socket import LineBrokenError, Socket

Said = str | Callable[[], None]
# A line that has said all it has to say, and stays open in silence.
SILENCE: None = None


class FakeLines:
    """`dial` opens the next of the scripted lines; when none is left, opening fails and `exhausted` is set."""

    def __init__(self, *lines: Sequence[Said | None]) -> None:
        self._lines = [list(line) for line in lines]
        self.dialled: list[str] = []
        self.exhausted = threading.Event()

    @contextmanager
    def dial(self, url: str) -> Generator[Socket]:
        if not self._lines:
            self.exhausted.set()
            raise LineBrokenError("nobody is there")
        self.dialled.append(url)
        yield _Line(self._lines.pop(0))


class _Line:
    def __init__(self, said: list[Said | None]) -> None:
        self._said = said

    def receive(self, timeout: float) -> str | None:
        del timeout
        if not self._said:
            raise LineBrokenError("the line broke")
        if self._said[0] is SILENCE and len(self._said) == 1:
            threading.Event().wait(0.01)
            return None
        word = self._said.pop(0)
        if callable(word):
            word()
            return None
        return word


class NoPause(Backoff):
    """Dials again at once; counts what a real one would have been asked."""

    def __init__(self) -> None:
        self.pauses = 0

    def pause(self) -> float:
        self.pauses += 1
        return 0.0

    def proven(self) -> None:
        """Nothing to forget."""

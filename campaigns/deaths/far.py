"""The guard's end of the socket: the venue, the clock, and whoever asks the guard for something, all on the other side.

Time is what the newest answer said, so that both sides have one clock and a look costs no question for it.
"""

from __future__ import annotations

import json
import socket
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from typing import Any, cast

from campaigns.deaths import words
from desk.guard.vocabulary.state import GuardState, state_to_text
from desk.ports import TradingVenue


class Far:
    """One connection. Keeps `desk.ports.Clock`; `venue` keeps `desk.ports.TradingVenue`."""

    def __init__(self, line: socket.socket) -> None:
        self._lines = line.makefile("rw", encoding="utf-8", newline="\n")
        self._at_ms = self._ran_ms = 0
        self.say("hello")

    @property
    def venue(self) -> TradingVenue:
        """The exchange, as the guard sees a venue."""
        return cast("TradingVenue", _FarVenue(self))

    def now(self) -> datetime:
        """The desk's wall clock."""
        return datetime.fromtimestamp(self._at_ms / 1000, tz=UTC)

    def monotonic(self) -> float:
        """The desk's monotonic clock."""
        return self._ran_ms / 1000

    def say(self, what: str, value: object = None) -> Any:  # noqa: ANN401 - parsed JSON
        """Say something and hear the answer. Raises the error that the other side answered."""
        self._lines.write(json.dumps([what, value]) + "\n")
        self._lines.flush()
        line = self._lines.readline()
        if not line:
            raise SystemExit(0)
        said = json.loads(line)
        self._at_ms, self._ran_ms = said["at"], said["ran"]
        if "error" in said:
            raise words.raised(said)
        return said["answer"]

    def show(self, state: GuardState) -> None:
        """Let the judge see what everybody may see of the guard."""
        self.say("state", state_to_text(state))


class _FarVenue:
    def __init__(self, far: Far) -> None:
        self._far = far

    def __getattr__(self, name: str) -> Callable[..., Any]:
        if name not in words.ASKED:
            raise AttributeError(name)
        return partial(self._ask, name)

    def _ask(self, name: str, *values: object) -> Any:  # noqa: ANN401 - what the method returns
        return words.believed(name, self._far.say(name, words.told(name, values)))

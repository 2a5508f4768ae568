"""What a kickoff attends to: the rounds it owes, and what the lookout calls for in between."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from crews.watching.lookout import Calls, Lookout
from crews.watching.rounds import Rounds, Turn
from desk.venues.binance.streams.health import StreamReport

_NOTHING = Calls(picks=(), alerts=())


class Attention:
    """Rounds with or without a lookout. Thread-safe as the lookout is."""

    def __init__(self, rounds: Rounds, lookout: Lookout | None) -> None:
        self._rounds, self._lookout = rounds, lookout

    def called(self) -> bool:
        """Whether something was seen that shall not wait for the next round."""
        return self._lookout is not None and self._rounds.calls(self._lookout.peek())

    def look(self, now: datetime) -> None:
        """Let the lookout read what does not tell itself."""
        if self._lookout is not None:
            self._lookout.look(now)

    def streams(self) -> tuple[StreamReport, ...]:
        """How what is listened to fares."""
        return () if self._lookout is None else self._lookout.reports()

    def turns(self, now: datetime, held: Collection[str], *, early: bool) -> tuple[Turn, ...]:
        """Who decides on what in this round; what was seen until now is settled by it."""
        calls = _NOTHING if self._lookout is None else self._lookout.take()
        return self._rounds.turns(now, calls, held, early=early)

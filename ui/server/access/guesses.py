"""How many guesses somebody gets: five in a quarter of an hour, each slower than the last, then none for a while.

A guess is counted before it is looked at and forgiven only when it was right, so ten thousand at once are worth no more
than five. The state is on disk: a restart buys nothing. Each further lock lasts twice as long, up to a day; a right
answer ends that. Names nobody has are counted alike, and all names together have a bound of their own.
"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

from desk.ports import Clock
from ui.server.access.store import AccessStore

EVERYBODY = "*"


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How much is allowed. Times in seconds; `everybody` bounds the failures of all names together in one window."""

    failures: int = 5
    window: float = 900.0
    delay: float = 1.0
    longest_lock: float = 86_400.0
    everybody: int = 50


class Guesses:
    """Counts guesses by name. Safe to ask from several threads and processes."""

    def __init__(self, store: AccessStore, clock: Clock, patience: Patience | None = None) -> None:
        self._store, self._clock = store, clock
        self._patience = patience or Patience()

    def admit(self, name: str) -> float:
        """Count one guess for `name` and say how many seconds it must wait; zero means it may be looked at now."""
        now = self._clock.now().timestamp()
        with self._store.writing() as connection:
            states = {who: self._state(connection, who, now) for who in (name, EVERYBODY)}
            wait = max(state.not_before - now for state in states.values())
            if wait > 0:
                return wait
            for who, state in states.items():
                most = self._patience.failures if who == name else self._patience.everybody
                told = self._counted(state, now, most, slow=who == name)
                connection.execute("INSERT OR REPLACE INTO guesses VALUES (?, ?, ?, ?, ?)", (who, *told))
        return 0.0

    def forgive(self, name: str) -> None:
        """The guess just admitted was right: forget this name's failures, and that one of everybody's."""
        with self._store.writing() as connection:
            connection.execute("DELETE FROM guesses WHERE who = ?", (name,))
            connection.execute("UPDATE guesses SET failures = max(failures - 1, 0) WHERE who = ?", (EVERYBODY,))

    def unlock(self) -> None:
        """Forget every failure: for the owner of the machine, from the command line."""
        with self._store.writing() as connection:
            connection.execute("DELETE FROM guesses")

    def _state(self, connection: sqlite3.Connection, who: str, now: float) -> _State:
        query = "SELECT failures, since, not_before, locks FROM guesses WHERE who = ?"
        found = connection.execute(query, (who,)).fetchone()
        if found is None:
            return _State(0, now, 0.0, 0)
        state = _State(*found)
        # A window that is over starts anew; locks are remembered for as long as the longest of them lasts.
        if now - state.since > self._patience.window and now >= state.not_before:
            kept = state.locks if now - state.since < self._patience.longest_lock else 0
            return _State(0, now, 0.0, kept)
        return state

    def _counted(self, state: _State, now: float, most: int, *, slow: bool) -> tuple[int, float, float, int]:
        """The state after one more failure, as the row is kept."""
        failures = state.failures + 1
        if failures >= most:
            lock = min(self._patience.window * 2**state.locks, self._patience.longest_lock)
            return 0, now + lock, now + lock, state.locks + 1
        delay = self._patience.delay * 2 ** (failures - 1) if slow else 0.0
        return failures, state.since, now + delay, state.locks


@dataclass(frozen=True, slots=True)
class _State:
    failures: int
    since: float
    not_before: float
    locks: int

"""The guard as it answers now, asked at most once a second however many look."""

from __future__ import annotations

import time
from contextlib import suppress
from dataclasses import dataclass
from threading import Lock

from crews.running import processes
from crews.running.services import Folder
from desk.domain.errors import DeskError, GuardUnreachableError
from desk.guard.door.client import GuardClient
from desk.guard.vocabulary.status import GuardStatus

_FRESH_SECONDS = 0.9
_PATIENCE_SECONDS = 3.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What the guard said just now. Without `status` nobody knows the account, and `trouble` says why."""

    status: GuardStatus | None
    trouble: str = ""

    @property
    def blind(self) -> bool:
        """Whether the account's figures are unknown: no guard answers, or it cannot see the venue."""
        return self.status is None or bool(self.status.trouble)


class GuardPane:
    """Looks at one profile's guard, and carries the few requests that make the desk safer. Thread-safe."""

    def __init__(self, folder: Folder, *, fresh: float = _FRESH_SECONDS, patience: float = _PATIENCE_SECONDS) -> None:
        """An answer is told to all for `fresh` seconds; a guard that takes longer than `patience` gave none."""
        self._folder, self._fresh, self._patience = folder, fresh, patience
        self._lock = Lock()
        self._client: GuardClient | None = None
        self._seen = Seen(status=None, trouble="not looked yet")
        self._at = float("-inf")

    def close(self) -> None:
        """Give the connection back."""
        with self._lock:
            self._drop()

    def look(self) -> Seen:
        """The guard's state, at most a second old; never one from before it fell silent."""
        with self._lock:
            if time.monotonic() - self._at > self._fresh:
                try:
                    self._seen = Seen(status=self._connected().state())
                except DeskError as error:
                    self._drop()
                    self._seen = Seen(status=None, trouble=error.message)
                self._at = time.monotonic()
            return self._seen

    def silence(self) -> float | None:
        """Seconds since the guard's loop last came round, which its door tells also while it is busy; None if mute."""
        try:
            with self._open(timeout=self._patience) as guard:
                return float(guard.health()["silent_seconds"])
        except (DeskError, KeyError, TypeError, ValueError):
            return None

    def client(self) -> GuardClient:
        """A client of one's own, for a request that acts; the caller closes it. Raises GuardUnreachableError."""
        return self._open(timeout=15.0)

    def forget(self) -> None:
        """Ask again at the next look: something was done."""
        with self._lock:
            self._at = float("-inf")

    def _connected(self) -> GuardClient:
        if self._client is None:
            self._client = self._open(timeout=self._patience)
        return self._client

    def _open(self, *, timeout: float) -> GuardClient:
        running = processes.find(self._folder.program("guard"))
        if running is None or not self._folder.crew_token.exists():
            raise GuardUnreachableError("no guard runs", hint="crew kickoff, or crew guard")
        return GuardClient(running.url, self._folder.crew_token.read_text().strip(), timeout=timeout)

    def _drop(self) -> None:
        with suppress(DeskError):
            if self._client is not None:
                self._client.close()
        self._client = None

"""What happens when a critical alert waits too long: the guard is asked to be stricter, through the door all use.

It can only make the desk safer, and once for each alert. A guard that cannot be asked is asked again at the next look;
one that refuses, because its limits are at least as strict already, is as safe as was wanted.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Protocol

from config.alerts import Response, UnreadSettings
from desk.alerts import Alert, Kind, Level, Outbox, Posted
from desk.domain.errors import GuardError, GuardUnreachableError
from desk.domain.money import plain


class Door(Protocol):
    """The guard's door, as far as it makes the desk safer."""

    def tighten(self, changes: Mapping[str, str]) -> object:
        """Make limits stricter."""
        ...

    def halt(self, reason: str) -> object:
        """Close everything and lock."""
        ...


class Unread:
    """Acts on alerts nobody acknowledged. `told` writes each act into the record."""

    def __init__(
        self,
        outbox: Outbox,
        settings: UnreadSettings,
        door: Callable[[], AbstractContextManager[Door]],
        told: Callable[[str, str], None],
    ) -> None:
        self._outbox, self._settings, self._door, self._told = outbox, settings, door, told

    def look(self) -> None:
        """Act on what has waited too long. Raises UnwritableError when that cannot be written down."""
        if self._settings.act is Response.NONE:
            return
        for posted in self._outbox.unread(timedelta(seconds=self._settings.after_seconds)):
            done = self._act(posted)
            if done:
                self._outbox.acted(posted.number, done)
                self._told(f"{self._settings.act.value} for unread alert {posted.number}", done)
                self._outbox.post(self._news(posted, done))

    def _news(self, posted: Posted, done: str) -> Alert:
        """What people are told of it. A warning: a critical alert would in turn be acted on where nobody reads it."""
        return Alert(
            kind=Kind.GUARD,
            level=Level.WARNING,
            title=f"{done}, because nobody acknowledged alert {posted.number}",
            text=f"{posted.alert.title}; unread for {self._settings.after_seconds:g} s",
            key=f"unread/{posted.number}",
            once=True,
        )

    def _act(self, posted: Posted) -> str:
        """What was done; empty when no guard answers yet."""
        reason = f"alert {posted.number} unread for {self._settings.after_seconds:g} s: {posted.alert.title}"
        changes = {name: plain(value) for name, value in self._settings.limits.items()}
        try:
            with self._door() as guard:
                if self._settings.act is Response.HALT:
                    guard.halt(reason[:300])
                    return "halted"
                guard.tighten(changes)
                return f"tightened {', '.join(f'{name} to {value}' for name, value in changes.items())}"
        except GuardUnreachableError:
            return ""
        except GuardError as error:
            return f"the guard answered: {error.message}"

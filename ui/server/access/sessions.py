"""Sessions of people: a random token in a cookie, ended by half an hour without a sign of life, or by twelve hours.

What a page asks for by itself is no sign of life: only `touch` prolongs, and live updates never call it.
"""

from __future__ import annotations

from dataclasses import dataclass

from desk.ports import Clock
from ui.server.access.identity import Identity, Role
from ui.server.access.secrets import digest, made_token
from ui.server.access.store import AccessStore

# Writing down every request would cost a disk sync each; a minute's vagueness does not matter to half an hour.
_TOUCHED_EVERY = 60.0
_FOUND = (
    "SELECT sessions.name, sessions.csrf, sessions.began, sessions.seen, people.role "
    "FROM sessions JOIN people ON people.name = sessions.name WHERE sessions.digest = ?"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """A session just opened: the token for the cookie, told once, and what its page must repeat."""

    token: str
    csrf: str


class Sessions:
    """The open sessions. `idle` and `longest` are in seconds."""

    def __init__(self, store: AccessStore, clock: Clock, *, idle: float = 1800.0, longest: float = 43_200.0) -> None:
        self._store, self._clock = store, clock
        self.idle, self._longest = idle, longest

    def open(self, name: str) -> Opened:
        """A new session of this person; those that are over are swept out."""
        opened = Opened(token=made_token(), csrf=made_token())
        now = self._clock.now().timestamp()
        with self._store.writing() as connection:
            over = (now - self.idle, now - self._longest)
            connection.execute("DELETE FROM sessions WHERE seen < ? OR began < ?", over)
            row = (digest(opened.token), name, opened.csrf, now, now)
            connection.execute("INSERT INTO sessions VALUES (?, ?, ?, ?, ?)", row)
        return opened

    def find(self, token: str, *, touch: bool = True) -> Identity | None:
        """Whose session this is, or None when it is over; `touch` takes the request for a sign of life."""
        return self.of(digest(token), touch=touch)

    def of(self, session: str, *, touch: bool = False) -> Identity | None:
        """The same, for a session known by its digest."""
        found = self._store.row(_FOUND, session)
        if found is None:
            return None
        name, csrf, began, seen, role = found
        now = self._clock.now().timestamp()
        if now - float(str(seen)) > self.idle or now - float(str(began)) > self._longest:
            self.close(session)
            return None
        if touch and now - float(str(seen)) > _TOUCHED_EVERY:
            with self._store.writing() as connection:
                connection.execute("UPDATE sessions SET seen = ? WHERE digest = ?", (now, session))
        return Identity(name=str(name), operates=role == Role.OPERATOR, session=session, csrf=str(csrf))

    def close(self, session: str) -> None:
        """End one session."""
        with self._store.writing() as connection:
            connection.execute("DELETE FROM sessions WHERE digest = ?", (session,))

    def close_all_of(self, name: str) -> None:
        """End every session of a person, as a new password does."""
        with self._store.writing() as connection:
            connection.execute("DELETE FROM sessions WHERE name = ?", (name,))

"""Access as one thing: people, their sessions, programs' tokens, guesses and confirmations over one file."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from desk.domain.errors import PrerequisiteError
from desk.ports import Clock
from ui.server.access.confirmations import Confirmations
from ui.server.access.guesses import Guesses, Patience
from ui.server.access.identity import Identity, Role, Scope
from ui.server.access.secrets import TOKEN_PREFIX, digest, hashed, made_password, made_token, matches, refuse_weak
from ui.server.access.sessions import Opened, Sessions
from ui.server.access.store import AccessStore

FIRST = "operator"
_NAME = re.compile(r"[a-z][a-z0-9_.-]{0,39}", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Login:
    """How a login ended: a session, or none; and after how many seconds the next try is looked at."""

    opened: Opened | None
    wait: float = 0.0


class Access:
    """The access file of this machine's desks. Close it after use."""

    def __init__(self, path: Path, clock: Clock, *, idle: float = 1800.0, patience: Patience | None = None) -> None:
        """Open or make it. Raises PrerequisiteError when it cannot be kept."""
        self._store, self._clock = AccessStore(path), clock
        self.guesses = Guesses(self._store, clock, patience)
        self.sessions = Sessions(self._store, clock, idle=idle)
        self.confirmations = Confirmations(clock)

    def close(self) -> None:
        """Close the file."""
        self._store.close()

    def people(self) -> dict[str, Role]:
        """Everybody who may log in."""
        return {str(name): Role(str(role)) for name, role in self._store.rows("SELECT name, role FROM people")}

    def begin(self) -> str:
        """On the first start: make the operator and return their password, to be shown once; else an empty text."""
        if self.people():
            return ""
        password = made_password()
        self.set_password(FIRST, password, role=Role.OPERATOR)
        return password

    def set_password(self, name: str, secret: str, *, role: Role) -> None:
        """Let a person in by this PIN or password from now on; whatever they had open is closed.

        Raises:
            PrerequisiteError: for a name that is none, or a secret too easily guessed.
        """
        _refuse_odd(name)
        refuse_weak(secret)
        with self._store.writing() as connection:
            connection.execute("INSERT OR REPLACE INTO people VALUES (?, ?, ?)", (name, role.value, hashed(secret)))
        self.sessions.close_all_of(name)
        self.guesses.unlock()

    def remove(self, name: str) -> None:
        """Let a person in no more. Raises PrerequisiteError when nobody has that name."""
        with self._store.writing() as connection:
            gone = connection.execute("DELETE FROM people WHERE name = ?", (name,)).rowcount
        self.sessions.close_all_of(name)
        if not gone:
            raise PrerequisiteError(f"nobody is called {name[:40]}", hint="crew access list")

    def log_in(self, name: str, secret: str) -> Login:
        """Look at one guess, if it may be looked at, and open a session when it is right. Takes a tenth of a second."""
        # A name nobody can have is counted under one key: what a stranger types shall not fill the file.
        known = name if _NAME.fullmatch(name) else "?"
        wait = self.guesses.admit(known)
        if wait > 0:
            return Login(opened=None, wait=wait)
        found = self._store.row("SELECT secret FROM people WHERE name = ?", known)
        if not matches(str(found[0]) if found else "", secret):
            return Login(opened=None)
        self.guesses.forgive(known)
        return Login(opened=self.sessions.open(known))

    def new_token(self, name: str, scope: Scope) -> str:
        """A program's token, told once. Raises PrerequisiteError for a name that is taken or none."""
        _refuse_odd(name)
        token = TOKEN_PREFIX + made_token()
        with self._store.writing() as connection:
            if connection.execute("SELECT 1 FROM tokens WHERE name = ?", (name,)).fetchone():
                raise PrerequisiteError(f"a token {name} exists", hint=f"crew access revoke {name}")
            made = self._clock.now().timestamp()
            connection.execute("INSERT INTO tokens VALUES (?, ?, ?, ?)", (name, digest(token), scope.value, made))
        return token

    def revoke(self, name: str) -> None:
        """A program's token ends now. Raises PrerequisiteError when there is none of that name."""
        with self._store.writing() as connection:
            if not connection.execute("DELETE FROM tokens WHERE name = ?", (name,)).rowcount:
                raise PrerequisiteError(f"there is no token {name[:40]}", hint="crew access list")

    def tokens(self) -> dict[str, Scope]:
        """Every token by its name."""
        return {str(name): Scope(str(scope)) for name, scope in self._store.rows("SELECT name, scope FROM tokens")}

    def program(self, token: str) -> Identity | None:
        """Whose token this is, or None."""
        if not token.startswith(TOKEN_PREFIX):
            return None
        found = self._store.row("SELECT name, scope FROM tokens WHERE digest = ?", digest(token))
        return None if found is None else Identity(name=str(found[0]), operates=found[1] == Scope.OPERATE)


def _refuse_odd(name: str) -> None:
    if not _NAME.fullmatch(name):
        raise PrerequisiteError(f"{name[:40]!r} is no name", hint="small letters, digits, . - and _, 40 at most")

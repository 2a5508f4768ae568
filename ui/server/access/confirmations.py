"""Second steps of what cannot be taken back: a word given once, for one act, in one session, for thirty seconds.

The word goes to the page, never into the chat's text, and is spent by the first try, right or wrong. So a message that
was planted in the chat, a request that is sent again and a word from another session all do nothing.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from threading import Lock
from types import MappingProxyType

from desk.ports import Clock
from ui.server.access.secrets import made_token

SECONDS = 30.0
_MOST = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Confirmation:
    """What is to be confirmed: the act and its terms, exactly as they will be carried out."""

    session: str
    act: str
    terms: Mapping[str, str]
    until: float


class Confirmations:
    """The open confirmations of this server, in memory: a restart takes them all back."""

    def __init__(self, clock: Clock, *, seconds: float = SECONDS) -> None:
        self._clock, self.seconds = clock, seconds
        self._open: dict[str, Confirmation] = {}
        self._lock = Lock()

    def ask(self, session: str, act: str, terms: Mapping[str, str] | None = None) -> str:
        """The word for this act in this session, to be repeated within the time."""
        word, now = made_token(), self._clock.monotonic()
        asked = Confirmation(
            session=session, act=act, terms=MappingProxyType(dict(terms or {})), until=now + self.seconds
        )
        with self._lock:
            self._open = {key: one for key, one in self._open.items() if one.until > now and len(self._open) < _MOST}
            self._open[word] = asked
        return word

    def redeem(self, session: str, act: str, word: str) -> Mapping[str, str] | None:
        """The terms that were confirmed, once; None for a word that is wrong, spent, late or somebody else's."""
        with self._lock:
            asked = self._open.pop(word, None)
        if asked is None or self._clock.monotonic() > asked.until:
            return None
        if not hmac.compare_digest(asked.session, session) or asked.act != act:
            return None
        return asked.terms

"""A listen key opens one account's private stream for sixty minutes, and keepalive buys sixty more.

Asking again while a key is alive returns the same key and extends it, as Binance does. Life is measured on a clock that
never jumps: a client renews by its own wall clock, and a venue whose market is stepped through months must not cut it.
Keys live in memory only; a restarted venue has closed every stream anyway.
"""

from __future__ import annotations

import secrets
import string
from collections.abc import Callable
from dataclasses import dataclass, field

from desk.venues.paper.wire import errors

LIFE_SECONDS = 3_600.0
_ALPHABET = string.ascii_letters + string.digits
_LENGTH = 64


def random_key() -> str:
    """64 letters and digits from the operating system's randomness."""
    return "".join(secrets.choice(_ALPHABET) for _ in range(_LENGTH))


@dataclass(slots=True)
class ListenKeys:
    """The living keys. `seconds` is a monotonic clock."""

    seconds: Callable[[], float]
    make_key: Callable[[], str] = random_key
    _expiry: dict[str, float] = field(default_factory=dict[str, float])
    _account: dict[str, str] = field(default_factory=dict[str, str])

    def issue(self, account: str) -> str:
        """The account's key, new or extended."""
        key = next((k for k, owner in self._account.items() if owner == account and self.alive(k)), None)
        if key is None:
            key = self.make_key()
            self._account[key] = account
        self._expiry[key] = self.seconds() + LIFE_SECONDS
        return key

    def renew(self, account: str) -> str:
        """Extend the account's key and return it.

        Raises:
            Refusal: -1125 when the account has no living key.
        """
        if not any(owner == account and self.alive(key) for key, owner in self._account.items()):
            raise errors.dead_listen_key()
        return self.issue(account)

    def expire(self, account: str) -> None:
        """End the life of the account's keys now; `take_expired` tells of them."""
        for key, owner in self._account.items():
            if owner == account:
                self._expiry[key] = float("-inf")

    def revoke(self, account: str) -> tuple[str, ...]:
        """Kill the account's keys and return them."""
        keys = tuple(key for key, owner in self._account.items() if owner == account)
        self._forget(keys)
        return keys

    def alive(self, key: str) -> bool:
        """Whether the key opens a stream now."""
        return self.seconds() < self._expiry.get(key, float("-inf"))

    def account_of(self, key: str) -> str | None:
        """Whose stream the key opens; None for an unknown or dead key."""
        return self._account[key] if self.alive(key) else None

    def of_account(self, account: str) -> tuple[str, ...]:
        """The account's living keys."""
        return tuple(key for key, owner in self._account.items() if owner == account and self.alive(key))

    def take_expired(self) -> tuple[str, ...]:
        """Forget the keys that ran out, and return them so that their streams can be told."""
        keys = tuple(key for key in self._account if not self.alive(key))
        self._forget(keys)
        return keys

    def _forget(self, keys: tuple[str, ...]) -> None:
        for key in keys:
            self._account.pop(key, None)
            self._expiry.pop(key, None)

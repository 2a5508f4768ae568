"""Who may ask for what. The order of refusals is fixed: key, then mandatory fields, then time, then signature.

A wrong key is answered 401 and everything else 400, as on Binance.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from desk.venues.paper.engine.values import Refusal
from desk.venues.paper.keys import Access, Keys
from desk.venues.paper.wire import errors
from desk.venues.paper.wire.requests import signing
from desk.venues.paper.wire.requests.params import Params
from desk.venues.paper.wire.requests.signing import SignedBytes

_KEY_FORMAT: Final = re.compile(r"[A-Za-z0-9]{64}", re.ASCII)


class Security(StrEnum):
    """What a request must prove."""

    NONE = "NONE"
    KEY = "KEY"
    SIGNED = "SIGNED"


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate:
    """Checks keys, signatures and freshness.

    `speed` is venue seconds per wall second: a faster market must not make honest requests stale on their way.
    `accept_wall` also believes a stamp that is fresh by the wall clock, because no client can stamp virtual time
    without asking for it first.
    """

    keys: Keys
    now_ms: Callable[[], int]
    wall_ms: Callable[[], int]
    speed: int
    accept_wall: bool

    def admit(self, security: Security, api_key: str | None, params: Params, signed: SignedBytes) -> Access | None:
        """Let the request pass; the answer says as whom, or None where nothing had to be proven.

        Raises:
            Refusal: -2014, -2015 (401); -1102, -1131, -1021, -1022 (400).
        """
        if security is Security.NONE:
            return None
        access = self._access(api_key)
        if security is Security.SIGNED:
            self._check_signed(access, params, signed)
        return access

    def _access(self, api_key: str | None) -> Access:
        """Refuse a key that is missing, misshapen or no account's."""
        # Anything but ASCII is no key, and comparing it in constant time would fail.
        access = self.keys.opened_by(api_key) if api_key and api_key.isascii() else None
        if access is not None:
            return access
        if not api_key or not _KEY_FORMAT.fullmatch(api_key):
            raise Refusal(-2014, message="API-key format invalid.")
        raise Refusal(-2015, message="Invalid API-key, IP, or permissions for action.")

    def _check_signed(self, access: Access, params: Params, signed: SignedBytes) -> None:
        """Refuse a request that is not stamped, not fresh, or not signed with the secret of its key."""
        params.need_integer("timestamp")
        if not signed.signature:
            raise errors.mandatory("signature")
        self.check_stamp(params)
        signing.check_signature(access.secret, signed)

    def check_stamp(self, params: Params) -> None:
        """Refuse a request that is not stamped (-1102), or not fresh (-1021), or wants too long a window (-1131)."""
        timestamp, window, now = params.need_integer("timestamp"), _window(params), self.now_ms()
        signing.check_window(window)
        if not self._fresh(timestamp, window, now):
            raise signing.stale(timestamp, now)

    def check_still_fresh(self, params: Params) -> None:
        """The matching engine's own look at the stamp, when an order reaches it. Raises Refusal -5028."""
        if not self._fresh(params.need_integer("timestamp"), _window(params), self.now_ms()):
            raise signing.late()

    def _fresh(self, timestamp: int, window: int, now: int) -> bool:
        if signing.is_fresh(timestamp, window * self.speed, now):
            return True
        return self.accept_wall and signing.is_fresh(timestamp, window, self.wall_ms())


def _window(params: Params) -> int:
    window = params.integer("recvWindow")
    return signing.DEFAULT_RECV_WINDOW_MS if window is None else window

"""What one connection of the WebSocket API remembers: since when it stands, and whose key it logged on with.

Only an Ed25519 key can log on. A connection that did may leave out `apiKey` and `signature` from then on; it still has
to stamp what it signs. A request that brings a key of its own is judged by that key.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from desk.venues.paper.engine.values import Refusal
from desk.venues.paper.keys import Access
from desk.venues.paper.wire.figures import Json
from desk.venues.paper.wire.requests import signing
from desk.venues.paper.wire.requests.gate import Gate, Security
from desk.venues.paper.wire.requests.params import Params
from desk.venues.paper.wire.requests.public_keys import KeyKind, kind_of
from desk.venues.paper.wire.requests.signing import SignedBytes


@dataclass(slots=True)
class Session:
    """One connection. Times are ms UTC of the venue; `returns_limits`: whether answers carry `rateLimits`."""

    connected_ms: int
    returns_limits: bool = True
    access: Access | None = None
    authorized_ms: int | None = None

    def admit(self, gate: Gate, security: Security, params: Params, values: Mapping[str, object]) -> Access | None:
        """Let a request pass, with its own key or with the one that logged on. Raises Refusal as `Gate.admit`."""
        if self.access is None or security is Security.NONE or params.has("apiKey") or params.has("signature"):
            return gate.admit(security, params.peek("apiKey"), params, signed_params(values))
        if security is Security.SIGNED:
            gate.check_stamp(params)
        return self.access

    def log_on(self, gate: Gate, params: Params, values: Mapping[str, object], now_ms: int) -> None:
        """Remember the key that signed. Raises Refusal -4056 for a key that is not Ed25519."""
        access = gate.admit(Security.SIGNED, params.peek("apiKey"), params, signed_params(values))
        if access is None or kind_of(access.secret) is not KeyKind.ED25519:
            raise Refusal(-4056, message="Invalid api key type.")
        self.access, self.authorized_ms = access, now_ms

    def log_out(self) -> None:
        """Forget the key."""
        self.access, self.authorized_ms = None, None

    def told(self, now_ms: int) -> Json:
        """The answer of session.logon, session.status and session.logout."""
        return {
            "apiKey": None if self.access is None else self.access.api_key,
            "authorizedSince": self.authorized_ms,
            "connectedSince": self.connected_ms,
            "returnRateLimits": self.returns_limits,
            "serverTime": now_ms,
        }


def signed_params(values: Mapping[str, object]) -> SignedBytes:
    """What a WebSocket request signs: `name=value` of all but the signature, sorted by name."""
    written = Params.written(values)
    payload = "&".join(f"{name}={written[name]}" for name in sorted(written) if name != "signature")
    return signing.SignedBytes(payload.encode("utf-8", "surrogatepass"), written.get("signature", ""))

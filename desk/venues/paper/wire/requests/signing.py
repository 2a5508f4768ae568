"""A signed request is believed only if its raw bytes were signed with the account's key, and only while it is fresh.

Binance signs what travels, not what it means: the query string and the body as sent, joined without a separator, minus
the signature itself. Nothing is decoded or re-encoded before it is checked, so a client whose percent-encoding differs
from ours still verifies, and one whose bytes were altered on the way does not.

Source: Binance USD-M futures, "General Info", sections "SIGNED Endpoint Security" and "Timing security".
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass

from desk.venues.paper.engine.values import Refusal
from desk.venues.paper.wire import errors
from desk.venues.paper.wire.requests.public_keys import KeyKind, kind_of, verified

DEFAULT_RECV_WINDOW_MS = 5_000
MAX_RECV_WINDOW_MS = 60_000
# A client's clock may run ahead of the venue's by less than this.
AHEAD_MS = 1_000

_FIELD = b"signature="


@dataclass(frozen=True, slots=True)
class SignedBytes:
    """The bytes that were signed, and the signature that came with them (empty when there was none)."""

    payload: bytes
    signature: str


def split_signature(query: bytes, body: bytes) -> SignedBytes:
    """Take the signature out of whichever part carries it and join the rest as Binance does, with nothing between."""
    stripped_query, in_query = _take(query)
    stripped_body, in_body = _take(body)
    return SignedBytes(stripped_query + stripped_body, in_body or in_query)


def _take(part: bytes) -> tuple[bytes, str]:
    if _FIELD not in part:
        return part, ""
    kept: list[bytes] = []
    found = ""
    for field in part.split(b"&"):
        if field.startswith(_FIELD):
            found = field[len(_FIELD) :].decode("ascii", "replace")
        else:
            kept.append(field)
    return b"&".join(kept), found


def sign(secret: str, payload: bytes) -> str:
    """HMAC-SHA256 of `payload`, as lower-case hex."""
    return hmac.new(secret.encode(), payload, hashlib.sha256).hexdigest()


def check_signature(secret: str, signed: SignedBytes) -> None:
    """Verify with the secret of an HMAC, or with the public half of an RSA or Ed25519 key.

    Raises:
        Refusal: -1102 without a signature, -1022 with a wrong one.
    """
    if not signed.signature:
        raise errors.mandatory("signature")
    right = (
        _is_hmac(secret, signed)
        if kind_of(secret) is KeyKind.HMAC
        else verified(secret, signed.payload, signed.signature)
    )
    if not right:
        raise Refusal(-1022, message="Signature for this request is not valid.")


def _is_hmac(secret: str, signed: SignedBytes) -> bool:
    # Hex digits of either case pass; the comparison takes the same time wherever the first difference stands.
    expected = sign(secret, signed.payload)
    return hmac.compare_digest(expected.encode(), signed.signature.lower().encode())


def is_fresh(timestamp_ms: int, recv_window_ms: int, now_ms: int) -> bool:
    """Whether a request stamped `timestamp_ms` is neither from the future nor older than its own window."""
    return timestamp_ms < now_ms + AHEAD_MS and now_ms - timestamp_ms <= recv_window_ms


def check_window(recv_window_ms: int) -> None:
    """Refuse a window that is not within 0..60000 ms.

    Raises:
        Refusal: -1131.
    """
    if not 0 < recv_window_ms <= MAX_RECV_WINDOW_MS:
        raise Refusal(-1131, message="recvWindow must be less than 60000")


def stale(timestamp_ms: int, now_ms: int) -> Refusal:
    """The refusal of a request that is not fresh: -1021, in the words that name the direction."""
    if timestamp_ms >= now_ms + AHEAD_MS:
        return Refusal(-1021, message="Timestamp for this request was 1000ms ahead of the server's time.")
    return Refusal(-1021, message="Timestamp for this request is outside of the recvWindow.")


def late() -> Refusal:
    """-5028: fresh when it arrived, and no longer when the matching engine had it."""
    return Refusal(-5028, message="Timestamp for this request is outside of the ME recvWindow.")

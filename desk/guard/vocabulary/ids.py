"""Client ids that anyone can derive again: after a crash the guard asks for exactly the orders it may have sent.

An id is `cd-`, twenty digits of the intent id's SHA-256, the role (e entry, x exit, s stop, t target) and a counter:
at most 36 characters of `[.A-Z:/a-z0-9_-]`, Binance's rule for `newClientOrderId` and `clientAlgoId`.
"""

from __future__ import annotations

from desk.guard.record.codec import digest

PREFIX = "cd-"
ENTRY, EXIT, STOP, TARGET = "e", "x", "s", "t"


def family(intent_id: str) -> str:
    """What all ids of one intent start with."""
    return f"{PREFIX}{digest(intent_id)[:20]}-"


def client_id(intent_id: str, role: str, number: int = 0) -> str:
    """The id of one order of an intent."""
    return f"{family(intent_id)}{role}{number}"

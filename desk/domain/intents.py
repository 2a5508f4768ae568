"""What a crew may ask of the guard, and what the guard may answer.

An intent states a view and its risk shape; it never states a quantity. Every field is required and none has a default,
because a truncated or repaired call must fail to parse rather than become a smaller order.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum


class Action(StrEnum):
    """What a decision wants. HOLD is a decision too: it is recorded, and never sent to the guard."""

    OPEN_LONG = "OPEN_LONG"
    OPEN_SHORT = "OPEN_SHORT"
    CLOSE = "CLOSE"
    HOLD = "HOLD"

    @property
    def opens(self) -> bool:
        """Whether this action raises exposure."""
        return self in (Action.OPEN_LONG, Action.OPEN_SHORT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Intent:
    """One request of one run for one symbol.

    `conviction` is in [0, 1]. `stop_pct` and `target_pct` are distances from entry as fractions (0.02 = 2 %).
    `seen_mark` is the mark price the crew decided on: the price collar compares it with the guard's own.
    """

    intent_id: str
    run_id: str
    symbol: str
    action: Action
    conviction: Decimal
    stop_pct: Decimal
    target_pct: Decimal
    seen_mark: Decimal
    strategy_id: str
    snapshot_hash: str
    created_at: datetime
    expires_at: datetime


class Outcome(StrEnum):
    """The guard's answer to an intent."""

    APPROVED = "approved"
    REDUCED = "reduced"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """The guard's answer: an outcome, the named rule that decided it, and the numbers it was decided on."""

    intent_id: str
    outcome: Outcome
    rule: str
    message: str
    numbers: tuple[tuple[str, str], ...]
    quantity: Decimal
    decided_at: datetime

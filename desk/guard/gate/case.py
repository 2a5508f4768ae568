"""One intent before the gate, and how the gate answers: by a named rule, with the numbers it was decided on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from desk.domain.intents import Intent, Outcome
from desk.domain.money import ZERO, plain
from desk.guard.bounds.rules import Rules
from desk.guard.loss.equity import Standing
from desk.guard.vocabulary.events import IntentReceived
from desk.guard.vocabulary.state import GuardState

Numbers = tuple[tuple[str, str], ...]
HOUR_MS = 3_600_000
DAY_MS = 86_400_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """The gate's answer to a readable intent."""

    outcome: Outcome
    rule: str
    message: str
    numbers: Numbers = ()
    quantity: Decimal = ZERO


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One intent before the gate. `standing` is what the account is worth and holds; None while nobody can tell."""

    intent: Intent
    state: GuardState
    event: IntentReceived
    rules: Rules
    standing: Standing | None


Rule = Callable[[Case], Decision | None]


def refuse(rule: str, message: str, **numbers: object) -> Decision:
    """A refusal by `rule`, with the numbers it was decided on."""
    return Decision(outcome=Outcome.REFUSED, rule=rule, message=message, numbers=told(**numbers))


def told(**numbers: object) -> Numbers:
    """Numbers as text, in the order given."""
    return tuple((name, plain(value) if isinstance(value, Decimal) else str(value)) for name, value in numbers.items())

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
Figure = Decimal | int | str
Figures = tuple[tuple[str, Figure], ...]
HOUR_MS = 3_600_000
DAY_MS = 86_400_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """The gate's answer to a readable intent. `figures` are what it was decided on, exact; `told` writes them out."""

    outcome: Outcome
    rule: str
    message: str
    figures: Figures = ()
    quantity: Decimal = ZERO

    def told(self) -> Numbers:
        """The figures as the verdict, the journal and people read them."""
        return tuple(
            [(name, plain(value) if isinstance(value, Decimal) else str(value)) for name, value in self.figures]
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One intent before the gate. `standing` is what the account is worth and holds; None while nobody can tell."""

    intent: Intent
    state: GuardState
    event: IntentReceived
    rules: Rules
    standing: Standing | None


Rule = Callable[[Case], Decision | None]


def refuse(rule: str, message: str, **figures: Figure) -> Decision:
    """A refusal by `rule`, with the figures it was decided on."""
    return Decision(outcome=Outcome.REFUSED, rule=rule, message=message, figures=tuple(figures.items()))

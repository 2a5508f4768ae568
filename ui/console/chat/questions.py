"""What a question is about: a decision by its id or the beginning of it, or whatever the desk did of that kind."""

from __future__ import annotations

import re

from desk.domain.intents import Action

_AFTER: tuple[tuple[re.Pattern[str], tuple[Action, ...]], ...] = (
    # Why something was not done asks after whatever was decided instead.
    (re.compile(r"\bnot\b|n['’]t\b|\bno\b|\bnothing\b"), ()),
    (re.compile(r"\b(buy|bought|long|go(ne)? in|enter(ed)?)\b"), (Action.OPEN_LONG,)),
    (re.compile(r"\b(sell|sold)\b"), (Action.OPEN_SHORT, Action.CLOSE)),
    (re.compile(r"\bshort(ed)?\b"), (Action.OPEN_SHORT,)),
    (re.compile(r"\b(closed?|exit(ed)?|got out|get out)\b"), (Action.CLOSE,)),
    (re.compile(r"\b(hold|held|wait(ed)?)\b"), (Action.HOLD,)),
)
# Long enough, and with a digit, so that no word of English is one.
_DECISION = re.compile(r"\bd(?=[a-f]*[0-9])[0-9a-f]{5,24}\b")
_ASKS = re.compile(r"(but |and |so )?(why|what if|explain|tell me why)\b")


def asks_why(low: str) -> bool:
    """Whether a sentence is a question from its first word on: then no verb in it is meant as an order."""
    return _ASKS.match(low) is not None


def asked_after(low: str) -> tuple[Action, ...]:
    """The actions that a question asks after; none when it asks after whatever was decided."""
    return next((actions for pattern, actions in _AFTER if pattern.search(low)), ())


def decision_named(low: str) -> str:
    """The id of a decision, or enough of its beginning; empty where none was named."""
    named = _DECISION.search(low)
    return named[0] if named else ""

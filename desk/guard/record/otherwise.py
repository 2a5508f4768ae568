"""What the guard would have answered under other limits: the very gate, on the very state each intent was heard in.

The journal is replayed as it happened, and each intent is heard once more beside it, with the limits changed. What
would have followed from another answer is not imagined: the state stays the one there was, so a latch that other limits
would have thrown earlier, or not at all, is not. Limits tightened while the desk ran stay as tight as they were.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from desk.domain.errors import ConfigError, DataError, JournalError
from desk.domain.frozen import replace
from desk.domain.intents import Verdict
from desk.guard.bounds.limits import Limits
from desk.guard.bounds.rules import Rules, rules_from_data
from desk.guard.door.wire import parse_intent
from desk.guard.record.journal import Row
from desk.guard.record.replay import CHECKPOINT, EVENT, RULES
from desk.guard.step import step
from desk.guard.vocabulary.events import IntentReceived, event_from_data
from desk.guard.vocabulary.state import GuardState, state_from_data


@dataclass(frozen=True, slots=True)
class Heard:
    """One intent as it reached the gate: the state before it, the rules then, and the event with the guard's facts."""

    state: GuardState
    rules: Rules
    event: IntentReceived


def hearings(rows: Iterable[Row]) -> dict[str, Heard]:
    """Each intent of a journal by its id, as it was first heard.

    Raises:
        JournalError: when a row does not read.
    """
    state, rules, found = GuardState(), None, dict[str, Heard]()
    for row in rows:
        try:
            data = json.loads(row.body)
            if row.kind == RULES:
                rules = rules_from_data(data)
            elif row.kind == CHECKPOINT:
                state = state_from_data(data["state"])
            elif row.kind == EVENT and rules is not None:
                state = _through(state, data, rules, found)
        except (ValueError, KeyError, TypeError, DataError) as error:
            raise JournalError(f"row {row.seq} does not read: {error}", position=row.seq) from error
    return found


def heard_again(heard: Heard, text: str, changed: Mapping[str, Any]) -> Verdict:
    """The verdict on an intent's `text` at that moment, with these limits instead of those in force.

    Raises:
        ConfigError: when a limit does not exist or does not fit.
        DataError: when the text is no intent: the guard would not have listened to it.
    """
    rules = replace(heard.rules, limits=_with(heard.rules.limits, changed))
    verdict = step(heard.state, replace(heard.event, text=text), rules).verdict
    if verdict is None:
        raise DataError("the guard gave no answer")
    return verdict


def _with(limits: Limits, changed: Mapping[str, Any]) -> Limits:
    try:
        return Limits.model_validate({**limits.model_dump(), **changed})
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise ConfigError(str(first["msg"]), file="--set", key=f"desk.limits.{where}") from None


def _through(state: GuardState, data: Any, rules: Rules, found: dict[str, Heard]) -> GuardState:  # noqa: ANN401 - JSON
    event = event_from_data(data["happened"])
    if isinstance(event, IntentReceived) and data["verdict"] is not None and data["verdict"]["intent_id"]:
        found.setdefault(parse_intent(event.text).intent_id, Heard(state, rules, event))
    return step(state, event, rules).state

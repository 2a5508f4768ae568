"""From the journal alone: the state as it was, every answer as it was given, bit-equal.

That holds for rows that this very code decided; each start journals the hash of its code. Rows of another build are
applied, so that an upgrade keeps latch, baseline and positions, but their answers are not expected to be the same.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import orjson

from desk.domain.errors import DataError, JournalError
from desk.guard.bounds.rules import Rules, rules_from_data, rules_to_data
from desk.guard.door.wire import verdict_to_data
from desk.guard.record.build import build_hash
from desk.guard.record.codec import canonical, digest, encode
from desk.guard.record.journal import Journal, Row
from desk.guard.step import Step, step
from desk.guard.vocabulary.commands import command_to_data
from desk.guard.vocabulary.events import Event, event_from_data, event_to_data
from desk.guard.vocabulary.state import GuardState, state_from_data

EVENT, RULES, CHECKPOINT = "event", "rules", "checkpoint"
# A start replays what followed the newest checkpoint: at most this many events, a hundredth of a second or two.
CHECKPOINT_EVERY = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Replayed:
    """What a journal rebuilds: the state, the rules last in force, events applied, and of those how many compared."""

    state: GuardState
    rules: Rules | None
    events: int
    compared: int


def event_body(event: Event, result: Step) -> str:
    """The journal text of an event: what happened, what was answered, what was commanded."""
    verdict = None if result.verdict is None else verdict_to_data(result.verdict)
    commands = [command_to_data(command) for command in result.commands]
    return canonical({"happened": event_to_data(event), "verdict": verdict, "commands": commands})


def rules_body(rules: Rules) -> str:
    """The journal text of the rules in force from here on."""
    return canonical({"build": build_hash(), **rules_to_data(rules)})


def checkpoint_body(state: GuardState) -> str:
    """The journal text of a whole state, so that a start need not replay everything."""
    data = encode(state)
    return canonical({"state": data, "hash": digest(canonical(data))})


def replay(rows: Iterable[Row], *, from_start: bool = False) -> Replayed:
    """Rebuild the state. With `from_start`, checkpoints are not believed but compared.

    Raises:
        JournalError: a row does not read, or what it says was answered is not what replaying it answers.
    """
    state, rules, events, compared, ours = GuardState(), None, 0, 0, False
    kept = list(rows)
    first = 0 if from_start else _newest_checkpoint(kept)
    for number, row in enumerate(kept):
        try:
            data = orjson.loads(row.body)
            if row.kind == RULES:
                rules, ours = rules_from_data(data), data["build"] == build_hash()
            elif row.kind == CHECKPOINT and number >= first:
                state = _checkpoint(state, data, row, compare=from_start and ours)
            elif row.kind == EVENT and number >= first:
                state = _apply(state, data, rules, row, compare=ours)
                events, compared = events + 1, compared + ours
        except (ValueError, KeyError, TypeError, DataError) as error:
            raise JournalError(f"row {row.seq} does not replay: {error}", position=row.seq) from error
    return Replayed(state=state, rules=rules, events=events, compared=compared)


def _newest_checkpoint(rows: list[Row]) -> int:
    return max((number for number, row in enumerate(rows) if row.kind == CHECKPOINT), default=0)


def _checkpoint(state: GuardState, data: Any, row: Row, *, compare: bool) -> GuardState:  # noqa: ANN401 - parsed JSON
    held = state_from_data(data["state"])
    # The hash is of what was written: a state of an older build lacks fields that this one reads it with.
    if digest(canonical(data["state"])) != data["hash"] or (compare and held != state):
        raise JournalError(f"the checkpoint in row {row.seq} is not the state that led to it", position=row.seq)
    return held


def _apply(
    state: GuardState,
    data: Any,  # noqa: ANN401 - parsed JSON
    rules: Rules | None,
    row: Row,
    *,
    compare: bool,
) -> GuardState:
    if rules is None:
        raise JournalError(f"row {row.seq} comes before any rules", position=row.seq)
    event = event_from_data(data["happened"])
    result = step(state, event, rules)
    if compare and event_body(event, result) != row.body:
        raise JournalError(f"row {row.seq} replays to another answer", position=row.seq)
    return result.state


def restore(journal: Journal) -> Replayed:
    """The state to start from: the newest checkpoint and what followed. Holds no more rows than these in memory."""
    kept: list[Row] = []
    rules: list[Row] = []
    for row in journal.rows():
        if row.kind == RULES:
            rules = [row]
        if row.kind == CHECKPOINT:
            kept = [*rules, row]
        else:
            kept.append(row)
    return replay(kept)

"""Decisions: the list with its filters, and one of them whole: why, steps, picture, the same again, and what if."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from desk.domain.errors import DeskError, PrerequisiteError
from memory.audit import AuditRow
from memory.rows import Kind
from ui.console.panels.wanted import Wanted
from ui.console.rendering import render, trouble
from ui.figures import guard_numbers, safe
from ui.server.house import House
from ui.steps_screen import step_of

_LISTED, _PAYLOAD_CHARS = 150, 12_000
VIEWS = ("why", "steps", "picture", "again")


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One row of the audit log on the page. `payload` is laid out and cut where it is endless."""

    seq: int
    kind: str
    agent: str
    words: str
    tone: str
    seconds: str
    payload: str


def listed(house: House, wanted: Wanted) -> str:
    """The newest decisions that pass the filters."""
    symbol = wanted.symbol(house.window.symbols, default=False)
    action, verdict = wanted.name("action"), wanted.name("verdict")
    rows = house.window.record.decisions(symbol=symbol, limit=_LISTED)
    rows = [
        row
        for row in rows
        if (not action or row.action.lower() == action)
        and (not verdict or row.verdict == verdict)
        and (not wanted.words or wanted.words.lower() in f"{row.decision_id} {row.rule} {row.symbol}".lower())
    ]
    filtered = bool(symbol or action or verdict or wanted.words)
    return render("decisions.html", rows=rows, chosen=wanted.decision, any=filtered)


def one(house: House, wanted: Wanted) -> str:
    """One decision in the view that was chosen; the newest where none was."""
    view = wanted.name("view")
    view = view if view in VIEWS else VIEWS[0]
    try:
        decision = wanted.decision or house.window.record.newest()
        return render("decision.html", id=decision, view=view, **_VIEWS[view](house, decision))
    except PrerequisiteError as error:
        return render("decision_none.html", message=error.message)
    except DeskError as error:
        return trouble(error)


def _why(house: House, decision: str) -> Mapping[str, Any]:
    told = house.window.record.why(decision)
    numbers = [(name, safe(value)) for name, value in guard_numbers(told.rule, told.numbers)]
    return {"why": told, "numbers": numbers}


def _steps(house: House, decision: str) -> Mapping[str, Any]:
    return {"steps": list(steps_of(house.window.record.rows(decision)))}


def _picture(house: House, decision: str) -> Mapping[str, Any]:
    seen = next((row for row in house.window.record.rows(decision) if row.kind is Kind.SNAPSHOT), None)
    return {"picture": seen is not None}


def _again(house: House, decision: str) -> Mapping[str, Any]:
    """The decision from its record, whole and without each of those who reported."""
    record = house.window.record
    agents = [row.agent for row in record.rows(decision) if row.kind is Kind.REPORT]
    others = [(agent, record.otherwise(decision, without=(agent,))) for agent in dict.fromkeys(agents)]
    return {"replay": record.replay(decision), "others": [(agent, told) for agent, told in others if told is not None]}


_VIEWS = {"why": _why, "steps": _steps, "picture": _picture, "again": _again}


def steps_of(rows: Sequence[AuditRow]) -> Iterator[Told]:
    """Every row as a line and its payload."""
    for row in rows:
        step = step_of(row)
        seconds = row.payload.get("seconds")
        yield Told(
            seq=row.seq,
            kind=row.kind.value.replace("_", " "),
            agent=row.agent,
            words=safe(step.words, 300),
            tone=step.style,
            seconds=f"{seconds:.2f} s" if isinstance(seconds, int | float) else "",
            payload=_laid_out(row.payload),
        )


def _laid_out(payload: Mapping[str, Any]) -> str:
    text = json.dumps({name: _parsed(value) for name, value in payload.items()}, indent=1, ensure_ascii=False)
    return text if len(text) <= _PAYLOAD_CHARS else f"{text[:_PAYLOAD_CHARS]}\n… {len(text) - _PAYLOAD_CHARS:,} more"


def _parsed(value: Any) -> Any:  # noqa: ANN401  parsed JSON
    """JSON inside a text as what it says."""
    if isinstance(value, str) and value[:1] in "{[":
        try:
            return json.loads(value)
        except ValueError:
            return value
    return value

"""Decisions: the list with its filters, and one of them whole: why, steps, picture, the same again, and what if."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from desk.domain.errors import DeskError, PrerequisiteError
from desk.domain.intents import Outcome
from memory.audit import AuditRow
from memory.rows import Kind
from ui.console.panels.wanted import Wanted
from ui.console.rendering import render, trouble
from ui.figures import guard_name, guard_numbers, safe, sentence
from ui.server.house import House
from ui.steps_screen import step_of
from ui.window.sought import PAGE, Sought

_PAYLOAD_CHARS = 12_000
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
    """The newest decisions that pass the filters, or an older page of them."""
    sought = Sought(
        symbol=wanted.symbol(house.window.symbols, default=False),
        action=wanted.name("action"),
        verdict=wanted.name("verdict"),
        words=wanted.words,
        skip=wanted.number("skip"),
    )
    found = house.window.record.sought(sought)
    return render("decisions.html", found=found, sought=sought, page=PAGE, chosen=wanted.decision)


def one(house: House, wanted: Wanted) -> str:
    """One decision in the view that was chosen; the newest where none was."""
    view = wanted.name("view")
    view = view if view in VIEWS else VIEWS[0]
    try:
        decision = wanted.decision or house.window.record.newest()
        about = _about(house.window.record.rows(decision))
        told = _VIEWS[view](house, decision)
        return render("decision.html", id=decision, newest=not wanted.decision, view=view, **about, **told)
    except PrerequisiteError as error:
        return render("decision_none.html", message=sentence(error.message))
    except DeskError as error:
        return trouble(error)


def _about(rows: Sequence[AuditRow]) -> Mapping[str, Any]:
    """On what, what and when: of a run that was repeated, the latest attempt."""
    told = {row.kind: row for row in rows}
    run, seen, decision = (told.get(kind) for kind in (Kind.RUN, Kind.SNAPSHOT, Kind.DECISION))
    return {
        "symbol": run.payload["symbol"] if run else "",
        "at": datetime.fromisoformat(seen.payload["at"]) if seen else rows[0].at,
        "action": decision.payload["decision"].get("action", "") if decision else "",
    }


def _why(house: House, decision: str) -> Mapping[str, Any]:
    told = house.window.record.why(decision)
    binding = guard_name(told.rule) if told.verdict == Outcome.REDUCED else ""
    numbers = [(name, safe(value), name == binding) for name, value in guard_numbers(told.rule, told.numbers)]
    return {"why": told, "numbers": numbers, "asked": bool(told.note) and not told.voices and not told.wanted}


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

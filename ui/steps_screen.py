"""A decision step by step: one line each with agent, what was done and how long it took, the payload below it.

Payloads are shortened to what a reader wants first; `full` shows all of them, line by line.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from memory.audit import AuditRow
from memory.rows import Kind
from ui.figures import guard_numbers, safe
from ui.why_screen import terms

INDENT, NAME_WIDTH = 4, 6
# Two lines of a terminal of 100 columns: enough to recognise, little enough to scroll.
DETAIL_WIDTH = 165
FULL_WIDTH = 1_000_000
Payload = Mapping[str, Any]
Details = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What a line says of a row, and the details below it as (name, text)."""

    words: str
    style: str = ""
    details: Details = ()


def steps_screen(rows: Sequence[AuditRow], *, full: bool) -> RenderableType:
    """The whole screen. Of a run that was repeated, every attempt."""
    parts: list[RenderableType] = []
    for row in rows:
        if row.kind is Kind.RUN:
            head = Text.assemble((f"{row.payload['symbol']}  ", "name"), (row.decision_id, "number"))
            parts += [head.append(f"  {row.at:%Y-%m-%d %H:%M:%S} UTC", style="quiet"), Text("")]
        parts += [_line(row), *_details(row, full=full)]
    return Group(*parts)


def step_of(row: AuditRow) -> Step:
    """What is said of a row, for this screen and for others."""
    return _STEPS[row.kind](row.payload)


def _line(row: AuditRow) -> Table:
    step = step_of(row)
    grid = Table.grid(padding=(0, 1, 0, 0), expand=True)
    grid.add_column(width=5, justify="right", style="quiet", no_wrap=True)
    grid.add_column(width=10, style="name", no_wrap=True)
    grid.add_column(width=8, style="number", no_wrap=True)
    grid.add_column(ratio=1, overflow="fold")
    grid.add_column(width=8, justify="right", style="quiet", no_wrap=True)
    seconds = f"{row.payload['seconds']:.2f} s" if isinstance(row.payload.get("seconds"), int | float) else ""
    kind = row.kind.value.replace("_", " ")
    grid.add_row(str(row.seq), kind, row.agent, Text(safe(step.words, 300), style=step.style), seconds)
    return grid


def _details(row: AuditRow, *, full: bool) -> Iterator[RenderableType]:
    details = tuple((n, _whole(value)) for n, value in row.payload.items()) if full else step_of(row).details
    grid = Table.grid(padding=(0, 2, 0, 0))
    grid.add_column(width=INDENT)
    grid.add_column(style="quiet", no_wrap=True, min_width=NAME_WIDTH)
    grid.add_column(style="" if full else "quiet", overflow="fold")
    for name, text in details:
        lines = _indented(text) if full else safe(text, DETAIL_WIDTH)
        if lines:
            grid.add_row("", name, Text(lines))
    if grid.row_count:
        yield grid


def _indented(text: str) -> str:
    """A whole text, line by line with its own indentation, and nothing in it that could move the cursor."""
    kept = ((line, len(line) - len(line.lstrip(" "))) for line in text.splitlines())
    return "\n".join(" " * margin + safe(line, FULL_WIDTH) for line, margin in kept if line.strip())


def _whole(value: Any) -> str:  # noqa: ANN401  parsed JSON
    """Everything of a value: JSON, also JSON inside a text, laid out over lines."""
    if isinstance(value, str):
        try:
            parsed = json.loads(value)
        except ValueError:
            return value
        if not isinstance(parsed, dict | list):
            return value
        value = parsed
    return json.dumps(value, indent=2, ensure_ascii=False) if isinstance(value, dict | list) else str(value)


def _brief(value: Any, depth: int = 0) -> str:  # noqa: ANN401  parsed JSON
    """A value on one line without JSON's punctuation; what lies deeper in brackets."""
    if isinstance(value, Mapping):
        line = ", ".join(f"{name.replace('_', ' ')} {_brief(one, depth + 1)}" for name, one in value.items())
        return f"({line})" if depth else line
    if isinstance(value, list):
        return " ".join(_brief(one, depth + 1) for one in value) or "none"
    return (
        {None: "none", True: "yes", False: "no"}.get(value, str(value))
        if value is None or isinstance(value, bool)
        else str(value)
    )


def _text(text: str) -> str:
    """What a model or a tool said: JSON in brief, anything else as it is."""
    try:
        parsed = json.loads(text)
    except ValueError:
        return text
    return _brief(parsed) if isinstance(parsed, dict | list) else text


def _run(told: Payload) -> Step:
    models = ", ".join(sorted(set(told["models"].values())))
    return Step(words=f"profile {told['profile']}, {models}, run {told['run_id']}")


def _snapshot(told: Payload) -> Step:
    return Step(words=f"{told['source']}, {told['digest'][:16]}")


def _prompt(told: Payload) -> Step:
    messages = told["messages"]
    size = sum(len(str(message.get("content") or "")) for message in messages)
    tools = [str(_tool_name(tool)) for tool in told["tools"]]
    offered = f", tools {' '.join(tools)}" if tools else ""
    last = str(messages[-1].get("content") or "") if messages else ""
    asked = last.partition("Current Task:")[2] or last
    who = str(messages[-1].get("role", "")) if messages else ""
    name = {"tool": "read", "user": "asked"}.get(who, who)
    return Step(
        words=f"{told['stage']}: {len(messages)} messages, {size:,} characters{offered}",
        details=((name, _text(asked.strip())),),
    )


def _tool_name(tool: Any) -> Any:  # noqa: ANN401  parsed JSON
    inner = tool.get("function", tool) if isinstance(tool, Mapping) else tool
    return inner.get("name", "") if isinstance(inner, Mapping) else inner


def _reply(told: Payload) -> Step:
    calls = "; ".join(f"{call['name']} {_asked(call['arguments'])}".strip() for call in told["tool_calls"])
    words = f"{told['stage']}: {told['prompt_tokens']:,} + {told['completion_tokens']:,} tokens, {told['model']}"
    return Step(words=words, details=(("calls", calls), ("says", _text(told["text"] or ""))))


def _asked(arguments: str) -> str:
    return "" if arguments in ("", "{}") else _text(arguments)


def _tool_call(told: Payload) -> Step:
    well = bool(told["ok"])
    words = told["tool"] if well else f"{told['tool']} failed"
    return Step(
        words=words,
        style="" if well else "bad",
        details=(("with", _asked(told["arguments"])), ("gives", _text(told["result"]))),
    )


def _report(told: Payload) -> Step:
    report = told["report"]
    rest = {name: value for name, value in report.items() if name != "note"}
    return Step(words=str(report.get("note", "")), details=(("finds", _brief(rest)),))


def _abstention(told: Payload) -> Step:
    return Step(words=f"{told['reason']}: {told['detail']}", style="warn")


def _plan(told: Payload) -> Step:
    plan = told["plan"]
    return Step(words=", ".join(f"{agent} {focus}" for agent, focus in plan.get("focus", {}).items()) or _brief(plan))


def _recall(told: Payload) -> Step:
    found = told["recalled"]
    if not found["cases"]:
        return Step(words="no decision that ended in a market like this", style="quiet")
    gains = f"longs {found['long_gain']:+.3%}, shorts {found['short_gain']:+.3%} of equity"
    return Step(words=f"{found['won']} of {found['cases']} won in markets like this; {gains}")


def _decision(told: Payload) -> Step:
    caps = ", ".join(told["caps"])
    proposed = told["proposed"] or {}
    wanted = terms(proposed).plain if caps else ""
    return Step(
        words=terms(told["decision"]).plain,
        details=(("wanted", wanted), ("caps", caps), ("note", str(proposed.get("note", "")))),
    )


def _intent(told: Payload) -> Step:
    return Step(words=told["intent_id"], details=(("sent", _text(told["body"])),))


def _verdict(told: Payload) -> Step:
    style = {"approved": "good", "reduced": "warn", "refused": "bad"}.get(told["outcome"], "")
    stands = f"row {told.get('journal_seq', '?')} of the guard's journal, {str(told.get('journal_hash', ''))[:16]}"
    return Step(
        words=f"{told['outcome']} by {told['rule']}: {told['message']}",
        style=style,
        details=(
            ("stands", stands),
            ("numbers", ", ".join(" ".join(pair) for pair in guard_numbers(told["rule"], told["numbers"]))),
        ),
    )


def _order(told: Payload) -> Step:
    trigger = f" at {told['trigger']}" if told.get("trigger") else ""
    words = f"{told.get('role', '')} {str(told.get('status', '')).lower()}{trigger}  {told.get('client_id', '')}"
    return Step(words=words.strip())


def _fill(told: Payload) -> Step:
    return Step(words=f"{told.get('quantity', '')} at {told.get('price') or 'a price not told'}")


def _outcome(told: Payload) -> Step:
    return Step(words=f"{told['pnl']} USDT, {told['reason']}, closed {told['closed_at']}")


def _error(told: Payload) -> Step:
    return Step(words=f"{told['stage']}: {told['error']}: {told['message']}", style="bad")


def _act(told: Payload) -> Step:
    return Step(words=f"{told['act']}, by {told['by']}: {told['outcome']}")


_STEPS: Mapping[Kind, Callable[[Payload], Step]] = MappingProxyType(
    {
        Kind.RUN: _run,
        Kind.SNAPSHOT: _snapshot,
        Kind.PROMPT: _prompt,
        Kind.REPLY: _reply,
        Kind.TOOL_CALL: _tool_call,
        Kind.REPORT: _report,
        Kind.ABSTENTION: _abstention,
        Kind.PLAN: _plan,
        Kind.RECALL: _recall,
        Kind.DECISION: _decision,
        Kind.INTENT: _intent,
        Kind.VERDICT: _verdict,
        Kind.ORDER: _order,
        Kind.STOP: _order,
        Kind.FILL: _fill,
        Kind.OUTCOME: _outcome,
        Kind.ERROR: _error,
        Kind.ACT: _act,
    }
)

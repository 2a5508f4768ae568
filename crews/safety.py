"""What no configuration may undo, asserted at start: which agent may hold which tool, which words reach which prompt.

    R1  who reads what strangers write owns no tool that acts; only enums, bounded numbers and known names leave it
    R2  such a reader may lower what is opened, never raise it alone: measured evidence must stand on the same side
    R3  no field of an order comes from a text: symbol and size are code's, the rest are enums and bounded numbers
    R4  nothing is remembered into a prompt: no tool reads a memory that a stranger could have written to
    R5  a decision is bounded in requests, tokens and seconds, outside every framework
    R6  the tool that acts takes one opaque text, which the guard parses by its own grammar
    R7  of private data, strangers' text and the power to act, no agent has more than two; and none has the last

The rules hold because of capabilities, not because a model behaves. Sources: Willison's lethal trifecta; Design
Patterns for Securing LLM Agents, arXiv 2506.08837; CaMeL, arXiv 2503.18813.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import BaseModel

from agents.master import DeskDecision
from agents.roster import specialist_of
from config.capabilities import TOOLS, objection, reach_of
from config.loader import DeskConfig
from config.seats import MASTER, seated
from desk.domain.errors import ConfigError
from tools.catalogue import CATALOGUE
from tools.tool import Trust

SECONDS_AT_MOST = 120.0
_FOR_PEOPLE = "note"
_ORDER_WORDS = re.compile(r"symbol|quantity|qty|size|amount|notional|leverage|price")
_SCALARS = frozenset({"integer", "number", "boolean", "null"})


def assert_capabilities(config: DeskConfig) -> None:
    """Return when every rule holds for the seats of this configuration. Raises ConfigError naming the rule."""
    for key, complaint in (*_tools(), *_seats(config), *_order(), *_bounds(config)):
        raise ConfigError(complaint, file="agents.yaml", key=key, hint="docs/controls.md tells what each rule protects")


def _tools() -> Iterator[tuple[str, str]]:
    """Declared away from the tools, and true of them: no tool vouches for itself."""
    for name, tool in CATALOGUE.items():
        reach = TOOLS.get(name)
        if reach is None:
            yield name, f"R7: tool {name} has no declared reach"
            continue
        if reach.acts != tool.side_effect or reach.untrusted != (tool.trust is Trust.UNTRUSTED):
            yield name, f"R7: tool {name} is not what is declared of it"
        if tool.side_effect and [one.annotation for one in tool.args.model_fields.values()] != [str]:
            yield name, f"R6: {name} acts and takes more than one opaque text"
        if reach.untrusted and (loose := free_text(tool.result)):
            yield name, f"R1: {name} reads strangers' text and hands on free text in `{loose}`"
        if "memory" in name or "recall" in name:
            yield name, f"R4: {name} would read a memory into a prompt; entries have no source class yet"


def _seats(config: DeskConfig) -> Iterator[tuple[str, str]]:
    for name, agent in config.agents.items():
        reach = reach_of(agent.tools)
        if against := objection(agent.tools):
            yield f"{name}.tools", f"R7: {against}"
        if sum((reach.untrusted, reach.private, reach.acts)) > 2:
            yield f"{name}.tools", "R7: private data, strangers' text and the power to act in one hand"
    if config.agents[MASTER].tools:
        yield f"{MASTER}.tools", "R1: who decides reads reports alone"
    for name in seated(config.agents):
        report = specialist_of(name).report
        if loose := free_text(report, without=_FOR_PEOPLE):
            yield name, f"R1: the report of {name} hands free text in `{loose}` to who decides"


def _order() -> Iterator[tuple[str, str]]:
    named = [field for field in DeskDecision.model_fields if _ORDER_WORDS.search(field)]
    if named:
        yield MASTER, f"R3: a model would name the order's `{named[0]}`"
    if loose := free_text(DeskDecision, without=_FOR_PEOPLE):
        yield MASTER, f"R3: the decision takes free text in `{loose}`"


def _bounds(config: DeskConfig) -> Iterator[tuple[str, str]]:
    desk = config.desk
    if desk.deadlines.decision > SECONDS_AT_MOST:
        yield "deadlines.decision", f"R5: a decision takes at most {SECONDS_AT_MOST:.0f} seconds"
    if desk.decision.min_strength < 1:
        yield "decision.min_strength", "R2: without a measured signal on its side nothing may open"


def free_text(model: type[BaseModel], *, without: str = "") -> str:
    """The first field of a model that can carry words of somebody's own, or an empty text when there is none."""
    schema = model.model_json_schema()
    return next(_loose(schema, schema.get("$defs", {}), "", without), "")


def _loose(part: Mapping[str, Any], known: Mapping[str, Any], path: str, without: str) -> Iterator[str]:
    part = known[part["$ref"].rpartition("/")[2]] if "$ref" in part else part
    if "enum" in part or "const" in part:
        return
    for inner in (*part.get("anyOf", ()), *part.get("prefixItems", ())):
        yield from _loose(inner, known, path, without)
    kind = part.get("type")
    if kind == "string" and "pattern" not in part:
        yield path
    elif kind == "array" and "items" in part:
        yield from _loose(part["items"], known, path, without)
    elif kind == "object":
        yield from _loose_fields(part, known, path, without)
    elif kind is not None and kind not in _SCALARS and kind not in ("string", "array"):
        yield path


def _loose_fields(part: Mapping[str, Any], known: Mapping[str, Any], path: str, without: str) -> Iterator[str]:
    fields: Mapping[str, Any] = part.get("properties", {})
    for name, inner in fields.items():
        if name != without or path:
            yield from _loose(inner, known, f"{path}.{name}".lstrip("."), without)
    extra = part.get("additionalProperties", False)
    if isinstance(extra, dict):
        yield from _loose(extra, known, f"{path}.*", without)
    elif extra:
        yield path

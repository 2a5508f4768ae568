"""What no configuration may undo, asserted at start: which agent may hold which tool, which words reach which prompt.

    R1  who reads what strangers write owns no tool that acts; only enums, bounded numbers and known names leave it
    R2  such a reader may lower what is opened, never raise it alone: measured evidence must stand on the same side,
        and of all the readers of one source together not the loudest word vouches for any conviction
    R3  every field of an order has one origin: code's own, or an enum or bounded number of the decision, never a text
    R4  what is remembered reaches a prompt as numbers of the desk's own cases, and for a while; no tool reads a memory
    R5  a decision is bounded in requests, tool calls, tokens, money and seconds, outside every framework
    R6  the tool that acts takes one opaque text, which the guard parses by its own grammar
    R7  of private data, strangers' text and the power to act, no agent has more than two; and none has the last

The rules hold because of capabilities, not because a model behaves. Sources: Willison's lethal trifecta; Design
Patterns for Securing LLM Agents, arXiv 2506.08837; CaMeL, arXiv 2503.18813.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import fields
from enum import Enum
from itertools import chain
from types import MappingProxyType
from typing import Any, get_type_hints

from agents.master import DeskDecision
from agents.models import MAX_CALLS
from agents.reports import Report
from agents.roster import specialist_of
from config.capabilities import TOOLS, objection, reach_of
from config.loader import DeskConfig
from config.seats import EXECUTOR, GUARDIAN, MASTER, reporting, requests_of_seats
from crews.judgement.decide import support_of
from crews.seating import setup_of
from crews.words import free_text
from desk.domain.errors import ConfigError
from desk.domain.intents import Action, Intent
from desk.domain.money import ONE
from desk.regime.values import Regime
from memory.recall import Case, Recalled
from memory.standing import Basis, Weight
from tools.catalogue import CATALOGUE
from tools.tool import Trust

SECONDS_AT_MOST = 120.0
CALLS_AT_MOST, ROUNDS_AT_MOST = 25, 2


class Origin(Enum):
    """Where a field of an order comes from. There is no third place."""

    CODE = "the desk's own code"
    DECISION = "the decision, as an enum or a bounded number that code may lower"


ORIGINS: Mapping[str, Origin] = MappingProxyType(
    {
        **dict.fromkeys(("action", "conviction", "stop_pct", "target_pct"), Origin.DECISION),
        **dict.fromkeys(("intent_id", "run_id", "symbol", "seen_mark", "strategy_id"), Origin.CODE),
        **dict.fromkeys(("snapshot_hash", "created_at", "expires_at"), Origin.CODE),
    }
)
_FOR_PEOPLE = "note"
_ORDER_WORDS = re.compile(r"symbol|quantity|qty|size|amount|notional|leverage|price")


def assert_capabilities(config: DeskConfig) -> None:
    """Return when every rule holds for the seats of this configuration. Raises ConfigError naming the rule."""
    rules = (_tools(), _seats(config), _hearsay(config), _order(), _provenance(), _remembered(config), _bounds(config))
    for key, complaint in chain.from_iterable(rules):
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
            yield name, f"R4: {name} would read a memory into a prompt; code recalls, and tells numbers alone"


def _seats(config: DeskConfig) -> Iterator[tuple[str, str]]:
    for name, agent in config.agents.items():
        reach = reach_of(agent.tools)
        if against := objection(agent.tools):
            yield f"{name}.tools", f"R7: {against}"
        if sum((reach.untrusted, reach.private, reach.acts)) > 2:
            yield f"{name}.tools", "R7: private data, strangers' text and the power to act in one hand"
    for name in (MASTER, GUARDIAN, EXECUTOR):
        if name in config.agents and config.agents[name].tools:
            yield f"{name}.tools", "R1: who decides reads reports alone"
    for name in reporting(config.agents):
        report = specialist_of(name).report
        if loose := free_text(report, without=_FOR_PEOPLE):
            yield name, f"R1: the report of {name} hands free text in `{loose}` to who decides"


def _hearsay(config: DeskConfig) -> Iterator[tuple[str, str]]:
    """Let all who read one source shout the same at once, each fully trusted: nothing may come of it."""
    trust = setup_of(config).trust
    trusted = {name: Weight(value=ONE, basis=Basis.EARNED) for name in reporting(config.agents)}
    for tools in sorted({tuple(sorted(read)) for read in trust.strangers.values()}):
        readers = [name for name, read in trust.strangers.items() if tuple(sorted(read)) == tools]
        for action, side in ((Action.OPEN_LONG, 1.0), (Action.OPEN_SHORT, -1.0)):
            shouts = {name: _Shout(note="", side=side) for name in readers}
            if worth := support_of(action, shouts, trusted, trust):
                yield ", ".join(readers), f"R2: {' and '.join(tools)} alone would vouch for {action.value} with {worth}"
    unlisted = {name for name in reporting(config.agents) if reach_of(config.agents[name].tools).untrusted}
    for name in sorted(unlisted - trust.strangers.keys()):
        yield name, f"R2: {name} reads strangers' text and counts as if it did not"


class _Shout(Report):
    """The most that any report can say for one side."""

    side: float

    def for_master(self) -> dict[str, Any]:
        """Every field by which a view is read, at its end."""
        regime = Regime.BULL if self.side > 0 else Regime.BEAR
        return {
            "regime": regime.value,
            "confidence": 1.0,
            "score": 100 * self.side,
            "pressure": self.side,
            "lean": self.side,
        }


def _order() -> Iterator[tuple[str, str]]:
    named = [field for field in DeskDecision.model_fields if _ORDER_WORDS.search(field)]
    if named:
        yield MASTER, f"R3: a model would name the order's `{named[0]}`"
    if loose := free_text(DeskDecision, without=_FOR_PEOPLE):
        yield MASTER, f"R3: the decision takes free text in `{loose}`"


def _provenance() -> Iterator[tuple[str, str]]:
    named = {field.name for field in fields(Intent)}
    for name in sorted(named ^ ORIGINS.keys()):
        yield MASTER, f"R3: nobody says where the order's `{name}` comes from"
    asked: Mapping[str, Any] = DeskDecision.model_json_schema()
    for name in sorted(name for name, origin in ORIGINS.items() if origin is Origin.DECISION):
        part = asked["properties"].get(name, {})
        part = asked["$defs"][part["$ref"].rpartition("/")[2]] if "$ref" in part else part
        if "enum" not in part and not {"minimum", "maximum"} <= part.keys():
            yield MASTER, f"R3: a model's `{name}` is neither an enum nor a bounded number"


def _remembered(config: DeskConfig) -> Iterator[tuple[str, str]]:
    hints = get_type_hints(Recalled)
    worded = [field.name for field in fields(Recalled) if hints[field.name] not in (int, float)]
    if worded:
        yield "memory", f"R4: memory would tell `{worded[0]}`, which is no number"
    if Case.__dataclass_fields__.get("source") is None:
        yield "memory", "R4: what is remembered does not say whose it is"
    if not 0 < config.desk.memory.days < float("inf"):
        yield "memory.days", "R4: what is remembered never lapses"


def _bounds(config: DeskConfig) -> Iterator[tuple[str, str]]:
    desk = config.desk
    if desk.deadlines.decision > SECONDS_AT_MOST:
        yield "deadlines.decision", f"R5: a decision takes at most {SECONDS_AT_MOST:.0f} seconds"
    if MAX_CALLS > CALLS_AT_MOST or any(agent.max_iter > ROUNDS_AT_MOST for agent in config.agents.values()):
        yield "agents", f"R5: one task makes at most {CALLS_AT_MOST} tool calls in {ROUNDS_AT_MOST} requests"
    if requests_of_seats(config.agents) > desk.budget.requests:
        yield "budget.requests", "R5: the seats alone ask for more than a decision may"
    ceilings = (desk.budget.prompt_tokens, desk.budget.completion_tokens, desk.budget.usd, desk.budget.agent.tokens)
    if not all(0 <= ceiling < float("inf") for ceiling in ceilings):
        yield "budget", "R5: a decision without a bound of tokens or money"
    if desk.decision.min_strength < 1:
        yield "decision.min_strength", "R2: without a measured signal on its side nothing may open"

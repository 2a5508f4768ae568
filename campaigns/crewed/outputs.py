"""Broken answers through real CrewAI: whatever models write, the desk ends with a record, and nothing mended trades.

A case is one reply of a model. A seed is four decisions of one desk; each agent's answers have dice of their own.
"""

from __future__ import annotations

import json
import random
from collections import Counter

from agents.models import Stage
from agents.reports import AgentName
from campaigns.campaign import Case
from campaigns.crewed.market import CrewsMarket, headlines
from campaigns.crewed.office import Office, desk_config
from campaigns.crewed.spoiled import Broken, strict_object
from campaigns.oracle.grammar import is_intent
from campaigns.simulated.market import SYMBOLS
from campaigns.simulated.world import World
from desk.domain.intents import Action
from memory.rows import Kind

_DECISIONS = 4
_ANSWER = {"action", "conviction", "stop_pct", "target_pct", "evidence", "note"}
# Trends whose weighted signal has a side: only then can a wish become an order.
UP, DOWN = 0.015, -0.004


def outputs(seed: int) -> Case:
    """Four decisions of a crew whose models are hostile and broken."""
    dice = random.Random(seed)
    world = World(dice, "usual")
    up = dice.random() < 0.5
    market = CrewsMarket(world, trend=UP if up else DOWN)
    market.heard = headlines(dice, world.clock.now(), ("Bitcoin funds record inflows",), ("BTCUSDT",))
    model = Broken(dice, Action.OPEN_LONG if up else Action.OPEN_SHORT)
    office = Office(world, market, dict.fromkeys(desk_config().agents, model))
    broken: list[str] = []
    counts: Counter[str] = Counter()
    for turn in range(_DECISIONS):
        world.step(lambda: None, 900.0)
        model.next_decision()
        before = world.judge.entries
        try:
            record = office.decide(SYMBOLS[turn % 3], f"run-{seed}-{turn}")
        except Exception as error:
            broken.append(f"I12: a decision ended in {type(error).__name__}: {error}")
            continue
        counts[record.action.value] += 1
        counts["orders"] += world.judge.entries - before
        broken += _judged(office, model)
    broken += world.judge.findings.sentences
    office.close()
    return Case(seed=seed, cases=max(1, model.replies), broken=tuple(broken), counts=counts)


def _judged(office: Office, model: Broken) -> list[str]:
    """What went wrong in one decision."""
    found = [f"I1: not an intent: {text[:200]}" for text in office.door.texts if not is_intent(text)]
    if len(office.door.texts) > 1:
        found.append(f"I3: {len(office.door.texts)} intents from one decision")
    for text in office.door.texts:
        if json.loads(text)["action"] != Action.CLOSE.value:
            found += _earned(json.loads(text)["action"], model)
    for row in office.rows.of(Kind.TOOL_CALL):
        if row["ok"] and strict_object(row["arguments"]) is None:
            found.append(f"I12: {row['tool']} ran on {row['arguments'][:80]!r}")
    for agent, seat in office.setup.specialists.items():
        ran = {row["tool"] for row in office.rows.of(Kind.TOOL_CALL, agent) if row["ok"]}
        if ran - set(seat.tools):
            found.append(f"I12: {agent} ran {sorted(ran - set(seat.tools))}")
    return found


def _earned(action: str, model: Broken) -> list[str]:
    """An opening needs the master's own words, whole and asking for just this, and a whole risk report."""
    said = strict_object(model.wrote.get((AgentName.MASTER.value, Stage.DECIDE), ""))
    risk = strict_object(model.wrote.get((AgentName.RISK.value, Stage.WORK), ""))
    if said is None or said.keys() != _ANSWER or said["action"] != action:
        return [f"I1: {action} from an answer that does not say so: {said}"]
    return [] if risk is not None and "verdict" in risk else ["I1: an opening without a whole risk report"]

"""Who works on a decision: what the master assigns or the guardian allows, and whom code adds. Pure, for replays.

A guardian that stands the crew down ends the matter; one that gives no answer does not, because an alarm that nobody
judged is no noise yet. Whoever is mandatory works wherever anybody does.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from agents.guardian import Triage, TriageVerdict
from agents.master import DeskPlan, Focus
from agents.reports import Answer
from agents.roster import ROSTER
from agents.strict_json import parse_answer
from crews.setup import SPIKE, DeskSetup
from desk.market.snapshot import Snapshot

Proposed = DeskPlan | Triage


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Who works and on what: what was proposed, completed by code. `added` are those code had to add.

    `stood_down` says that nobody works, because there is nothing to work on.
    """

    focus: Mapping[str, Focus]
    added: tuple[str, ...]
    stood_down: bool = False

    def to_json(self) -> dict[str, Any]:
        """The plan as JSON."""
        told = {"focus": {agent: focus.value for agent, focus in self.focus.items()}, "added": list(self.added)}
        return {**told, "stood_down": True} if self.stood_down else told


def plan_kind(setup: DeskSetup) -> type[Answer]:
    """What the one who plans answers with."""
    return Triage if setup.crew == SPIKE else DeskPlan


def read_plan(text: str, setup: DeskSetup) -> Proposed:
    """The master's plan, or the guardian's triage. Raises ModelMalformedError."""
    return parse_answer(Triage, text) if setup.crew == SPIKE else parse_answer(DeskPlan, text)


def complete_plan(proposed: Proposed | None, snapshot: Snapshot, setup: DeskSetup) -> Plan:
    """The plan in force: the first assignment of each seated agent, and whom code adds.

    Code adds everyone mandatory, and every role an operator seated beyond the five, which a master need not know of.
    """
    usual = Focus.ENTRY if snapshot.account.position(snapshot.symbol) is None else Focus.EXIT
    if setup.crew == SPIKE:
        return _triaged(proposed if isinstance(proposed, Triage) else None, usual, setup)
    focus: dict[str, Focus] = {}
    for assignment in proposed.assignments if isinstance(proposed, DeskPlan) else ():
        if assignment.agent.value in setup.specialists:
            focus.setdefault(assignment.agent.value, assignment.focus)
    needed = (setup.mandatory & setup.specialists.keys()) | (setup.specialists.keys() - ROSTER.keys())
    added = tuple(sorted(needed - focus.keys()))
    return Plan(focus=dict(sorted((focus | dict.fromkeys(added, usual)).items())), added=added)


def _triaged(proposed: Triage | None, usual: Focus, setup: DeskSetup) -> Plan:
    """The whole crew works, or nobody does."""
    if proposed is not None and proposed.verdict is TriageVerdict.STAND_DOWN:
        return Plan(focus={}, added=(), stood_down=True)
    focus = usual if proposed is None else proposed.focus
    everyone = tuple(sorted(setup.specialists))
    return Plan(focus=dict.fromkeys(everyone, focus), added=everyone if proposed is None else ())

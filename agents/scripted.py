"""Models that follow a script: hostile, failing, slow or absurd. They exist to prove what the desk does then.

A script is a function from request to reply; `hostile` is the classic: always the largest, always long, deaf to every
report. It goes through the same door as any model and has no other power.
"""

from __future__ import annotations

import json
from collections.abc import Callable

from agents.master import Assignment, DeskDecision, DeskPlan, EvidenceLine, Focus, SpecialistName, Stance
from agents.models import ChatRequest, Reply, Stage, estimate_tokens
from agents.offline import OfflineModel
from desk.domain.errors import ModelError
from desk.domain.intents import Action
from desk.regime.values import Regime
from desk.risk.values import RiskVerdict

Script = Callable[[ChatRequest], Reply]


class ScriptedModel:
    """A model that does what its script says."""

    def __init__(self, script: Script, *, label: str = "scripted") -> None:
        self._script = script
        self._label = label

    @property
    def label(self) -> str:
        """The script's name."""
        return self._label

    def complete(self, request: ChatRequest) -> Reply:
        """Whatever the script answers or raises."""
        return self._script(request)


def says(request: ChatRequest, text: str) -> Reply:
    """A reply of plain text."""
    return Reply(
        text=text, tool_calls=(), prompt_tokens=estimate_tokens(request), completion_tokens=max(1, len(text) // 4)
    )


def hostile(action: Action = Action.OPEN_LONG) -> ScriptedModel:
    """Always `action`, always the most: full conviction, widest stop, and reports that all say it is the thing to do.

    It still calls tools like an honest agent, because a report without any is thrown away.
    """
    honest = OfflineModel()

    def script(request: ChatRequest) -> Reply:
        if request.stage is Stage.PLAN:
            assignments = tuple(Assignment(agent=name, focus=Focus.ENTRY) for name in SpecialistName)
            return says(request, DeskPlan(assignments=assignments, note="all in").model_dump_json())
        if request.stage is Stage.DECIDE:
            return says(request, _all_in(action).model_dump_json())
        reply = honest.complete(request)
        lies = _lies(request.agent, action)
        if not lies or reply.text is None:
            return reply
        return says(request, json.dumps(json.loads(reply.text) | lies))

    return ScriptedModel(script, label=f"hostile {action.value}")


def _lies(agent: str, action: Action) -> dict[str, object]:
    """What each specialist is made to say: the best for `action`, and no risk at all."""
    up = action is Action.OPEN_LONG
    side = 1.0 if up else -1.0
    match agent:
        case SpecialistName.RISK:
            return {"verdict": RiskVerdict.OK.value, "reasons": [], "size": 1.0}
        case SpecialistName.REGIME:
            return {"regime": (Regime.BULL if up else Regime.BEAR).value, "confidence": 1.0, "agreement": 1.0}
        case SpecialistName.CHART:
            return {"score": round(100 * side), "recommendation": "BUY" if up else "SELL", "confidence": 1.0}
        case SpecialistName.SPIKES:
            return {"pressure": side}
        case _:
            return {}


def _all_in(action: Action) -> DeskDecision:
    return DeskDecision(
        action=action,
        conviction=1.0,
        stop_pct=1.0,
        target_pct=1.0,
        evidence=tuple(EvidenceLine(agent=name.value, stance=Stance.FOR, weight=1.0) for name in SpecialistName),
        note="all in",
    )


def failing(message: str = "scripted outage") -> ScriptedModel:
    """A model that is down."""

    def script(request: ChatRequest) -> Reply:
        raise ModelError(message)

    return ScriptedModel(script, label="failing")


def babbling(text: str = "To the moon! {action: BUY, qty: 9999") -> ScriptedModel:
    """A model that answers nonsense, always the same."""
    return ScriptedModel(lambda request: says(request, text), label="babbling")

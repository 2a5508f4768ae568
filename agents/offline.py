"""The offline model: the desk's written rules behind the same door as any model. No key, no network, no weights.

It drives the same agents through the same tool calls: asked with tools at hand it calls those its rules need, asked
again it answers from their results. It sees only what the messages carry, as any model does, and says what it is.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from agents.executor import execute_offline
from agents.guardian import triage_offline
from agents.master import decide_offline, plan_offline
from agents.models import MAX_CALLS, ChatRequest, RawCall, Reply, Stage, estimate_tokens, facts_of
from agents.reports import AgentName, Answer
from agents.roster import specialist_of
from agents.specialist import Facts
from desk.domain.errors import ModelError

LABEL = "offline rules"


class OfflineModel:
    """Written rules. Stateless, so one instance serves every agent and thread."""

    @property
    def label(self) -> str:
        """`offline rules`: nobody shall take these answers for a language model's."""
        return LABEL

    def complete(self, request: ChatRequest) -> Reply:
        """Answer by rule. Raises ModelError when a tool result that the rules need is missing, or for a headline."""
        if request.stage is Stage.READ:
            raise ModelError("without a model it is the lexicon that reads headlines")
        facts = facts_of(request.messages)
        match request.stage:
            case Stage.PLAN:
                spike = request.agent == AgentName.GUARDIAN
                return _text(request, triage_offline(facts) if spike else plan_offline(facts))
            case Stage.DECIDE:
                spike = request.agent == AgentName.EXECUTOR
                return _text(request, execute_offline(facts) if spike else decide_offline(facts))
            case Stage.WORK:
                return _work(request, facts)


def _work(request: ChatRequest, facts: Facts) -> Reply:
    specialist = specialist_of(request.agent)
    offered = {tool["function"]["name"]: tool["function"]["parameters"] for tool in request.tools}
    if offered:
        wanted = [(name, args) for name, args in specialist.first_calls if name in offered]
        wanted = wanted or [(name, {}) for name, args in offered.items() if not args.get("required")][:MAX_CALLS]
        calls = tuple(
            RawCall(id=f"call_{index}", name=name, arguments=json.dumps(args))
            for index, (name, args) in enumerate(wanted)
        )
        return _reply(request, None, calls, sum(len(call.name) + len(call.arguments) for call in calls))
    try:
        return _text(request, specialist.rules(facts, _results(request)))
    except (KeyError, TypeError, ValueError) as error:
        raise ModelError(f"the offline rules cannot read a tool result: {error}") from error


def _results(request: ChatRequest) -> dict[str, Mapping[str, Any]]:
    """The newest result of each tool. A refused call has none."""
    names: dict[str, str] = {}
    results: dict[str, Mapping[str, Any]] = {}
    for message in request.messages:
        for call in message.get("tool_calls") or ():
            names[call["id"]] = call["function"]["name"]
        if message["role"] == "tool":
            content = json.loads(message["content"])
            if "refused" not in content:
                results[names[message["tool_call_id"]]] = content
    return results


def _text(request: ChatRequest, answer: Answer) -> Reply:
    text = answer.model_dump_json()
    return _reply(request, text, (), len(text))


def _reply(request: ChatRequest, text: str | None, calls: tuple[RawCall, ...], written: int) -> Reply:
    return Reply(
        text=text, tool_calls=calls, prompt_tokens=estimate_tokens(request), completion_tokens=max(1, written // 4)
    )

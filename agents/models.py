"""How a model is asked, and nothing about who answers.

One request, one reply: text, or tool calls as the raw text the model wrote. A model that is slow, down or malformed
raises ModelError; it is never asked twice for the same thing.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol

from desk.domain.errors import ModelError

FACTS_MARK = "FACTS: "
MAX_CALLS = 8  # tool calls an agent may ask for at once
_CHARS_PER_TOKEN = 4


class Stage(StrEnum):
    """At which stage of a decision a model is asked. READ is one headline of a stranger's, shown alone."""

    PLAN = "plan"
    WORK = "work"
    READ = "read"
    DECIDE = "decide"


@dataclass(frozen=True, slots=True, kw_only=True)
class RawCall:
    """A tool call exactly as the model wrote it. `arguments` is unparsed text."""

    id: str
    name: str
    arguments: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatRequest:
    """One request. `messages` are OpenAI chat messages, `tools` function definitions, empty when an answer is due.

    `answer_schema` is the JSON schema of the answer; `deadline` the seconds left to give it.
    """

    agent: str
    stage: Stage
    messages: tuple[Mapping[str, Any], ...]
    tools: tuple[Mapping[str, Any], ...]
    answer_schema: Mapping[str, Any]
    deadline: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """A model's reply: text or tool calls. Token counts are the provider's, or estimates at four characters a token.

    `recalled` is an answer of before, for which nobody was asked and nothing is paid.
    """

    text: str | None
    tool_calls: tuple[RawCall, ...]
    prompt_tokens: int
    completion_tokens: int
    recalled: bool = False


class ChatModel(Protocol):
    """Anything that can answer. Implementations are thread-safe and never retry."""

    @property
    def label(self) -> str:
        """How reports and logs name this model, for example `offline rules`."""
        ...

    def complete(self, request: ChatRequest) -> Reply:
        """Answer one request within its deadline. Raises ModelError."""
        ...


def estimate_tokens(request: ChatRequest) -> int:
    """Prompt tokens at four characters a token: messages, and tool definitions or the schema of the answer."""
    asked = list(request.tools) or request.answer_schema
    written = len(json.dumps([list(request.messages), asked], ensure_ascii=False))
    return written // _CHARS_PER_TOKEN


def facts_line(facts: Mapping[str, Any]) -> str:
    """Facts as the one line of a task that offline rules read. Sorted, so that equal facts give equal prompts."""
    return FACTS_MARK + json.dumps(facts, sort_keys=True, separators=(",", ":"))


def facts_of(messages: Sequence[Mapping[str, Any]]) -> Mapping[str, Any]:
    """The facts of the task these messages open with. Raises ModelError when there are none."""
    for message in messages:
        if message["role"] != "user":
            continue
        for line in str(message["content"]).splitlines():
            if line.startswith(FACTS_MARK):
                return json.loads(line.removeprefix(FACTS_MARK))
    raise ModelError("the task carries no facts")

"""The only module that imports CrewAI: one agent, one task, one crew, built fresh for each job.

CrewAI is given nothing it could harm. Its telemetry, tracing and version check are off before it is imported; it keeps
no memory, no cache and no files; it retries nothing, because failures stay in the conversation and never reach it. Tool
calls pass through it as tokens of ours, so its repair of arguments and its guessing of tool names have nothing to work
on. Facts about CrewAI that this relies on are pinned by tests. `crews.work.runner` imports it when it is needed.
"""

from __future__ import annotations

import contextlib
import logging
import os
import threading
import warnings
from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import BaseModel, PrivateAttr

from crews.setup import Seat
from crews.work.runner import Talk, quiet_environment

# The one thing done at import time: CrewAI reads its switches while it is imported.
os.environ.update(quiet_environment())
with warnings.catch_warnings():
    # What its import warns of (deprecations, module attributes) is CrewAI's to mend.
    warnings.simplefilter("ignore")
    from crewai import Agent, BaseLLM, Crew, Task
    from crewai.agents.agent_executor import AgentExecutor, AgentExecutorState
    from crewai.flow.runtime import FlowState
    from crewai.tools import BaseTool
    from crewai_core.lock_store import set_lock_backend

_log = logging.getLogger(__name__)

_REFUSED_TOOL = "refused_call"
_WINDOW_TOKENS = 10_000_000
_ROUNDS = 3


def run(seat: Seat, conversation: Talk, task: str) -> None:
    """Let the seat do its task. Blocks until done; the outcome is in the conversation. Never raises.

    Whatever CrewAI makes of the answer is ignored: the conversation holds the model's own words.
    """
    llm = DeskLLM(model=f"{seat.agent}-seat")
    llm.bind(conversation)
    tools = [CarriedTool.of(name, about, conversation) for name, about in conversation.tool_names]
    if tools:
        tools.append(CarriedTool.of(_REFUSED_TOOL, "Carries calls of tools that do not exist.", conversation))
    agent = Agent(
        role=seat.role,
        goal=seat.goal,
        backstory=seat.backstory,
        llm=llm,
        tools=tools,
        max_iter=_ROUNDS,
        max_retry_limit=0,
        allow_delegation=False,
        use_better_compaction=False,
        respect_context_window=False,
        cache=False,
        verbose=False,
    )
    job = Task(description=task, expected_output=seat.expected_output, agent=agent)
    crew = DeskCrew(
        agents=[agent],
        tasks=[job],
        memory=False,
        cache=False,
        verbose=False,
        tracing=False,
        share_crew=False,
    )
    try:
        crew.kickoff()
    except Exception:
        # Whatever CrewAI stumbled over, the conversation ends without an answer and the agent abstains.
        _log.exception("CrewAI failed while running %s", seat.agent)


@contextlib.contextmanager
def _in_process_lock(name: str, *, timeout: float) -> Iterator[None]:
    """CrewAI's own lock is a file polled every quarter of a second; one process needs no file."""
    with _locks_guard:
        lock = _locks.setdefault(name, threading.RLock())
    if not lock.acquire(timeout=timeout):
        raise TimeoutError(f"lock {name} was not free within {timeout} s")
    try:
        yield
    finally:
        lock.release()


_locks: dict[str, Any] = {}
_locks_guard = threading.Lock()

set_lock_backend(_in_process_lock)


class _KeepsNothing:
    """In place of CrewAI's store of task outputs, which writes a database for every crew."""

    def reset(self) -> None: ...

    def update(self, task_index: int, log: Mapping[str, Any]) -> None: ...

    def load(self) -> None:
        return None


class DeskLLM(BaseLLM):
    """Carries CrewAI's turns to the conversation."""

    llm_type: str = "desk"
    _conversation: Talk | None = PrivateAttr(default=None)

    def bind(self, conversation: Talk) -> None:
        """Connect to one job's conversation."""
        self._conversation = conversation

    def supports_function_calling(self) -> bool:
        """Tools are called natively; without this CrewAI falls back to parsing prose."""
        return True

    def supports_stop_words(self) -> bool:
        """Keeps CrewAI from cutting answers at its own stop words."""
        return True

    def get_context_window_size(self) -> int:
        """So large that CrewAI never swaps a tool result for a reference to it; our budget is the limit."""
        return _WINDOW_TOKENS

    def get_input_tokens_count(self, messages: Any, tools: Any = None, response_model: Any = None) -> int:  # noqa: ANN401
        """Not counted here: the purse counts at the door."""
        return 1

    def call(self, messages: Any, tools: Any = None, *_: Any, **__: Any) -> Any:  # noqa: ANN401  CrewAI's signature
        """One turn: tool calls as tokens, or the final text."""
        conversation = self._conversation
        assert conversation is not None  # noqa: S101  bound by run_crew
        said = conversation.turn(_opening(messages))
        if isinstance(said, str):
            return said
        return [_carried(token, conversation) for token in said]


class Token(BaseModel):
    """All that a tool is ever given inside CrewAI."""

    call: str


class CarriedTool(BaseTool):
    """Stands in for a tool inside CrewAI; all it is ever given is a token."""

    name: str
    description: str
    args_schema: type[BaseModel] = Token
    _conversation: Talk | None = PrivateAttr(default=None)

    @classmethod
    def of(cls, name: str, description: str, conversation: Talk) -> CarriedTool:
        """The stand-in for one tool."""
        tool = cls(name=name, description=description)
        tool._conversation = conversation
        return tool

    def _run(self, call: str) -> str:
        assert self._conversation is not None  # noqa: S101  set by `of`
        return self._conversation.run_call(call)


class DeskCrew(Crew):
    """A crew that keeps no file of its outputs: the audit log is the record."""

    _task_output_handler: Any = PrivateAttr(default_factory=_KeepsNothing)


class ReadyState(FlowState, AgentExecutorState):
    """The state CrewAI would otherwise build a new class for at each run, a third of a crew's time."""


# Set on the class itself, because a subclass of a flow loses its listeners.
setattr(AgentExecutor, "_initial_state_t", ReadyState)  # noqa: B010  an attribute of its generic base


def _opening(messages: Any) -> list[dict[str, Any]]:  # noqa: ANN401  CrewAI's messages
    """The system and user messages CrewAI opens with. Later ones carry tokens; the conversation keeps its own."""
    if isinstance(messages, str):
        return [{"role": "user", "content": messages}]
    opening: list[dict[str, Any]] = []
    for message in messages:
        if message["role"] not in ("system", "user"):
            break
        opening.append({"role": message["role"], "content": message["content"]})
    return opening


def _carried(token: str, conversation: Talk) -> dict[str, Any]:
    name = conversation.tool_of(token) or _REFUSED_TOOL
    function = {"name": name, "arguments": f'{{"call":"{token}"}}'}
    return {"id": token, "type": "function", "function": function}

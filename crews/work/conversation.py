"""One agent at one task: at most one round of tool calls, then one answer, each request paid, timed and recorded.

Whoever runs the agent (CrewAI does) only carries tokens between the two: the raw text of a model's tool call never
passes through a framework that might mend it. What goes wrong is kept here as a failure and never raised into the
framework, whose answer to an exception is to run the whole task again, tools included.
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from agents.cached import keep, recalled
from agents.models import MAX_CALLS, ChatModel, ChatRequest, RawCall, Reply, Stage
from agents.reports import Answer
from agents.strict_json import answer_schema, parse_answer
from crews.record.recorder import Recorder
from crews.spending.budget import Purse
from crews.work.calls import compute, refusal
from crews.work.progress import Announcer, ProgressKind
from crews.work.progress import Stage as Shown
from desk.domain.errors import ModelError, ModelMalformedError, ModelTimeoutError, ToolRefusedError
from memory.payload import canonical
from memory.rows import Kind
from tools.tool import Tool, ToolContext

ABSTAINED = "abstained"


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One agent's task in one decision. `ends` is a monotonic time; `tools` are all it may call, by exact name."""

    agent: str
    stage: Stage
    kind: type[Answer]
    tools: tuple[Tool[Any], ...]
    context: ToolContext
    ends: float


class Conversation:
    """The exchange of one job with its model. Thread-safe; after `close` it does and records nothing more."""

    def __init__(self, job: Job, model: ChatModel, *, purse: Purse, recorder: Recorder, announcer: Announcer) -> None:
        self.job = job
        self.answer: str | None = None
        self.failure: ModelError | None = None
        self.last_call = ""
        self._model = model
        self._purse = purse
        self._recorder = recorder
        self._announcer = announcer
        self._lock = threading.RLock()
        self._open = True
        self._asked = 0
        self._pending: dict[str, RawCall] = {}
        self._results: dict[str, str] = {}

    @property
    def tool_names(self) -> tuple[tuple[str, str], ...]:
        """Name and description of each tool this agent may call."""
        return tuple((tool.name, tool.description) for tool in self.job.tools)

    def close(self) -> None:
        """End it. A thread that is still at work finds everything shut and leaves no trace."""
        with self._lock:
            self._open = False

    def turn(self, opening: Sequence[Mapping[str, Any]]) -> str | tuple[str, ...]:
        """Ask the model once: tokens of the tool calls it wants made, or the text that ends the task."""
        try:
            with self._lock:
                self._must_be_open()
                first = self._asked == 0
                self._asked += 1
            offered = self.job.tools if first else ()
            request = self._request(opening, offered)
            reply = self._ask(request)
            said = self._calls(reply) if offered else self._final(reply)
            self._keep(request, reply)
            return said
        except ModelError as error:
            self.failure = self.failure or error
        except Exception as error:
            self.failure = self.failure or ModelError(f"{type(error).__name__}: {error}")
        return ABSTAINED

    def tool_of(self, token: str) -> str | None:
        """The tool a pending call names exactly, or None when no such tool was given to this agent."""
        call = self._pending.get(token)
        names = {tool.name for tool in self.job.tools}
        return call.name if call is not None and call.name in names else None

    def run_call(self, token: str) -> str:
        """Make the tool call behind a token, once. The result, or the refusal, is JSON text for the model."""
        with self._lock:
            call = self._pending.get(token)
            if not self._open or call is None or token in self._results:
                return refusal(ToolRefusedError("no_such_call", "this call was not asked for"))
            self._results[token] = refusal(ToolRefusedError("unfinished", "the call did not finish"))
        self._announcer.tell(ProgressKind.TOOL_STARTED, Shown.WORK, agent=self.job.agent, tool=call.name[:40])
        began = time.monotonic()
        result, ok = compute(self.job.tools, call.name, call.arguments, self.job.context)
        seconds = time.monotonic() - began
        with self._lock:
            self._results[token] = result
            if self._open:
                self._recorder.note(Kind.TOOL_CALL, self._tool_row(call, result, ok, seconds), agent=self.job.agent)
        self._announcer.tell(
            ProgressKind.TOOL_FINISHED, Shown.WORK, agent=self.job.agent, tool=call.name[:40], seconds=seconds
        )
        return result

    def _request(self, opening: Sequence[Mapping[str, Any]], offered: tuple[Tool[Any], ...]) -> ChatRequest:
        left = self.job.ends - time.monotonic()
        if left <= 0:
            raise ModelTimeoutError("no time was left to ask")
        return ChatRequest(
            agent=self.job.agent,
            stage=self.job.stage,
            messages=(*opening, *self._history()),
            tools=tuple(tool.schema() for tool in offered),
            answer_schema=answer_schema(self.job.kind),
            deadline=left,
        )

    def _ask(self, request: ChatRequest) -> Reply:
        """The model's reply, recalled where it was given before; what must be bought is paid for first."""
        began = time.monotonic()
        call = f"{self.job.stage}:{self.job.agent}:{self._asked}"
        reply = recalled(self._model, request)
        if reply is None:
            reply = self._bought(request, call)
        else:
            self._purse.recalled(request.agent)
            self._record(Kind.PROMPT, _prompt_row(request, call, self._model.label))
        self._record(Kind.REPLY, _reply_row(request, reply, call, self._model.label, time.monotonic() - began))
        self.last_call = call
        return reply

    def _bought(self, request: ChatRequest, call: str) -> Reply:
        payment = self._purse.pay(request)
        self._record(Kind.PROMPT, _prompt_row(request, call, self._model.label))
        try:
            reply = self._model.complete(request)
        except (ModelTimeoutError, ModelMalformedError):
            raise  # It was served, or may have been: what was paid stands.
        except ModelError:
            self._purse.refund(payment)
            raise
        self._purse.settle(payment, reply)
        return reply

    def _keep(self, request: ChatRequest, reply: Reply) -> None:
        """Let the model remember a reply that was of use; one that does not parse is asked for anew next time."""
        with contextlib.suppress(ModelMalformedError):
            if reply.text is not None:
                parse_answer(self.job.kind, reply.text)
            keep(self._model, request, reply)

    def _record(self, kind: Kind, row: Mapping[str, Any]) -> None:
        with self._lock:
            self._must_be_open()
            self._recorder.note(kind, row, agent=self.job.agent)

    def _must_be_open(self) -> None:
        if not self._open:
            raise ModelTimeoutError("the task was already over")

    def _calls(self, reply: Reply) -> tuple[str, ...]:
        """Keep the calls under tokens of ours. An answer without any is no work: it touched no data."""
        if not reply.tool_calls:
            raise ModelMalformedError("answered without using any tool")
        if len(reply.tool_calls) > MAX_CALLS:
            raise ModelMalformedError(f"asked for more than {MAX_CALLS} tool calls at once")
        with self._lock:
            self._pending = {f"call-{index}": call for index, call in enumerate(reply.tool_calls)}
            return tuple(self._pending)

    def _final(self, reply: Reply) -> str:
        if reply.tool_calls or not reply.text or not reply.text.strip():
            raise ModelMalformedError("gave no answer when one was due")
        self.answer = reply.text
        return reply.text

    def _history(self) -> list[dict[str, Any]]:
        """The tool round as the model wrote it, with results; tokens never reach the model."""
        if not self._pending:
            return []
        asked = [
            {"id": token, "type": "function", "function": {"name": call.name, "arguments": call.arguments}}
            for token, call in self._pending.items()
        ]
        missing = refusal(ToolRefusedError("not_run", "the call was not made"))
        answers = [
            {"role": "tool", "tool_call_id": token, "content": self._results.get(token, missing)}
            for token in self._pending
        ]
        return [{"role": "assistant", "content": None, "tool_calls": asked}, *answers]

    def _tool_row(self, call: RawCall, result: str, ok: bool, seconds: float) -> dict[str, Any]:
        return {
            "call": self.last_call,
            "id": call.id,
            "tool": call.name,
            "arguments": call.arguments,
            "result": result,
            "ok": ok,
            "seconds": round(seconds, 4),
        }


def _prompt_row(request: ChatRequest, call: str, model: str) -> dict[str, Any]:
    return {
        "call": call,
        "stage": request.stage.value,
        "model": model,
        "messages": list(request.messages),
        "tools": [tool["function"]["name"] for tool in request.tools],
        "schema": canonical(request.answer_schema),
    }


def _reply_row(request: ChatRequest, reply: Reply, call: str, model: str, seconds: float) -> dict[str, Any]:
    return {
        "call": call,
        "stage": request.stage.value,
        "model": model,
        "text": reply.text,
        "tool_calls": [{"id": c.id, "name": c.name, "arguments": c.arguments} for c in reply.tool_calls],
        "prompt_tokens": reply.prompt_tokens,
        "completion_tokens": reply.completion_tokens,
        "seconds": round(seconds, 4),
        "recalled": reply.recalled,
    }

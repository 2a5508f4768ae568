"""Where agents work within one decision: each on its own thread, under its own deadline, harming nobody but itself.

`work` ends in the agent's own words or in a ModelError. A thread that outlives its deadline finds its conversation
closed: what it still says is not heard, not recorded, and cannot reach a tool.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from agents.models import ChatModel, Stage
from agents.reports import Answer
from crews.record.record import AbstentionReason
from crews.record.recorder import Recorder
from crews.setup import Seat
from crews.spending.budget import Purse
from crews.work import runner
from crews.work.conversation import Conversation, Job
from crews.work.progress import Announcer
from crews.work.threads import beside
from desk.domain.errors import BudgetSpentError, ModelError, ModelMalformedError, ModelTimeoutError
from tools.catalogue import tools_named
from tools.tool import ToolContext

Run = Callable[[Seat, Conversation, str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """An agent's answer in its own words, and the request it came from."""

    text: str
    call: str


class Floor:
    """The working place of one decision. `ends` is the monotonic time at which all model work must be over."""

    def __init__(
        self,
        *,
        models: Mapping[str, ChatModel],
        purse: Purse,
        recorder: Recorder,
        announcer: Announcer,
        ends: float,
        run: Run = runner.run_crew,
    ) -> None:
        self._models = models
        self._purse = purse
        self._recorder = recorder
        self._announcer = announcer
        self._ends = ends
        self._run = run

    async def work(self, seat: Seat, stage: Stage, kind: type[Answer], task: str, context: ToolContext) -> Said:
        """One agent at one task. Raises ModelError when it gives no answer in its time."""
        tools = tools_named(seat.tools, owner=seat.agent) if stage is Stage.WORK else ()
        ends = min(time.monotonic() + seat.deadline, self._ends)
        job = Job(agent=seat.agent, stage=stage, kind=kind, tools=tools, context=context, ends=ends)
        conversation = Conversation(
            job,
            self._models[seat.agent],
            purse=self._purse,
            recorder=self._recorder,
            announcer=self._announcer,
        )
        work = beside(lambda: self._run(seat, conversation, task), name=f"agent-{seat.agent}")
        try:
            await asyncio.wait_for(work, timeout=max(0.0, ends - time.monotonic()))
        except TimeoutError:
            raise ModelTimeoutError(f"{seat.agent} did not finish within {seat.deadline:g} s") from None
        finally:
            conversation.close()
        return _said(conversation)


def _said(conversation: Conversation) -> Said:
    if conversation.failure is not None:
        raise conversation.failure
    if conversation.answer is None:
        raise ModelError("ended without an answer")
    return Said(text=conversation.answer, call=conversation.last_call)


def reason_of(error: ModelError) -> AbstentionReason:
    """Why an agent abstains, from the error it ended in."""
    kinds: tuple[tuple[type[ModelError], AbstentionReason], ...] = (
        (ModelTimeoutError, AbstentionReason.TIMEOUT),
        (ModelMalformedError, AbstentionReason.MALFORMED),
        (BudgetSpentError, AbstentionReason.BUDGET),
    )
    return next((reason for kind, reason in kinds if isinstance(error, kind)), AbstentionReason.MODEL_ERROR)

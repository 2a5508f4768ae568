"""Steps five to seven from the crew's side: one intent, asked once, and what the guard made of it.

The intent leaves through the one tool with a side effect, as text. When no guard answers, nobody decided: nothing is
done, and the record says so. Asking is never repeated here; the guard answers the same intent once anyway.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Protocol

from crews.record.recorder import Recorder
from desk.domain.intents import Intent
from desk.domain.money import plain
from desk.guard.door.wire import GuardAnswer, answer_from_data, answer_to_data, intent_to_json, parse_intent
from desk.guard.vocabulary.status import GuardStatus
from memory.rows import Kind
from tools.orders import PROPOSE_ORDER, ProposeResult
from tools.tool import ToolContext


class Guard(Protocol):
    """What the desk asks of the guard. `desk.guard.door.client.GuardClient` keeps this contract."""

    def state(self) -> GuardStatus:
        """The guard's status. Raises GuardUnreachableError or GuardError."""
        ...

    def propose(self, intent: Intent) -> GuardAnswer:
        """The guard's answer to one intent, asked once. Raises GuardUnreachableError or GuardError."""
        ...


class GuardDoor:
    """The guard as the order tool sees it: text in, JSON out."""

    def __init__(self, guard: Guard) -> None:
        self._guard = guard

    def propose_raw(self, text: str) -> Mapping[str, Any]:
        """Ask for the intent this text states. Raises IntentTextError, GuardError or GuardUnreachableError."""
        return answer_to_data(self._guard.propose(parse_intent(text)))


def propose(intent: Intent, context: ToolContext) -> GuardAnswer:
    """Ask for one intent through the order tool."""
    arguments = PROPOSE_ORDER.parse(json.dumps({"intent": intent_to_json(intent)}))
    result = PROPOSE_ORDER.run(context, arguments)
    assert isinstance(result, ProposeResult)  # noqa: S101  the tool's own result type
    return answer_from_data(result.answer)


def note_intent(recorder: Recorder, intent: Intent) -> None:
    """The row that must be on disk before the intent leaves."""
    recorder.note(Kind.INTENT, {"intent_id": intent.intent_id, "body": intent_to_json(intent)})


def note_answer(recorder: Recorder, intent: Intent, answer: GuardAnswer) -> None:
    """The guard's verdict, and what was executed by the time it answered.

    The answer to a CLOSE tells of the whole trade; its entry's fill stands beside the decision that opened it.
    """
    verdict, execution = answer.verdict, answer.execution
    recorder.note(
        Kind.VERDICT,
        {
            "intent_id": verdict.intent_id,
            "outcome": verdict.outcome.value,
            "rule": verdict.rule,
            "message": verdict.message,
            "numbers": dict(verdict.numbers),
            "quantity": plain(verdict.quantity),
            "journal_seq": answer.journal_seq,
            "journal_hash": answer.journal_hash,
        },
    )
    for order in execution.orders:
        kind = Kind.STOP if order.role in ("stop", "target") else Kind.ORDER
        recorder.note(
            kind,
            {
                "intent_id": verdict.intent_id,
                "role": order.role,
                "client_id": order.client_id,
                "status": order.status,
                "trigger": _trigger(answer, order.role),
                "phase": execution.phase,
            },
        )
    if execution.filled and intent.action.opens:
        price = execution.average_price
        recorder.note(
            Kind.FILL,
            {
                "intent_id": verdict.intent_id,
                "quantity": plain(execution.filled),
                "price": None if price is None else plain(price),
            },
        )


def _trigger(answer: GuardAnswer, role: str) -> str | None:
    price = {"stop": answer.execution.stop, "target": answer.execution.target}.get(role)
    return None if price is None else plain(price)

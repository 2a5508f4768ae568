"""The one tool with a side effect: hand a raw intent to the guard. The desk calls it; no agent can be given it.

The intent is one opaque string. Frameworks repair and coerce arguments; a string has nothing to repair, and the guard
parses it with its own strict grammar. The call is made once; nothing here retries.
"""

from __future__ import annotations

from typing import Any

from pydantic import Field

from desk.domain.errors import ToolRefusedError
from tools.tool import Args, Result, Tool, ToolContext, Trust

MAX_INTENT_CHARS = 2_000


class ProposeArgs(Args):
    """The intent exactly as it shall reach the guard."""

    intent: str = Field(min_length=2, max_length=MAX_INTENT_CHARS, description="one intent as raw JSON text")


class ProposeResult(Result):
    """The guard's answer as it came."""

    answer: dict[str, Any]


def _propose(context: ToolContext, args: ProposeArgs) -> ProposeResult:
    if context.intent_door is None:
        raise ToolRefusedError("no_guard", "this run may not propose orders")
    return ProposeResult(answer=dict(context.intent_door.propose_raw(args.intent)))


PROPOSE_ORDER = Tool(
    name="propose_order",
    description="Hand one intent, as raw JSON text, to the guard. The guard decides; asking twice changes nothing.",
    args=ProposeArgs,
    result=ProposeResult,
    trust=Trust.TRUSTED,
    side_effect=True,
    compute=_propose,
)

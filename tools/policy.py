"""The learnt policy as a tool: what the promoted one says of this moment, or that none is proven."""

from __future__ import annotations

from enum import StrEnum

from tools.rounding import short
from tools.tool import NoArgs, Result, Tool, ToolContext, Trust


class PolicyStanding(StrEnum):
    """Whether there is a policy to listen to."""

    NO_POLICY_PROVEN = "NO_POLICY_PROVEN"
    UNCERTIFIED = "UNCERTIFIED"
    CERTIFIED = "CERTIFIED"


class PolicyAction(StrEnum):
    """What a policy would do; NONE where there is none."""

    BUY = "BUY"
    SELL = "SELL"
    HOLD = "HOLD"
    NONE = "NONE"


class PolicyResult(Result):
    """`lead` is the learnt value of the action over holding, `visits` how often this very place was seen."""

    standing: PolicyStanding
    action: PolicyAction
    lead: float
    visits: int


def _policy(context: ToolContext, args: NoArgs) -> PolicyResult:
    said = context.snapshot.policy
    if said is None:
        return PolicyResult(standing=PolicyStanding.NO_POLICY_PROVEN, action=PolicyAction.NONE, lead=0.0, visits=0)
    return PolicyResult(
        standing=PolicyStanding.CERTIFIED if said.certified else PolicyStanding.UNCERTIFIED,
        action=PolicyAction(said.action),
        lead=short(said.lead),
        visits=said.visits,
    )


GET_POLICY = Tool(
    name="get_learned_policy",
    description="What the learnt policy would do now, and whether it is proven; NO_POLICY_PROVEN where there is none.",
    args=NoArgs,
    result=PolicyResult,
    trust=Trust.TRUSTED,
    side_effect=False,
    compute=_policy,
)

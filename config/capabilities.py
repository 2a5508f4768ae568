"""What each tool may touch, declared away from the tools so that no tool vouches for itself.

Three things are dangerous together: text that strangers can write, private data, and the power to act. No agent may
hold all three, and none may act at all: what the desk decides is proposed by code.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class Reach:
    """What a tool, or all the tools of an agent, can touch."""

    untrusted: bool = False
    private: bool = False
    acts: bool = False


_MARKET = Reach()
_STRANGERS = Reach(untrusted=True)
_ACCOUNT = Reach(private=True)

TOOLS: Mapping[str, Reach] = MappingProxyType(
    {
        "get_candles": _MARKET,
        "get_indicators": _MARKET,
        "get_weighted_signal": _MARKET,
        "get_regime": _MARKET,
        # It tells whether the account holds the symbol.
        "get_learned_policy": _ACCOUNT,
        "get_order_book": _MARKET,
        "get_funding": _MARKET,
        "get_volume_profile": _MARKET,
        "get_positioning": _MARKET,
        "get_order_flow": _MARKET,
        # It tells how much the account holds of what moves along.
        "get_correlation": _ACCOUNT,
        "read_chart": _STRANGERS,
        "scan_spikes": _STRANGERS,
        "read_headlines": _STRANGERS,
        "get_market_context": _STRANGERS,
        "get_account_risk": _ACCOUNT,
        "get_limits": _ACCOUNT,
        "get_concentration": _ACCOUNT,
        "get_holding_cost": _MARKET,
        # It computes from what it is told and from nothing else.
        "get_kelly_fraction": Reach(),
        "propose_order": Reach(private=True, acts=True),
    }
)


def reach_of(tools: Iterable[str]) -> Reach:
    """What an agent with these tools can touch."""
    touched = [TOOLS[name] for name in tools]
    return Reach(
        untrusted=any(one.untrusted for one in touched),
        private=any(one.private for one in touched),
        acts=any(one.acts for one in touched),
    )


def objection(tools: Iterable[str]) -> str:
    """Why no agent may hold these tools together; empty when one may."""
    reach = reach_of(tools)
    if reach.untrusted and reach.acts:
        return "an agent that reads what strangers write may not hold a tool that acts"
    if reach.acts:
        return "no agent may hold a tool that acts: what the desk decides is proposed by code"
    return ""


def alike(name: str, known: Iterable[str]) -> str:
    """The known name most like this one; empty when none is alike."""
    return next(iter(difflib.get_close_matches(name, sorted(known), n=1, cutoff=0.6)), "")


def nearest(name: str, known: Iterable[str]) -> str:
    """A hint: the known name most like this one, or all of them when none is alike."""
    names = sorted(known)
    close = alike(name, names)
    return f"did you mean `{close}`?" if close else f"known: {', '.join(names)}"

"""Every panel by its name. A panel is a function of the house and of what the page asks for, and answers with text."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from ui.console.panels import agents, chart, decisions, desk, header, health, intelligence, learning, performance
from ui.console.panels.wanted import Wanted
from ui.server.house import House

Panel = Callable[[House, Wanted], str]

PANELS: Mapping[str, Panel] = MappingProxyType(
    {
        "header": header.header,
        "under": desk.under,
        "chart": chart.chart,
        "decisions": decisions.listed,
        "decision": decisions.one,
        "figures": performance.figures,
        "performance": performance.performance,
        "curve": performance.curve,
        "intelligence": intelligence.intelligence,
        "learning": learning.learning,
        "agents": agents.agents,
        "health": health.health,
        "log": health.log,
    }
)
# How long a rendering serves, in seconds: what moves is made anew each second, what is heavy or slow less often.
SERVES: Mapping[str, float] = MappingProxyType(
    {
        "figures": 5.0,
        "performance": 5.0,
        "curve": 5.0,
        "learning": 5.0,
        "intelligence": 3.0,
        "agents": 3.0,
        "health": 2.0,
        "decision": 2.0,
    }
)

__all__ = ["PANELS", "SERVES", "Panel", "Wanted"]

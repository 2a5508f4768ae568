"""Who sits at the desk, as the operator's files seat them, and how many model requests one decision of theirs needs.

The master and five specialists are always there. The spike crew is seated as a whole or not at all; it shares the risk
officer. Every further agent has a task of its own name and reports an opinion; it needs no code, and therefore may not
take a name that means something else.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from config.models import AgentSettings, DeskSettings

MASTER, PLAN, DECIDE = "master", "plan", "decide"
SPECIALISTS = ("regime", "chart", "news", "spikes", "risk")
GUARDIAN, EXECUTOR = "guardian", "executor"
# Of the spike crew: those that sit nowhere else, and those that report.
SPIKE_CREW = (GUARDIAN, "scanner", "context", EXECUTOR)
SPIKE_REPORTING = ("scanner", "context", "risk")
TAKEN: Mapping[str, str] = MappingProxyType(
    {
        PLAN: "a task of the master",
        DECIDE: "a task of the master",
        "signal": "the vote of the weighted signal",
        "guard": "the process that may refuse the desk",
    }
)
_CHART, _PICTURE_TOOL = "chart", "read_chart"
_NEWS, _HEADLINE_TOOL = "news", "read_headlines"


def further(agents: Mapping[str, AgentSettings]) -> tuple[str, ...]:
    """The roles beyond the master, the five and the spike crew, by name."""
    return tuple(sorted(agents.keys() - {MASTER, *SPECIALISTS, *SPIKE_CREW}))


def seated(agents: Mapping[str, AgentSettings]) -> tuple[str, ...]:
    """Everybody who reports to the master: the five, then the further roles."""
    return (*SPECIALISTS, *further(agents))


def spike_seated(agents: Mapping[str, AgentSettings]) -> bool:
    """Whether there is a spike crew."""
    return agents.keys() >= set(SPIKE_CREW)


def reporting(agents: Mapping[str, AgentSettings]) -> tuple[str, ...]:
    """Everybody who reports to anybody, each once."""
    return tuple(dict.fromkeys((*seated(agents), *(SPIKE_REPORTING if spike_seated(agents) else ()))))


def looks_at_pictures(desk: DeskSettings, agents: Mapping[str, AgentSettings]) -> bool:
    """Whether the chart agent's model is shown the chart as a picture, which is one request more."""
    chart = agents[_CHART]
    return _PICTURE_TOOL in chart.tools and desk.model_for(_CHART, chart.llm).vision


def reads_headlines(desk: DeskSettings, agents: Mapping[str, AgentSettings]) -> bool:
    """Whether the news agent's model reads the headlines itself, each alone, before the agent is told numbers."""
    news = agents[_NEWS]
    return _HEADLINE_TOOL in news.tools and desk.model_for(_NEWS, news.llm).sentiment


def requests_of_spike_crew(agents: Mapping[str, AgentSettings]) -> int:
    """Model requests of one decision of the spike crew: its guardian, each reporting role's task, its executor."""
    return 2 + sum(agents[name].max_iter for name in SPIKE_REPORTING)


def requests_of_seats(agents: Mapping[str, AgentSettings]) -> int:
    """Model requests of one decision when everybody works: a plan, each role's task, and the decision."""
    return 2 + sum(agents[name].max_iter for name in seated(agents))

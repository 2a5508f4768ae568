"""The five specialists and the spike crew's by name, and how any further role is seated."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from agents.chart import CHART
from agents.context import CONTEXT
from agents.news import NEWS
from agents.opinion import opinion
from agents.regime import REGIME
from agents.risk import RISK
from agents.scanner import SCANNER
from agents.specialist import Specialist
from agents.spikes import SPIKES

ROSTER: Mapping[str, Specialist] = MappingProxyType(
    {specialist.name: specialist for specialist in (REGIME, CHART, NEWS, SPIKES, RISK)}
)
SPIKE_ROSTER: Mapping[str, Specialist] = MappingProxyType(
    {specialist.name: specialist for specialist in (SCANNER, CONTEXT, RISK)}
)


def specialist_of(agent: str) -> Specialist:
    """The specialist of this name; a role without a module of its own reports an opinion."""
    return ROSTER.get(agent) or SPIKE_ROSTER.get(agent) or opinion(agent)

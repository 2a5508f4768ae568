"""Every tool by name: the whole of what an agent can be given. A name that is not here is a configuration error."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any

from desk.domain.errors import ConfigError
from tools.account import GET_ACCOUNT_RISK, GET_LIMITS
from tools.chart import READ_CHART
from tools.context import GET_MARKET_CONTEXT
from tools.events import READ_HEADLINES, SCAN_SPIKES
from tools.flow import GET_ORDER_FLOW, GET_POSITIONING
from tools.market import GET_CANDLES, GET_FUNDING, GET_ORDER_BOOK
from tools.orders import PROPOSE_ORDER
from tools.policy import GET_POLICY
from tools.portfolio import GET_CONCENTRATION, GET_HOLDING_COST, GET_KELLY_FRACTION
from tools.signals import GET_INDICATORS, GET_REGIME, GET_WEIGHTED_SIGNAL
from tools.structure import GET_CORRELATION, GET_VOLUME_PROFILE
from tools.tool import Tool

CATALOGUE: Mapping[str, Tool[Any]] = MappingProxyType(
    {
        tool.name: tool
        for tool in (
            GET_CANDLES,
            GET_INDICATORS,
            GET_WEIGHTED_SIGNAL,
            GET_REGIME,
            GET_POLICY,
            READ_CHART,
            GET_ORDER_BOOK,
            GET_FUNDING,
            GET_VOLUME_PROFILE,
            GET_CORRELATION,
            GET_POSITIONING,
            GET_ORDER_FLOW,
            SCAN_SPIKES,
            READ_HEADLINES,
            GET_MARKET_CONTEXT,
            GET_ACCOUNT_RISK,
            GET_LIMITS,
            GET_CONCENTRATION,
            GET_HOLDING_COST,
            GET_KELLY_FRACTION,
            PROPOSE_ORDER,
        )
    }
)


def tools_named(names: Iterable[str], *, owner: str) -> tuple[Tool[Any], ...]:
    """The tools an agent is given. Raises ConfigError for an unknown name, and for a side effect given to an agent."""
    found: list[Tool[Any]] = []
    for name in names:
        tool = CATALOGUE.get(name)
        if tool is None:
            raise ConfigError(f"no tool is called {name!r}", file="agents.yaml", key=f"{owner}.tools")
        if tool.side_effect:
            raise ConfigError(f"{name} may not be given to an agent", file="agents.yaml", key=f"{owner}.tools")
        found.append(tool)
    return tuple(found)

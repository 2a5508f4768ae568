"""What no single file can know: that names refer to something, and that sections agree with each other.

Each check raises ConfigError at the very value that does not fit.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal

from config.capabilities import TOOLS, alike, nearest, objection
from config.faults import fault
from config.models import AgentSettings, DeskSettings, TaskSettings
from config.seats import (
    DECIDE,
    EXECUTOR,
    GUARDIAN,
    MASTER,
    PLAN,
    SPECIALISTS,
    SPIKE_CREW,
    SPIKE_REPORTING,
    TAKEN,
    further,
    looks_at_pictures,
    requests_of_seats,
    requests_of_spike_crew,
    seated,
    spike_seated,
)
from config.yaml_tree import Path, Tree

PLACEHOLDERS = frozenset({"symbol"})
# CrewAI's own rule for a placeholder: a bare name in braces. Literal JSON such as {"a": 1} is left alone.
_NAME = re.compile(r"[a-z][a-z0-9_-]{0,39}", re.ASCII)
_PLACEHOLDER = re.compile(r"\{([A-Za-z_][A-Za-z0-9_-]*)\}")

Finding = tuple[Path, str, str]


def check(
    tree: Tree, desk: DeskSettings, agents: Mapping[str, AgentSettings], tasks: Mapping[str, TaskSettings]
) -> None:
    """Raise ConfigError for the first thing that refers to nothing or contradicts another."""
    for findings in (
        _models(desk),
        _distances(desk),
        _numbers(desk),
        _seats(agents, tasks),
        _agents(agents, desk),
        _modes(desk, agents),
        _scoring(desk, agents),
        _tasks(tasks, agents),
        _requests(desk, agents),
        _spike_crew(desk, agents),
        _texts(agents, tasks),
    ):
        for path, message, hint in findings:
            raise fault(tree, path, message, hint)


def _models(desk: DeskSettings) -> Iterator[Finding]:
    if desk.default_model not in desk.models:
        yield ("desk", "default_model"), "no model has this name", nearest(desk.default_model, desk.models)
    if "default" in desk.models:
        yield ("desk", "models", "default"), "`default` is what agents say for `default_model`; choose another name", ""
    if "default" not in desk.spikes:
        yield ("desk", "spikes"), "needs `default`, which serves every symbol without thresholds of its own", ""
    for symbol in desk.spikes:
        if symbol not in ("default", *desk.symbols):
            yield ("desk", "spikes", symbol), "not among `symbols`", nearest(symbol, desk.symbols)


def _modes(desk: DeskSettings, agents: Mapping[str, AgentSettings]) -> Iterator[Finding]:
    if desk.mode and desk.mode not in desk.modes:
        yield ("desk", "mode"), "no mode has this name", nearest(desk.mode, desk.modes)
    for name, mode in desk.modes.items():
        if mode.default not in desk.models:
            yield ("desk", "modes", name, "default"), "no model has this name", nearest(mode.default, desk.models)
        for agent, model in mode.agents.items():
            path = ("desk", "modes", name, "agents", agent)
            if agent not in agents:
                yield path, "no agent has this name", nearest(agent, agents)
            if model not in desk.models:
                yield path, "no model has this name", nearest(model, desk.models)


def _scoring(desk: DeskSettings, agents: Mapping[str, AgentSettings]) -> Iterator[Finding]:
    for key, named in (("horizons", desk.scoring.horizons), ("prior", desk.scoring.prior)):
        for agent in named:
            # The packaged file speaks of the spike crew; an operator's own agents may leave it out.
            known = (*seated(agents), *SPIKE_REPORTING, "default")
            if agent not in known:
                yield ("desk", "scoring", key, agent), "nobody who reports has this name", nearest(agent, known)
        if "default" not in named:
            yield ("desk", "scoring", key), "needs `default`, which serves every agent without a line of its own", ""


def _distances(desk: DeskSettings) -> Iterator[Finding]:
    limits, stop, target = desk.limits, desk.stop, desk.target
    if stop.min < limits.stop_min:
        yield ("desk", "stop", "min"), f"nearer than the guard's `limits.stop_min` {limits.stop_min}", ""
    if stop.max > limits.stop_max:
        yield ("desk", "stop", "max"), f"farther than the guard's `limits.stop_max` {limits.stop_max}", ""
    if target.max > limits.target_max:
        yield ("desk", "target", "max"), f"farther than the guard's `limits.target_max` {limits.target_max}", ""
    if target.default < stop.default * limits.target_ratio:
        yield ("desk", "target", "default"), f"nearer than {limits.target_ratio} stops, which the guard asks for", ""


def _numbers(desk: DeskSettings) -> Iterator[Finding]:
    rules, budget, market, limits = desk.decision, desk.budget, desk.market, desk.limits
    if len(set(desk.symbols)) != len(desk.symbols):
        yield ("desk", "symbols"), "a symbol is named twice", ""
    for owner, interval in (("signals", desk.signals.interval), ("chart", desk.chart.interval)):
        if interval not in market.intervals:
            yield ("desk", owner, "interval"), "not among `market.intervals`", ""
    if desk.chart.bars > market.bars:
        yield ("desk", "chart", "bars"), "more than `market.bars`, which is all a snapshot holds", ""
    if Decimal(str(rules.intent_ttl_seconds)) > limits.intent_seconds:
        yield (
            ("desk", "decision", "intent_ttl_seconds"),
            f"more than `limits.intent_seconds` {limits.intent_seconds}",
            "",
        )
    if rules.min_confidence > rules.max_conviction:
        yield ("desk", "decision", "min_confidence"), "above `max_conviction`: nothing would ever open", ""
    if budget.reserve_prompt_tokens >= budget.prompt_tokens:
        yield ("desk", "budget", "reserve_prompt_tokens"), "leaves no prompt tokens for the specialists", ""


def _seats(agents: Mapping[str, AgentSettings], tasks: Mapping[str, TaskSettings]) -> Iterator[Finding]:
    """Everybody who must sit here does; whoever else does is a role with a task, not a misspelt one."""
    known = (MASTER, *SPECIALISTS)
    for name in further(agents):
        path, meant = ("agents", name), alike(name, [seat for seat in known if seat not in agents])
        if meant:
            yield path, f"nobody at the desk has this name, and `{meant}` is missing", f"did you mean `{meant}`?"
        elif name in TAKEN:
            yield path, f"this name is taken: it is {TAKEN[name]}", "choose another name for this role"
        elif not _NAME.fullmatch(name):
            yield path, "should be a name: lower case, digits, `_` and `-`, at most 40", ""
        elif name not in tasks:
            yield path, "nobody at the desk has this name, and no task is its work", _role_hint(name, tasks)
    absent = [name for name in SPIKE_CREW if name not in agents]
    if absent and len(absent) < len(SPIKE_CREW):
        yield ("agents",), f"agent `{absent[0]}` of the spike crew is missing", "seat all of the spike crew, or nobody"
    for name in known:
        if name not in agents:
            yield ("agents",), f"agent `{name}` is missing", "a specialist that shall not work is left out by the plan"


def _role_hint(name: str, tasks: Mapping[str, TaskSettings]) -> str:
    meant = alike(name, (MASTER, *SPECIALISTS, *tasks))
    return f"did you mean `{meant}`?" if meant else f"a role needs a task `{name}` in tasks.yaml, with `agent: {name}`"


def _agents(agents: Mapping[str, AgentSettings], desk: DeskSettings) -> Iterator[Finding]:
    if agents[MASTER].tools:
        yield ("agents", MASTER, "tools"), "the master decides on reports and holds no tools", "write `tools: []`"
    for name, agent in agents.items():
        if agent.llm != "default" and agent.llm not in desk.models:
            yield ("agents", name, "llm"), "no model has this name", nearest(agent.llm, ["default", *desk.models])
        if agent.max_iter != (2 if agent.tools else 1):
            yield ("agents", name, "max_iter"), "should be 2 for an agent with tools, and 1 for one without", ""
        yield from _tools(("agents", name, "tools"), agent.tools)


def _tools(path: Path, tools: tuple[str, ...]) -> Iterator[Finding]:
    for index, tool in enumerate(tools):
        if tool not in TOOLS:
            yield (*path, index), f"no tool is called `{tool}`", nearest(tool, TOOLS)
        elif tool in tools[:index]:
            yield (*path, index), f"tool `{tool}` is named twice", ""
    against = objection(tools)
    if against:
        yield path, against, "give the two tools to two agents"


def _tasks(tasks: Mapping[str, TaskSettings], agents: Mapping[str, AgentSettings]) -> Iterator[Finding]:
    wanted = {PLAN: MASTER, DECIDE: MASTER, **{name: name for name in agents if name != MASTER}}
    for name, task in tasks.items():
        if task.agent not in agents:
            yield ("tasks", name, "agent"), f"no agent is called `{task.agent}`", nearest(task.agent, agents)
        if name not in wanted:
            yield ("tasks", name), "nobody does a task of this name", nearest(name, wanted)
        elif task.agent != wanted[name]:
            yield ("tasks", name, "agent"), f"task `{name}` is the work of `{wanted[name]}`", ""
    for name in wanted:
        if name not in tasks:
            yield ("tasks",), f"task `{name}` is missing", ""


def _requests(desk: DeskSettings, agents: Mapping[str, AgentSettings]) -> Iterator[Finding]:
    """A budget that cannot seat everybody would silence whoever comes last, decision after decision."""
    picture = int(looks_at_pictures(desk, agents))
    needed = requests_of_seats(agents) + picture
    if desk.budget.requests < needed:
        roles = ", ".join(f"{name} {agents[name].max_iter}" for name in seated(agents))
        told = f"plan 1, {roles}, decision 1" + (", the chart's picture 1" if picture else "")
        yield (
            ("desk", "budget", "requests"),
            f"too few for the seats: {needed} are needed ({told})",
            f"write at least {needed}, or seat fewer roles" + (", or a chart model without vision" if picture else ""),
        )


def _spike_crew(desk: DeskSettings, agents: Mapping[str, AgentSettings]) -> Iterator[Finding]:
    crew = desk.spike_crew
    if spike_seated(agents) and crew.requests < requests_of_spike_crew(agents):
        needed = requests_of_spike_crew(agents)
        yield ("desk", "spike_crew", "requests"), f"too few for the seats: {needed} are needed", f"at least {needed}"
    if crew.reserve_prompt_tokens >= crew.prompt_tokens:
        yield ("desk", "spike_crew", "reserve_prompt_tokens"), "leaves no prompt tokens for the reports", ""
    for name in (GUARDIAN, EXECUTOR):
        if name in agents and agents[name].tools:
            yield ("agents", name, "tools"), f"the {name} decides on what it is told and holds no tools", "`tools: []`"


def _texts(agents: Mapping[str, AgentSettings], tasks: Mapping[str, TaskSettings]) -> Iterator[Finding]:
    for name, agent in agents.items():
        for key in ("role", "goal", "backstory"):
            yield from _placeholders(("agents", name, key), getattr(agent, key), frozenset())
    for name, task in tasks.items():
        yield from _placeholders(("tasks", name, "description"), task.description, PLACEHOLDERS)
        yield from _placeholders(("tasks", name, "expected_output"), task.expected_output, frozenset())


def _placeholders(path: Path, text: str, filled: frozenset[str]) -> Iterator[Finding]:
    for found in _PLACEHOLDER.findall(text):
        if found not in filled:
            hint = nearest(found, filled) if filled else "placeholders are filled in the description of a task only"
            yield path, f"nothing fills the placeholder {{{found}}}", hint

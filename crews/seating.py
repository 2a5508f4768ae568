"""From the operator's configuration to what a desk is told: one pure function, used by a kickoff and by a replay."""

from __future__ import annotations

from dataclasses import replace

from config import seats
from config.capabilities import reach_of
from config.loader import DeskConfig
from config.models import Distance, ModelSettings, SpendSettings
from crews.setup import (
    DESK,
    SPIKE,
    Budget,
    Caps,
    Ceiling,
    DeskSetup,
    Range,
    Recall,
    Seat,
    SnapshotSettings,
    Tariff,
    Trust,
)
from desk.domain.errors import ConfigError
from desk.domain.money import ZERO
from desk.signals.weighted import SignalParameters
from desk.spikes.scan import SpikeParameters
from memory.standing import Measure
from tools.tool import ToolSettings

# A desk without a risk report opens nothing, and one that does not know the market has no view to act on.
MANDATORY = frozenset({"risk", "regime"})
SPIKE_STRATEGY = "spike"
PROVEN_ONLY = frozenset({"testnet", "live"})


def setup_of(config: DeskConfig, crew: str = DESK) -> DeskSetup:
    """Everything a crew needs to know, from what is in force. Raises ConfigError where that crew is not seated."""
    return _spike_setup(config) if crew == SPIKE else _desk_setup(config)


def _desk_setup(config: DeskConfig) -> DeskSetup:
    desk = config.desk
    deadlines = desk.deadlines
    return DeskSetup(
        crew=DESK,
        profile=config.profile.name,
        config=config.to_json(),
        config_hash=config.digest,
        source=config.profile.label,
        plan=_seat(config, seats.PLAN, deadlines.plan),
        decide=_seat(config, seats.DECIDE, deadlines.decide),
        specialists={agent: _seat(config, agent, deadlines.specialist) for agent in seats.seated(config.agents)},
        mandatory=MANDATORY,
        caps=_caps(config),
        trust=_trust(config),
        recall=Recall(similar=desk.memory.similar, likeness=desk.memory.likeness, interval=desk.signals.interval),
        budget=Budget(
            requests=desk.budget.requests,
            seats=seats.requests_of_seats(config.agents),
            prompt_tokens=desk.budget.prompt_tokens,
            reserve_prompt_tokens=desk.budget.reserve_prompt_tokens,
            completion_tokens=desk.budget.completion_tokens,
            headlines=desk.budget.headlines,
            usd=desk.budget.usd,
            agent=ceiling(desk.budget.agent),
        ),
        tariffs={agent: _tariff(config.model_of(agent)) for agent in config.agents},
        snapshot=_snapshot(config),
        tools={symbol: _tools(config, symbol) for symbol in desk.symbols},
        default_tools=_tools(config, "default"),
        strategy_id=desk.decision.strategy_id,
        proof_needed=config.profile.venue.kind in PROVEN_ONLY,
        intent_ttl=desk.decision.intent_ttl_seconds,
        deadline=deadlines.decision,
        guard_deadline=deadlines.guard,
    )


def _spike_setup(config: DeskConfig) -> DeskSetup:
    """The desk's own setup with other people in it, in a hurry and with a purse of their own."""
    if not seats.spike_seated(config.agents):
        missing = ", ".join(name for name in seats.SPIKE_CREW if name not in config.agents)
        hint = "copy guardian, scanner, context and executor from the packaged agents.yaml and tasks.yaml"
        raise ConfigError(f"no spike crew is seated: {missing} missing", file="agents.yaml", hint=hint)
    crew = config.desk.spike_crew
    half = crew.seconds / 2
    return replace(
        _desk_setup(config),
        crew=SPIKE,
        plan=_seat(config, seats.GUARDIAN, half),
        decide=_seat(config, seats.EXECUTOR, half),
        specialists={agent: _seat(config, agent, half) for agent in seats.SPIKE_REPORTING},
        mandatory=frozenset({"risk"}),
        budget=Budget(
            requests=crew.requests,
            seats=seats.requests_of_spike_crew(config.agents),
            prompt_tokens=crew.prompt_tokens,
            reserve_prompt_tokens=crew.reserve_prompt_tokens,
            completion_tokens=crew.completion_tokens,
            usd=crew.usd,
            agent=ceiling(config.desk.budget.agent),
        ),
        strategy_id=SPIKE_STRATEGY,
        deadline=crew.seconds,
    )


def ceiling(spend: SpendSettings) -> Ceiling:
    """A ceiling as the configuration has it."""
    return Ceiling(tokens=spend.tokens, usd=spend.usd)


def _tariff(model: ModelSettings) -> Tariff:
    return Tariff(
        prompt=model.price.prompt / 1_000_000,
        completion=model.price.completion / 1_000_000,
        most_completion=model.max_completion_tokens,
        metered=model.kind != "offline",
    )


def _seat(config: DeskConfig, task_name: str, deadline: float) -> Seat:
    task = config.tasks[task_name]
    agent = config.agents[task.agent]
    return Seat(
        agent=task.agent,
        role=agent.role,
        goal=agent.goal,
        backstory=agent.backstory,
        task=task.description,
        expected_output=task.expected_output,
        tools=agent.tools,
        deadline=deadline,
    )


def _caps(config: DeskConfig) -> Caps:
    decision = config.desk.decision
    return Caps(
        min_strength=decision.min_strength,
        min_confidence=decision.min_confidence,
        exit_confidence=decision.exit_confidence,
        max_conviction=decision.max_conviction,
        abstention_cap=decision.abstention_cap,
        min_reports=decision.min_reports,
        stop=_range(config.desk.stop),
        target=_range(config.desk.target),
    )


def _trust(config: DeskConfig) -> Trust:
    scoring, reporting = config.desk.scoring, seats.reporting(config.agents)
    # Not a setting: where orders reach a real venue, nobody's word counts before it is proven.
    proven_only = config.profile.venue.kind in PROVEN_ONLY
    tools = {agent: config.agents[agent].tools for agent in reporting}
    strangers = {agent: frozenset(t for t in held if reach_of((t,)).untrusted) for agent, held in tools.items()}
    return Trust(
        prior={agent: ZERO if proven_only else scoring.prior_of(agent) for agent in reporting},
        horizons={agent: scoring.horizon_of(agent) for agent in reporting},
        strangers={agent: named for agent, named in strangers.items() if named},
        measure=Measure(
            half_life_days=scoring.half_life_days,
            sigmas=scoring.sigmas,
            least=scoring.least,
            full_lead=scoring.full_lead,
        ),
    )


def _range(distance: Distance) -> Range:
    return Range(default=distance.default, low=distance.min, high=distance.max)


def _snapshot(config: DeskConfig) -> SnapshotSettings:
    market, news = config.desk.market, config.desk.news
    return SnapshotSettings(
        intervals=tuple(market.intervals),
        bars=market.bars,
        references=market.references,
        reference_bars=market.reference_bars,
        book_levels=market.book_levels,
        funding_points=market.funding_points,
        crowd_period=market.crowd_period,
        crowd_points=market.crowd_points,
        max_age=market.max_age_seconds,
        news_hours=news.max_age_hours,
        max_headlines=news.max_items,
    )


def _tools(config: DeskConfig, symbol: str) -> ToolSettings:
    desk = config.desk
    signals, spikes = desk.signals.model_dump(exclude={"interval"}), desk.spikes_for(symbol)
    return ToolSettings(
        signal_interval=desk.signals.interval,
        signals=SignalParameters(**signals),
        chart_interval=desk.chart.interval,
        chart_bars=desk.chart.bars,
        spikes=SpikeParameters(**spikes.model_dump()),
        known_symbols=tuple(dict.fromkeys((*desk.symbols, *desk.market.references))),
        min_confidence=float(desk.decision.min_confidence),
        max_conviction=float(desk.decision.max_conviction),
        stop_bounds=(float(desk.stop.min), float(desk.stop.max)),
        target_bounds=(float(desk.target.min), float(desk.target.max)),
        crowding_limit=float(desk.decision.crowding_limit),
        result_chars=desk.budget.tool_result_chars,
    )

"""What a desk is told before it opens: seats, tasks, deadlines, budgets and the rules code puts around a decision.

Values only, already validated by `config`. Nothing here reads a file.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from desk.domain.money import ZERO
from memory.standing import Basis, Measure, Weight
from tools.tool import ToolSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class Seat:
    """One agent: who it is, what it is asked, which tools it may call, and how long it may take.

    `task` may contain `{symbol}`. `deadline` is in seconds for the whole task.
    """

    agent: str
    role: str
    goal: str
    backstory: str
    task: str
    expected_output: str
    tools: tuple[str, ...]
    deadline: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Range:
    """A distance from entry as fractions of the price: what is used by default, and the bounds."""

    default: Decimal
    low: Decimal
    high: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Caps:
    """What code holds a decision to, whatever the model says; each can only lower it.

    `min_strength` is the absolute weighted signal an opening needs on its side. `min_confidence` must be exceeded to
    open, `exit_confidence` to close on an opposite view. `abstention_cap` bounds conviction when a specialist is
    missing; `min_reports` specialists must have reported, risk among them.
    """

    min_strength: int
    min_confidence: Decimal
    exit_confidence: Decimal
    max_conviction: Decimal
    abstention_cap: Decimal
    min_reports: int
    stop: Range
    target: Range


@dataclass(frozen=True, slots=True, kw_only=True)
class Trust:
    """What an agent's agreement counts for before it has earned anything, and how that is measured.

    `horizons` are in minutes. `strangers` names, for each agent that reads what strangers write, the tools by which it
    does: two that read the same are one source.
    """

    prior: Mapping[str, Decimal]
    horizons: Mapping[str, int]
    strangers: Mapping[str, frozenset[str]]
    measure: Measure

    def unproven(self) -> dict[str, Weight]:
        """Everybody's weight while nothing is known."""
        return {agent: Weight(value=prior, basis=Basis.UNPROVEN) for agent, prior in self.prior.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Recall:
    """How similar cases are found: at most so many, at least so alike, by the market on this interval."""

    similar: int
    likeness: float
    interval: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Ceiling:
    """The most that may be spent: prompt and completion tokens together, and US dollars. No ceiling by default."""

    tokens: int = sys.maxsize
    usd: Decimal = Decimal("Infinity")


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """What one decision may spend at the models, and each agent in it.

    Of `requests`, the seats need `seats` when everybody works; only what is beyond them is spent on pictures.
    `headlines` are requests of their own. `reserve_prompt_tokens` are kept for the master's decision.
    """

    requests: int
    seats: int
    prompt_tokens: int
    reserve_prompt_tokens: int
    completion_tokens: int
    headlines: int = 0
    usd: Decimal = Decimal("Infinity")
    agent: Ceiling = field(default_factory=Ceiling)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tariff:
    """What one agent's model costs, in USD a token, and how many completion tokens an answer may take at most.

    A model that is not `metered` is no model behind a wire: it costs nothing and counts against no day.
    """

    prompt: Decimal = ZERO
    completion: Decimal = ZERO
    most_completion: int = 0
    metered: bool = False

    def cost(self, prompt_tokens: int, completion_tokens: int) -> Decimal:
        """What these tokens cost, in USD."""
        return self.prompt * prompt_tokens + self.completion * completion_tokens


@dataclass(frozen=True, slots=True, kw_only=True)
class SnapshotSettings:
    """What a snapshot gathers. `max_age` is in seconds, `news_hours` how far back headlines count.

    Statistics of traders are read as `crowd_points` values, one each `crowd_period`.
    """

    intervals: tuple[str, ...]
    bars: int
    references: tuple[str, ...]
    reference_bars: int
    book_levels: int
    funding_points: int
    crowd_period: str
    crowd_points: int
    max_age: float
    news_hours: float
    max_headlines: int


DESK, SPIKE = "desk", "spike"


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskSetup:
    """Everything a desk needs that is not a collaborator.

    `crew` says whose setup it is, the desk's or the spike crew's. `plan` and `decide` are the tasks of those who plan
    and decide (the master; guardian and executor), `specialists` the other seats by agent name. `mandatory` agents are
    added to every plan. `intent_ttl`, `deadline` (the whole decision) and `guard_deadline` are in seconds. `config` is
    the canonical JSON of all that is in force, which the audit log keeps; `source` says where market data comes from.
    `proof_needed`: nothing opens but under a certificate. It is no setting; it follows from the venue.
    """

    crew: str
    profile: str
    source: str
    config: str
    config_hash: str
    plan: Seat
    decide: Seat
    specialists: Mapping[str, Seat]
    mandatory: frozenset[str]
    caps: Caps
    trust: Trust
    recall: Recall
    budget: Budget
    tariffs: Mapping[str, Tariff]
    snapshot: SnapshotSettings
    tools: Mapping[str, ToolSettings]
    default_tools: ToolSettings
    strategy_id: str
    proof_needed: bool
    intent_ttl: float
    deadline: float
    guard_deadline: float

    @property
    def leaders(self) -> frozenset[str]:
        """Those who plan and decide: they report to nobody, and are not counted among the missing."""
        return frozenset({self.plan.agent, self.decide.agent})

    def tools_for(self, symbol: str) -> ToolSettings:
        """The tools' settings for one symbol."""
        return self.tools.get(symbol, self.default_tools)

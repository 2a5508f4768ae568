"""What the operator may set, as frozen types: every number has its unit, its bounds and its reason.

Money and shares are `Decimal`; spans are seconds. Little has a default in code: what is in force
is what the files say, and `crew config check` shows where each value comes from.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, model_validator

from config.part import Fraction, Frozen, Name, Part, Seconds, Symbol, Text
from desk.guard.bounds.limits import Limits

Interval = Literal["1m", "3m", "5m", "15m", "30m", "1h", "2h", "4h", "1d"]
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


class AgentSettings(Part):
    """One seat at the desk, with CrewAI's keys. `llm` names a model of desk.yaml, or `default`."""

    role: Text
    goal: Text
    backstory: Text
    llm: Name
    tools: tuple[Name, ...]
    max_iter: Literal[1, 2] = Field(
        description="model requests for one task: one round of tools if any, and the answer"
    )


class TaskSettings(Part):
    """One piece of work, with CrewAI's keys. `{symbol}` in the description is filled by the crew at run time."""

    description: Text
    expected_output: Text
    agent: Name


class PriceSettings(Part):
    """What a model costs, in USD per million tokens."""

    prompt: Decimal = Field(ge=0, le=1000)
    completion: Decimal = Field(ge=0, le=1000)


class ModelSettings(Part):
    """One model the agents may use. `offline` needs no other key; `openai` is any endpoint of that protocol."""

    kind: Literal["offline", "openai"]
    model: str = ""
    base_url: str = ""
    api_key_env: str = Field("", pattern=r"^([A-Z][A-Z0-9_]*)?$", description="environment variable holding the key")
    timeout_seconds: Seconds = 20.0
    structured: Literal["json_schema", "json_object", "tools", "text"] = "json_schema"
    vision: bool = Field(False, description="whether the chart agent's model is shown the chart as a picture")
    sentiment: bool = Field(False, description="whether the news agent's model reads headlines, each alone")
    temperature: float = Field(0.0, ge=0, le=2)
    max_completion_tokens: int = Field(1200, ge=64, le=32_000)
    price: PriceSettings = PriceSettings(prompt=Decimal(0), completion=Decimal(0))

    def cost(self, prompt_tokens: int, completion_tokens: int) -> Decimal:
        """What these tokens cost, in USD, by the price table."""
        return (self.price.prompt * prompt_tokens + self.price.completion * completion_tokens) / 1_000_000

    @model_validator(mode="after")
    def _endpoint_is_complete(self) -> Self:
        if self.vision and (self.kind == "offline" or self.structured == "text"):
            raise ValueError("`vision` needs an openai endpoint that answers in JSON: `structured` other than `text`")
        if self.sentiment and self.kind == "offline":
            raise ValueError("`sentiment` needs an openai endpoint; offline, headlines are read by the lexicon")
        if self.kind == "offline":
            return self
        if not self.model or not self.base_url:
            raise ValueError("an openai endpoint needs `model` and `base_url`")
        url = urlsplit(self.base_url)
        if url.scheme not in ("http", "https") or not url.hostname or url.username or url.query:
            raise ValueError("`base_url` must be a plain http(s) address without credentials or query")
        if url.scheme == "http" and url.hostname not in LOOPBACK and self.api_key_env:
            raise ValueError("a key would travel in clear text: use https")
        return self


class DeadlineSettings(Part):
    """How long each stage may take, in seconds. An agent that is late abstains."""

    plan: Seconds
    specialist: Seconds
    decide: Seconds
    decision: Seconds = Field(description="one decision as a whole")
    guard: Seconds = Field(description="the guard's answer, execution included")


class SpendSettings(Part):
    """A ceiling on tokens (prompt and completion together) and on US dollars."""

    tokens: int = Field(ge=0, le=1_000_000_000)
    usd: Decimal = Field(ge=0, le=100_000)


class ModeSettings(Part):
    """One way of paying: the model of every agent, and of those that are named another."""

    default: Name
    agents: Frozen[Name]

    def model_of(self, agent: str) -> str:
        """The model an agent asks in this mode."""
        return self.agents.get(agent, self.default)


class BudgetSettings(Part):
    """What may be spent on models. At a limit the agent abstains; open positions stay managed."""

    requests: int = Field(ge=1, le=100, description="model requests per decision, headlines apart")
    headlines: int = Field(ge=0, le=100, description="headlines a decision may have read by a model, one request each")
    prompt_tokens: int = Field(ge=1000, le=1_000_000, description="prompt tokens per decision, tool results included")
    reserve_prompt_tokens: int = Field(ge=0, le=100_000, description="prompt tokens kept for the master's decision")
    completion_tokens: int = Field(ge=100, le=200_000, description="completion tokens per decision")
    tool_result_chars: int = Field(ge=500, le=50_000, description="longest tool result an agent is shown")
    usd: Decimal = Field(ge=0, le=1000, description="US dollars per decision")
    agent: SpendSettings = Field(description="one agent in one decision")
    day: SpendSettings = Field(description="all agents on one UTC day")
    agent_day: SpendSettings = Field(description="one agent on one UTC day")
    kept_answers: int = Field(ge=0, le=1_000_000, description="answers kept to be given again; 0 keeps none")


class SignalSettings(Part):
    """The weighted signal: votes of MACD, VWAP, EMA alignment and RSI; below `threshold` it says nothing."""

    interval: Interval
    macd: int = Field(ge=0, le=5, description="vote of MACD against its signal line")
    vwap: int = Field(ge=0, le=5, description="vote of the close against VWAP")
    ema_weak: int = Field(ge=0, le=5, description="vote when EMA 9 and 21 are in order")
    ema_medium: int = Field(ge=0, le=5, description="vote when EMA 9, 21 and 50 are in order")
    ema_strong: int = Field(ge=0, le=5, description="vote when EMA 9, 21, 50 and 200 are in order")
    rsi: int = Field(ge=0, le=5, description="vote of an oversold or overbought RSI")
    rsi_oversold: float = Field(gt=0, lt=50)
    rsi_overbought: float = Field(gt=50, lt=100)
    threshold: int = Field(ge=1, le=20, description="absolute sum from which the signal speaks")

    @model_validator(mode="after")
    def _rising(self) -> Self:
        if not self.ema_weak <= self.ema_medium <= self.ema_strong:
            raise ValueError("must satisfy ema_weak <= ema_medium <= ema_strong")
        return self


class DecisionSettings(Part):
    """The rules code puts around the master's decision. They can only lower it."""

    strategy_id: Name
    min_strength: int = Field(ge=1, le=20, description="absolute weighted signal needed to open")
    min_confidence: Fraction = Field(description="conviction needed to open")
    exit_confidence: Fraction = Field(description="conviction needed to close a position on a view alone")
    max_conviction: Fraction = Field(description="ceiling on what the master may ask for")
    abstention_cap: Fraction = Field(description="ceiling on conviction when any specialist abstained")
    min_reports: int = Field(ge=1, le=20, description="specialist reports needed to open, risk among them")
    crowding_limit: Decimal = Field(ge=0, le=100, description="share of equity that may move with a new position")
    intent_ttl_seconds: Seconds = Field(description="how long the guard may still act on an intent")


class ScoringSettings(Part):
    """How reports are held against what came, and what an agent's agreement counts for.

    `horizons` and `prior` are by agent; `default` serves everybody without a line of its own.
    """

    horizons: Frozen[Annotated[int, Field(ge=1, le=10_080)]] = Field(description="minutes a report looks ahead")
    prior: Frozen[Fraction] = Field(description="weight before anything is proven; on testnet and live it is zero")
    half_life_days: float = Field(gt=0, le=3650, description="after which an observation counts half")
    sigmas: float = Field(ge=1, le=5, description="half width of the interval, in standard deviations")
    least: float = Field(ge=1, le=100_000, description="observations before a record says anything")
    full_lead: float = Field(gt=0, le=0.5, description="lead over chance of the interval's lower end for full weight")

    def horizon_of(self, agent: str) -> int:
        """Minutes an agent's reports look ahead."""
        return self.horizons.get(agent, self.horizons["default"])

    def prior_of(self, agent: str) -> Decimal:
        """An agent's weight before anything is proven."""
        return self.prior.get(agent, self.prior["default"])


class Distance(Part):
    """A stop or target distance from entry as fractions: what is used unless the master says otherwise, and bounds."""

    default: Fraction
    min: Fraction
    max: Fraction

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if not 0 < self.min <= self.default <= self.max:
            raise ValueError("must satisfy 0 < min <= default <= max")
        return self


class ChartSettings(Part):
    """What the chart agent reads and what is drawn."""

    interval: Interval
    bars: int = Field(ge=30, le=1000, description="bars drawn and read")


class FeedSettings(Part):
    """A keyless RSS or Atom feed. Two names are two witnesses, so one publisher should stand here once."""

    name: Name
    url: str

    @model_validator(mode="after")
    def _is_public(self) -> Self:
        url = urlsplit(self.url)
        if url.scheme != "https" or not url.hostname or url.username or url.port not in (None, 443):
            raise ValueError("`url` must be a plain https address: nothing else is ever fetched")
        return self


class NewsApiSettings(Part):
    """NewsAPI, asked where its key is in the environment, and not at all where it is not."""

    api_key_env: str = Field(pattern=r"^[A-Z][A-Z0-9_]*$", description="environment variable holding the key")
    query: Text
    pages: int = Field(ge=1, le=5, description="pages of a hundred; each is one request of the day's allowance")


class NewsSettings(Part):
    """Which headlines count and where they come from. A source that does not answer is an abstention, not silence."""

    max_age_hours: float = Field(gt=0, le=168)
    max_items: int = Field(ge=1, le=100, description="newest headlines read")
    per_source: int = Field(ge=1, le=100, description="newest headlines of any one source")
    refresh_seconds: float = Field(ge=60, le=86_400, description="a source is asked again after this long")
    keep_hours: float = Field(gt=0, le=168, description="how long what a source told serves when it is down")
    reading_hours: float = Field(gt=0, le=168, description="how long a model's reading of a headline serves again")
    feeds: tuple[FeedSettings, ...]
    newsapi: NewsApiSettings

    @model_validator(mode="after")
    def _names_differ(self) -> Self:
        if len({feed.name for feed in self.feeds}) != len(self.feeds):
            raise ValueError("two feeds have the same name: they would be taken for one source")
        return self


class ContextSettings(Part):
    """What public sources say of the market at large; each may be down, and the reading then says so."""

    refresh_seconds: float = Field(ge=60, le=3600, description="a source is asked again after this long")
    keep_seconds: float = Field(ge=60, le=86_400, description="how long what a source told serves when it is down")


class MarketSettings(Part):
    """What a snapshot gathers."""

    intervals: tuple[Interval, ...] = Field(min_length=1)
    bars: int = Field(ge=60, le=1500, description="finished bars per interval")
    reference_bars: int = Field(ge=60, le=1500, description="finished bars of each market leader")
    references: tuple[Symbol, ...] = Field(description="market leaders read beside the symbol")
    book_levels: int = Field(ge=5, le=1000)
    funding_points: int = Field(ge=1, le=1000)
    crowd_period: Literal["5m", "15m", "30m", "1h", "2h", "4h", "1d"] = Field(description="of open interest and ratios")
    crowd_points: int = Field(ge=2, le=500, description="how many of them; the first is what changes are told against")
    max_age_seconds: Seconds = Field(description="a mark older than this is stale")


class EmbeddingSettings(Part):
    """What turns words into vectors: `hashed` needs nothing, `openai` is any endpoint of that protocol."""

    kind: Literal["hashed", "openai"]
    model: str = ""
    base_url: str = ""
    api_key_env: str = Field("", pattern=r"^([A-Z][A-Z0-9_]*)?$", description="environment variable holding the key")
    timeout_seconds: Seconds = 10.0
    price: Decimal = Field(Decimal(0), ge=0, le=1000, description="USD per million tokens")

    @model_validator(mode="after")
    def _endpoint_is_complete(self) -> Self:
        if self.kind == "openai" and not (self.model and self.base_url):
            raise ValueError("an openai endpoint needs `model` and `base_url`")
        url = urlsplit(self.base_url)
        if url.scheme == "http" and url.hostname not in LOOPBACK and self.api_key_env:
            raise ValueError("a key would travel in clear text: use https")
        return self


class MemorySettings(Part):
    """What the desk recalls of decisions that ended, and for how long."""

    similar: int = Field(ge=1, le=100, description="most similar cases that are told")
    likeness: float = Field(ge=0, le=1, description="cosine of two markets from which they count as alike")
    days: float = Field(gt=0, le=3650, description="after which a case is not recalled any more")
    embedding: EmbeddingSettings


class SpikeSettings(Part):
    """Thresholds of the spike detectors for one pair, in units of its own noise unless said otherwise."""

    price_sigma: float = Field(gt=0, le=50)
    volume_sigma: float = Field(gt=0, le=50)
    imbalance: float = Field(gt=0, le=1, description="(bid - ask) / (bid + ask) of the best levels")
    divergence_pct: float = Field(gt=0, le=50, description="mark against index, per cent")
    recent_bars: int = Field(ge=1, le=100)
    window: int = Field(ge=30, le=1500, description="bars the noise is measured over")


class ScreeningSettings(Part):
    """Which of many symbols a model is asked about: weights of the score, and how many picks it may cause."""

    when_more_than: int = Field(ge=0, le=1000, description="symbols up to which everyone is decided on each round")
    price: float = Field(ge=0, le=10, description="weight of the way to a price alarm")
    volume: float = Field(ge=0, le=10, description="weight of the way to a volume alarm")
    alarm: float = Field(ge=0, le=10, description="added for a minute after an alarm")
    turn: float = Field(ge=0, le=10, description="added for a quarter of an hour after the regime of 5m turned")
    least_score: float = Field(gt=0, le=50)
    most_at_once: int = Field(ge=1, le=50)
    most_an_hour: int = Field(ge=1, le=1000)
    rest_seconds: float = Field(ge=0, le=86_400, description="from a symbol's pick to its next")


class SpikeCrewSettings(Part):
    """What calls the spike crew, how long it may take and what it may spend. At a limit nothing opens."""

    least_excess: float = Field(ge=1, le=50, description="size of an alert over its threshold")
    least_legitimacy: float = Field(ge=0, le=1, description="of what could be asked about it, the share that stands")
    most_an_hour: int = Field(ge=1, le=1000)
    rest_seconds: float = Field(ge=0, le=86_400, description="from a symbol's call to its next")
    seconds: Seconds = Field(description="one decision as a whole; each agent has half of it")
    requests: int = Field(ge=1, le=100, description="model requests per decision")
    prompt_tokens: int = Field(ge=1000, le=1_000_000)
    reserve_prompt_tokens: int = Field(ge=0, le=100_000, description="kept for the executor's decision")
    completion_tokens: int = Field(ge=100, le=200_000)
    usd: Decimal = Field(ge=0, le=1000, description="US dollars per decision")


class DeskSettings(Part):
    """desk.yaml: one value for everything the desk does, except who sits at it."""

    symbols: tuple[Symbol, ...] = Field(min_length=1)
    cycle_seconds: Seconds
    database: str = Field("", description="SQLAlchemy URL of the ledger, one database a profile; empty: its own file")
    market: MarketSettings
    default_model: Name
    models: Frozen[ModelSettings]
    mode: str = Field(pattern=r"^([a-z][a-z0-9_-]{0,39})?$", description="a name under `modes`; empty: none of them")
    modes: Frozen[ModeSettings]
    deadlines: DeadlineSettings
    budget: BudgetSettings
    signals: SignalSettings
    decision: DecisionSettings
    scoring: ScoringSettings
    memory: MemorySettings
    stop: Distance
    target: Distance
    chart: ChartSettings
    news: NewsSettings
    context: ContextSettings
    spikes: Frozen[SpikeSettings] = Field(description="by symbol; `default` serves every symbol without its own")
    screening: ScreeningSettings
    spike_crew: SpikeCrewSettings
    limits: Limits = Field(description="the guard's limits; the crew only reads them")

    def spikes_for(self, symbol: str) -> SpikeSettings:
        """The thresholds of a symbol."""
        return self.spikes.get(symbol) or self.spikes["default"]

    def model_name(self, agent: str, llm: str) -> str:
        """The name of the model an agent asks: the mode's where one is chosen, else what its `llm` says."""
        if self.mode:
            return self.modes[self.mode].model_of(agent)
        return self.default_model if llm == "default" else llm

    def model_for(self, agent: str, llm: str) -> ModelSettings:
        """The model an agent asks."""
        return self.models[self.model_name(agent, llm)]

"""The rows of the ledger as frozen values. Amounts are in USDT unless the name says otherwise; times are aware UTC."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

# In place of a certificate's mark: the trade was opened without one.
UNCERTIFIED = "uncertified"


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionRow:
    """One decision and how it ended. One for each `decision_id`."""

    decision_id: str
    run_id: str
    at: datetime
    profile: str
    symbol: str
    action: str
    conviction: Decimal
    verdict: str
    rule: str
    intent_id: str | None
    mark: Decimal
    equity: Decimal
    snapshot_hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SignalRow:
    """The weighted signal at one moment. One for each symbol, interval and time."""

    symbol: str
    interval: str
    at: datetime
    score: int
    threshold: int
    direction: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TradeRow:
    """A position from opening to close. One for each `intent_id` that opened it.

    `quantity` is signed: above zero long. `fees` and `funding` are positive when paid. `pnl` is what the wallet gained,
    fees and funding taken off; it and the other closing values are None while the position is open.
    `strategy` is the name it was opened under, or `asked` where somebody asked for it; `certificate` is the mark of the
    proof behind that name, or `UNCERTIFIED`. Both are None of a trade that was entered before they were kept.
    """

    intent_id: str
    decision_id: str
    symbol: str
    quantity: Decimal
    opened_at: datetime
    entry_price: Decimal
    closed_at: datetime | None = None
    exit_price: Decimal | None = None
    fees: Decimal | None = None
    funding: Decimal | None = None
    pnl: Decimal | None = None
    exit_reason: str | None = None
    strategy: str | None = None
    certificate: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TradeClose:
    """How a position ended."""

    closed_at: datetime
    exit_price: Decimal
    fees: Decimal
    funding: Decimal
    pnl: Decimal
    exit_reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EquityRow:
    """The account at one moment. One for each time.

    `transfers` is what was paid in by then less what was taken out, since the guard's first look; None where nobody
    told it.
    """

    at: datetime
    equity: Decimal
    wallet: Decimal
    unrealized: Decimal
    transfers: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BreakerRow:
    """Something the breaker did. `journal_seq` is the guard's journal by then: the proof is at or before it."""

    journal_seq: int
    at: datetime
    event: str
    reason: str
    equity: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class ContextRow:
    """The market at large as a decision saw it. One for each symbol and time; a figure nobody told is None.

    `btc_strength` and `correlation_btc` are shares of one, `btc_dominance` is in per cent. `missing` names what was not
    told, with commas.
    """

    symbol: str
    at: datetime
    appetite: str
    btc_trend: str | None
    btc_strength: Decimal | None
    volatility: str | None
    fear_greed: int | None
    btc_dominance: Decimal | None
    total_cap_usd: Decimal | None
    correlation_btc: Decimal | None
    missing: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChartRow:
    """One chart as it was read: in numbers, and in its picture where a model looked. One for each symbol and moment.

    Scores lie in [-100, 100], confidences in [0, 1]. `model` is who was shown the picture, empty where nobody was.
    """

    symbol: str
    interval: str
    at: datetime
    last_close: Decimal
    read_by: str
    trend: str
    score: int
    confidence: Decimal
    picture_trend: str | None
    picture_score: int | None
    picture_confidence: Decimal | None
    model: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CostRow:
    """What one agent spent on one decision. `usd` is in US dollars, by the operator's price table."""

    decision_id: str
    agent: str
    at: datetime
    model: str
    requests: int
    prompt_tokens: int
    completion_tokens: int
    usd: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class ForecastRow:
    """What one report said would happen between `at` and `until`, and whether it did. One for each decision and agent.

    `event` is `up` (the last close is above `mark`) or `stop` (the price strays from `mark` by the share `distance`).
    `probability` in [0, 1] is the report's; `called` is 0 where it took no side. `outcome` is 1 or 0, and None while
    nobody knows.
    """

    decision_id: str
    agent: str
    at: datetime
    until: datetime
    symbol: str
    model: str
    regime: str
    event: str
    probability: Decimal
    called: int
    mark: Decimal
    distance: Decimal
    outcome: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ShadowRow:
    """A shadow desk's account after one decision. One for each desk and `number`, which counts its decisions from 1.

    `book` is its own text of what it holds.
    """

    desk: str
    number: int
    decision_id: str
    at: datetime
    equity: Decimal
    book: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TryRow:
    """One strategy tried on recorded data. One for each `digest` of strategy, parameters, terms and data.

    `family` names the data that tries share, such as `BTCUSDT 1h`: luck is drawn from one family together. `sharpe` is
    the ratio of its daily returns, not of a year.
    """

    digest: str
    family: str
    strategy: str
    at: datetime
    days: int
    sharpe: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """What was tried in a family: how many, and the standard deviation of their daily Sharpe ratios."""

    count: int
    spread: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Spent:
    """Sums of costs."""

    requests: int
    prompt_tokens: int
    completion_tokens: int
    usd: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Performance:
    """Sums of closed trades. `profit_factor` is gains over losses, None without a loss."""

    trades: int
    wins: int
    pnl: Decimal
    fees: Decimal
    funding: Decimal
    profit_factor: Decimal | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What one closed trade came to. `pnl` is net of `fees` and `funding`."""

    pnl: Decimal
    fees: Decimal
    funding: Decimal

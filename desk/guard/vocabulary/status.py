"""What the guard tells of itself: mode, latch, budgets, positions. The JSON of `GET /v1/state`, typed."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, PlainSerializer

from desk.domain.money import plain

Amount = Annotated[Decimal, PlainSerializer(plain, return_type=str)]


class _Told(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class LatchStatus(_Told):
    """Why trading is locked. `at` is ms UTC of the venue's clock."""

    reason: str
    at: int
    numbers: dict[str, str]


class DayStatus(_Told):
    """The UTC day's loss budget in USDT; transfers are no profit and no loss."""

    date: str
    baseline: Amount
    limit: Amount
    loss: Amount
    left: Amount


class RollingStatus(_Told):
    """The 24-hour budget in USDT, from the highest equity of that time."""

    high: Amount
    loss: Amount
    left: Amount


class DrawdownStatus(_Told):
    """Loss from the highest equity ever, and its limit, as fractions."""

    value: Amount
    limit: Amount


class PositionStatus(_Told):
    """An open position, its protection, and the intent behind it (None when nobody here asked for it).

    `liquidation` is the venue's own price, zero where it names none; `to_liquidation` is the way there from the mark,
    as a fraction of the mark. Both are None from a guard that does not tell them.
    """

    symbol: str
    quantity: Amount
    entry: Amount
    mark: Amount
    unrealized: Amount
    notional: Amount
    stop: Amount | None
    target: Amount | None
    intent_id: str | None
    phase: str
    liquidation: Amount | None = None
    to_liquidation: Amount | None = None


class OpenIntentStatus(_Told):
    """An intent whose order or position still lives."""

    intent_id: str
    run_id: str
    symbol: str
    phase: str
    side: str
    quantity: Amount
    filled: Amount
    strategy_id: str


class ClosedTrade(_Told):
    """A trade that is over, from its own fills. Prices and money in USDT, `opened_at` and `closed_at` ms UTC.

    `pnl` is what the wallet gained: `realized` less `fees` and `funding`, which are positive when paid. `reason` is one
    of `desk.guard.vocabulary.endings.Ending`. `opened_at` is zero where the guard has not seen the entry's fills.
    """

    intent_id: str
    run_id: str
    strategy_id: str
    symbol: str
    side: str
    quantity: Amount
    entry_price: Amount
    exit_price: Amount
    realized: Amount
    fees: Amount
    funding: Amount
    pnl: Amount
    opened_at: int
    closed_at: int
    reason: str


class GapBudgetStatus(_Told):
    """USDT that a stressed gap would cost what is open now, and what is left for new exposure."""

    used: Amount
    left: Amount


class GuardStatus(_Told):
    """The guard's state as its readers see it. Equity, wallet and available in USDT; times in ms UTC.

    `transfers` is what was paid in since the guard's first look less what was taken out, None from a guard that does
    not tell it.

    `closed` are the newest trades that ended, oldest first. `certified` names the strategies, with their certificates'
    marks, that may open where `proof_needed`. `trouble` says why the account could not be read just now;
    its figures are then unknown, and told as zero.
    """

    mode: str
    latch: LatchStatus | None
    equity: Amount
    wallet: Amount
    available: Amount
    ledger_equity: Amount
    transfers: Amount | None = None
    peak: Amount
    day: DayStatus
    rolling: RollingStatus
    drawdown: DrawdownStatus
    positions: tuple[PositionStatus, ...]
    open_intents: tuple[OpenIntentStatus, ...]
    closed: tuple[ClosedTrade, ...] = ()
    limits: dict[str, Any]
    gap_budget: GapBudgetStatus
    venue_time: int
    checked_at: int
    heartbeat_ms: int
    unexplained: tuple[str, ...]
    trouble: str = ""
    proof_needed: bool = False
    certified: tuple[str, ...] = ()
    reset: str
    state_hash: str
    journal_seq: int

"""What must survive a crash: the latch, the day's baseline, the ledger, and every order whose end is not proven.

`GuardState` is a frozen value. It changes only through `step`, it is rebuilt by replaying the journal, and its hash is
the same wherever that happens. Times named `_ms` are the venue's clock, times named `_mono` the guard's own monotonic
clock in milliseconds: days and expiries use the first, waits and deadlines the second.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from operator import attrgetter
from typing import cast

from desk.domain.frozen import replace
from desk.domain.intents import Action
from desk.domain.money import ZERO
from desk.domain.orders import Side, StopType
from desk.guard.record.codec import canonical, decode, digest, encode
from desk.guard.vocabulary.endings import Closing, Ended, Tab


class Mode(StrEnum):
    """What the guard lets through. Within a UTC day it only moves down this list, but for a human's reset."""

    NORMAL = "NORMAL"
    REDUCE_ONLY = "REDUCE_ONLY"
    FLATTENING = "FLATTENING"
    LOCKED = "LOCKED"
    RESET_REQUESTED = "RESET_REQUESTED"


class Phase(StrEnum):
    """Life of a trade. CLOSED and DEAD are ends: the first was a position, the second never became one."""

    ENTRY_SENT = "ENTRY_SENT"
    ENTRY_UNKNOWN = "ENTRY_UNKNOWN"
    FILLED = "FILLED"
    PROTECTED = "PROTECTED"
    EXITING = "EXITING"
    CLOSED = "CLOSED"
    DEAD = "DEAD"


class Sent(StrEnum):
    """What the guard knows of something it sent."""

    SENT = "SENT"
    UNKNOWN = "UNKNOWN"
    RESTING = "RESTING"
    FIRED = "FIRED"
    GONE = "GONE"
    DONE = "DONE"


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """One protective order of a trade."""

    client_id: str
    kind: StopType
    trigger: Decimal
    status: Sent
    sent_mono: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Exit:
    """The newest reduce-only order that closes a trade."""

    client_id: str
    quantity: Decimal
    status: Sent
    sent_mono: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Trade:
    """One intent from its entry order to its end; or a foreign position the guard had to close (`side` of entry)."""

    intent_id: str
    run_id: str
    strategy_id: str
    symbol: str
    side: Side
    quantity: Decimal
    mark: Decimal
    stop_pct: Decimal
    target_pct: Decimal
    phase: Phase
    entry_id: str
    sent_mono: int
    entry_final: bool = False
    denials: int = 0
    denied_mono: int = 0
    filled: Decimal = ZERO
    average: Decimal | None = None
    filled_mono: int = 0
    naked_ms: int = 0
    seen: Decimal = ZERO
    was_open: bool = False
    stop: Slot | None = None
    old_stop: Slot | None = None
    target: Slot | None = None
    stops_sent: int = 0
    targets_sent: int = 0
    exit: Exit | None = None
    exits_sent: int = 0
    beyond_mono: int | None = None
    flat_seen: int = 0
    note: str = ""
    closed_by: str = ""

    @property
    def entry_price(self) -> Decimal:
        """The average fill in USDT, or the mark at the decision until the venue told it."""
        return self.mark if self.average is None else self.average

    @property
    def pending(self) -> bool:
        """Whether the entry may still fill."""
        return not self.entry_final and self.phase not in (Phase.CLOSED, Phase.DEAD)


@dataclass(frozen=True, slots=True, kw_only=True)
class Latch:
    """Why trading stopped, with the numbers it stopped on. Only a human's reset removes it."""

    reason: str
    at_ms: int
    numbers: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DayRow:
    """The baseline of one UTC date, written once. Equity is net of transfers; `transfers` is their sum by then."""

    date: str
    baseline: Decimal
    transfers: Decimal
    at_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class High:
    """A highest equity (net of transfers) of the hour `hour` since the epoch."""

    hour: int
    equity: Decimal
    transfers: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class LastSeen:
    """The newest equity worth keeping, net of transfers."""

    at_ms: int
    equity: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Holding:
    """The ledger's own position, from fills alone, at average cost."""

    symbol: str
    quantity: Decimal
    average: Decimal
    last_trade: int
    last_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Ledger:
    """The guard's own books: cash from fills, fees and funding since the first start, in USDT."""

    cash: Decimal
    transfers: Decimal
    holdings: tuple[Holding, ...]
    since_ms: int
    income_ms: int
    income_seen: tuple[str, ...] = ()

    @property
    def held(self) -> Mapping[str, Decimal]:
        """The signed quantity of everything open by fills alone, by symbol."""
        return {one.symbol: one.quantity for one in self.holdings if one.quantity != ZERO}

    def quantity(self, symbol: str) -> Decimal:
        """The signed quantity of `symbol` by fills alone, zero when flat."""
        return next((one.quantity for one in self.holdings if one.symbol == symbol), ZERO)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """The answer given to an intent, so that the same bytes get the same answer and other bytes are refused."""

    intent_id: str
    run_id: str
    symbol: str
    body: str
    outcome: str
    rule: str
    message: str
    numbers: tuple[tuple[str, str], ...]
    quantity: Decimal
    at_ms: int
    expires_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class EntrySent:
    """An entry that left, for what is counted over time. `notional` in USDT at the mark of the decision."""

    at_ms: int
    strategy_id: str
    symbol: str
    side: Side
    notional: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Suspect:
    """A breach seen once and not yet believed."""

    reason: str
    since_mono: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticket:
    """A reset asked for by a human: the hash of its code, and when the code works (guard's monotonic clock)."""

    code_hash: str
    reason: str
    from_mono: int
    until_mono: int
    failures: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Armed:
    """A symbol whose orders the venue cancels by itself unless it is told again; told last at `mono`."""

    symbol: str
    mono: int


@dataclass(frozen=True, slots=True, kw_only=True)
class GuardState:
    """The whole of what survives."""

    mode: Mode = Mode.NORMAL
    why: str = ""
    latch: Latch | None = None
    ticket: Ticket | None = None
    days: tuple[DayRow, ...] = ()
    hours: tuple[High, ...] = ()
    peak: High | None = None
    last: LastSeen | None = None
    # The highest net equity that was told without a time since `last`.
    untimed: Decimal | None = None
    ledger: Ledger | None = None
    trades: tuple[Trade, ...] = ()
    done: tuple[Trade, ...] = ()
    answers: tuple[Answered, ...] = ()
    heard: tuple[int, ...] = ()
    sent: tuple[EntrySent, ...] = ()
    failures: tuple[int, ...] = ()
    forgiven_ms: int = 0
    tightened: tuple[tuple[str, str], ...] = ()
    armed: tuple[Armed, ...] = ()
    unexplained: tuple[str, ...] = ()
    acknowledged: tuple[str, ...] = ()
    suspect: Suspect | None = None
    mismatch_mono: int | None = None
    stale_mono: int | None = None
    faults: tuple[int, ...] = ()
    flatten: str = ""
    flat_seen: int = 0
    serial: int = 0
    tabs: tuple[Tab, ...] = ()
    closing: tuple[Closing, ...] = ()
    ended: tuple[Ended, ...] = ()

    def trade(self, symbol: str) -> Trade | None:
        """The live trade of `symbol`, or None."""
        for one in self.trades:
            if one.symbol == symbol:
                return one
        return None

    def answer(self, intent_id: str) -> Answered | None:
        """What was answered to this intent before, or None."""
        # Each intent asks this of hundreds of answers, so the search itself runs outside Python.
        if intent_id not in map(_INTENT_ID, self.answers):
            return None
        return next(one for one in self.answers if one.intent_id == intent_id)

    def asked(self, run_id: str, symbol: str) -> bool:
        """Whether this run asked for this symbol before."""
        if run_id not in map(_RUN_ID, self.answers):
            return False
        return any(one.run_id == run_id and one.symbol == symbol for one in self.answers)

    def with_trade(self, trade: Trade) -> GuardState:
        """The state with this trade's newest value; an ended trade leaves the live ones."""
        if any(one is trade for one in self.trades):
            return self
        if trade.phase in (Phase.CLOSED, Phase.DEAD):
            live = tuple(one for one in self.trades if one.intent_id != trade.intent_id)
            return replace(self, trades=live, done=(*self.done[-(DONE_KEPT - 1) :], trade))
        if any(one.intent_id == trade.intent_id for one in self.trades):
            live = tuple(trade if one.intent_id == trade.intent_id else one for one in self.trades)
        else:
            live = (*self.trades, trade)
        return replace(self, trades=live)


_INTENT_ID, _RUN_ID = attrgetter("intent_id"), attrgetter("run_id")
DONE_KEPT = 64


def side_of(action: Action) -> Side:
    """The side of the entry that an opening action asks for."""
    return Side.BUY if action is Action.OPEN_LONG else Side.SELL


# What states written before these fields existed are read with.
_SINCE_ADDED: Mapping[str, object] = {
    "tabs": [],
    "closing": [],
    "ended": [],
    "sent": [],
    "failures": [],
    "forgiven_ms": 0,
    "tightened": [],
    "armed": [],
    "untimed": None,
}
_UNNAMED: Mapping[str, object] = {"strategy_id": "", "symbol": "", "side": "BUY", "notional": "0"}


def state_to_text(state: GuardState) -> str:
    """The canonical text of a state."""
    return canonical(encode(state))


def state_from_data(data: object) -> GuardState:
    """Rebuild a state from its JSON form. Raises DataError for anything else."""
    if isinstance(data, dict):
        data = {**_SINCE_ADDED, **cast("dict[str, object]", data)}
        # Entries were once remembered by their time alone.
        times = cast("list[int]", data.pop("entries", []))
        data["sent"] = [{"at_ms": at, **_UNNAMED} for at in times] or data["sent"]
    return decode(GuardState, data)


def state_hash(state: GuardState) -> str:
    """SHA-256 of the canonical text: equal states, equal hashes, in every process."""
    return digest(state_to_text(state))

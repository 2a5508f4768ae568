"""Getting out: reduce-only market orders in slices the venue takes, until two looks in a row show the position gone.

The stop stays at the venue until then. An exit order may be sent anew under a new id when its fate stays unknown,
because a reduce-only order can close but never open: entries never enjoy that.
"""

from __future__ import annotations

from decimal import Decimal

from desk.domain.account import SymbolRules
from desk.domain.frozen import replace
from desk.domain.money import ZERO, floor_to
from desk.domain.orders import Side
from desk.guard.bounds.rules import Rules
from desk.guard.vocabulary.commands import AskOrder, AskStop, Commands, DropOrder, DropStop, Look, SendExit, Tell
from desk.guard.vocabulary.ids import EXIT, client_id
from desk.guard.vocabulary.state import Exit, GuardState, Phase, Sent, Slot, Trade

Turn = tuple[Trade, Commands]

# What was certainly not accepted is sent again at the next look; what the venue does not know yet may be on its way.
RETRY_MS, LOST_MS = 250, 500
UNKNOWN_MS = 3000


def begin_exit(trade: Trade, why: str, mono: int, rules: Rules) -> Turn:
    """Start closing a trade; closing twice is the same as once. A pending entry is cancelled first."""
    if trade.phase is Phase.EXITING:
        return trade, ()
    commands: Commands = ()
    if trade.pending:
        commands = (DropOrder(symbol=trade.symbol, client_id=trade.entry_id),)
    if trade.phase is Phase.ENTRY_SENT or trade.phase is Phase.ENTRY_UNKNOWN:
        # Whether it became a position is not known: it stays what it is, and is closed once a fill shows.
        return replace(trade, note=why), commands
    trade = replace(trade, phase=Phase.EXITING, note=why, flat_seen=0)
    held = trade.seen if trade.seen != ZERO else trade.filled * trade.side.sign
    trade, more = send_slice(trade, held, mono, rules)
    return trade, (*commands, *more)


def send_slice(trade: Trade, held: Decimal, mono: int, rules: Rules) -> Turn:
    """Send the next reduce-only slice against the signed quantity `held`."""
    if held == ZERO:
        return trade, (Look(),)
    quantity = slice_of(abs(held), rules.filters.get(trade.symbol))
    side = Side.SELL if held > ZERO else Side.BUY
    name = client_id(trade.intent_id, EXIT, trade.exits_sent)
    sent = Exit(client_id=name, quantity=quantity, status=Sent.SENT, sent_mono=mono)
    trade = replace(trade, exit=sent, exits_sent=trade.exits_sent + 1)
    return trade, (SendExit(symbol=trade.symbol, side=side, quantity=quantity, client_id=name),)


def slice_of(quantity: Decimal, filters: SymbolRules | None) -> Decimal:
    """The largest quantity on the venue's grid that one market order may carry."""
    if filters is None:
        return quantity
    slice_ = floor_to(min(quantity, filters.market_max_quantity), filters.market_step)
    return slice_ if slice_ > ZERO else quantity


def tend_exit(trade: Trade, held: Decimal, mono: int, rules: Rules) -> Turn:
    """One look at a trade that is being closed and still holds `held`."""
    sent = trade.exit
    if sent is None or sent.status in (Sent.DONE, Sent.GONE):
        if sent is not None and sent.status is Sent.GONE and mono - sent.sent_mono < RETRY_MS:
            return trade, ()
        return send_slice(trade, held, mono, rules)
    if mono - sent.sent_mono >= UNKNOWN_MS:
        return send_slice(trade, held, mono, rules)
    return trade, (AskOrder(symbol=trade.symbol, client_id=sent.client_id),)


def seen_flat(trade: Trade) -> Turn:
    """A look showed no position: the second in a row ends the trade and removes what still rests."""
    flat = trade.flat_seen + 1
    trade = replace(trade, flat_seen=flat, seen=ZERO)
    if flat < 2:
        asks = tuple(AskStop(symbol=trade.symbol, client_id=s.client_id) for s in _resting(trade))
        return trade, (*asks, Look())
    note = trade.note or _ended_by(trade)
    drops = tuple(
        DropStop(symbol=trade.symbol, client_id=s.client_id) for s in slots(trade) if s.status is not Sent.FIRED
    )
    told = Tell(level="INFO", message=f"{trade.symbol} closed: {note}")
    return replace(trade, phase=Phase.CLOSED, note=note), (*drops, told)


def slots(trade: Trade) -> tuple[Slot, ...]:
    """Every protective order of a trade."""
    return tuple(slot for slot in (trade.stop, trade.old_stop, trade.target) if slot is not None)


def _resting(trade: Trade) -> tuple[Slot, ...]:
    return tuple(slot for slot in slots(trade) if slot.status not in (Sent.FIRED, Sent.GONE))


def _ended_by(trade: Trade) -> str:
    if any(slot.status is Sent.FIRED for slot in (trade.stop, trade.old_stop) if slot):
        return "stop"
    if trade.target is not None and trade.target.status is Sent.FIRED:
        return "target"
    return "closed at the venue"


def close_trades(state: GuardState, why: str, mono: int, rules: Rules) -> tuple[GuardState, Commands]:
    """Begin to close every live trade."""
    commands: Commands = ()
    for trade in state.trades:
        trade, more = begin_exit(trade, why, mono, rules)
        state = state.with_trade(trade)
        commands = (*commands, *more)
    return state, commands

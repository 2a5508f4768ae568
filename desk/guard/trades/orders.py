"""What the venue said of an order or a stop, folded into the trade it belongs to.

An acknowledgement is not a fill and not a resting stop: both are believed only when the venue is asked and shows them.
An entry whose fate is unknown is only asked for, never sent again; it is dead when the venue denied it twice, some
seconds apart and after it can no longer be under way, and the account shows no position of it.
"""

from __future__ import annotations

from desk.domain.frozen import replace
from desk.domain.money import ZERO
from desk.domain.orders import StopStatus, StopType
from desk.guard.bounds.rules import Rules
from desk.guard.trades.exits import LOST_MS, Turn, begin_exit, slots
from desk.guard.trades.protection import protect, stop_lost, stop_rests
from desk.guard.vocabulary.commands import AskOrder, AskStop, Commands, DropOrder, Look, Tell
from desk.guard.vocabulary.events import Answer, OrderSeen, StopSeen
from desk.guard.vocabulary.facts import OrderFact
from desk.guard.vocabulary.state import GuardState, Phase, Sent, Slot, Trade

SLOW_MS = 5000
# Binance takes a request until its receive window is over (10 s as the client sends it), and a read may lag behind.
UNDER_WAY_MS = 12_000
_STOP_EXISTS = -4130


def on_answer(state: GuardState, event: Answer, rules: Rules) -> tuple[GuardState, Commands]:
    """The venue answered something that was sent."""
    trade = owner(state, event.client_id)
    if trade is None:
        return state, ()
    if event.client_id == trade.entry_id:
        trade, commands = _entry_answered(trade, event)
    elif trade.exit is not None and event.client_id == trade.exit.client_id:
        trade, commands = _exit_answered(trade, event)
    else:
        trade, commands = _slot_answered(trade, event, rules)
    return state.with_trade(trade), commands


def owner(state: GuardState, client_id: str) -> Trade | None:
    """The live trade that has sent this id, or None."""
    for trade in state.trades:
        mine = [trade.entry_id, *(slot.client_id for slot in slots(trade))]
        if client_id in mine or (trade.exit is not None and trade.exit.client_id == client_id):
            return trade
    return None


def _entry_answered(trade: Trade, event: Answer) -> Turn:
    if trade.phase is not Phase.ENTRY_SENT:
        return trade, ()
    ask = AskOrder(symbol=trade.symbol, client_id=trade.entry_id)
    if event.result == "accepted":
        return trade, (ask,)
    if event.result == "unknown":
        return replace(trade, phase=Phase.ENTRY_UNKNOWN), (
            ask,
            Tell(level="WARNING", message=f"{trade.symbol}: entry unknown"),
        )
    note = f"{event.result}: {event.message} ({event.code})"
    return replace(trade, phase=Phase.DEAD, entry_final=True, note=note[:200]), ()


def _exit_answered(trade: Trade, event: Answer) -> Turn:
    sent = trade.exit
    if sent is None:
        return trade, ()
    if event.result == "accepted":
        return trade, (AskOrder(symbol=trade.symbol, client_id=sent.client_id),)
    if event.result == "unknown":
        return replace(trade, exit=replace(sent, status=Sent.UNKNOWN)), (Look(),)
    return replace(trade, exit=replace(sent, status=Sent.GONE)), (Look(),)


def _slot_answered(trade: Trade, event: Answer, rules: Rules) -> Turn:
    slot = next(one for one in slots(trade) if one.client_id == event.client_id)
    if slot is trade.old_stop:
        return trade, ()
    if event.result in ("accepted", "unknown"):
        status = Sent.UNKNOWN if event.result == "unknown" else slot.status
        return _with_slot(trade, replace(slot, status=status)), (
            AskStop(symbol=trade.symbol, client_id=slot.client_id),
        )
    if event.result == "unreached":
        # Certainly not there; the next look sends it again under a new id while the deadline lasts.
        if slot.kind is StopType.TAKE_PROFIT_MARKET:
            return replace(trade, target=None), ()
        return _with_slot(trade, replace(slot, status=Sent.GONE)), ()
    why = "exists" if event.code == _STOP_EXISTS else "rejected"
    return stop_lost(trade, slot, why, event.mono, rules)


def _with_slot(trade: Trade, slot: Slot) -> Trade:
    if trade.stop is not None and trade.stop.client_id == slot.client_id:
        return replace(trade, stop=slot)
    return replace(trade, target=slot)


def on_order(state: GuardState, event: OrderSeen, rules: Rules) -> tuple[GuardState, Commands]:
    """The venue was asked for an order."""
    trade = owner(state, event.client_id)
    if trade is None:
        return state, ()
    if event.client_id == trade.entry_id:
        trade, commands = _entry_seen(trade, event, rules)
    else:
        trade, commands = _exit_seen(trade, event)
    return state.with_trade(trade), commands


def _entry_seen(trade: Trade, event: OrderSeen, rules: Rules) -> Turn:
    order = event.order
    if order is None:
        return _denied(trade, event.mono, rules), ()
    average = order.average if order.average else trade.average
    known = replace(trade, filled=order.filled, average=average, entry_final=order.status.is_final, denials=0)
    if trade.phase not in (Phase.ENTRY_SENT, Phase.ENTRY_UNKNOWN):
        return known, ()
    if order.filled > ZERO:
        return _filled(known, event.mono, rules)
    if order.status.is_final:
        return replace(known, phase=Phase.DEAD, note=f"entry {order.status.value.lower()} unfilled"), ()
    return known, _hurry(known, order, event.mono)


def _filled(trade: Trade, mono: int, rules: Rules) -> Turn:
    wanted_out = trade.note
    trade, commands = protect(replace(trade, note=""), mono, rules)
    if not wanted_out:
        return trade, commands
    # The stop is sent all the same: it guards the position until the exit is through.
    trade, more = begin_exit(trade, wanted_out, mono, rules)
    return trade, (*commands, *more)


def _hurry(trade: Trade, order: OrderFact, mono: int) -> Commands:
    if mono - trade.sent_mono >= SLOW_MS:
        return (DropOrder(symbol=order.symbol, client_id=order.client_id),)
    return ()


def _denied(trade: Trade, mono: int, rules: Rules) -> Trade:
    if trade.phase not in (Phase.ENTRY_SENT, Phase.ENTRY_UNKNOWN):
        return trade
    trade = replace(trade, phase=Phase.ENTRY_UNKNOWN)
    if mono - trade.sent_mono < UNDER_WAY_MS:
        # It may still arrive: a denial now is true and proves nothing.
        return trade
    if trade.denials == 0:
        return replace(trade, denials=1, denied_mono=mono)
    waited = mono - trade.denied_mono >= int(rules.limits.denial_seconds * 1000)
    # A third denial, while a position stands in the symbol: that position is somebody else's.
    if waited and (trade.denials == 1 or (trade.denials == 2 and trade.seen != ZERO)):
        return replace(trade, denials=trade.denials + 1, denied_mono=mono)
    return trade


def _exit_seen(trade: Trade, event: OrderSeen) -> Turn:
    sent, order = trade.exit, event.order
    if sent is None or sent.client_id != event.client_id:
        return trade, ()
    if order is None:
        status = Sent.GONE if event.mono - sent.sent_mono >= LOST_MS else sent.status
        return replace(trade, exit=replace(sent, status=status)), ()
    if order.status.is_final:
        return replace(trade, exit=replace(sent, status=Sent.DONE)), (Look(),)
    return trade, ()


def on_stop(state: GuardState, event: StopSeen, rules: Rules) -> tuple[GuardState, Commands]:
    """The venue was asked for a conditional order."""
    trade = owner(state, event.client_id)
    if trade is None:
        return state, ()
    slot = next((one for one in slots(trade) if one.client_id == event.client_id), None)
    if slot is None:
        return state, ()
    trade, commands = _slot_seen(trade, slot, event, rules)
    return state.with_trade(trade), commands


def _slot_seen(trade: Trade, slot: Slot, event: StopSeen, rules: Rules) -> Turn:
    status = None if event.stop is None else event.stop.status
    if slot is trade.old_stop:
        return trade, ()
    if status is StopStatus.NEW:
        return stop_rests(trade, slot, event.mono)
    if status in (StopStatus.TRIGGERING, StopStatus.TRIGGERED, StopStatus.FINISHED):
        fired = trade if slot.status is Sent.FIRED else _with_slot(trade, replace(slot, status=Sent.FIRED))
        watched = fired if fired.beyond_mono is not None else replace(fired, beyond_mono=event.mono)
        return watched, (() if slot.status is Sent.FIRED else (Look(),))
    if trade.phase is Phase.EXITING:
        return _with_slot(trade, replace(slot, status=Sent.GONE)), ()
    return stop_lost(trade, slot, "missing" if status is None else status.value, event.mono, rules)

"""No position without a stop, and where a stop fails, no position.

It is rested right after the fill, believed only when the venue shows it, replaced when it goes, tightened and never
loosened.

The guard also watches the mark by itself: it leaves early at a set share of the stop distance, and when the mark is
beyond a stop or target and the position is still there after a grace, it closes at market. A stop that rests may
still be refused at the moment it triggers.
"""

from __future__ import annotations

from decimal import Decimal

from desk.domain.frozen import replace
from desk.domain.money import ONE, ZERO, ceil_to, floor_to
from desk.domain.orders import Side, StopType
from desk.guard.bounds.rules import Rules
from desk.guard.trades.exits import Turn, begin_exit, slots, tend_exit
from desk.guard.vocabulary.commands import AskStop, Commands, DropStop, RestStop, Tell
from desk.guard.vocabulary.facts import Facts, MarkFact, StopFact
from desk.guard.vocabulary.ids import STOP, TARGET, client_id
from desk.guard.vocabulary.state import Phase, Sent, Slot, Trade

# A trailing stop moves only by this share of its distance, so that it does not wear out the order rate.
_TRAIL_STEP = Decimal("0.1")
STOPS_AT_MOST = 50
TARGETS_AT_MOST = 10


def protect(trade: Trade, mono: int, rules: Rules) -> Turn:
    """Rest stop and target for a trade that has just filled."""
    trade = replace(trade, phase=Phase.FILLED, filled_mono=mono)
    trade, first = place_stop(trade, planned_stop(trade, rules), mono)
    trade, second = _place_target(trade, mono, rules)
    return trade, (*first, *second)


def planned_stop(trade: Trade, rules: Rules) -> Decimal:
    """The stop's trigger from the average fill, rounded to the tick that is nearer to the entry."""
    away = trade.entry_price * (ONE - trade.side.sign * trade.stop_pct)
    return _tighter(trade, away, rules)


def _tighter(trade: Trade, price: Decimal, rules: Rules) -> Decimal:
    filters = rules.filters.get(trade.symbol)
    if filters is None:
        return price
    return ceil_to(price, filters.tick) if trade.side is Side.BUY else floor_to(price, filters.tick)


def place_stop(trade: Trade, trigger: Decimal, mono: int) -> Turn:
    """Send a stop under the next id; what rested before stays until the new one is confirmed."""
    name = client_id(trade.intent_id, STOP, trade.stops_sent)
    slot = Slot(client_id=name, kind=StopType.STOP_MARKET, trigger=trigger, status=Sent.SENT, sent_mono=mono)
    trade = replace(trade, stop=slot, stops_sent=trade.stops_sent + 1)
    return trade, (_rest(trade, slot),)


def _place_target(trade: Trade, mono: int, rules: Rules) -> Turn:
    away = trade.entry_price * (ONE + trade.side.sign * trade.target_pct)
    filters = rules.filters.get(trade.symbol)
    if filters is not None:
        away = floor_to(away, filters.tick) if trade.side is Side.BUY else ceil_to(away, filters.tick)
    name = client_id(trade.intent_id, TARGET, trade.targets_sent)
    slot = Slot(client_id=name, kind=StopType.TAKE_PROFIT_MARKET, trigger=away, status=Sent.SENT, sent_mono=mono)
    trade = replace(trade, target=slot, targets_sent=trade.targets_sent + 1)
    return trade, (_rest(trade, slot),)


def _rest(trade: Trade, slot: Slot) -> RestStop:
    return RestStop(
        symbol=trade.symbol, side=trade.side.opposite, kind=slot.kind, trigger=slot.trigger, client_id=slot.client_id
    )


def tend_position(trade: Trade, held: Decimal, mono: int, facts: Facts, rules: Rules) -> Turn:
    """One look at a trade whose position is open: its stop, its deadlines, the mark."""
    trade = replace(trade, seen=held, was_open=True, flat_seen=0)
    if trade.phase is Phase.EXITING:
        return tend_exit(trade, held, mono, rules)
    if why := _overdue(trade, mono, rules):
        return begin_exit(trade, why, mono, rules)
    mark = facts.mark(trade.symbol)
    if mark is not None:
        trade, why = _watch(trade, mark, mono, rules)
        if why:
            return begin_exit(trade, why, mono, rules)
    trade, first = _tend_slots(trade, mono, facts, rules)
    if mark is None or trade.phase is not Phase.PROTECTED:
        return trade, first
    trade, second = _tighten(trade, mark, mono, rules)
    return trade, (*first, *second)


def _overdue(trade: Trade, mono: int, rules: Rules) -> str:
    if trade.phase is not Phase.FILLED:
        return ""
    if mono - trade.filled_mono >= int(rules.limits.naked_seconds * 1000):
        return "stop.unconfirmed"
    return "stop.refused" if trade.stops_sent >= STOPS_AT_MOST else ""


def _watch(trade: Trade, mark: MarkFact, mono: int, rules: Rules) -> tuple[Trade, str]:
    """The local watch on the mark. A mark that its index contradicts moves nothing: the stop at the venue decides."""
    limits, sign = rules.limits, trade.side.sign
    stop = trade.stop.trigger if trade.stop else planned_stop(trade, rules)
    beyond = (mark.price - stop) * sign <= ZERO
    beyond = beyond or (trade.target is not None and (mark.price - trade.target.trigger) * sign >= ZERO)
    # A stop that fired and left the position open is as good as a mark beyond it, wherever the mark went since.
    beyond = beyond or any(slot.status is Sent.FIRED for slot in slots(trade))
    if not beyond:
        trade = trade if trade.beyond_mono is None else replace(trade, beyond_mono=None)
    elif trade.beyond_mono is None:
        trade = replace(trade, beyond_mono=mono)
    elif mono - trade.beyond_mono >= int(limits.grace_seconds * 1000):
        return trade, "mark.beyond"
    worse = max(mark.price, mark.index) if trade.side is Side.BUY else min(mark.price, mark.index)
    adverse = (trade.entry_price - worse) * sign
    if limits.early_exit < ONE and adverse >= trade.entry_price * trade.stop_pct * limits.early_exit and not beyond:
        return trade, "early_exit"
    return trade, ""


def _tend_slots(trade: Trade, mono: int, facts: Facts, rules: Rules) -> Turn:
    if trade.stop is None or trade.stop.status is Sent.GONE:
        if (found := _left_behind(trade, facts)) is not None:
            return _taken_up(_naked(trade, mono), *found, mono)
        trigger = trade.stop.trigger if trade.stop else planned_stop(trade, rules)
        trade, commands = place_stop(_naked(trade, mono), trigger, mono)
    else:
        commands = _ask(trade, trade.stop, facts)
    if trade.target is not None:
        return trade, (*commands, *_ask(trade, trade.target, facts))
    if trade.targets_sent >= TARGETS_AT_MOST or trade.target_pct <= ZERO:
        return trade, commands
    trade, more = _place_target(trade, mono, rules)
    return trade, (*commands, *more)


def _left_behind(trade: Trade, facts: Facts) -> tuple[int, StopFact] | None:
    """A stop of this trade that rests, and that a full disk kept out of the record; the newest, with its number."""
    resting = {one.client_id: one for one in facts.stops or () if one.kind is StopType.STOP_MARKET}
    for number in reversed(range(STOPS_AT_MOST)) if resting else ():
        if (found := resting.get(client_id(trade.intent_id, STOP, number))) is not None:
            return number, found
    return None


def _taken_up(trade: Trade, number: int, found: StopFact, mono: int) -> Turn:
    """It is the trade's own again, once the venue was asked for it; the next one gets the number behind it."""
    slot = Slot(client_id=found.client_id, kind=found.kind, trigger=found.trigger, status=Sent.UNKNOWN, sent_mono=mono)
    trade = replace(trade, stop=slot, stops_sent=max(trade.stops_sent, number + 1))
    return trade, (AskStop(symbol=trade.symbol, client_id=slot.client_id),)


def _ask(trade: Trade, slot: Slot, facts: Facts) -> Commands:
    """Ask for a slot that is not proven to rest, or that the list of resting stops no longer shows."""
    listed = facts.stops is None or any(one.client_id == slot.client_id for one in facts.stops)
    if slot.status in (Sent.SENT, Sent.UNKNOWN) or (slot.status is Sent.RESTING and not listed):
        return (AskStop(symbol=trade.symbol, client_id=slot.client_id),)
    return ()


def _naked(trade: Trade, mono: int) -> Trade:
    """The clock of unprotected time starts anew when a stop that rested is gone."""
    return trade if trade.phase is Phase.FILLED else replace(trade, phase=Phase.FILLED, filled_mono=mono)


def _tighten(trade: Trade, mark: MarkFact, mono: int, rules: Rules) -> Turn:
    """Break-even and trailing: a nearer stop is sent first, the old one leaves when the new one rests."""
    stop, limits, sign = trade.stop, rules.limits, trade.side.sign
    if stop is None or stop.status is not Sent.RESTING or trade.old_stop is not None:
        return trade, ()
    better = stop.trigger
    gained = (mark.price - trade.entry_price) * sign
    if limits.breakeven_at > ZERO and gained >= trade.entry_price * trade.stop_pct * limits.breakeven_at:
        better = _nearer(better, trade.entry_price * (ONE + sign * 2 * limits.taker_fee), sign)
    if limits.trailing > ZERO:
        better = _nearer(better, mark.price * (ONE - sign * limits.trailing), sign)
    better = _tighter(trade, better, rules)
    least = trade.entry_price * (limits.trailing or trade.stop_pct) * _TRAIL_STEP
    if (better - stop.trigger) * sign < least or (mark.price - better) * sign <= ZERO:
        return trade, ()
    return place_stop(replace(trade, old_stop=stop), better, mono)


def _nearer(one: Decimal, other: Decimal, sign: int) -> Decimal:
    return max(one, other) if sign > 0 else min(one, other)


def stop_rests(trade: Trade, slot: Slot, mono: int) -> Turn:
    """The venue shows this slot resting: the trade is protected, and a stop it replaces may go."""
    resting = replace(slot, status=Sent.RESTING)
    if slot.kind is StopType.TAKE_PROFIT_MARKET:
        return replace(trade, target=resting), ()
    trade = replace(trade, stop=resting)
    commands: Commands = ()
    if trade.old_stop is not None:
        commands = (DropStop(symbol=trade.symbol, client_id=trade.old_stop.client_id),)
        trade = replace(trade, old_stop=None)
    if trade.phase is Phase.FILLED:
        naked = mono - trade.filled_mono
        trade = replace(trade, phase=Phase.PROTECTED, naked_ms=max(trade.naked_ms, naked))
        commands = (*commands, Tell(level="INFO", message=f"{trade.symbol} protected after {naked} ms"))
    return trade, commands


def stop_lost(trade: Trade, slot: Slot, why: str, mono: int, rules: Rules) -> Turn:
    """A protective order is not there, or was refused: a new stop, the old one again, or out."""
    if slot.kind is StopType.TAKE_PROFIT_MARKET:
        # Only the stop is a matter of safety: a refused target is watched from here, a lost one is sent again.
        refused = why in ("rejected", "REJECTED", "exists")
        return replace(trade, target=replace(slot, status=Sent.GONE) if refused else None), ()
    if trade.old_stop is not None:
        return _replacement_failed(trade, trade.old_stop, why, mono)
    trade = replace(_naked(trade, mono), stop=replace(slot, status=Sent.GONE))
    if why in ("rejected", "REJECTED", "exists"):
        return begin_exit(trade, "stop.refused", mono, rules)
    # The next look sends it again, while the deadline for unprotected time lasts.
    return trade, ()


def _replacement_failed(trade: Trade, old: Slot, why: str, mono: int) -> Turn:
    if why != "exists":
        return replace(trade, stop=old, old_stop=None), (AskStop(symbol=trade.symbol, client_id=old.client_id),)
    # The venue takes one closePosition stop per direction (-4130): drop the old, rest the new, watch meanwhile.
    wanted = old.trigger if trade.stop is None else trade.stop.trigger
    trade, commands = place_stop(_naked(replace(trade, old_stop=None), mono), wanted, mono)
    return trade, (DropStop(symbol=trade.symbol, client_id=old.client_id), *commands)

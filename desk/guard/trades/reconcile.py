"""The venue's lists against the guard's own: what is ours goes on, what is not is named and blocks new exposure.

Nothing foreign is touched, except when the breaker flattens: then everything on the account goes. Leftovers of our own
ended trades are removed.
"""

from __future__ import annotations

from decimal import Decimal

from desk.domain.frozen import replace
from desk.domain.money import ZERO
from desk.domain.orders import Side
from desk.guard.bounds.rules import Rules
from desk.guard.trades.exits import begin_exit, seen_flat, slots, tend_exit
from desk.guard.trades.protection import tend_position
from desk.guard.vocabulary.commands import AskOrder, Commands, DropOrder, DropStop, Look, Tell
from desk.guard.vocabulary.facts import AccountFact, Facts, PositionFact
from desk.guard.vocabulary.ids import STOP, client_id, family
from desk.guard.vocabulary.state import GuardState, Mode, Phase, Sent, Trade

Turn = tuple[GuardState, Commands]
_SETTLE_MS = 3000
_DENIED = "denied by the venue twice"
_NOT_OURS = "denied by the venue while somebody else held the symbol"


def tend_trades(state: GuardState, facts: Facts, mono: int, rules: Rules) -> Turn:
    """Every live trade after one look at the account."""
    account, commands = facts.account, ()
    if account is None:
        state, exits = _leave_unseen(state, mono, rules)
        return state, (*_ask_unknown(state), *exits)
    for trade in state.trades:
        trade, more = _tend(trade, account, facts, mono, rules)
        state = state.with_trade(trade)
        commands = (*commands, *more)
    return state, commands


def _ask_unknown(state: GuardState) -> Commands:
    waiting = (trade for trade in state.trades if trade.phase in (Phase.ENTRY_SENT, Phase.ENTRY_UNKNOWN))
    return tuple(AskOrder(symbol=trade.symbol, client_id=trade.entry_id) for trade in waiting)


def _leave_unseen(state: GuardState, mono: int, rules: Rules) -> Turn:
    """Exits that failed go out again even while the account cannot be read: reduce-only, they cannot do too much."""
    commands: Commands = ()
    for trade in state.trades:
        failed = trade.exit is not None and trade.exit.status is not Sent.DONE
        if trade.phase is Phase.EXITING and failed and trade.seen != ZERO:
            trade, more = tend_exit(trade, trade.seen, mono, rules)
            state, commands = state.with_trade(trade), (*commands, *more)
    return state, commands


def _tend(trade: Trade, account: AccountFact, facts: Facts, mono: int, rules: Rules) -> tuple[Trade, Commands]:
    held = account.quantity(trade.symbol)
    if trade.phase in (Phase.ENTRY_SENT, Phase.ENTRY_UNKNOWN):
        if trade.denials >= 2 and held == ZERO:
            return replace(trade, phase=Phase.DEAD, entry_final=True, note=_DENIED), ()
        if trade.denials >= 3:
            return replace(trade, phase=Phase.DEAD, entry_final=True, note=_NOT_OURS), ()
        if trade.denials == 2:
            trade = replace(trade, seen=held)
        waited = mono - trade.denied_mono >= int(rules.limits.denial_seconds * 1000)
        if trade.denials == 1 and held == ZERO and not waited:
            # A denial is dear to ask for, and a late fill would show as a position.
            return trade, ()
        return trade, (AskOrder(symbol=trade.symbol, client_id=trade.entry_id),)
    commands: Commands = ()
    if trade.pending:
        commands = (AskOrder(symbol=trade.symbol, client_id=trade.entry_id),)
    if held != ZERO:
        trade, more = tend_position(trade, held, mono, facts, rules)
    elif trade.was_open or mono - trade.filled_mono >= _SETTLE_MS or trade.phase is Phase.EXITING:
        trade, more = seen_flat(trade)
    else:
        more = ()
    return trade, (*commands, *more)


def name_unexplained(state: GuardState, facts: Facts, rules: Rules) -> Turn:
    """Name what is at the venue and is not ours; remove what is ours and has no trade any more."""
    if facts.account is None:
        return state, ()
    state, commands = _revive(state, facts.account)
    items = _foreign_positions(state, facts.account)
    if facts.orders is None or facts.stops is None:
        # Without the lists, what they last showed still stands.
        items += [item for item in state.unexplained if not item.startswith(("position:", "size:"))]
    else:
        known, leftovers = _known_ids(state)
        items += [f"order:{o.symbol}:{o.client_id}" for o in facts.orders if not _ours(o.client_id, known, leftovers)]
        items += [f"stop:{s.symbol}:{s.client_id}" for s in facts.stops if not _ours(s.client_id, known, leftovers)]
        commands = (*commands, *_leftovers(facts, known, leftovers, _still_needed(state, facts)))
    found = tuple(sorted(set(items)))
    if found == state.unexplained:
        return state, commands
    fresh = [item for item in found if item not in state.unexplained]
    if fresh:
        commands = (*commands, Tell(level="CRITICAL", message=f"unexplained: {', '.join(fresh[:5])}"))
    acknowledged = tuple(item for item in state.acknowledged if item in found)
    return replace(state, unexplained=found, acknowledged=acknowledged), commands


def _revive(state: GuardState, account: AccountFact) -> Turn:
    """An order the venue denied twice may still have been accepted late: a position in its symbol brings it back."""
    commands: Commands = ()
    for position in account.positions:
        if state.trade(position.symbol) is not None:
            continue
        ghost = next((t for t in reversed(state.done) if t.symbol == position.symbol), None)
        if ghost is not None and ghost.phase is Phase.DEAD and ghost.note == _DENIED:
            back = replace(ghost, phase=Phase.ENTRY_UNKNOWN, entry_final=False, denials=0, note="")
            state = replace(state, done=tuple(t for t in state.done if t is not ghost)).with_trade(back)
            commands = (*commands, AskOrder(symbol=back.symbol, client_id=back.entry_id))
    return state, commands


def _foreign_positions(state: GuardState, account: AccountFact) -> list[str]:
    items: list[str] = []
    for position in account.positions:
        trade = state.trade(position.symbol)
        if trade is None:
            items.append(f"position:{position.symbol}")
        elif trade.entry_final and _too_much(trade, position.quantity):
            items.append(f"size:{position.symbol}")
    return items


def _too_much(trade: Trade, held: Decimal) -> bool:
    return held * trade.side.sign < ZERO or abs(held) > trade.filled


def _known_ids(state: GuardState) -> tuple[frozenset[str], tuple[str, ...]]:
    known = {trade.entry_id for trade in state.trades}
    for trade in state.trades:
        known.update(slot.client_id for slot in slots(trade))
        if trade.exit is not None:
            known.add(trade.exit.client_id)
    return frozenset(known), tuple(family(trade.intent_id) for trade in (*state.trades, *state.done))


def _ours(name: str, known: frozenset[str], leftovers: tuple[str, ...]) -> bool:
    return name in known or name.startswith(leftovers)


def _still_needed(state: GuardState, facts: Facts) -> tuple[str, ...]:
    """How the stops of each trade are named whose own stop is not seen resting: what else rests of it protects it."""
    seen = {one.client_id for one in facts.stops or ()}
    unproven = (t for t in state.trades if t.stop is None or t.stop.client_id not in seen)
    return tuple(f"{family(trade.intent_id)}{STOP}" for trade in unproven)


def _leftovers(facts: Facts, known: frozenset[str], families: tuple[str, ...], needed: tuple[str, ...]) -> Commands:
    orders = [o for o in facts.orders or () if o.client_id not in known and o.client_id.startswith(families)]
    stops = [s for s in facts.stops or () if s.client_id not in known and s.client_id.startswith(families)]
    return (
        *(DropOrder(symbol=o.symbol, client_id=o.client_id) for o in orders),
        *(DropStop(symbol=s.symbol, client_id=s.client_id) for s in stops if not s.client_id.startswith(needed)),
    )


def flatten(state: GuardState, facts: Facts, mono: int, rules: Rules) -> Turn:
    """While flattening: everything open is being closed, entries are cancelled, stops go last, flat is proven twice."""
    if state.mode is Mode.LOCKED and (facts.account is not None and facts.account.positions):
        state = replace(state, mode=Mode.FLATTENING, flat_seen=0)
    if state.mode is not Mode.FLATTENING and not state.flatten:
        return state, ()
    state, commands = close_all(state, facts, mono, rules)
    if facts.account is None or facts.orders is None or facts.stops is None:
        return state, commands
    drops = _drop_all(state, facts)
    if facts.account.positions or facts.orders or facts.stops or state.trades:
        return replace(state, flat_seen=0) if state.flat_seen else state, (*commands, *drops)
    if state.flat_seen == 0:
        return replace(state, flat_seen=1), (*commands, *drops, Look())
    return _proven_flat(state), (*commands, Tell(level="WARNING", message="flat, proven twice"))


def _proven_flat(state: GuardState) -> GuardState:
    mode = Mode.LOCKED if state.mode is Mode.FLATTENING else state.mode
    return replace(state, mode=mode, flatten="", flat_seen=0)


def close_all(state: GuardState, facts: Facts, mono: int, rules: Rules) -> Turn:
    """Begin to close every trade, and adopt foreign positions so that they are closed the same way."""
    why = state.latch.reason if state.latch is not None else state.flatten
    commands: Commands = ()
    for trade in state.trades:
        trade, more = begin_exit(trade, why, mono, rules)
        state = state.with_trade(trade)
        commands = (*commands, *more)
    for position in facts.account.positions if facts.account else ():
        if state.trade(position.symbol) is None:
            trade, more = begin_exit(adopt(state, position, mono), why, mono, rules)
            state = replace(state, serial=state.serial + 1).with_trade(trade)
            commands = (*commands, *more)
    return state, commands


def adopt(state: GuardState, position: PositionFact, mono: int) -> Trade:
    """A foreign position as a trade, so that it is closed the way ours are."""
    name = f"foreign:{position.symbol}:{state.serial}"
    return Trade(
        intent_id=name,
        run_id="",
        strategy_id="foreign",
        symbol=position.symbol,
        side=Side.BUY if position.quantity > ZERO else Side.SELL,
        quantity=abs(position.quantity),
        mark=position.mark,
        stop_pct=ZERO,
        target_pct=ZERO,
        phase=Phase.FILLED,
        entry_id=client_id(name, "e"),
        entry_final=True,
        sent_mono=mono,
        filled=abs(position.quantity),
        average=position.entry,
        filled_mono=mono,
        seen=position.quantity,
        was_open=True,
    )


def _drop_all(state: GuardState, facts: Facts) -> Commands:
    exits = {trade.exit.client_id for trade in state.trades if trade.exit is not None}
    drops: Commands = tuple(
        DropOrder(symbol=o.symbol, client_id=o.client_id) for o in facts.orders or () if o.client_id not in exits
    )
    held = {p.symbol for p in facts.account.positions} if facts.account else set[str]()
    unsettled = {trade.symbol for trade in state.trades}
    # A stop leaves only when its position is gone: stripped first, it would leave the fall unguarded.
    loose = [s for s in facts.stops or () if s.symbol not in held and s.symbol not in unsettled]
    return (*drops, *(DropStop(symbol=s.symbol, client_id=s.client_id) for s in loose))

"""The venue's own dead man's switch: entries that may still fill are withdrawn by the venue when this guard is gone.

`countdownCancelAll` cancels a symbol's orders unless it is called again in time. Whether it cancels conditional orders
too is not written anywhere, and a switch that strips stops would be worse than none. So the guard is told what was
found (`dead_man`), and until somebody has found out it believes the worse: then the switch is armed only where nothing
is held and nothing protects, and it is disarmed before the first stop is rested.
Source: Binance USD-M futures, Auto-Cancel All Open Orders: call about every 30 s with 120,000 ms.
"""

from __future__ import annotations

from desk.domain.frozen import replace
from desk.guard.bounds.rules import Rules
from desk.guard.vocabulary.commands import ArmDeadMan, Commands, RestStop
from desk.guard.vocabulary.events import DeadManSet
from desk.guard.vocabulary.facts import Facts
from desk.guard.vocabulary.state import Armed, GuardState

COUNTDOWN_MS, AGAIN_MS = 120_000, 30_000
Turn = tuple[GuardState, Commands]


def tend(state: GuardState, facts: Facts, mono: int, rules: Rules) -> Turn:
    """After a look: arm where an entry may still fill, again in time, and disarm where none does."""
    commands: Commands = ()
    entering = {trade.symbol for trade in state.trades if trade.pending}
    armed = {one.symbol: one.mono for one in state.armed}
    for symbol in sorted(entering | armed.keys()):
        if symbol not in entering or _would_strip(state, facts, symbol, rules):
            commands = (*commands, *_disarm(state, symbol))
        elif mono - armed.get(symbol, mono - AGAIN_MS) >= AGAIN_MS:
            armed[symbol] = mono
            commands = (*commands, ArmDeadMan(symbol=symbol, milliseconds=COUNTDOWN_MS))
    kept = tuple(Armed(symbol=symbol, mono=at) for symbol, at in sorted(armed.items()))
    return (state if kept == state.armed else replace(state, armed=kept)), commands


def before_stops(state: GuardState, commands: Commands, rules: Rules) -> Commands:
    """The commands, with each armed switch that might strip a stop disarmed before that stop is rested."""
    if rules.dead_man == "orders" or not state.armed:
        return commands
    symbols = sorted({one.symbol for one in commands if isinstance(one, RestStop)})
    return (*(command for symbol in symbols for command in _disarm(state, symbol)), *commands)


def on_set(state: GuardState, event: DeadManSet) -> Turn:
    """The venue confirmed a countdown. Only this ends one: a disarming that was not answered is sent again."""
    others = tuple(one for one in state.armed if one.symbol != event.symbol)
    return (replace(state, armed=others) if event.milliseconds == 0 else state), ()


def _would_strip(state: GuardState, facts: Facts, symbol: str, rules: Rules) -> bool:
    if rules.dead_man == "orders":
        return False
    if facts.account is None or facts.account.position(symbol) is not None:
        return True
    trade = state.trade(symbol)
    protected = trade is not None and (trade.stop is not None or trade.old_stop is not None)
    return protected or any(stop.symbol == symbol for stop in facts.stops or ())


def _disarm(state: GuardState, symbol: str) -> Commands:
    armed = any(one.symbol == symbol for one in state.armed)
    return (ArmDeadMan(symbol=symbol, milliseconds=0),) if armed else ()

"""The rules of `reference`, compiled: the same draws give the same table, bit for bit, many times faster.

Import this module late: loading the compiler takes most of a second. Nothing is allocated in here, so reference
counting is switched off.
"""

# pyright: basic
# The compiler types what it compiles by what it is called with, and its decorator tells pyright nothing.

from __future__ import annotations

from typing import Any

from desk.indicators.columns import Column
from desk.indicators.compiler import njit
from desk.learning.method import Actions, Rows, Table, Visits
from desk.learning.states import States

# Scalars of a method, in order.
RATE, FADE, DISCOUNT, STOP, TARGET, FEE, SLIPPAGE, STREAK, CONTEXT, AVERSION, RISK = range(11)
# What a learner carries through an episode and beyond: steps written, streak, then the open trade.
WRITTEN, RUN, SIDE, ENTRY, AT_STOP, AT_TARGET, SPENT, WORTH = range(8)
CARRIED = 8

_OPTIONS: dict[str, Any] = {"cache": True, "nogil": True, "error_model": "numpy", "_nrt": False}
_rare = njit(**_OPTIONS)
_each_bar = njit(inline="always", **_OPTIONS)

Bars = tuple[Column, Column, Column, Column, Column]
Memory = tuple[Rows, Actions, Column, Rows]


@_each_bar
def _position(me: Column) -> int:
    return 0 if me[SIDE] == 0.0 else 1 if me[SIDE] > 0.0 else 2


@_each_bar
def _best(table: Table, row: int, position: int) -> int:
    best = 0
    if position != 1 and table[row, 1] > table[row, best]:
        best = 1
    if position != 2 and table[row, 2] > table[row, best]:
        best = 2
    return best


@_each_bar
def _pick(position: int, luck: float) -> int:
    if position == 0:
        return int(luck * 3)
    chosen = int(luck * 2)
    return 0 if chosen == 0 else 2 if position == 1 else 1


@_each_bar
def _learn(table: Table, visits: Visits, row: int, action: int, reward: float, after: int, terms: Column) -> None:
    target = reward
    if after >= 0:
        target += terms[DISCOUNT] * table[after, _best(table, after, after % 3)]
    known = table[row, action]
    rate = terms[RATE] / (1.0 + terms[FADE] * visits[row, action])
    table[row, action] = known + rate * (target - known)


@_each_bar
def _close(me: Column, price: float, terms: Column) -> float:
    filled = price * (1.0 - terms[SLIPPAGE] * me[SIDE])
    net = me[SIDE] * (filled / me[ENTRY] - 1.0) - me[SPENT] - terms[FEE] * filled / me[ENTRY]
    me[SIDE] = 0.0
    return net


@_each_bar
def _open(me: Column, side: float, price: float, terms: Column) -> None:
    entry = price * (1.0 + terms[SLIPPAGE] * side)
    me[SIDE], me[ENTRY], me[SPENT], me[WORTH] = side, entry, terms[FEE], 0.0
    me[AT_STOP] = entry * (1.0 - side * terms[STOP]) if terms[STOP] > 0.0 else 0.0
    me[AT_TARGET] = entry * (1.0 + side * terms[TARGET]) if terms[TARGET] > 0.0 else 0.0


@_each_bar
def _level_reached(side: float, stop: float, target: float, opened: float, high: float, low: float) -> float:
    """The price at which stop or target ends a trade within the bar, the worse first; 0 where neither does."""
    worst, best = (low, high) if side > 0 else (high, low)
    if stop > 0.0 and (opened - stop) * side <= 0.0:
        return opened
    if target > 0.0 and (opened - target) * side >= 0.0:
        return opened
    if stop > 0.0 and (worst - stop) * side <= 0.0:
        return stop
    if target > 0.0 and (best - target) * side >= 0.0:
        return target
    return 0.0


@_rare
def _class_reward(me: Column, ended: bool, net: float, with_trend: float, terms: Column) -> float:
    earned = terms[CONTEXT] * with_trend
    if ended:
        before = me[RUN] if (net >= 0.0) == (me[RUN] > 0.0) else 0.0
        me[RUN] = before + (1.0 if net >= 0.0 else -1.0)
        paid = 20.0 if net > 0.02 else 10.0 if net >= 0.0 else -10.0 if net >= -0.02 else -20.0
        earned += paid + terms[STREAK] * max(-3.0, min(3.0, before))
    return earned


@_each_bar
def _through(
    me: Column,
    opened: float,
    high: float,
    low: float,
    close: float,
    rate: float,
    action: int,
    lean: int,
    terms: Column,
) -> tuple[float, bool, float]:
    """Live one bar; returns the reward, whether a trade ended, and its net return."""
    before, with_trend = 0.0, 0.0
    ended, net = False, 0.0
    if me[SIDE] != 0.0:
        before = me[WORTH]
        me[SPENT] += me[SIDE] * rate * opened / me[ENTRY]
        if action == (2 if me[SIDE] > 0.0 else 1):
            ended, net = True, _close(me, opened, terms)
    elif action != 0:
        _open(me, 1.0 if action == 1 else -1.0, opened, terms)
        with_trend = me[SIDE] * lean
    if me[SIDE] != 0.0:
        level = _level_reached(me[SIDE], me[AT_STOP], me[AT_TARGET], opened, high, low)
        if level > 0.0:
            ended, net = True, _close(me, level, terms)
    if me[SIDE] != 0.0:
        me[WORTH] = me[SIDE] * (close / me[ENTRY] - 1.0) - me[SPENT]
    now = net if ended else me[WORTH] if me[SIDE] != 0.0 else 0.0
    if terms[RISK] == 0.0:
        return _class_reward(me, ended, net, with_trend, terms), ended, net
    moved = now - before
    loss = min(100.0 * moved, 0.0)
    return 100.0 * moved - terms[AVERSION] * loss * loss, ended, net


@_rare
def live(
    columns: tuple[States, Actions],
    bars: Bars,
    draws: tuple[Column, Column, Table],
    curiosity: float,
    terms: Column,
    table: Table,
    visits: Visits,
    memory: Memory,
    me: Column,
    lived: Column,
) -> None:
    """One episode, in place: `table` and `visits` (rows, 3), the ring `memory`, the carried `me`; sums into `lived`.

    `columns` is (states, lean), `bars` (open, high, low, close, funding), `memory` (rows, actions, rewards, nexts).
    """
    states, lean = columns
    opened, high, low, close, funding = bars
    explore, pick, replay = draws
    rows, actions, rewards, nexts = memory
    count, capacity = states.shape[0], rows.shape[0]
    me[SIDE], me[RUN] = 0.0, 0.0
    for bar in range(count - 1):
        state, position, action = states[bar], _position(me), 0
        row = state * 3 + position
        if state >= 0:
            if explore[bar] < curiosity:
                action = _pick(position, pick[bar])
                lived[3] += 1.0
            else:
                action = _best(table, row, position)
        at = bar + 1
        reward, ended, net = _through(
            me, opened[at], high[at], low[at], close[at], funding[at], action, lean[bar], terms
        )
        if ended:
            lived[1] += 1.0
            lived[2] += net
        lived[0] += reward
        if state < 0:
            continue
        after = -1 if states[at] < 0 or at + 1 == count else states[at] * 3 + _position(me)
        visits[row, action] += 1
        _learn(table, visits, row, action, reward, after, terms)
        written = int(me[WRITTEN])
        slot = written % capacity
        rows[slot], actions[slot], rewards[slot], nexts[slot] = row, action, reward, after
        me[WRITTEN] = written + 1.0
        kept = min(written + 1, capacity)
        for turn in range(replay.shape[1]):
            old = int(replay[bar, turn] * kept)
            _learn(table, visits, rows[old], actions[old], rewards[old], nexts[old], terms)


@_rare
def walk(
    states: States,
    bars: Bars,
    terms: Column,
    table: Table,
    visits: Visits,
    least: int,
    enter: Actions,
    leave: Actions,
) -> None:
    """What a finished table does over a market, without learning: fills the wishes of a backtest's plan.

    It speaks only where it was at least `least` times; elsewhere it holds.
    """
    opened, high, low, _, _ = bars
    side, entry = 0.0, 0.0
    count = states.shape[0]
    for bar in range(count):
        state, position = states[bar], 0 if side == 0.0 else 1 if side > 0.0 else 2
        action = 0
        if state >= 0:
            row = state * 3 + position
            if visits[row, 0] + visits[row, 1] + visits[row, 2] >= least:
                action = _best(table, row, position)
        opens = side == 0.0 and action != 0
        if side != 0.0 and action == (2 if side > 0.0 else 1):
            leave[bar, 0] = 3
            side = 0.0
        elif opens:
            side = 1.0 if action == 1 else -1.0
            enter[bar, 0] = int(side)
        at = bar + 1
        if at == count or side == 0.0:
            continue
        if opens:
            entry = opened[at] * (1.0 + terms[SLIPPAGE] * side)
        stop = entry * (1.0 - side * terms[STOP]) if terms[STOP] > 0.0 else 0.0
        target = entry * (1.0 + side * terms[TARGET]) if terms[TARGET] > 0.0 else 0.0
        if _level_reached(side, stop, target, opened[at], high[at], low[at]) > 0.0:
            side = 0.0


@_rare
def teach(
    rows: Rows, actions: Actions, rewards: Column, nexts: Rows, terms: Column, table: Table, visits: Visits, count: bool
) -> None:
    """Learn steps that were lived elsewhere, in their order; `count` them as visits."""
    for step in range(rows.shape[0]):
        if count:
            visits[rows[step], actions[step]] += 1
        _learn(table, visits, rows[step], actions[step], rewards[step], nexts[step], terms)

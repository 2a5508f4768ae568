"""Q-learning in Python as a careful programmer writes it for speed: one dict of lists, local names, no objects.

It lives the days of `desk.learning.kernel` by the same rules, luck and arithmetic, so that both end with one table.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import numpy as np

JOB = json.loads(Path(sys.argv[1]).read_text())
HOLD, BUY, SELL = 0, 1, 2
# Behind the three values of a row stand how often each was tried.
VISITS = 3
ALLOWED = ((HOLD, BUY, SELL), (HOLD, SELL), (HOLD, BUY))


def live(world: dict, luck: dict, terms: dict, table: dict, memory: list, written: int) -> int:
    states, opened, high, low = world["states"], world["open"], world["high"], world["low"]
    lean, funding = world["lean"], world["funding"]
    explore, pick, replay = luck["explore"], luck["pick"], luck["replay"]
    rate, fade, discount, curiosity = terms["rate"], terms["fade"], terms["discount"], terms["curiosity"]
    fee, slippage, far, near = terms["fee"], terms["slippage"], terms["target"], terms["stop"]
    room, streak_weight, context = terms["memory"], terms["streak"], terms["context"]
    side, entry, paid, stop, target, streak = 0, 0.0, 0.0, 0.0, 0.0, 0
    count = len(states)
    none = [0.0, 0.0, 0.0]
    for bar in range(count - 1):
        state, at = states[bar], bar + 1
        position = 0 if side == 0 else 1 if side > 0 else 2
        row, action = state * 3 + position, HOLD
        if state >= 0:
            if explore[bar] < curiosity:
                action = ALLOWED[position][int(pick[bar] * len(ALLOWED[position]))]
            else:
                values = table.get(row, none)
                for other in ALLOWED[position]:
                    if values[other] > values[action]:
                        action = other
        price, reward, net = opened[at], 0.0, None
        if side != 0:
            paid += side * funding[at] * price / entry
            if action == (SELL if side > 0 else BUY):
                filled = price * (1.0 - slippage * side)
                net, side = side * (filled / entry - 1.0) - paid - fee * filled / entry, 0
        elif action != HOLD:
            side = 1 if action == BUY else -1
            entry, paid = price * (1.0 + slippage * side), fee
            stop, target = entry * (1.0 - side * near), entry * (1.0 + side * far)
            reward = context * (side * lean[bar])
        if side != 0:
            worst, best = (low[at], high[at]) if side > 0 else (high[at], low[at])
            level = 0.0
            if (price - stop) * side <= 0.0 or (price - target) * side >= 0.0:
                level = price
            elif (worst - stop) * side <= 0.0:
                level = stop
            elif (best - target) * side >= 0.0:
                level = target
            if level > 0.0:
                filled = level * (1.0 - slippage * side)
                net, side = side * (filled / entry - 1.0) - paid - fee * filled / entry, 0
        if net is not None:
            before = streak if (net >= 0.0) == (streak > 0) else 0
            streak = before + (1 if net >= 0.0 else -1)
            worth = 20.0 if net > 0.02 else 10.0 if net >= 0.0 else -10.0 if net >= -0.02 else -20.0
            reward += worth + streak_weight * max(-3, min(3, before))
        if state < 0:
            continue
        following = states[at]
        after = -1 if following < 0 or at + 1 == count else following * 3 + (0 if side == 0 else 1 if side > 0 else 2)
        values = table.get(row)
        if values is None:
            values = table[row] = [0.0, 0.0, 0.0, 0, 0, 0]
        values[VISITS + action] += 1
        learn(table, row, action, reward, after, rate, fade, discount)
        step = (row, action, reward, after)
        if len(memory) < room:
            memory.append(step)
        else:
            memory[written % room] = step
        written += 1
        for drawn in replay[bar]:
            learn(table, *memory[int(drawn * min(written, room))], rate, fade, discount)
    return written


def learn(
    table: dict, row: int, action: int, reward: float, after: int, rate: float, fade: float, discount: float
) -> None:
    goal = reward
    if after >= 0:
        values, position = table.get(after), after % 3
        if values is not None:
            best = values[HOLD]
            if position != 1 and values[BUY] > best:
                best = values[BUY]
            if position != 2 and values[SELL] > best:
                best = values[SELL]
            goal += discount * best
    values = table[row]
    values[action] += rate / (1.0 + fade * values[VISITS + action]) * (goal - values[action])


def main() -> None:
    with np.load(JOB["lesson"]) as told:
        world = {name: told[name].tolist() for name in ("states", "lean", "open", "high", "low", "close", "funding")}
        luck = {name: told[name].tolist() for name in ("explore", "pick", "replay")}
    table: dict[int, list[float]] = {}
    began = time.process_time()
    steps = live(world, luck, JOB["terms"], table, [], 0)
    spent = time.process_time() - began
    rows = np.zeros((JOB["rows"], 3))
    for row, values in table.items():
        rows[row] = values[:VISITS]
    np.savez(JOB["table"], table=rows)
    print(json.dumps({"cpu": spent, "count": steps * (1 + len(luck["replay"][0]))}))


main()

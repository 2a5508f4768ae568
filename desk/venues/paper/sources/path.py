"""How the price travels inside a bar, and what a bar looks like while it is still being travelled.

A recorded bar tells four prices but not their order. The rule here is the common one: a rising bar (close at or above
open) goes open, low, high, close; a falling bar goes open, high, low, close. The turns stand at one and two thirds of
the bar, the close one millisecond before its end. Each leg is continuous: every price between two turns is traded, so
no stop inside a bar is ever skipped, and the turns are exactly the bar's high and low. Only a step marked `gap` is a
jump. The order of the turns is a convention and not knowledge: who watches an unfinished bar of a recorded market
learns something of its end, which is why the desk decides on finished bars only.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple


class Step(NamedTuple):
    """The price at one moment, in whole units; `gap` when it jumped there."""

    at_ms: int
    price: int
    gap: bool


class Travelled(NamedTuple):
    """The part of a bar that lies behind: its prices so far, and the share of its time as elapsed / length."""

    open: int
    high: int
    low: int
    close: int
    elapsed_ms: int
    length_ms: int

    def share(self, total: int) -> int:
        """The part of a bar's total (volume, trades) that belongs to the time gone by, rounded down."""
        return total * self.elapsed_ms // self.length_ms


def bar_steps(open_ms: int, length_ms: int, prices: tuple[int, int, int, int], *, gap: bool) -> tuple[Step, ...]:
    """The turns of a recorded bar; `prices` is open, high, low, close, and `gap` says how its open was reached."""
    open_, high, low, close = prices
    first, second = (low, high) if close >= open_ else (high, low)
    return (
        Step(open_ms, open_, gap),
        Step(open_ms + length_ms // 3, first, gap=False),
        Step(open_ms + 2 * length_ms // 3, second, gap=False),
        Step(open_ms + length_ms - 1, close, gap=False),
    )


def refined(steps: Sequence[Step], grain_ms: int) -> Iterator[Step]:
    """The same way in steps of `grain_ms`: points on the straight line between two turns, never beyond either."""
    before: Step | None = None
    for step in steps:
        if before is not None and not step.gap:
            span, rise = step.at_ms - before.at_ms, step.price - before.price
            for at_ms in range((before.at_ms // grain_ms + 1) * grain_ms, step.at_ms, grain_ms):
                yield Step(at_ms, before.price + rise * (at_ms - before.at_ms) // span, gap=False)
        yield step
        before = step


def travelled(steps: Sequence[Step], open_ms: int, length_ms: int, now_ms: int) -> Travelled | None:
    """What a bar shows at `now_ms`: only steps already taken. None before its first step."""
    prices = [step.price for step in steps if step.at_ms <= now_ms]
    if not prices:
        return None
    elapsed = min(length_ms, now_ms - open_ms + 1)
    return Travelled(prices[0], max(prices), min(prices), prices[-1], elapsed, length_ms)

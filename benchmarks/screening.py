"""Fifty symbols on one screen: `python -m benchmarks.screening` prints one JSON object.

Thirty recorded minutes at sixty times their speed. ../shared/data holds twenty recordings of minutes, so fifty symbols
are fifty stretches of them, drawn with a fixed seed; each minute trades sixty times along its open, low, high and close.
The screen scores all of them once a market second by the rule of desk.yaml. Every market second all symbols trade at the same instant, which is
the worst a reader of streams can meet, and each sixtieth ends a minute for all of them at once. What an alarm took is
from that instant to the alarm, with everything before it in the queue.

Fails when the pace was not kept, or when an alarm took 50 ms.
"""

from __future__ import annotations

import json
import random
import sys
import time
from dataclasses import dataclass, replace
from pathlib import Path

from benchmarks.skill.recordings import DATA, candles_of, need_data
from config.loader import load_desk
from desk.domain.market import Bar
from desk.screening.screen import Screen, ScreenParameters
from desk.spikes.detect import SpikeParameters

SYMBOLS, MINUTES, SPEED, SEED = 50, 30, 60, 7
SLOWEST_ALARM_MS = 50.0
MINUTE_MS = 60_000


@dataclass(frozen=True)
class Stretch:
    """One symbol: the minutes before, and those that are played."""

    symbol: str
    before: tuple[Bar, ...]
    played: tuple[Bar, ...]


@dataclass
class Told:
    """What came out, in ms of the wall clock for delays."""

    delays: list[float]
    seconds: list[float]
    picks: list[str]
    late: float = 0.0


def main() -> None:
    """Play, then print."""
    need_data()
    stretches = drawn()
    rule = ScreenParameters(**load_desk("demo", environ={}).desk.screening.model_dump())
    screen = Screen(rule, {s.symbol: SpikeParameters() for s in stretches})
    for stretch in stretches:
        for bar in stretch.before:
            screen.bar(stretch.symbol, bar)
    began, cpu = time.perf_counter(), time.process_time()
    told = play(screen, stretches)
    wall, cpu = time.perf_counter() - began, time.process_time() - cpu
    answer = {
        "symbols": len(stretches),
        "market_minutes": MINUTES,
        "speed": SPEED,
        "wall_seconds": round(wall, 2),
        "cpu_seconds": round(cpu, 2),
        "share_of_two_cores": round(cpu / wall / 2, 4),
        "trades": SYMBOLS * MINUTES * 60,
        "alarms": len(told.delays),
        "alarm_delay_ms_worst": round(max(told.delays, default=0.0), 3),
        "market_second_ms_median": round(sorted(told.seconds)[len(told.seconds) // 2], 3),
        "market_second_ms_worst": round(max(told.seconds), 3),
        "behind_ms_worst": round(told.late * 1000, 1),
        "model_calls": len(told.picks),
        "model_calls_without_a_screen": SYMBOLS * MINUTES,
        "symbols_picked": len(set(told.picks)),
    }
    sys.stdout.write(json.dumps(answer, indent=1) + "\n")
    if told.late > 1.0 or answer["alarm_delay_ms_worst"] >= SLOWEST_ALARM_MS:
        sys.exit("the pace was not kept, or an alarm was late")


def drawn() -> list[Stretch]:
    """Fifty stretches, each of its own place in a recording."""
    paths = sorted((DATA / "klines").glob("*-1m-um-*.parquet"))
    dice = random.Random(SEED)
    bars = {path: candles_of(path).bars() for path in paths}
    return [stretch(paths[n % len(paths)], bars, n, dice) for n in range(SYMBOLS)]


def stretch(path: Path, bars: dict[Path, tuple[Bar, ...]], number: int, dice: random.Random) -> Stretch:
    """The n-th symbol."""
    need = SpikeParameters().window + SpikeParameters().recent_bars
    place = dice.randrange(need, len(bars[path]) - MINUTES)
    # Every stretch is told as the same time of day: its first played minute begins at 0.
    moved = [
        replace(bar, open_time=(n - need) * MINUTE_MS)
        for n, bar in enumerate(bars[path][place - need : place + MINUTES])
    ]
    return Stretch(f"{path.name.split('-')[0]}{number}", tuple(moved[:need]), tuple(moved[need:]))


def play(screen: Screen, stretches: list[Stretch]) -> Told:
    """Market second by market second, each not before its time."""
    told, start = Told([], [], []), time.perf_counter()
    for second in range(MINUTES * 60):
        due = start + second / SPEED
        while (left := due - time.perf_counter()) > 0:
            time.sleep(left)
        arrived = time.perf_counter()
        told.late = max(told.late, arrived - due)
        at = second * 1000
        for one in stretches:
            bar = one.played[second // 60]
            if screen.trade(one.symbol, at, price_at(bar, second % 60), bar.volume / 60):
                told.delays.append((time.perf_counter() - arrived) * 1000)
            if second % 60 == 59:
                screen.bar(one.symbol, bar)
        told.picks += [pick.symbol for pick in screen.second(at)]
        told.seconds.append((time.perf_counter() - arrived) * 1000)
    return told


def price_at(bar: Bar, second: int) -> float:
    """Along open, low, high and close, in straight lines."""
    corners = (bar.open, bar.low, bar.high, bar.close)
    leg, part = divmod(second * 3 / 59, 1)
    if leg >= 3:
        return bar.close
    return corners[int(leg)] + (corners[int(leg) + 1] - corners[int(leg)]) * part


if __name__ == "__main__":
    main()

"""Fifty symbols through screening: `python -m benchmarks.screening` prints one JSON object.

Thirty recorded minutes at sixty times their speed, on the desk's own path: text on a line, read by the stream's thread,
watched, scored once a market second by the rule of desk.yaml, picked, and decided on by the desk with its offline
rules, as many requests as a model would be asked. Every market second all symbols trade at the same instant, the worst
a reader of streams can meet, and each sixtieth ends a minute for all of them. What an alert took is from that instant,
with everything before it in the queue.

Fails when the thirty minutes took longer than their half minute, when an alert took 50 ms, or when more than half of
two cores was used. `behind_ms_worst` is the machine's: how late the reader was woken.
"""

from __future__ import annotations

import asyncio
import json
import os
import platform
import queue
import sys
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field

from benchmarks.screening.messages import Wire, messages_of
from benchmarks.screening.stretches import MINUTES, START_MS, Stretch, StretchMarket, drawn
from benchmarks.skill.recordings import need_data
from config.loader import DeskConfig, load_desk
from crews.desk import Desk
from crews.record.record import DecisionRecord
from crews.running.opening import open_models
from crews.seating import setup_of
from crews.watching.lookout import Calls
from crews.watching.opening import open_rounds, open_watch
from crews.watching.rounds import CrewName
from crews.work import runner
from desk.screening.alert import Alert
from desk.screening.watch import Watch
from desk.venues.binance.streams.watch_stream import WatchStream
from tests.unit.crews.fakes import FakeGuard, FixedClock, ListedAudit

SPEED = 60
SLOWEST_ALERT_MS, MOST_SHARE, MOST_WALL = 50.0, 0.5, 1.05


@dataclass
class Told:
    """What came out, in ms of the wall clock for delays; `late` is the producer's worst, in seconds."""

    began: float = 0.0
    arrived: dict[int, float] = field(default_factory=dict[int, float])
    delays: list[float] = field(default_factory=list[float])
    late: float = 0.0

    def alert(self, alert: Alert) -> None:
        """Called on the stream's thread."""
        second = (alert.alarm.at - START_MS) // 1000
        self.delays.append((time.perf_counter() - self.arrived[second]) * 1000)


def main() -> None:
    """Play, then print."""
    need_data()
    stretches, config = drawn(), wide(load_desk("demo", environ={}))
    runner.load()
    told, market = Told(), StretchMarket(stretches)
    watch = open_watch(config, config.desk.symbols)
    watch.on_alert = told.alert
    texts = [messages_of(stretches, second) for second in range(MINUTES * 60)]
    decider = Decider(config, market)
    wall, cpu = play(watch, stretches, texts, told, market, decider)
    answer = figures(told, texts, decider.records, wall, cpu)
    sys.stdout.write(json.dumps(answer, indent=1) + "\n")
    slow = wall > MOST_WALL * MINUTES * 60 / SPEED or max(told.delays, default=0.0) >= SLOWEST_ALERT_MS
    if slow or cpu / wall / 2 > MOST_SHARE:
        sys.exit("the pace was not kept, an alert was late, or there was no headroom")


def wide(config: DeskConfig) -> DeskConfig:
    """The packaged desk over the fifty."""
    names = json.dumps([one.symbol for one in drawn()])
    spikes = json.dumps({"default": json.loads(config.desk.spikes["default"].model_dump_json())})
    return load_desk("demo", environ={}, overrides={"desk.symbols": names, "desk.spikes": spikes})


def play(
    watch: Watch,
    stretches: Sequence[Stretch],
    texts: Sequence[Sequence[str]],
    told: Told,
    market: StretchMarket,
    decider: Decider,
) -> tuple[float, float]:
    """Market second by market second, each not before its time; wall and CPU seconds of it."""
    of, wire = {one.symbol: one for one in stretches}, Wire()
    symbols = list(of)
    stream = WatchStream("http://127.0.0.1:1", symbols, watch, minutes=lambda symbol: of[symbol].before, dial=wire.dial)
    rounds = open_rounds(decider.config, symbols, (CrewName.DESK,))
    stream.start()
    until(lambda: all(stream.known(symbol) for symbol in symbols))
    start, cpu = time.perf_counter(), time.process_time()
    for second, said in enumerate(texts):
        due = start + second / SPEED
        while (left := due - time.perf_counter()) > 0:
            time.sleep(left)
        told.arrived[second] = time.perf_counter()
        told.late = max(told.late, told.arrived[second] - due)
        wire.say(said)
        until(lambda: not wire.behind)
        market.second = second
        calls = Calls(picks=watch.second(START_MS + second * 1000), alerts=watch.take())
        for turn in rounds.turns(market.now(), calls, (), early=True):
            decider.wanted.put(turn.symbol)
    wall = time.perf_counter() - start
    decider.close()
    stream.close()
    return wall, time.process_time() - cpu


def until(holds: Callable[[], bool]) -> None:
    """Wait in steps of a tenth of a millisecond."""
    while not holds():
        time.sleep(0.0001)


class Decider:
    """The desk on a thread of its own: what is picked is decided on while the screen goes on."""

    def __init__(self, config: DeskConfig, market: StretchMarket) -> None:
        self.config, self.market = config, market
        self.wanted: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        self.records: list[DecisionRecord] = []
        self._desk = Desk(
            market=market,
            news=None,
            guard=FakeGuard(FixedClock(market.now())),
            audit=ListedAudit(),
            setup=setup_of(config),
            models=open_models(config, ExitStack()),
            clock=market,
        )
        self._thread = threading.Thread(target=self._run, name="desk")
        self._thread.start()

    def close(self) -> None:
        """Finish what is wanted."""
        self.wanted.put(None)
        self._thread.join()
        self._desk.close()

    def _run(self) -> None:
        while (symbol := self.wanted.get()) is not None:
            run = f"bench-{len(self.records)}"
            self.records.append(asyncio.run(self._desk.decide(symbol, run)))


def figures(
    told: Told, texts: Sequence[Sequence[str]], records: Sequence[DecisionRecord], wall: float, cpu: float
) -> dict[str, object]:
    """The answer, and the conditions it holds under."""
    delays, symbols = sorted(told.delays), len(texts[0]) // 2
    return {
        "machine": f"{os.cpu_count()} cores, Python {platform.python_version()}",
        "symbols": symbols,
        "market_minutes": MINUTES,
        "speed": SPEED,
        "wall_seconds": round(wall, 2),
        "cpu_seconds": round(cpu, 2),
        "share_of_two_cores": round(cpu / wall / 2, 4),
        "messages": sum(map(len, texts)),
        "alerts": len(delays),
        "alert_delay_ms_median": round(delays[len(delays) // 2], 3) if delays else None,
        "alert_delay_ms_worst": round(max(delays, default=0.0), 3),
        "behind_ms_worst": round(told.late * 1000, 1),
        "symbols_decided_on": len({record.symbol for record in records}),
        "decisions": len(records),
        "model_calls": sum(record.requests for record in records),
        "model_calls_without_a_screen": symbols * MINUTES * max((record.requests for record in records), default=0),
    }


if __name__ == "__main__":
    main()

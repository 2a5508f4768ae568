"""Streams under load: `python -m benchmarks.venue_streams [--seconds 10] [--stall 1] [--json]`.

The exchange runs in a process of its own with 50 moving symbols, each telling its best prices and its book's changes ten
times a second: 1,000 messages a second through one real socket. Halfway the reader stops reading for a while. Told are
messages lost (by the chain of update ids and of times, symbol by symbol), CPU seconds of both sides, the longest queue
and the memory of the server. Exit code 1 when anything was lost.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import resource
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from aiohttp import ClientSession, WSMsgType, web

from desk.domain.market import Headline
from desk.venues.paper.clock import ClockMode, VenueClock
from desk.venues.paper.engine.exchange import Exchange
from desk.venues.paper.engine.values import Kline, Quote, SymbolSpec
from desk.venues.paper.keys import Keys
from desk.venues.paper.sources import FundingRow
from desk.venues.paper.symbols import spec_for
from desk.venues.paper.venue import PaperVenue, VenueTime
from desk.venues.paper.wire.assembly import WallClocks, serve_venue
from desk.venues.paper.wire.server import WireServer

SYMBOLS = tuple(f"C{number:02d}USDT" for number in range(50))
BEAT_MS = 100
STREAMS_A_SYMBOL = 2
RATE = len(SYMBOLS) * STREAMS_A_SYMBOL * 1_000 // BEAT_MS
START_MS = 1_722_470_400_000
LADDER = tuple((Decimal(n) / 10_000, Decimal(2)) for n in range(25))


class Moving:
    """Fifty prices that take a step of one tick at every beat. It keeps no bars and tells no news."""

    start_ms = START_MS
    end_ms = None
    intervals = ("1m",)

    def about(self) -> Mapping[str, str]:
        return {"kind": "benchmark"}

    def specs(self) -> Mapping[str, SymbolSpec]:
        return {symbol: spec_for(symbol, Decimal(100)) for symbol in SYMBOLS}

    def trouble(self, now_ms: int) -> str | None:
        return None

    def quotes(self, after_ms: int, until_ms: int) -> Iterator[Quote]:
        first = max(START_MS, (after_ms // BEAT_MS + 1) * BEAT_MS)
        for ms in range(first, until_ms + 1, BEAT_MS):
            price = Decimal(100) + Decimal(ms // BEAT_MS % 50) / 100
            for symbol in SYMBOLS:
                yield Quote(symbol=symbol, at_ms=ms, price=price, spread=Decimal("0.0001"), ladder=LADDER)

    def klines(self, *_: object) -> Sequence[Kline]:
        return ()

    def funding_rates(self, *_: object) -> Sequence[FundingRow]:
        return ()

    def headlines(self, since_ms: int, now_ms: int) -> Sequence[Headline]:
        return ()


def open_server() -> WireServer:
    """The exchange's protocol around the moving market, on a clock that the benchmark steps."""
    source = Moving()
    venue_time = VenueTime(VenueClock(ClockMode.STEPPED, START_MS), START_MS)
    exchange = Exchange(source.specs(), now_ms=venue_time.now_ms)
    venue = PaperVenue(exchange=exchange, source=source, time=venue_time, met_ms=START_MS - 1, keep=lambda _: None)
    venue.catch_up()
    wall = WallClocks(ms=lambda: time.time_ns() // 1_000_000, seconds=time.monotonic)
    return serve_venue(venue, Keys(accesses=(), admin_token="unused" * 8), wall)


async def serve(seconds: float) -> None:
    """Serve on a free port, told on stdout; beat once a client listens; tell what it cost on stdout."""
    server = open_server()
    runner = web.AppRunner(server.app(), access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    print(json.dumps({"port": runner.addresses[0][1]}), flush=True)
    hub, clock = server.announcer.hub, server.desk.venue.time.clock
    while len(hub.streams()) < STREAMS_A_SYMBOL * len(SYMBOLS):
        await asyncio.sleep(0.01)
    cpu, beats, longest, begun = time.process_time(), round(seconds * 1_000 / BEAT_MS), 0, time.monotonic()
    for beat in range(1, beats + 1):
        clock.advance_to(START_MS + beat * BEAT_MS)
        server.announcer.beat(keep=False)
        longest = max(longest, *(len(listener.outbox) for listener in hub.listeners()))
        await asyncio.sleep(max(0.0, begun + beat * BEAT_MS / 1_000 - time.monotonic()))
    while any(len(listener.outbox) for listener in hub.listeners()):
        await asyncio.sleep(0.01)
    told = {
        "sent": beats * STREAMS_A_SYMBOL * len(SYMBOLS),
        "server_cpu_s": round(time.process_time() - cpu, 3),
        "longest_queue": longest,
        "server_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1_024,
    }
    server.close()
    await runner.cleanup()
    print(json.dumps(told), flush=True)


@dataclass(slots=True)
class Reader:
    """What one client heard, and where a chain was broken."""

    heard: int = 0
    lost: int = 0
    last: dict[tuple[str, str], int] = field(default_factory=dict[tuple[str, str], int])

    def hear(self, event: Mapping[str, Any]) -> None:
        """Count one message and check that it follows the one before."""
        kind, symbol = str(event["e"]), str(event["s"])
        before = self.last.get((kind, symbol))
        if kind == "depthUpdate":
            self.heard += 1
            self.lost += before is not None and event["pu"] != before
            self.last[kind, symbol] = int(event["u"])
            return
        # The first best price is what the stream greets with, before anything moved.
        self.heard += before is not None
        self.lost += before is not None and event["T"] != before + BEAT_MS
        self.last[kind, symbol] = int(event["T"])


async def read(port: int, seconds: float, stall: float) -> tuple[Reader, float]:
    """Listen to everything until the server ends the stream, asleep for `stall` seconds halfway; with CPU seconds."""
    names = [f"{symbol.lower()}@{stream}" for symbol in SYMBOLS for stream in ("bookTicker", "depth@100ms")]
    reader, cpu, asleep = Reader(), time.process_time(), False
    async with ClientSession() as session, session.ws_connect(f"ws://127.0.0.1:{port}/ws/" + "/".join(names)) as socket:
        begun = time.monotonic()
        async for message in socket:
            if message.type is not WSMsgType.TEXT:
                break
            reader.hear(json.loads(message.data))
            if not asleep and time.monotonic() - begun > seconds / 2:
                asleep = True
                time.sleep(stall)
    return reader, round(time.process_time() - cpu, 3)


async def measure(seconds: float, stall: float) -> dict[str, float]:
    """One run with the server in a process of its own."""
    command = (sys.executable, "-m", "benchmarks.venue_streams", "--serve", "--seconds", str(seconds))
    process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    try:
        assert process.stdout is not None
        port = json.loads(await process.stdout.readline())["port"]
        reader, cpu = await read(port, seconds, stall)
        told = json.loads(await process.stdout.readline())
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()
    figures = {"seconds": seconds, "stall_s": stall, "messages_a_second": RATE, **told}
    missing = max(reader.lost, told["sent"] - reader.heard)
    return figures | {"heard": reader.heard, "lost": missing, "reader_cpu_s": cpu}


def main() -> int:
    """Run, tell, and fail when a message was lost."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.venue_streams", description=__doc__)
    parser.add_argument("--seconds", type=float, default=10.0, help="how long the market moves")
    parser.add_argument("--stall", type=float, default=1.0, help="how long the reader sleeps halfway")
    parser.add_argument("--json", action="store_true", help="one JSON object instead of lines")
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.serve:
        asyncio.run(serve(asked.seconds))
        return 0
    figures = asyncio.run(measure(asked.seconds, asked.stall))
    if asked.json:
        print(json.dumps(figures))
    else:
        print("\n".join(f"{name:>18}  {value}" for name, value in figures.items()))
    return 1 if figures["lost"] else 0


if __name__ == "__main__":
    sys.exit(main())

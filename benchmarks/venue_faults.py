"""What fault injection costs the exchange: `python -m benchmarks.venue_faults` measures it and writes docs/faults.md.

One exchange on a loop of this process, one keep-alive connection, requests written as bytes; CPU seconds of both ends,
the least of several rounds, the settings taken in turn so that a busy machine is busy for all of them.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import platform
import sys
import timeit
from collections.abc import Mapping
from pathlib import Path
from time import monotonic, process_time, time_ns

from aiohttp import web

from benchmarks.readme import put
from benchmarks.venue_soak.__main__ import commit
from benchmarks.venue_soak.bad_luck import soak_script
from desk.venues.paper.clock import ClockMode, VenueClock
from desk.venues.paper.engine.exchange import Exchange
from desk.venues.paper.faults.plan import FaultPlan
from desk.venues.paper.faults.script import Script, parse_script
from desk.venues.paper.keys import Access, Keys
from desk.venues.paper.settings import LimitSettings
from desk.venues.paper.sources.scenario import ScenarioSource
from desk.venues.paper.venue import PaperVenue, VenueTime
from desk.venues.paper.wire.assembly import WallClocks, serve_venue
from desk.venues.paper.wire.server import WireServer

PAGE = Path(__file__).resolve().parents[1] / "docs" / "faults.md"
ROUNDS, REQUESTS = 7, 1_500
_REQUEST = b"GET /fapi/v1/premiumIndex?symbol=BTCUSDT HTTP/1.1\r\nHost: localhost\r\n\r\n"
_SOURCE = ScenarioSource(7, symbols=("BTCUSDT",))


def sleeping_script() -> Script:
    """The soak's rules, asked about every request and never struck."""
    rules = [{**rule, "from_s": 10**9} for rule in soak_script(7)["rules"]]
    return parse_script({"rules": rules}, "the benchmark")


def settings() -> Mapping[str, FaultPlan | None]:
    """What is compared."""
    return {
        "off": None,
        "on, no rule": FaultPlan(admin=True),
        "on, the soak's rules, none of which strikes": FaultPlan(script=sleeping_script()),
    }


def server_of(plan: FaultPlan | None) -> WireServer:
    """An exchange with one symbol that stands still."""
    clock = VenueTime(VenueClock(ClockMode.STEPPED, _SOURCE.start_ms), _SOURCE.start_ms)
    exchange = Exchange(_SOURCE.specs(), now_ms=clock.now_ms)
    start = _SOURCE.start_ms - 1
    venue = PaperVenue(exchange=exchange, source=_SOURCE, time=clock, met_ms=start, keep=lambda _: None)
    venue.catch_up()
    keys = Keys(accesses=(Access(api_key="k" * 64, secret="s" * 64),), admin_token="t" * 64)
    wall = WallClocks(ms=lambda: time_ns() // 1_000_000, seconds=monotonic)
    return serve_venue(venue, keys, wall, limits=LimitSettings(weight_per_minute=10**9), faults=plan)


async def cpu_of(port: int) -> float:
    """CPU seconds of one request, over one round."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    began = process_time()
    for _ in range(REQUESTS):
        writer.write(_REQUEST)
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
        body = await reader.readexactly(length)
        if not body.startswith(b'{"symbol"'):
            raise AssertionError(body)
    used = process_time() - began
    writer.close()
    return used / REQUESTS


async def measure() -> Mapping[str, float]:
    """CPU seconds a request, by setting."""
    ports: dict[str, int] = {}
    runners: list[web.AppRunner] = []
    for name, plan in settings().items():
        runner = web.AppRunner(server_of(plan).app(), access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        ports[name] = runner.addresses[0][1]
        runners.append(runner)
    figures = {name: float("inf") for name in ports}
    for _ in range(ROUNDS):
        for name, port in ports.items():
            figures[name] = min(figures[name], await cpu_of(port))
    for runner in runners:
        await runner.cleanup()
    return figures


def check_cost() -> float:
    """Seconds of the one question that an exchange without faults asks."""
    server, times = server_of(None), 1_000_000
    return min(timeit.repeat(lambda: server.door is not None, number=times, repeat=5)) / times


def section(figures: Mapping[str, float], check: float) -> str:
    """The part of docs/faults.md."""
    off = figures["off"]
    rows = [
        f"| {name} | {1e6 * cpu:.0f} µs | {1 / cpu:,.0f} | {100 * (cpu / off - 1):+.1f} % |"
        for name, cpu in figures.items()
    ]
    return "\n".join(
        [
            "| faults | CPU a request, both ends | requests a CPU second | against off |",
            "|---|---|---|---|",
            *rows,
            "",
            f"Off, the exchange asks one question a request, `door is not None`, which takes {1e9 * check:.0f} ns with its "
            f"call: {100 * check / off:.3f} % of the request. Messages of streams are asked nothing: the outbox is "
            "another class only where a script is at work.",
            f"(`GET premiumIndex`, the least of {ROUNDS} rounds of {REQUESTS}; {os.cpu_count()} cores, Python "
            f"{platform.python_version()}, commit {commit()}, written by `benchmarks/venue_faults.py`.)",
        ]
    )


def main() -> None:
    """Measure, then write or print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="print the figures in seconds and write nothing")
    told = parser.parse_args()
    figures, check = asyncio.run(measure()), check_cost()
    if told.json:
        sys.stdout.write(json.dumps({**figures, "the question": check}) + "\n")
        return
    text = section(figures, check)
    PAGE.write_text(put(PAGE.read_text(), "costs", text))
    sys.stdout.write(text + "\n")


if __name__ == "__main__":
    main()

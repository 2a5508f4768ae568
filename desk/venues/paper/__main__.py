"""`python -m desk.venues.paper --settings FILE`: the paper exchange as a process of its own.

It logs JSON lines to stderr, writes its run file once it listens, ends gracefully on SIGTERM and SIGINT, and after a
kill goes on where its state file stopped: positions, orders, stops, balances and clock.
"""

from __future__ import annotations

import argparse
import asyncio
import signal
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import structlog
from aiohttp import web

from desk.domain.errors import DataError, DeskError, VenueError
from desk.venues.paper.keys import keep_keys
from desk.venues.paper.opening import KEEP_SECONDS, Opened, close_market, open_venue
from desk.venues.paper.process.greeting import Greeting, greeting_of
from desk.venues.paper.process.logs import log_json_lines
from desk.venues.paper.process.run_file import remove_run_file, write_run_file
from desk.venues.paper.settings import VenueSettings, read_settings
from desk.venues.paper.wire.assembly import WallClocks, serve_venue
from desk.venues.paper.wire.server import WireServer

if TYPE_CHECKING:
    from desk.venues.paper.faults.plan import FaultPlan

_STOP_SECONDS = 2.0
_REFRESH_SECONDS = 2.0
_log = structlog.get_logger("paper")


def main(arguments: list[str] | None = None) -> int:
    """Run until told to stop. Returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m desk.venues.paper", description="The paper exchange.")
    parser.add_argument("--settings", type=Path, required=True, help="JSON file with the venue's settings")
    parser.add_argument("--faults", type=Path, help="script of what is to fail, or the log of an earlier run")
    parser.add_argument("--faults-log", type=Path, help="write what struck to this file; it is a script itself")
    parser.add_argument("--faults-admin", action="store_true", help="serve /paper/v1/faults with the admin token")
    parser.add_argument("--greet", choices=("page", "json"), help="say on stdout where it listens and how it is set")
    told = parser.parse_args(arguments)
    log_json_lines("INFO")
    try:
        settings = _with_faults(read_settings(told.settings), told)
        log_json_lines(spoken_level(settings.log_level, told.greet, at_a_terminal=sys.stderr.isatty()))
        asyncio.run(run(settings, greet=told.greet))
    except DeskError as error:
        _log.error("cannot run", error=error.message, hint=error.hint)
        return 1
    except OSError as error:
        _log.error("cannot run", error=str(error), hint="is the folder writable, and the port free?")
        return 1
    return 0


def spoken_level(level: str, greet: str | None, *, at_a_terminal: bool) -> str:
    """The log level. A person at a terminal reads the page; what is in order need not be told there twice."""
    return "WARNING" if greet == "page" and at_a_terminal and level == "INFO" else level


def _with_faults(settings: VenueSettings, told: argparse.Namespace) -> VenueSettings:
    """What the command line says of faults goes before what the file says."""
    named = {"file": told.faults, "log": told.faults_log, "admin": told.faults_admin}
    given = {name: value for name, value in named.items() if value}
    return settings.model_copy(update={"faults": settings.faults.model_copy(update=given)})


def _plan(settings: VenueSettings) -> FaultPlan | None:
    if settings.faults.file is None and not settings.faults.admin:
        return None
    # Loaded only where something is to fail.
    from desk.venues.paper.faults.plan import read_plan

    plan = read_plan(settings.faults)
    _log.warning("this exchange fails on purpose", rules=len(plan.script.rules), seed=plan.script.seed)
    return plan


async def run(settings: VenueSettings, *, greet: str | None = None) -> None:
    """Open the venue, serve it, and close it in order."""
    plan = _plan(settings)
    keys = keep_keys(settings.keys_file, settings.admin_token_path)
    keys = keys.beside(account.access for account in settings.all_accounts())
    opened = await open_venue(settings)
    wall = WallClocks(ms=lambda: time.time_ns() // 1_000_000, seconds=time.monotonic)
    server = serve_venue(
        opened.venue,
        keys,
        wall,
        limits=settings.limits,
        wire=settings.wire,
        profile=settings.profile,
        faults=plan,
    )
    runner = web.AppRunner(server.app(), access_log=None, shutdown_timeout=_STOP_SECONDS)
    await runner.setup()
    try:
        site = web.TCPSite(runner, settings.host, settings.port)
        await site.start()
        url = _address(runner)
        write_run_file(settings.run_file, url)
        _announce(opened, url)
        if greet is not None:
            _greet(greeting_of(settings, opened, keys, url), greet)
        refreshing = asyncio.create_task(_refresh(server))
        await _until_told_to_stop(server)
        refreshing.cancel()
    finally:
        await _close(settings, opened, server, runner)


async def _refresh(server: WireServer) -> None:
    """Keep the bars of a market that is read from elsewhere fresh, as long as somebody listens to them."""
    while True:
        try:
            await server.announcer.refresh()
        except (DataError, VenueError) as error:
            _log.debug("bars not refreshed", reason=error.message)
        await asyncio.sleep(_REFRESH_SECONDS)


async def _until_told_to_stop(server: WireServer) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    kept, trouble = time.monotonic(), ""
    while not stop.is_set():
        now = time.monotonic()
        keep = now - kept >= KEEP_SECONDS and not server.desk.venue.stepped
        kept = now if keep else kept
        trouble = _beat(server, keep=keep, known=trouble)
        server.desk.venue.look_ahead()
        try:
            await asyncio.wait_for(stop.wait(), server.announcer.pause())
        except TimeoutError:
            continue


def _beat(server: WireServer, *, keep: bool, known: str) -> str:
    """One beat; what is wrong with the market is logged once, and the venue waits for it to come back."""
    try:
        server.announcer.beat(keep=keep)
    except (DataError, VenueError) as error:
        if error.message != known:
            _log.warning("the market stands still", reason=error.message)
        return error.message
    return ""


async def _close(settings: VenueSettings, opened: Opened, server: WireServer, runner: web.AppRunner) -> None:
    remove_run_file(settings.run_file)
    server.close()
    await runner.cleanup()
    await close_market(opened.venue.source)
    opened.venue.commit()
    opened.store.close()
    _log.info("closed", now=opened.venue.now_ms())


def _address(runner: web.AppRunner) -> str:
    host, port = runner.addresses[0][:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _greet(greeting: Greeting, form: str) -> None:
    sys.stdout.write((greeting.as_json() if form == "json" else greeting.as_page()) + "\n")
    sys.stdout.flush()


def _announce(opened: Opened, url: str) -> None:
    venue = opened.venue
    _log.info(
        "listening",
        url=url,
        symbols=list(venue.exchange.specs),
        now=venue.now_ms(),
        clock=venue.time.clock.mode.value,
        source=dict(venue.source.about()),
        restored=opened.restored,
    )


if __name__ == "__main__":
    sys.exit(main())

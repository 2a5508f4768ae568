"""`python -m desk.guard --settings FILE`: wires venue, journal, guard and door, and runs until told to stop.

Exit codes: 0 stopped as asked, 1 failed while running, 2 the settings are wrong, 3 something it needs is missing
(a key, the opt-ins, the venue), 4 the journal is not to be trusted or is held by another guard.
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from desk.certificates.files import read
from desk.domain.account import SymbolRules
from desk.domain.certificates import Certificate
from desk.domain.errors import ConfigError, DataError, DeskError, JournalError, PrerequisiteError
from desk.guard.bounds.rules import Rules
from desk.guard.core import Guard
from desk.guard.door.server import GuardServer
from desk.guard.loss.breaker import BITCOIN, ETHER
from desk.guard.process.clock import SystemClock
from desk.guard.process.logs import log_to_stderr
from desk.guard.process.runfile import write_run_file
from desk.guard.process.runtime import Runtime
from desk.guard.process.settings import GuardSettings, load_settings
from desk.guard.process.watcher import start_watcher
from desk.guard.record.journal import SqliteJournal, open_journal
from desk.guard.secrets.keys import read_key, token_of
from desk.guard.secrets.live import require_opt_ins, require_safe_key
from desk.guard.secrets.shut import shut_memory
from desk.guard.secrets.veil import Veil
from desk.guard.venue.preflight import look_over, never_lived, require_sound

if TYPE_CHECKING:
    from desk.venues.binance.gateway import BinanceGateway

_LOG = logging.getLogger("desk.guard")


def main(arguments: list[str] | None = None) -> int:
    """Run the guard process; returns its exit code."""
    parser = argparse.ArgumentParser(prog="python -m desk.guard", description="The guard: the only way to the venue.")
    parser.add_argument("--settings", type=Path, required=True, help="JSON settings file")
    parser.add_argument("--live-phrase", default="", help="the third opt-in to live trading")
    parser.add_argument("--preflight", action="store_true", help="look at the account, tell what is wrong, and end")
    parser.add_argument("--flatten-only", action="store_true", help="close everything and open nothing")
    told = parser.parse_args(arguments)
    veil = Veil()
    log_to_stderr(veil)
    shut_memory()
    try:
        settings = load_settings(told.settings)
        if told.preflight:
            return _preflight(settings, veil)
        if told.flatten_only or not settings.watch:
            _run(settings, told.live_phrase, veil, flatten_only=told.flatten_only)
        else:
            _run_watched(settings, told.settings, told.live_phrase, veil)
    except DeskError as error:
        hint = f" ({error.hint})" if error.hint else ""
        sys.stderr.write(veil.over(f"guard: {error.message}{hint}\n"))
        return _exit_code(error)
    except Exception as error:
        _LOG.exception("the guard ended")
        sys.stderr.write(f"guard: failed: {type(error).__name__}\n")
        return 1
    return 0


def _exit_code(error: DeskError) -> int:
    if isinstance(error, ConfigError):
        return 2
    if isinstance(error, JournalError) or "another guard" in error.message:
        return 4
    return 3


def _preflight(settings: GuardSettings, veil: Veil) -> int:
    """One JSON line for each thing looked at; 3 when one of them must be mended first."""
    gateway = _gateway(settings, veil)
    findings = look_over(gateway, settings, first_start=never_lived(settings.journal))
    for one in findings:
        sys.stdout.write(veil.over(json.dumps(asdict(one))) + "\n")
    gateway.close()
    return 0 if all(one.well for one in findings) else 3


def _run_watched(settings: GuardSettings, file: Path, phrase: str, veil: Veil) -> None:
    """Run beside a watcher. It is ended where the guard ends as asked; a guard that fails leaves it at work."""
    watcher: list[subprocess.Popen[bytes]] = []
    _run(settings, phrase, veil, listening=lambda: watcher.append(start_watcher(file, phrase)))
    for one in watcher:
        one.terminate()
        one.wait(timeout=10)


def _run(
    settings: GuardSettings,
    phrase: str,
    veil: Veil,
    *,
    flatten_only: bool = False,
    listening: Callable[[], None] | None = None,
) -> None:
    require_opt_ins(settings, os.environ, phrase)
    # The journal first: a guard that cannot read its own latch must not hold a key.
    journal = open_journal(settings.journal)
    first_start = journal.head()[0] == 0
    try:
        gateway = _gateway(settings, veil)
        if flatten_only:
            # What closes must not wait for what only matters to what opens.
            require_safe_key(settings, gateway.permissions())
        else:
            require_sound(gateway, settings, first_start=first_start)
        filters = _filters(gateway, settings)
        rules = Rules(
            limits=settings.limits,
            symbols=frozenset(settings.symbols),
            filters=filters,
            speed=settings.venue.speed,
            flatten_only=flatten_only,
            dead_man=settings.dead_man,
            proof_needed=settings.venue.kind != "paper",
            certificates=_proofs(settings),
        )
        # A paper venue keeps a time of its own, even where that runs at the pace of ours.
        virtual = settings.venue.virtual_clock or settings.venue.kind == "paper"
        guard = Guard(
            venue=gateway,
            rules=rules,
            journal=journal,
            clock=SystemClock(),
            virtual=virtual,
            lists_seconds=settings.orders_seconds,
            veil=veil,
        )
        _serve(guard, journal, settings, gateway, veil, listening or (lambda: None))
    finally:
        journal.close()


def _proofs(settings: GuardSettings) -> tuple[Certificate, ...]:
    """The certificates that the operator signed; any other is no proof, and told of."""
    found: list[Certificate] = []
    for path in settings.certificates:
        try:
            found.append(read(path, token_of(settings.operator_token_file)))
        except DataError as error:
            _LOG.warning("not believed: %s", error)
    return tuple(found)


def _gateway(settings: GuardSettings, veil: Veil) -> BinanceGateway:
    # Imported here so that the guard's own code loads without a client library.
    from desk.venues.binance.gateway import open_gateway

    key = read_key(settings.keys, os.environ)
    veil.hide(key.api_key, key.secret)
    return open_gateway(settings.venue.base_url, key.api_key, key.secret)


def _filters(gateway: BinanceGateway, settings: GuardSettings) -> Mapping[str, SymbolRules]:
    published = gateway.rules()
    missing = [symbol for symbol in settings.symbols if symbol not in published]
    if missing:
        raise PrerequisiteError(f"the venue does not list {', '.join(missing)}")
    wanted = {*settings.symbols, BITCOIN, ETHER} & published.keys()
    return {symbol: published[symbol] for symbol in sorted(wanted)}


def _serve(
    guard: Guard,
    journal: SqliteJournal,
    settings: GuardSettings,
    gateway: BinanceGateway,
    veil: Veil,
    listening: Callable[[], None],
) -> None:
    tokens = {token_of(settings.crew_token_file): "crew", token_of(settings.operator_token_file): "operator"}
    veil.hide(*tokens)
    if len(tokens) != 2:
        raise PrerequisiteError("crew and operator have the same token", hint="remove one of the token files")
    runtime = Runtime(guard, settings)
    stream = gateway.user_stream(runtime.wake)
    server = GuardServer(
        (settings.host, settings.port),
        runtime=runtime,
        journal=journal,
        tokens=tokens,
        profile=settings.profile,
        veil=veil,
        venue=lambda: {**gateway.report(), "account_stream": stream.report().as_json()},
    )
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda _number, _frame: runtime.stop())
    signal.signal(signal.SIGUSR1, lambda _number, _frame: runtime.halt("signal"))
    door = threading.Thread(target=server.serve_forever, name="door", daemon=True)
    door.start()
    url = f"http://{settings.host}:{server.server_address[1]}"
    try:
        write_run_file(settings.run_file, url)
        _LOG.info("listening on %s, mode %s, journal row %d", url, guard.state.mode, journal.head()[0])
        listening()
        stream.start()
        runtime.run()
    finally:
        stream.close()
        settings.run_file.unlink(missing_ok=True)
        server.shutdown()
        server.server_close()


if __name__ == "__main__":
    sys.exit(main())

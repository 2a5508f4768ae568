"""The suites, as a table: whose program, in which environment, on what exchange, and how it is run.

A program is given the exchange's invitation and a folder to work in, and writes one JSON line a check. Each has a
fresh exchange, with a fresh account, to itself.
"""

from __future__ import annotations

import os
import queue
import subprocess
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any, Final

from conformance.environments import HERE, NODE, WORK, build, versions
from conformance.exchange import running_exchange
from conformance.results import Check, Findings

SEED: Final = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class Suite:
    """One program of another maker. `longest_s` ends it, with a word, when it does not end by itself.

    `wire` are switches of the exchange that it needs; its title says which.
    """

    name: str
    title: str
    environment: str
    program: str
    longest_s: int = 300
    wire: tuple[tuple[str, str], ...] = ()


SUITES: Final = (
    Suite(
        name="ccxt-harness",
        title="ccxt's own exchange tests",
        environment="ccxt",
        program="ccxt_harness.py",
        longest_s=480,
    ),
    Suite(name="ccxt-unified", title="ccxt's unified methods", environment="ccxt", program="ccxt_unified.py"),
    Suite(
        name="freqtrade",
        title="freqtrade, dry and live",
        environment="freqtrade",
        program="freqtrade_bot.py",
        longest_s=600,
    ),
    Suite(name="sdk-rest", title="Binance's SDK, REST", environment="sdk", program="official_sdk_rest.py"),
    Suite(name="sdk-sockets", title="Binance's SDK, sockets", environment="sdk", program="official_sdk_sockets.py"),
    Suite(
        name="python-binance",
        title="python-binance, every futures method",
        environment="python-binance",
        program="python_binance.py",
    ),
    Suite(
        name="python-binance-own",
        title="python-binance's own tests, with --position-rows all",
        environment="python-binance",
        program="python_binance_own.py",
        longest_s=480,
        # They take the first row of a position that is not held.
        wire=(("position_rows", "all"),),
    ),
    Suite(name="node", title="binance for Node.js", environment=NODE, program="node_binance.mjs"),
)


def exchange_settings(now: datetime) -> Mapping[str, Any]:
    """The exchange as anybody would start it for a client that reads the clock on the wall: the market is now.

    Its weight limit is raised: a suite asks in a minute what a client asks in hours, and Binance would send it away.
    """
    return {
        "source": {"kind": "scenario", "seed": SEED, "start": now.isoformat()},
        "clock": {"mode": "real", "wall": True},
        "limits": {"weight_per_minute": 100_000},
    }


def run(suite: Suite, heard: Callable[[Check], None]) -> Findings:
    """Build its environment, start its exchange, run its program to the end, and end the exchange."""
    interpreter = build(suite.environment)
    work = WORK / suite.name
    work.mkdir(parents=True, exist_ok=True)
    findings = Findings(suite.name, versions=versions(suite.environment))
    began = time.monotonic()
    settings = {**exchange_settings(datetime.now(UTC)), "wire": dict(suite.wire)}
    with running_exchange(work / "exchange", settings) as exchange, (work / "program.log").open("w") as log:
        command = [str(interpreter), str(HERE / "programs" / suite.program), str(exchange.invitation), str(work)]
        program = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=log, text=True, cwd=work, env=_environment(suite)
        )
        try:
            findings.broke = listen(program, suite.longest_s, findings, heard)
        finally:
            _end(program)
    findings.seconds = time.monotonic() - began
    return findings


def _environment(suite: Suite) -> dict[str, str]:
    """What a foreign program may know of this machine. No bytecode, so that its folder stays as it was written."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR") if name in os.environ}
    packages = {"NODE_PACKAGES": str(WORK / NODE / "packages")} if suite.environment == NODE else {}
    return {**kept, **packages, "PYTHONDONTWRITEBYTECODE": "1", "PYTHONUNBUFFERED": "1"}


def listen(program: subprocess.Popen[str], seconds: float, findings: Findings, heard: Callable[[Check], None]) -> str:
    """Collect checks until the program ends. Returns what was wrong with its end, or nothing."""
    lines: queue.SimpleQueue[str | None] = queue.SimpleQueue()
    assert program.stdout is not None
    threading.Thread(target=_read, args=(program.stdout, lines), daemon=True).start()
    deadline = time.monotonic() + seconds
    while True:
        try:
            line = lines.get(timeout=max(0.01, deadline - time.monotonic()))
        except queue.Empty:
            return f"ended after {seconds} s, before it was done"
        if line is None:
            code = program.wait()
            return f"it ended with code {code}" if code else ""
        check = Check.told(line)
        findings.checks.append(check)
        heard(check)


def _read(pipe: IO[str], lines: queue.SimpleQueue[str | None]) -> None:
    for line in pipe:
        lines.put(line)
    lines.put(None)


def _end(program: subprocess.Popen[str]) -> None:
    if program.poll() is not None:
        return
    program.terminate()
    try:
        program.wait(10)
    except subprocess.TimeoutExpired:
        program.kill()
        program.wait(10)


def log_of(suite: Suite) -> Path:
    """Where a suite's program wrote what it had to say beside its checks."""
    return WORK / suite.name / "program.log"

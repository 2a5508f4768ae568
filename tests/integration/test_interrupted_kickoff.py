"""Ctrl-C ends a kickoff in order: the decision at hand is recorded, what it started is gone, stops keep resting."""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path

import pytest

from crews.running import processes
from crews.running.services import folder_of
from tests.crew_command import Operator

pytestmark = [pytest.mark.timeout(300)]


def test_an_interrupt_leaves_in_order_and_the_stop_resting(tmp_path: Path) -> None:
    operator = Operator(tmp_path)
    kickoff = operator.start("kickoff", "BTCUSDT", "--cycles", "500", "--json")
    try:
        assert kickoff.stdout is not None
        first = json.loads(kickoff.stdout.readline())
        assert first["stop"]
        os.kill(kickoff.pid, signal.SIGINT)
        _, err = kickoff.communicate(timeout=60)
    finally:
        kickoff.kill()
        kickoff.wait()
    assert kickoff.returncode == 130
    assert "Traceback" not in err
    folder = folder_of("demo", home=tmp_path / "var")
    assert processes.find(folder.program("guard")) is None
    assert processes.find(folder.program("venue")) is None
    assert operator.crew("audit", "verify").code == 0
    ran = operator.crew("kickoff", "BTCUSDT", "--json")
    assert ran.code == 0, ran.err
    [again] = ran.lines
    assert again["equity"] != "0"
    assert (again["action"], again["rule"]) != ("OPEN_LONG", "size.risk")


def test_what_ran_before_is_used_and_left_running(tmp_path: Path) -> None:
    operator = Operator(tmp_path)
    exchange = operator.start("exchange")
    folder = folder_of("demo", home=tmp_path / "var")
    try:
        running = wait_for(folder.program("venue"))
        ran = operator.crew("kickoff", "ETHUSDT", "--json")
        assert ran.code == 0, ran.err
        assert processes.find(folder.program("venue")) == running
        assert processes.find(folder.program("guard")) is None
    finally:
        os.kill(exchange.pid, signal.SIGTERM)
        exchange.communicate(timeout=30)


def wait_for(program: processes.Program) -> processes.Running:
    import time

    deadline = time.monotonic() + 40
    while time.monotonic() < deadline:
        found = processes.find(program)
        if found is not None:
            return found
        time.sleep(0.05)
    raise AssertionError(f"the {program.name} did not start")

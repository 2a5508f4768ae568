"""A key that came by the environment is the guard's alone: the crew starts over without it, and ends what it began."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from config.loader import load_desk
from crews.running import handover, services
from crews.running.handover import began_with, cleansed, hand_over
from crews.running.processes import Program, Running
from crews.running.services import STARTED_VARIABLE, Folder, Services
from desk.domain.errors import PrerequisiteError

SECRET = "planted-secret-" + "s2" * 26
KEYS = {"BINANCE_TESTNET_KEY": "planted-key-" + "k1" * 26, "BINANCE_TESTNET_SECRET": SECRET}
GUARD = Running(name="guard", pid=4242, url="http://127.0.0.1:1", started_here=True)

AGAIN = """
import os, sys
from crews.running.handover import began_with, start_over
names = frozenset({"BINANCE_TESTNET_KEY", "BINANCE_TESTNET_SECRET"})
if began_with(names):
    start_over(names, [])
shown = open("/proc/self/environ", "rb").read().decode()
sys.exit("planted" in shown or "planted" in str(os.environ))
"""


@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="this system does not show environments")
def test_a_process_that_started_over_shows_the_key_nowhere() -> None:
    ran = subprocess.run([sys.executable, "-c", AGAIN], env={**os.environ, **KEYS}, timeout=60, check=False)
    assert ran.returncode == 0


def test_what_was_started_before_is_ended_by_whoever_starts_over() -> None:
    environ = cleansed({**KEYS, "HOME": "/home/ann"}, frozenset(KEYS), [GUARD])
    assert environ == {"HOME": "/home/ann", STARTED_VARIABLE: json.dumps({"guard": 4242})}


def test_a_process_without_the_key_goes_on_as_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shown = tmp_path / "environ"
    shown.write_bytes(b"HOME=/home/ann\0NOT_BINANCE_TESTNET_KEY=1\0")
    assert not began_with(frozenset(KEYS), shown)
    shown.write_bytes(b"HOME=/home/ann\0BINANCE_TESTNET_KEY=1\0")
    assert began_with(frozenset(KEYS), shown)
    monkeypatch.setattr(handover.os, "execve", lambda *_: pytest.fail("started over without a reason"))
    hand_over(load_desk("demo", environ={}), Folder(tmp_path), "")


def test_the_guard_has_its_key_before_the_crew_starts_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in KEYS.items():
        monkeypatch.setenv(name, value)
    given: dict[str, Mapping[str, str]] = {}

    def ensure(program: Program, environ: Mapping[str, str]) -> Running:
        given[program.name] = environ
        return GUARD

    def execve(path: str, words: list[str], environ: Mapping[str, str]) -> None:
        given["crew"] = environ
        raise OSError(1, "not here")

    monkeypatch.setattr(services.processes, "ensure", ensure)
    monkeypatch.setattr(services.processes, "find", lambda program: None)
    monkeypatch.setattr(services.processes, "find_hung", lambda program: None)
    monkeypatch.setattr(handover, "began_with", lambda names: bool(names))
    monkeypatch.setattr(handover.os, "execve", execve)
    with pytest.raises(PrerequisiteError, match="cannot start over"):
        hand_over(load_desk("testnet", environ={}), Folder(tmp_path), "")
    assert given["guard"]["BINANCE_TESTNET_SECRET"] == SECRET
    assert SECRET not in given["crew"].values()
    assert json.loads(given["crew"][STARTED_VARIABLE]) == {"guard": 4242}


@pytest.mark.parametrize(("pid", "ends"), [(4242, True), (4243, False)])
def test_only_that_very_process_is_taken_for_ones_own(
    pid: int, ends: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        services.processes,
        "ensure",
        lambda program, environ: Running(name=program.name, pid=4242, url="http://127.0.0.1:1", started_here=False),
    )
    monkeypatch.setattr(services.processes, "find", lambda program: None)
    monkeypatch.setattr(services.processes, "find_hung", lambda program: None)
    environ = {STARTED_VARIABLE: json.dumps({"guard": pid})}
    opened = Services(load_desk("testnet", environ={}), Folder(tmp_path), environ=environ)
    opened.open()
    assert bool(opened.started) is ends

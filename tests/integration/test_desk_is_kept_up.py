"""`crew up` as processes: ready in order, restarted where they were, a guard left to its watcher, all gone after."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from ops.identity import identity_of
from ops.standing import read_standing
from tests.crew_command import Operator

PROFILE = """\
name: day
label: A day of an invented market, faster than ours
venue: {kind: paper, base_url: "", deposit: 10000, source: {kind: scenario, seed: 3}}
keys: {source: generated}
clock: {mode: faster, speed: 60}
allows: {real_money: false, network: []}
armed: false
"""
SECONDS = 60.0


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Operator]:
    operator = Operator(tmp_path, keys=(("CREWDESK_CONFIG", str(tmp_path / "own")),))
    (tmp_path / "own" / "profiles").mkdir(parents=True)
    (tmp_path / "own" / "profiles" / "day.yaml").write_text(PROFILE)
    yield operator
    operator.crew("down", "--profile", "day")


def services(operator: Operator) -> dict[str, dict[str, Any]]:
    told = read_standing(operator.home / "var" / "day" / "run" / "desk.json")
    return {one["name"]: one for one in told.to_json()["services"]} if told else {}


def until(operator: Operator, true: Callable[[dict[str, dict[str, Any]]], bool]) -> dict[str, dict[str, Any]]:
    deadline = time.monotonic() + SECONDS
    while time.monotonic() < deadline:
        found = services(operator)
        if found and true(found):
            return found
        time.sleep(0.2)
    raise AssertionError(f"not so within {SECONDS} s: {services(operator)}")


@pytest.mark.timeout(300)
def test_the_desk_is_kept_up_and_leaves_nothing_behind(desk: Operator) -> None:
    began = desk.crew("up", "exchange", "guard", "--profile", "day", "--json")
    assert began.code == 0, began.err
    first = {one["name"]: one for one in began.lines[0]["services"]}
    assert {name: one["state"] for name, one in first.items()} == {"exchange": "up", "guard": "up"}

    second = desk.crew("up", "exchange", "guard", "--profile", "day")
    assert (second.code, "is up already" in second.err) == (4, True)
    assert "crew down" in desk.crew("stop", "--profile", "day").err

    os.kill(first["exchange"]["pid"], signal.SIGKILL)
    back = until(desk, lambda now: now["exchange"]["restarts"] == 1 and now["exchange"]["state"] == "up")
    assert back["exchange"]["url"] == first["exchange"]["url"]
    assert back["guard"]["pid"] == first["guard"]["pid"]

    os.kill(first["guard"]["pid"], signal.SIGKILL)
    heir = until(desk, lambda now: now["guard"]["state"] == "up" and now["guard"]["pid"] != first["guard"]["pid"])
    assert b"--flatten-only" in Path(f"/proc/{heir['guard']['pid']}/cmdline").read_bytes()

    assert desk.crew("restart", "guard", "--profile", "day").code == 0
    ordinary = services(desk)["guard"]["pid"]
    assert b"--flatten-only" not in Path(f"/proc/{ordinary}/cmdline").read_bytes()

    stopped = desk.crew("down", "guard", "--profile", "day", "--json").lines[0]
    assert [(one["name"], one["state"]) for one in stopped["services"]] == [("exchange", "up"), ("guard", "stopped")]
    assert not identity_of(ordinary).alive
    assert desk.crew("status", "--services", "--profile", "day").code == 0
    assert desk.crew("up", "guard", "--profile", "day").code == 0
    assert identity_of(services(desk)["guard"]["pid"]).alive

    ended = desk.crew("down", "--profile", "day", "--json")
    assert ended.lines == [{"profile": "day", "was_up": True, "ended": ["exchange", "guard"]}]
    everybody = {ordinary, heir["guard"]["pid"], back["exchange"]["pid"], began.lines[0]["pid"]}
    assert [pid for pid in everybody if identity_of(pid).alive] == []
    said = desk.crew("logs", "desk", "--profile", "day", "--json").lines
    assert said[-1]["text"].startswith("the desk is down; stops keep resting")

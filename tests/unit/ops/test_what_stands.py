"""A pid file proves nothing: a process is known by pid and birth, and a dead keeper's file from a living one's."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from crews.running.services import Folder
from desk.domain.errors import PrerequisiteError
from ops.identity import Identity, identity_of
from ops.notify import take_notify
from ops.running import ask_restart, ask_stop, end_orphans, keeper_of, sole_keeper
from ops.standing import DeskStanding, Standing, State, read_standing, standing_file, write_standing

SLEEPER = [sys.executable, "-c", "import time; time.sleep(60)"]


def standing(keeper: Identity, *services: Standing) -> DeskStanding:
    return DeskStanding(
        profile="demo", keeper=keeper, since="2026-01-05T00:00:00+00:00", settled=True, services=services
    )


def service(name: str, process: Identity | None) -> Standing:
    return Standing(name=name, state=State.UP, since="2026-01-05T00:00:00+00:00", process=process)


def test_a_pid_given_to_somebody_else_is_another_process() -> None:
    mine = identity_of(os.getpid())
    assert mine.alive
    assert not Identity(pid=mine.pid, born=mine.born - 1).alive


def test_an_ended_child_is_not_alive_though_nobody_waited_for_it() -> None:
    with subprocess.Popen([sys.executable, "-c", "pass"], stdin=subprocess.PIPE) as child:
        one = identity_of(child.pid)
        assert child.stdout is None
        os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
        assert not one.alive


def test_what_is_written_is_read(tmp_path: Path) -> None:
    told = standing(identity_of(os.getpid()), service("guard", Identity(pid=7, born=9)), service("console", None))
    write_standing(tmp_path / "desk.json", told)
    assert read_standing(tmp_path / "desk.json") == told


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"profile": "demo"}', "\x00"])
def test_a_file_that_does_not_read_is_none(tmp_path: Path, text: str) -> None:
    (tmp_path / "desk.json").write_text(text)
    assert read_standing(tmp_path / "desk.json") is None


def test_a_dead_keepers_file_is_no_keeper_and_its_children_are_ended_save_guard_and_exchange(tmp_path: Path) -> None:
    folder = Folder(tmp_path / "demo")
    with subprocess.Popen(SLEEPER) as console, subprocess.Popen(SLEEPER) as guard:
        try:
            gone = Identity(pid=os.getpid(), born=1)
            left = [service("guard", identity_of(guard.pid)), service("console", identity_of(console.pid))]
            write_standing(standing_file(folder), standing(gone, *left))
            assert keeper_of(folder) is None
            assert end_orphans(folder) == ["console"]
            assert [one.process.alive for one in left if one.process] == [True, False]
        finally:
            console.kill()
            guard.kill()


def test_one_keeper_at_a_time(tmp_path: Path) -> None:
    folder = Folder(tmp_path / "demo")
    with sole_keeper(folder):
        write_standing(standing_file(folder), standing(identity_of(os.getpid())))
        with pytest.raises(PrerequisiteError, match=f"is up already .pid {os.getpid()}"), sole_keeper(folder):
            pass
    with sole_keeper(folder):
        pass


def test_a_restart_is_asked_of_a_living_keeper_that_keeps_the_service(tmp_path: Path) -> None:
    folder = Folder(tmp_path / "demo")
    with pytest.raises(PrerequisiteError, match="not up"):
        ask_restart(folder, "console")
    write_standing(standing_file(folder), standing(identity_of(os.getpid()), service("console", None)))
    with pytest.raises(PrerequisiteError, match="no service guard"):
        ask_restart(folder, "guard")
    ask_restart(folder, "console")
    assert json.loads((folder.root / "run" / "desk.wish").read_text()) == {"restart": "console"}
    ask_stop(folder, "console")
    assert json.loads((folder.root / "run" / "desk.wish").read_text()) == {"stop": "console"}


def test_what_a_human_stopped_is_no_reason_to_call_a_desk_not_up() -> None:
    mine = identity_of(os.getpid())
    stopped = Standing(name="console", state=State.STOPPED, since="2026-01-05T00:00:00+00:00")
    assert standing(mine, service("guard", mine), stopped).up


def test_a_service_manager_is_told_and_children_do_not_hear_of_it(tmp_path: Path) -> None:
    address = str(tmp_path / "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(address)
        manager.settimeout(5)
        environ = {"NOTIFY_SOCKET": address, "WATCHDOG_USEC": "10000000", "PATH": "/bin"}
        notify = take_notify(environ)
        assert environ == {"PATH": "/bin"}
        notify.ready("everything is up")
        assert manager.recv(200) == b"READY=1\nSTATUS=everything is up"
        for now in (100.0, 101.0, 103.9, 104.0):
            notify.alive(now)
        notify.stopping()
        assert [manager.recv(200) for _ in range(3)] == [b"WATCHDOG=1", b"WATCHDOG=1", b"STOPPING=1"]


def test_without_a_service_manager_nothing_is_told() -> None:
    notify = take_notify({})
    notify.ready("up")
    notify.alive(1.0)
    assert notify.every == 0

"""`python -m benchmarks.day --speed 144`: a day of the whole desk in ten minutes, judged, written to docs/day.md.

Exchange, guard, alerts, console and timetable are up, as shipped; the exchange fails on purpose; somebody has the
console open; services are killed on the way.
"""

from __future__ import annotations

import argparse
import base64
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx

from benchmarks.day import judging
from benchmarks.day.causes import Causes, Waited, waits
from benchmarks.day.judging import Verdict
from benchmarks.day.page import Passed, written
from benchmarks.day.stage import PROFILE, ROOT, SYMBOLS, set_stage
from benchmarks.day.watching import WATCHED, Listener, Memory, Receiver, standing_of
from config.schedule import Work, load_schedule
from crews.running.services import Folder
from crews.schedule.jobs import jobs_of
from desk.guard.process.clock import SystemClock
from ui.server.access import Access, Scope
from ui.server.access.identity import Role
from ui.server.access.secrets import made_password
from ui.server.door import Place
from ui.server.serving import access_file

PAGE = ROOT / "docs" / "day.md"
DAY_SECONDS = 86_400
EACH_SECONDS = 2.0
TOLD_SECONDS = 20.0
SECRET = "whsec_" + base64.b64encode(b"a day passes in ten minutes").decode()
KILLS = {0.35: "schedule", 0.5: "exchange", 0.6: "console"}


class Day:
    """One day: the desk, who watches it, and what is done to it."""

    def __init__(self, home: Path, speed: int, seconds: float) -> None:
        self.home, self.speed, self.seconds = home, speed, seconds
        self.receiver, self.memory = Receiver(), Memory()
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = int(free.getsockname()[1])
        self.place = Place(host="127.0.0.1", port=port)
        self.own = set_stage(home, speed=speed, port=port)
        self.folder = Folder(home / "var" / PROFILE)
        self.listeners: list[Listener] = []
        self.killed: list[str] = []
        self.waited: list[Waited] = []

    @property
    def passed(self) -> Passed:
        """The day as it was."""
        share = self.seconds * self.speed / DAY_SECONDS
        program, page = self.listeners
        return Passed(
            share=share, seconds=self.seconds, speed=self.speed, waited=self.waited, listeners=(program, page)
        )

    def crew(self, *words: str, well: bool = True) -> str:
        """One command; its output."""
        ran = subprocess.run(command(*words), env=self.environ(), capture_output=True, text=True, cwd=self.home)
        if well and ran.returncode:
            raise SystemExit(f"crew {' '.join(words)} ended with {ran.returncode}:\n{ran.stderr}")
        return ran.stdout

    def environ(self) -> dict[str, str]:
        """What every command of this day is told."""
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        own = {"CREWDESK_HOME": str(self.home / "var"), "CREWDESK_CONFIG": str(self.own), "NO_COLOR": "1"}
        hook = {"CREWDESK_HOOK_DAY": self.receiver.program, "CREWDESK_HOOK_SECRET": SECRET}
        return {**kept, **own, **hook, "CREWDESK_ALERT_DAY": self.receiver.people}

    def pass_by(self) -> list[Verdict]:
        """Let the day pass, kill what is to be killed, and judge."""
        token, page = self._enter()
        self.crew("up", "--profile", PROFILE, "--faults", str(self.home / "faults.yaml"), "--json")
        with closing(Causes(self.folder.root)) as causes:
            program = {"Authorization": f"Bearer {token}"}
            self.listeners = [
                Listener(f"{self.place.url}/api/v1/events", program),
                Listener(f"{self.place.url}/live", page, watch=json.dumps({"watch": WATCHED})),
            ]
            self._watch(causes)
            found = self._halted(causes, program)
        self.waited = waits(causes.noted, self.receiver.came)
        return found + self._judge()

    def _enter(self) -> tuple[str, dict[str, str]]:
        """A program's token, and the headers of a person who has logged in."""
        with closing(Access(access_file(self.folder), SystemClock())) as access:
            token = access.new_token("day", Scope.OPERATE)
            access.set_password("watcher", made_password(), role=Role.VIEWER)
            session = access.sessions.open("watcher").token
        return token, {"Cookie": f"{self.place.cookie}={session}", "Origin": self.place.url}

    def _watch(self, causes: Causes) -> None:
        kills = dict(KILLS)
        began = self.memory.began = time.monotonic()
        while (passed := time.monotonic() - began) < self.seconds:
            standing = standing_of(self.home / "var", PROFILE)
            if standing is not None:
                self.memory.look(standing)
                for share in [share for share in kills if passed >= share * self.seconds]:
                    self._kill(kills.pop(share), standing.to_json(), causes)
            say(f"\r{passed:5.0f} of {self.seconds:.0f} s, {len(self.receiver.came)} alerts, killed {self.killed} ")
            time.sleep(EACH_SECONDS)

    def _kill(self, name: str, standing: dict[str, Any], causes: Causes) -> None:
        pid = next((one["pid"] for one in standing["services"] if one["name"] == name), None)
        if pid:
            causes.note("killed", name)
            os.kill(pid, signal.SIGKILL)
            self.killed.append(name)

    def _halted(self, causes: Causes, program: dict[str, str]) -> list[Verdict]:
        """How everything stands; then halt, and wait until that is told."""
        standing = standing_of(self.home / "var", PROFILE)
        found = judging.services(standing.to_json() if standing else {"services": [], "up": False}, self.killed)
        causes.note("halt")
        halt, why = f"{self.place.url}/api/v1/halt", {"reason": "the day is over"}
        httpx.post(halt, headers=program, json=why, timeout=60, trust_env=False)
        deadline = time.monotonic() + TOLD_SECONDS
        while time.monotonic() < deadline and not any("tripped: manual" in one.title for one in self.receiver.came):
            time.sleep(0.1)
        return found

    def _judge(self) -> list[Verdict]:
        history = lines(self.crew("schedule", "history", "--profile", PROFILE, "-n", "10000", "--json", well=False))
        decisions = lines(self.crew("audit", "list", "--profile", PROFILE, "-n", "10000", "--json", well=False))
        jobs = jobs_of(load_schedule(self.own, symbols=SYMBOLS), PROFILE, SYMBOLS)
        found = [judging.kickoffs(one, history) for one in jobs.values() if one.settings.work is Work.KICKOFF]
        found += [*judging.runs(history, decisions), *judging.alerts(self.waited), *judging.memory(self.memory.grown())]
        self.crew("down", "--profile", PROFILE, well=False)
        verified = self.crew("audit", "verify", "--profile", PROFILE, "--json", well=False)
        found.append(
            Verdict(what="the record verifies afterwards", well='"ok":true' in verified, seen=verified[:80].strip())
        )
        return found + judging.logs(self.folder.root / "logs")


def main() -> None:
    """Play the day, write the page."""
    reads = argparse.ArgumentParser(prog="python -m benchmarks.day", description=__doc__)
    reads.add_argument("--speed", type=int, default=144, help="seconds of that day in one of ours")
    reads.add_argument("--minutes", type=float, default=0.0, help="of our time; a whole day by default")
    reads.add_argument("--no-page", action="store_true", help="print only")
    told = reads.parse_args()
    seconds = told.minutes * 60 or DAY_SECONDS / told.speed
    with tempfile.TemporaryDirectory(prefix="crewdesk-day-") as folder:
        day = Day(Path(folder), told.speed, seconds)
        try:
            verdicts = day.pass_by()
        finally:
            subprocess.run(command("down", "--profile", PROFILE), env=day.environ(), capture_output=True, cwd=day.home)
        for one in day.listeners:
            one.close()
            page = written(day.passed, verdicts)
    if not told.no_page:
        PAGE.write_text(page)
    say("\n" + page)
    if any(one.well is False for one in verdicts):
        raise SystemExit(1)


def command(*words: str) -> list[str]:
    """`crew` of this very interpreter."""
    return [sys.executable, "-m", "ui", *words]


def lines(text: str) -> list[dict[str, Any]]:
    """One JSON object a line."""
    return [json.loads(line) for line in text.splitlines() if line.startswith("{")]


def say(text: str) -> None:
    """Progress, for who waits."""
    sys.stderr.write(text)
    sys.stderr.flush()


if __name__ == "__main__":
    main()

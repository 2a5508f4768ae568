"""`python -m benchmarks.day --speed 144`: a day of the whole desk in ten minutes, judged, written to docs/day.md.

Exchange, guard, alerts, console, timetable and crew are up; the exchange fails on purpose; somebody has the console open;
services are killed on the way. Ended before its time, it judges what it has.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks.day import judging
from benchmarks.day.judging import Verdict
from benchmarks.day.stage import PROFILE, ROOT, set_stage
from benchmarks.day.watching import Listener, Memory, Receiver, standing_of

PAGE = ROOT / "docs" / "day.md"
DAY_SECONDS = 86_400
EACH_SECONDS = 2.0
WARM_SHARE, WARM_LEAST = 0.3, 45.0


class Day:
    """One day: the desk, who watches it, and what is done to it."""

    def __init__(self, home: Path, speed: int, seconds: float) -> None:
        self.home, self.speed, self.seconds = home, speed, seconds
        self.receiver = Receiver()
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = int(free.getsockname()[1])
        self.alerts = crew_knows("alerts")
        self.own = set_stage(home, speed=speed, port=self.port, alerts=self.alerts)
        self.memory = Memory()
        self.killed: list[str] = []
        self.halted_at: float | None = None

    def crew(self, *words: str, well: bool = True) -> str:
        """One command; its output."""
        ran = subprocess.run(command(*words), env=self.environ(), capture_output=True, text=True, cwd=self.home)
        if well and ran.returncode:
            raise SystemExit(f"crew {' '.join(words)} ended with {ran.returncode}:\n{ran.stderr}")
        return ran.stdout

    def environ(self) -> dict[str, str]:
        """What every command of this day is told."""
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        own = {"CREWDESK_HOME": str(self.home / "var"), "CREWDESK_CONFIG": str(self.own)}
        return {**kept, **own, "CREWDESK_ALERT_DAY": self.receiver.url, "NO_COLOR": "1"}

    def pass_by(self) -> tuple[Listener, list[Verdict]]:
        """Let the day pass, kill what is to be killed, and judge."""
        self.crew("up", "--profile", PROFILE, "--faults", str(self.home / "faults.yaml"), "--json")
        token = json.loads(self.crew("access", "token", "day", "--scope", "read", "--json"))["token"]
        listener = Listener(f"http://127.0.0.1:{self.port}", token)
        kills = {0.35: "schedule", 0.5: "exchange", 0.6: "console"}
        began = self.memory.began = time.monotonic()
        while (passed := time.monotonic() - began) < self.seconds:
            standing = standing_of(self.home / "var", PROFILE)
            if standing is not None:
                self.memory.look(standing)
                due = [share for share in kills if passed >= share * self.seconds]
                for share in due:
                    self._kill(kills.pop(share), standing.to_json())
            say(
                f"\r{passed:5.0f} of {self.seconds:.0f} s, {sum(listener.events.values())} events, killed {self.killed} "
            )
            time.sleep(EACH_SECONDS)
        return listener, self._judge()

    def _kill(self, name: str, standing: dict[str, Any]) -> None:
        pid = next((one["pid"] for one in standing["services"] if one["name"] == name), None)
        if pid:
            os.kill(pid, signal.SIGKILL)
            self.killed.append(name)

    def _judge(self) -> list[Verdict]:
        standing = standing_of(self.home / "var", PROFILE)
        found = judging.services(standing.to_json() if standing else {"services": [], "up": False}, self.killed)
        self.halted_at = time.monotonic()
        self.crew("halt", "--profile", PROFILE, "--reason", "the day is over", well=False)
        if self.alerts:
            deadline = time.monotonic() + 4 * judging.MOST_ALERT_SECONDS
            while time.monotonic() < deadline and not any(at > self.halted_at for at, _ in self.receiver.came):
                time.sleep(0.1)
            found.append(judging.alert(self.halted_at, self.receiver.came))
        else:
            found.append(Verdict(what="an alert arrives", well=None, seen="no alert service in this tree"))
        warm = max(WARM_LEAST, WARM_SHARE * self.seconds)
        found += judging.memory(self.memory.growth(warm))
        history = lines(self.crew("schedule", "history", "--profile", PROFILE, "--json", well=False))
        decisions = lines(self.crew("audit", "list", "--profile", PROFILE, "-n", "10000", "--json", well=False))
        found += judging.runs(history, decisions)
        self.crew("down", "--profile", PROFILE, well=False)
        verified = self.crew("audit", "verify", "--profile", PROFILE, "--json", well=False)
        found.append(
            Verdict(what="the record verifies afterwards", well='"ok":true' in verified, seen=verified[:80].strip())
        )
        return found + judging.logs(self.home / "var" / PROFILE / "logs")


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
            listener, verdicts = day.pass_by()
        finally:
            subprocess.run(command("down", "--profile", PROFILE), env=day.environ(), capture_output=True, cwd=day.home)
        listener.close()
        page = written(day, listener, verdicts)
    if not told.no_page:
        PAGE.write_text(page)
    say("\n" + page)
    if any(one.well is False for one in verdicts):
        raise SystemExit(1)


def written(day: Day, listener: Listener, verdicts: list[Verdict]) -> str:
    """The page, as a whole."""
    marks = {True: "yes", False: "**no**", None: "not judged"}
    rows = "\n".join(f"| {one.what} | {marks[one.well]} | {one.seen} |" for one in verdicts)
    heard = ", ".join(f"{count} {name}" for name, count in sorted(listener.events.items())) or "none"
    lost = ", ".join(f"{count} times {why}" for why, count in sorted(listener.lost.items())) or "never"
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True
    ).stdout.strip()
    share = day.seconds * day.speed / DAY_SECONDS
    return f"""# A day of the whole desk

Written by `python -m benchmarks.day`. {share:.2f} of a day in {day.seconds / 60:.0f} minutes: exchange, guard{", alerts" if day.alerts else ""},
console, timetable and crew up, the exchange failing on purpose, the console open, services killed on the way.

| judged | well | seen |
|---|---|---|
{rows}

Whoever had the console open heard {heard}, and had to come back {sum(listener.lost.values())} times ({lost}).

({os.cpu_count()} cores, Python {platform.python_version()}, commit {commit}, {day.speed} times as fast as ours.)
"""


def command(*words: str) -> list[str]:
    """`crew` of this very interpreter."""
    return [sys.executable, "-m", "ui", *words]


def crew_knows(word: str) -> bool:
    """Whether this tree has that command."""
    ran = subprocess.run(command(word, "--help"), capture_output=True, cwd=ROOT)
    return ran.returncode == 0


def lines(text: str) -> list[dict[str, Any]]:
    """One JSON object a line."""
    return [json.loads(line) for line in text.splitlines() if line.startswith("{")]


def say(text: str) -> None:
    """Progress, for who waits."""
    sys.stderr.write(text)
    sys.stderr.flush()


if __name__ == "__main__":
    main()

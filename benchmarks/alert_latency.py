"""How long an event takes to reach a person: a real guard, the alert service as a process, a webhook on loopback.

`python -m benchmarks.alert_latency` writes its table into docs/alerts.md. Each event is made once for each round; the
time is from the event itself to the hook's receipt, the service's own looks and waits included.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

from config.loader import load_desk
from crews.running import processes
from crews.running.services import Folder, Services
from desk.alerts import Alert, Kind, Level, Outbox
from desk.guard.process.clock import SystemClock
from memory.audit import AuditLog
from tests.loopback_services import Web, web_server

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "alerts.md"
BEGIN, END = "<!-- measured -->\n", "<!-- /measured -->"
PATIENCE = 120.0
ASKED = 5.0


def measure(rounds: int) -> dict[str, list[float]]:
    """Seconds of each event, by its name."""
    found: dict[str, list[float]] = {}
    for number in range(rounds):
        print(f"round {number + 1} of {rounds}", flush=True)
        with tempfile.TemporaryDirectory() as home, ExitStack() as closing_all:
            for name, seconds in _round(Path(home), closing_all):
                print(f"  {name}: {seconds:.2f} s", flush=True)
                found.setdefault(name, []).append(seconds)
    return found


def _round(home: Path, closing_all: ExitStack) -> Iterator[tuple[str, float]]:
    folder, config = Folder(home / "var" / "demo"), load_desk("demo", environ={})
    web = closing_all.enter_context(web_server())
    services = Services(config, folder)
    closing_all.callback(services.close)
    services.open()
    log = closing_all.enter_context(closing(AuditLog(folder.audit, SystemClock())))
    closing_all.enter_context(_service(home, web))
    outbox = closing_all.enter_context(closing(Outbox(folder.alerts, SystemClock())))

    def refused() -> None:
        log.append("d-1", "intent", {"intent_id": "i-1", "body": "{}"})
        verdict = {"outcome": "refused", "rule": "limits.gross", "message": "measured", "numbers": {}, "quantity": "0"}
        log.append("d-1", "verdict", {"intent_id": "i-1", **verdict})

    # All that the alert service sees of a schedule: its sign of life, and whether the process it names lives.
    schedule = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    closing_all.callback(schedule.wait)
    closing_all.callback(schedule.kill)
    beat = folder.root / "run" / "schedule.json"

    def stopped() -> None:
        beat.write_text(json.dumps({"pid": schedule.pid, "url": ""}))
        schedule.kill()
        schedule.wait()

    def tripped() -> None:
        with services.guard() as guard:
            guard.halt("measured")

    def killed() -> None:
        running = processes.find(folder.program("guard"))
        assert running is not None
        os.kill(running.pid, signal.SIGKILL)

    alert = Alert(kind=Kind.TEST, level=Level.WARNING, title="posted by another process", key="measured")
    yield "an alert another process posts", _until(web, "posted by another", lambda: outbox.post(alert))
    yield "an order the guard refused", _until(web, "refused by limits.gross", refused)
    yield "a breaker that trips", _until(web, "the breaker tripped", tripped)
    yield "a schedule that is killed", _until(web, "the schedule has stopped", stopped)
    yield "a guard that is killed", _until(web, "the guard is silent", killed)


@contextmanager
def _service(home: Path, web: Web) -> Iterator[None]:
    """The alert service as a process, ready."""
    own = home / "own"
    own.mkdir()
    packaged = (ROOT / "config" / "alerts.yaml").read_text()
    (own / "alerts.yaml").write_text(
        packaged.replace("channels: {}\n", "channels: {hook: {url_env: CREWDESK_ALERT_HOOK}}\n")
    )
    environ = {
        **os.environ,
        "CREWDESK_HOME": str(home / "var"),
        "CREWDESK_CONFIG": str(own),
        "CREWDESK_ALERT_HOOK": web.url.replace("http://", "json://") + "/hook",
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "ui", "alerts", "run"], env=environ, cwd=ROOT, stderr=subprocess.DEVNULL
    )
    try:
        _wait(lambda: (home / "var" / "demo" / "run" / "alerts.json").exists())
        yield
    finally:
        process.terminate()
        process.wait()


def _until(web: Web, title: str, event: Callable[[], object]) -> float:
    began = time.monotonic()
    event()
    _wait(lambda: any(title in told["title"] for told in web.sent_to("/hook")))
    return time.monotonic() - began


def _wait(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not true():
        if time.monotonic() > deadline:
            raise SystemExit("it never came")
        time.sleep(0.01)


def table(found: dict[str, list[float]], rounds: int) -> str:
    """The table as Markdown."""
    lines = [
        f"Measured by `python -m benchmarks.alert_latency` over {rounds} rounds with a real guard and the service as a",
        f"process; asked for is {ASKED:.0f} s. The load of the machine was {os.getloadavg()[1]:.0f} on "
        f"{os.cpu_count()} cores.",
        "",
        "| event | fastest, s | slowest, s |",
        "|---|---|---|",
    ]
    lines += [f"| {name} | {min(seconds):.1f} | {max(seconds):.1f} |" for name, seconds in found.items()]
    return "\n".join(lines) + "\n"


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--rounds", type=int, default=5)
    asked.add_argument("--no-page", action="store_true", help="only print")
    told = asked.parse_args()
    found = measure(told.rounds)
    text = table(found, told.rounds)
    print(text)
    if not told.no_page:
        before, _, rest = PAGE.read_text().partition(BEGIN)
        PAGE.write_text(f"{before}{BEGIN}{text}{END}{rest.partition(END)[2]}")
    if max(max(seconds) for seconds in found.values()) > ASKED:
        raise SystemExit(f"an alert took longer than {ASKED:.0f} s")


if __name__ == "__main__":
    main()

"""What is measured while the day passes: the memory of each process, what the console tells, what alerts arrive."""

from __future__ import annotations

import json
import os
import statistics
import threading
import time
from collections import defaultdict
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from websockets.sync.client import ClientConnection, connect

from ops.standing import DeskStanding, read_standing

PAGE = os.sysconf("SC_PAGE_SIZE")
# A process is settled once it has loaded all that it loads; what it grows after that is judged.
SETTLE_SECONDS, LEAST_SECONDS = 60.0, 45.0
# What a browser shows of the console: its header, the Desk tab and the Health tab.
WATCHED = (
    ("header", {}),
    ("under", {}),
    ("chart", {"symbol": "BTCUSDT", "interval": "15m"}),
    ("health", {}),
    ("log", {}),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Grown:
    """One life of one service, from its settling to its end: bytes at the end, and growth as a share."""

    name: str
    life: int
    seconds: float
    held: int
    share: float


@dataclass(slots=True)
class Memory:
    """Samples of resident bytes by process: (name, pid) to (seconds since the beginning, bytes)."""

    began: float = field(default_factory=time.monotonic)
    samples: dict[tuple[str, int], list[tuple[float, int]]] = field(default_factory=lambda: defaultdict(list))

    def look(self, standing: DeskStanding) -> None:
        """Sample every process of the desk once."""
        named = {one.name: one.process.pid for one in standing.services if one.process}
        for name, pid in {**named, "keeper": standing.keeper.pid}.items():
            try:
                held = int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * PAGE
            except (OSError, ValueError, IndexError):
                continue
            if held:  # a process that ended and was not yet waited for holds nothing
                self.samples[name, pid].append((time.monotonic() - self.began, held))

    def grown(self, settle: float = SETTLE_SECONDS, least: float = LEAST_SECONDS) -> list[Grown]:
        """Every life that was long enough to be judged, each from its own settling on: a restart begins anew.

        Medians of its first and of its last fifth are compared, so that one sample decides nothing.
        """
        lives: dict[str, int] = defaultdict(int)
        found: list[Grown] = []
        for (name, _), samples in sorted(self.samples.items(), key=lambda one: one[1][0][0]):
            lives[name] += 1
            settled = [(at, held) for at, held in samples if at >= samples[0][0] + settle]
            if len(settled) < 10 or settled[-1][0] - settled[0][0] < least:
                continue
            fifth = max(2, len(settled) // 5)
            first = statistics.median(held for _, held in settled[:fifth])
            last = statistics.median(held for _, held in settled[-fifth:])
            seconds = settled[-1][0] - settled[0][0]
            found.append(Grown(name=name, life=lives[name], seconds=seconds, held=int(last), share=last / first - 1))
        return sorted(found, key=lambda one: (one.name, one.life))


@dataclass(frozen=True, slots=True, kw_only=True)
class Came:
    """An alert as a program received it. `at` is monotonic seconds; `waited` those since it was posted."""

    at: float
    waited: float
    kind: str
    title: str
    text: str
    data: Mapping[str, Any]


class Receiver(ThreadingHTTPServer):
    """Where alerts go: people's channel, and a program's webhook that is told every kind."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Takes)
        self.came: list[Came] = []
        self.to_people: list[str] = []
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def people(self) -> str:
        """The channel, as Apprise writes it."""
        return f"json://127.0.0.1:{self.server_port}/people"

    @property
    def program(self) -> str:
        """The webhook."""
        return f"http://127.0.0.1:{self.server_port}/program"


class _Takes(BaseHTTPRequestHandler):
    server: Receiver

    def do_POST(self) -> None:
        at, now = time.monotonic(), time.time()
        told: dict[str, Any] = json.loads(self.rfile.read(int(self.headers.get("Content-Length", 0))) or b"{}")
        if self.path.startswith("/program"):
            waited = now - datetime.fromisoformat(told["timestamp"]).timestamp()
            words = {name: str(told[name]) for name in ("title", "text")}
            self.server.came.append(Came(at=at, waited=waited, kind=told["type"], data=told["data"], **words))
        else:
            self.server.to_people.append(str(told.get("title", "")))
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Keeps quiet."""


class Listener:
    """Somebody who has a socket of the console open, and comes back when the console was away."""

    def __init__(self, url: str, headers: Mapping[str, str], watch: str = "") -> None:
        """`watch` is what a page says it shows, once it is connected."""
        self._url, self._headers, self._watch = url.replace("http://", "ws://"), dict(headers), watch
        self.events: dict[str, int] = defaultdict(int)
        self.lost: dict[str, int] = defaultdict(int)
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._hear, daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Leave."""
        self._over.set()
        self._thread.join(timeout=10)

    def _hear(self) -> None:
        while not self._over.is_set():
            try:
                with connect(self._url, additional_headers=self._headers, open_timeout=10, close_timeout=2) as line:
                    if self._watch:
                        line.send(self._watch)
                    self._take(line)
            except Exception as error:
                self.lost[str(error)[:60] or type(error).__name__] += 1
                self._over.wait(1)

    def _take(self, line: ClientConnection) -> None:
        while not self._over.is_set():
            with suppress(TimeoutError):
                told = json.loads(line.recv(timeout=1))
                self.events[told.get("type", "panels" if told.get("panels") else "beat")] += 1


def standing_of(home: Path, profile: str) -> DeskStanding | None:
    """How the desk stands now."""
    return read_standing(home / profile / "run" / "desk.json")

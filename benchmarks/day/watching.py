"""What is measured while the day passes: the memory of each process, what the console tells a listener, what alerts say."""

from __future__ import annotations

import json
import os
import statistics
import threading
import time
from collections import defaultdict
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from websockets.sync.client import connect

from ops.standing import DeskStanding, read_standing

PAGE = os.sysconf("SC_PAGE_SIZE")


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

    def growth(self, warm: float) -> dict[str, tuple[int, float]]:
        """Of every process that lived from `warm` seconds on: bytes at the end, and growth as a share.

        Medians of the first and of the last fifth are compared, so that one sample decides nothing. One that ended on
        the way is left out: it holds nothing, which is no thrift.
        """
        found: dict[str, tuple[int, float]] = {}
        end = max((samples[-1][0] for samples in self.samples.values()), default=0.0)
        for (name, _), samples in self.samples.items():
            late = [held for at, held in samples if at >= warm]
            if len(late) < 10 or samples[0][0] > warm or samples[-1][0] < end - 10:
                continue
            fifth = max(2, len(late) // 5)
            first, last = statistics.median(late[:fifth]), statistics.median(late[-fifth:])
            found[name] = (int(last), last / first - 1)
        return found


class Receiver(ThreadingHTTPServer):
    """A channel of alerts: what arrives, and when."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Takes)
        self.came: list[tuple[float, str]] = []
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        """As Apprise writes it."""
        return f"json://127.0.0.1:{self.server_port}/"


class _Takes(BaseHTTPRequestHandler):
    server: Receiver

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        told: dict[str, Any] = json.loads(body or b"{}")
        self.server.came.append((time.monotonic(), f"{told.get('title', '')} {told.get('message', '')}".strip()))
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Keeps quiet."""


class Listener:
    """Somebody who has the console open: counts its events, and comes back when the console was away."""

    def __init__(self, url: str, token: str) -> None:
        self._url, self._token = url.replace("http://", "ws://") + "/api/v1/events", token
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
        headers = {"Authorization": f"Bearer {self._token}"}
        while not self._over.is_set():
            try:
                with connect(self._url, additional_headers=headers, open_timeout=10, close_timeout=2) as line:
                    while not self._over.is_set():
                        try:
                            self.events[json.loads(line.recv(timeout=1)).get("type", "?")] += 1
                        except TimeoutError:
                            continue
            except Exception as error:
                self.lost[str(error)[:60] or type(error).__name__] += 1
                self._over.wait(1)


def standing_of(home: Path, profile: str) -> DeskStanding | None:
    """How the desk stands now."""
    return read_standing(home / profile / "run" / "desk.json")

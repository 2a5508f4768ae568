"""A guard that waits for its venue answers its door all the same, and is told from one that answers nobody."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from crews.running.services import Folder
from ui.messenger.watching import asked, open_guard


@contextmanager
def busy_guard(folder: Folder, silent: float) -> Iterator[None]:
    """A guard whose loop last came round so many seconds ago; what asks for its state waits until the end."""
    over = threading.Event()

    class Door(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path != "/v1/health":
                over.wait(60)
                return
            body = json.dumps({"silent_seconds": silent}).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Door)
    serving = threading.Thread(target=server.serve_forever)
    serving.start()
    run_file = folder.program("guard").run_file
    for file, text in (
        (run_file, json.dumps({"pid": os.getpid(), "url": f"http://127.0.0.1:{server.server_port}"})),
        (folder.crew_token, "a token"),
    ):
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    try:
        yield
    finally:
        over.set()
        server.shutdown()
        serving.join()
        server.server_close()


@pytest.mark.parametrize(("silent", "busy"), [(3.2, True), (9.0, False)])
def test_a_loop_that_comes_round_is_busy_and_one_that_hangs_is_not(
    tmp_path: Path, *, silent: float, busy: bool
) -> None:
    folder = Folder(tmp_path / "demo")
    with busy_guard(folder, silent), closing(open_guard(folder)) as pane:
        told = asked(pane, folder)
    assert told.status is None
    assert told.busy is busy


def test_a_guard_that_never_was_is_neither_busy_nor_gone(tmp_path: Path) -> None:
    folder = Folder(tmp_path / "demo")
    with closing(open_guard(folder)) as pane:
        told = asked(pane, folder)
    assert (told.busy, told.gone, told.exchange_gone) == (False, False, False)


@pytest.fixture
def killed() -> Iterator[int]:
    """The pid of a process that was killed, and whose parent has not noticed yet."""
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    child.kill()
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
    yield child.pid
    child.communicate()


@pytest.mark.parametrize(("name", "seen"), [("guard", (True, False)), ("venue", (False, True))])
def test_whose_process_was_killed_is_gone_at_once(
    tmp_path: Path, killed: int, name: str, seen: tuple[bool, bool]
) -> None:
    folder = Folder(tmp_path / "demo")
    run_file = folder.program(name).run_file
    run_file.parent.mkdir(parents=True)
    run_file.write_text(json.dumps({"pid": killed, "url": "http://127.0.0.1:9"}))
    with closing(open_guard(folder)) as pane:
        told = asked(pane, folder)
    assert (told.gone, told.exchange_gone) == seen

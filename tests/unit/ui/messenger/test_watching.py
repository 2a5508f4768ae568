"""A guard that waits for its venue answers its door all the same, and is told from one that answers nobody."""

from __future__ import annotations

import json
import os
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
        told = asked(pane)
    assert told.status is None
    assert told.busy is busy


def test_a_guard_that_is_gone_is_not_busy(tmp_path: Path) -> None:
    with closing(open_guard(Folder(tmp_path / "demo"))) as pane:
        assert not asked(pane).busy

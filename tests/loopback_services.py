"""The services alerts go to, on loopback: a web server that speaks for Telegram, Discord and a hook, and a mail server.

They note what they were sent, and fail when a test says so.
"""

from __future__ import annotations

import json
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Web:
    """What reached the web server: path and JSON body of each request, and each as it was `heard`, head and bytes.

    `updates` are what the bot hears next. A text of more than `most_chars` is refused, as the services refuse it.
    """

    url: str = ""
    status: int = 200
    most_chars: int = 0
    location: str = ""
    requests: list[tuple[str, Any]] = field(default_factory=list[tuple[str, Any]])
    heard: list[tuple[dict[str, str], bytes]] = field(default_factory=list[tuple[dict[str, str], bytes]])
    updates: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])

    def sent_to(self, path: str) -> list[Any]:
        return [body for told, body in self.requests if told.endswith(path)]

    def takes(self, body: Any) -> bool:
        """Whether a text is no longer than it may be."""
        text = (body.get("text") or body.get("content") or "") if isinstance(body, dict) else ""
        return not self.most_chars or len(text) <= self.most_chars

    def answer(self, path: str, body: Any) -> Any:
        self.requests.append((path, body))
        if path.endswith("/getUpdates"):
            after = body.get("offset", 0)
            return [one for one in self.updates if one["update_id"] >= after]
        return {"message_id": len(self.requests)}


@contextmanager
def web_server() -> Iterator[Web]:
    web = Web()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            web.heard.append((dict(self.headers), body))
            told = json.loads(body) if body else None
            result = web.answer(self.path, told)
            status = web.status if web.takes(told) else 400
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            if web.location:
                self.send_header("Location", web.location)
            self.end_headers()
            self.wfile.write(json.dumps({"ok": status == 200, "result": result}).encode())

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    web.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield web
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@contextmanager
def mail_server() -> Iterator[tuple[int, list[str]]]:
    """Its port and the messages it took."""
    taken: list[str] = []

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            self.wfile.write(b"220 here\r\n")
            while line := self.rfile.readline():
                word = line.strip().upper()
                if word == b"DATA":
                    self.wfile.write(b"354 go on\r\n")
                    lines: list[bytes] = []
                    while (line := self.rfile.readline()).rstrip(b"\r\n") != b".":
                        lines.append(line)
                    taken.append(b"".join(lines).decode())
                said = {b"EHLO": b"250-here\r\n250 AUTH PLAIN", b"AUTH": b"235 in", b"QUIT": b"221 bye"}
                self.wfile.write(said.get(word[:4], b"250 well") + b"\r\n")
                if word == b"QUIT":
                    return

    server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield server.server_address[1], taken
    finally:
        server.shutdown()
        server.server_close()
        thread.join()

"""The least that counts as a service of the desk: it writes its run file, says yes to everything, ends when told."""

from __future__ import annotations

import json
import os
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path


class Answer(BaseHTTPRequestHandler):
    """Says yes to every question."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Keeps quiet."""


def main() -> None:
    """Serve until ended."""
    server = HTTPServer(("127.0.0.1", 0), Answer)
    run_file = Path(sys.argv[sys.argv.index("--settings") + 1]).with_name("run.json")
    written = run_file.with_suffix(".new")
    written.write_text(json.dumps({"pid": os.getpid(), "url": f"http://127.0.0.1:{server.server_port}"}))
    written.replace(run_file)
    server.serve_forever()


if __name__ == "__main__":
    main()

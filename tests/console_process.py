"""A console as a person starts it: a process of its own, its first password read off its output, ended by its id."""

from __future__ import annotations

import json
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from tests.crew_command import Operator


@dataclass(frozen=True)
class RunningConsole:
    """Where it is, and how to log in."""

    url: str
    password: str
    operator: Operator

    def token(self, name: str, scope: str) -> str:
        """A program's token, made at the machine."""
        ran = self.operator.crew("access", "token", name, "--scope", scope, "--json")
        assert ran.code == 0, ran.err
        return str(ran.lines[0]["token"])

    @contextmanager
    def browser(self) -> Iterator[httpx.Client]:
        """A logged-in browser without a screen, whose requests prove themselves as our page's do."""
        with httpx.Client(base_url=self.url, headers={"Origin": self.url}, trust_env=False, timeout=60) as client:
            answer = client.post("/login", data={"name": "operator", "secret": self.password})
            assert answer.status_code == 303, answer.text
            client.headers["X-CSRF-Token"] = client.cookies["crew_csrf"]
            yield client


@contextmanager
def console(operator: Operator, *words: str) -> Iterator[RunningConsole]:
    """Serve the demo profile while the block runs."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = operator.start("console", "--json", "--port", str(port), *words)
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line, process.stderr.read() if process.stderr else ""
        told = json.loads(line)
        yield RunningConsole(told["url"], told["password"], operator)
    finally:
        process.terminate()
        try:
            process.communicate(timeout=60)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
    # What it started, it ended.
    left = [file for file in (operator.home / "var" / "demo" / "run").glob("*.json") if _alive(file)]
    assert left == []


def _alive(run_file: Path) -> bool:
    return Path(f"/proc/{json.loads(run_file.read_text())['pid']}").exists()

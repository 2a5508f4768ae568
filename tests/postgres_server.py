"""A real PostgreSQL server of Debian's, in a folder of its own, reached by a Unix socket alone; ended by its id.

It refuses to run as root, so a root's tests start it as an unprivileged user. `kill` is the hard way: the server and
everything it has started, at once, as a power cut would; `start` after it recovers from what is on the disk.
"""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

import psycopg
import pytest

START_DEADLINE_S = 60.0
_PACKAGED = Path("/usr/lib/postgresql")


def programs() -> Path:
    """Where the server's programs are; without them, skip where that may be, and fail where they must be there."""
    found = installed()
    if found is None and os.environ.get("CI") == "true":
        pytest.fail("no PostgreSQL server: .ci/run installs Debian's")
    if found is None:
        pytest.skip("no PostgreSQL server on this machine: apt install postgresql")
    return found


def installed() -> Path | None:
    """The newest of Debian's packages, or what the path has."""
    packaged = [one.parent for one in _PACKAGED.glob("*/bin/initdb")]
    newest = max(packaged, key=lambda one: int(one.parent.name), default=None)
    named = shutil.which("initdb")
    return newest or (Path(named).resolve().parent if named else None)


@dataclass
class PostgresServer:
    """One server. `durable` is how it runs by default; without, it does not wait for the disk."""

    bin: Path
    home: Path
    durable: bool = False
    _process: subprocess.Popen[bytes] | None = None
    _numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def create(self) -> None:
        """Make the folder of an empty server."""
        owner = _owner()
        if owner is not None:
            os.chown(self.home, owner.pw_uid, owner.pw_gid)
        made = self._run("initdb", "-D", str(self._data), "-U", "desk", "-A", "trust", "-E", "UTF8", "--no-sync")
        made_text = made.communicate(timeout=120)[0]
        assert made.returncode == 0, made_text.decode(errors="replace")

    def start(self) -> None:
        """Start it, and wait until it answers."""
        settings = [f"unix_socket_directories={self.home}", "listen_addresses=", "max_connections=40"]
        settings += [] if self.durable else ["fsync=off", "synchronous_commit=off", "full_page_writes=off"]
        with (self.home / "server.log").open("ab") as log:
            words = [part for setting in settings for part in ("-c", setting)]
            self._process = self._run("postgres", "-D", str(self._data), *words, log=log.fileno())
        began = time.monotonic()
        while True:
            try:
                psycopg.connect(f"host={self.home} user=desk dbname=postgres").close()
                return
            except psycopg.OperationalError as error:
                if self._process.poll() is not None or time.monotonic() - began > START_DEADLINE_S:
                    raise AssertionError(f"the server did not start: {error}\n{self.log[-2000:]}") from None
                time.sleep(0.02)

    def kill(self) -> None:
        """End it and all its own processes like a power cut, and wait until the last is gone."""
        process, self._process = self._process, None
        if process is None:
            return
        # Stopped first, so that it starts nobody while its own are counted.
        process.send_signal(signal.SIGSTOP)
        its_own = _children(process.pid)
        for pid in (*its_own, process.pid):
            os.kill(pid, signal.SIGKILL)
        process.wait(timeout=30)
        while any(_lives(pid) for pid in its_own):
            time.sleep(0.005)

    def stop(self) -> None:
        """End it for good: its folder goes with it, so it need not spend half a minute writing down what it holds."""
        process, self._process = self._process, None
        if process is not None and process.poll() is None:
            process.send_signal(signal.SIGQUIT)
            process.wait(timeout=60)

    def database(self) -> str:
        """The URL of a new, empty database."""
        name = f"desk{next(self._numbers)}"
        with psycopg.connect(f"host={self.home} user=desk dbname=postgres", autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}".encode())
        return f"postgresql+psycopg://desk@/{name}?host={self.home}"

    def vacuum(self, url: str) -> None:
        """Let the server learn what its tables hold, as it does by itself within a minute."""
        with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as connection:
            connection.execute("VACUUM ANALYZE")

    def cpu_seconds(self) -> float:
        """CPU seconds that it and the processes it has now have had so far."""
        assert self._process is not None
        pids = (self._process.pid, *_children(self._process.pid))
        return sum(int(Path(f"/proc/{pid}/schedstat").read_text().split()[0]) for pid in pids) / 1e9

    @property
    def log(self) -> str:
        """What the server has said."""
        return (self.home / "server.log").read_text(errors="replace")

    @property
    def _data(self) -> Path:
        return self.home / "data"

    def _run(self, program: str, *words: str, log: int = subprocess.PIPE) -> subprocess.Popen[bytes]:
        owner = _owner()
        other = {"user": owner.pw_uid, "group": owner.pw_gid, "extra_groups": []} if owner else {}
        environment = {**os.environ, "LC_ALL": "C", "HOME": str(self.home)}
        command = [str(self.bin / program), *words]
        return subprocess.Popen(
            command,
            cwd=self.home,
            env=environment,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            **other,
        )


@contextmanager
def serving(programs_at: Path, *, durable: bool = False) -> Iterator[PostgresServer]:
    """A server for the length of the block, in a folder that goes with it."""
    # Not pytest's own folder: another user must be able to enter it, and a socket's path must be short.
    with tempfile.TemporaryDirectory(prefix="crew-pg-", ignore_cleanup_errors=True) as home:
        server = PostgresServer(programs_at, Path(home), durable)
        server.create()
        try:
            server.start()
            yield server
        finally:
            server.stop()


def _owner() -> pwd.struct_passwd | None:
    """Whose the server is, where that is not whoever runs the tests."""
    if os.getuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise AssertionError("no unprivileged user on this machine")


def _children(pid: int) -> list[int]:
    """The processes it has started: the server's own, each of which leads a session by itself."""
    told = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    return [int(one) for one in told.split()]


def _lives(pid: int) -> bool:
    """Whether a process is more than a name that nobody has read out yet."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False

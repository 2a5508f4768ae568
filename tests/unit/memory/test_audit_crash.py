"""A row that was acknowledged survives the death of the process that wrote it, wherever death comes."""

from __future__ import annotations

import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from memory.audit import AuditLog

ROOT = Path(__file__).resolve().parents[3]
KILLS = 8
WRITER = """
import sys
from pathlib import Path
from desk.guard.process.clock import SystemClock
from memory.audit import AuditLog, Entry
log = AuditLog(Path(sys.argv[1]), SystemClock())
number = 0
while True:
    number += 1
    large = f"{number} " * 400
    entry = Entry(kind="error", payload={"stage": "work", "error": "E", "message": large})
    rows = log.append_all(f"d{number}", [entry, entry])
    print(f"{rows[-1].seq} {rows[-1].hash}\\n", end="", flush=True)
"""


def acknowledged_until_killed(path: Path, seconds: float, writer: str = WRITER) -> tuple[int, str]:
    """The last row the writer said was kept before it was killed."""
    process = subprocess.Popen(
        [sys.executable, "-c", writer, str(path)], cwd=ROOT, stdout=subprocess.PIPE, text=True, bufsize=1
    )
    assert process.stdout is not None
    last = process.stdout.readline()
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        last = process.stdout.readline()
    process.send_signal(signal.SIGKILL)
    rest, _ = process.communicate(timeout=30)
    lines = [line for line in rest.splitlines() if len(line.split()) == 2]
    seq, digest = (lines[-1] if lines else last).split()
    return int(seq), digest


def test_every_acknowledged_row_survives_a_kill(path: Path, clock: Any) -> None:
    rng = random.Random(9)
    for _ in range(KILLS):
        seq, digest = acknowledged_until_killed(path, rng.uniform(0.0, 0.15))
        log = AuditLog(path, clock, create=False)
        found = log.verify()
        assert found.ok, found
        assert found.rows >= seq
        assert found.rows % 2 == 0, "a batch was kept by half"
        assert log.since(seq - 1, 1)[0].hash == digest
        log.close()


@pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not installed")
def test_no_row_is_acknowledged_before_the_disk_has_it(path: Path) -> None:
    """Each acknowledgement is preceded by a sync of the journal, of the file, and of the journal's end."""
    trace = path.with_suffix(".trace")
    limited = WRITER.replace("while True:", "while number < 20:")
    command = ["strace", "-f", "-e", "trace=fsync,fdatasync,write", "-o", str(trace), sys.executable, "-c", limited]
    ran = subprocess.run([*command, str(path)], cwd=ROOT, capture_output=True, text=True, timeout=60)
    if "ptrace" in ran.stderr:
        pytest.skip("tracing is not permitted here")
    assert ran.returncode == 0, ran.stderr
    # A line of output may be several writes; a row without syncs of its own would make fewer than twenty groups.
    groups = [0]
    for line in trace.read_text().splitlines():
        if "sync(" in line:
            groups[-1] += 1
        elif "write(1," in line and groups[-1]:
            groups.append(0)
    assert len(groups) == 21
    assert min(groups[:-1]) >= 3

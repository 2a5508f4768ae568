"""How a foreign program is listened to: its checks are heard as it tells them, and a bad end is never a good one."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from conformance.results import Check, Findings, Outcome
from conformance.suites import listen

PROGRAMS = Path(__file__).resolve().parents[3] / "conformance" / "programs"
TELLS = "import told\ntold.passed('one')\nprint('noise of a library')\ntold.failed('two', 'a\\nb')\n"


@contextmanager
def program(source: str, tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    script = tmp_path / "program.py"
    script.write_text(source)
    running = subprocess.Popen(
        [sys.executable, str(script)],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env={"PYTHONPATH": str(PROGRAMS), "PYTHONDONTWRITEBYTECODE": "1"},
    )
    with running:
        yield running
        running.kill()


def heard_from(source: str, tmp_path: Path, seconds: float = 30) -> tuple[Findings, str]:
    findings = Findings("suite")
    live: list[Check] = []
    with program(source, tmp_path) as running:
        broke = listen(running, seconds, findings, live.append)
    assert live == findings.checks
    return findings, broke


def test_checks_are_heard_and_noise_is_not(tmp_path: Path) -> None:
    findings, broke = heard_from(TELLS, tmp_path)
    assert findings.checks == [Check("one", Outcome.PASSED), Check("two", Outcome.FAILED, "a b")]
    assert broke == ""


def test_a_program_that_ends_badly_is_told_beside_what_it_had_checked(tmp_path: Path) -> None:
    findings, broke = heard_from(TELLS + "raise SystemExit(3)\n", tmp_path)
    assert len(findings.checks) == 2
    assert broke == "it ended with code 3"


def test_a_program_that_never_ends_is_told_too(tmp_path: Path) -> None:
    _, broke = heard_from("import threading\nthreading.Event().wait()\n", tmp_path, seconds=0.2)
    assert broke == "ended after 0.2 s, before it was done"


@pytest.mark.parametrize("raised", ["ValueError('x  y')", "AssertionError('x\\ny')"])
def test_an_error_becomes_one_line(tmp_path: Path, raised: str) -> None:
    source = f"import told\ndef attempt():\n    raise {raised}\ntold.check('tried', attempt)\n"
    findings, _ = heard_from(source, tmp_path)
    assert findings.checks[0].outcome is Outcome.FAILED
    assert findings.checks[0].reason.endswith("Error: x y")

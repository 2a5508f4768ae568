"""A service starts whatever other threads do to this process's environment meanwhile."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from crews.running import processes
from crews.running.processes import Program

STARTS = 12


@pytest.fixture
def churned_environment() -> Iterator[dict[str, str]]:
    """Another thread keeps changing the environment, as the import of a large library does; what it was before."""
    before, going = dict(os.environ), threading.Event()
    going.set()

    def churn() -> None:
        number = 0
        while going.is_set():
            number += 1
            os.environ[f"CHURN_{number % 400}"] = "x" * (number % 300)
            if number % 400 == 0:
                for name in [name for name in os.environ if name.startswith("CHURN_")]:
                    del os.environ[name]

    thread = threading.Thread(target=churn, daemon=True)
    thread.start()
    yield before
    going.clear()
    thread.join()
    for name in [name for name in os.environ if name not in before]:
        del os.environ[name]


def test_a_service_starts_while_the_environment_changes_under_it(
    tmp_path: Path, churned_environment: dict[str, str]
) -> None:
    for number in range(STARTS):
        folder = tmp_path / str(number)
        folder.mkdir()
        program = Program(
            name="quick service",
            module="tests.quick_service",
            settings=folder / "settings.json",
            run_file=folder / "run.json",
            log=folder / "service.log",
            health="/",
        )
        running = processes.ensure(program, churned_environment)
        assert running.started_here
        again = processes.ensure(program, churned_environment)
        assert (again.pid, again.started_here) == (running.pid, False)
        processes.stop(running)
        assert processes.find(program) is None

"""The workers of a study on a Ray cluster: the same command there as here, one task a worker.

Ray is an extra (`cluster`), because a desk that searches on one machine, or on several by a database's URL, needs none.
"""

from __future__ import annotations

import importlib
import subprocess
import sys
from collections.abc import Sequence
from typing import Any

from desk.domain.errors import PrerequisiteError

LOCAL = "local"


def command(words: Sequence[str]) -> list[str]:
    """How a worker is started from this very interpreter."""
    return [sys.executable, "-m", "ui", *words]


class OnCluster:
    """Workers on a cluster."""

    def __init__(self, words: Sequence[Sequence[str]], *, address: str) -> None:
        """Start a task for each. Raises PrerequisiteError where Ray is not installed or not reached."""
        self._ray: Any = _ray()
        self._mine = not self._ray.is_initialized()
        try:
            if self._mine:
                where = {"num_cpus": len(words)} if address == LOCAL else {"address": address}
                self._ray.init(include_dashboard=False, logging_level="ERROR", log_to_driver=False, **where)
        except (ConnectionError, RuntimeError, ValueError) as error:
            raise PrerequisiteError(f"no Ray cluster answers: {error}"[:200]) from error
        task = self._ray.remote(num_cpus=1)(_one)
        self._tasks = [task.remote(list(one)) for one in words]

    def wait(self) -> list[int]:
        """The exit code of each worker."""
        codes: list[int] = self._ray.get(self._tasks)
        if self._mine:
            self._ray.shutdown()
        return codes


class Here:
    """Workers as processes of this machine."""

    def __init__(self, words: Sequence[Sequence[str]]) -> None:
        self._running = [subprocess.Popen(command(one), stdout=subprocess.DEVNULL) for one in words]

    def wait(self) -> list[int]:
        """The exit code of each worker."""
        return [one.wait() for one in self._running]


def _one(words: list[str]) -> int:
    return subprocess.run(command(words), stdout=subprocess.DEVNULL, check=False).returncode


def _ray() -> Any:  # noqa: ANN401  an optional library
    try:
        return importlib.import_module("ray")
    except ImportError as error:
        raise PrerequisiteError(
            "a Ray cluster needs the extra `cluster`", hint=".venv/bin/uv sync --locked --inexact --extra cluster"
        ) from error

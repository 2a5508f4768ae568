"""The workers of a study on a Ray cluster: the same command there as here, one task a worker.

Ray is an extra (`cluster`), because a desk that searches on one machine, or on several by a database's URL, needs none.
A cluster asks nobody who he is unless its owner says so; the one that is started here listens on loopback alone.
"""

from __future__ import annotations

import importlib
import os
import subprocess
import sys
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from typing import Any

from desk.domain.errors import PrerequisiteError
from desk.search.study import Place

LOCAL = "local"
# Ray takes the machine's address on the network where it believes in clusters, and loopback where it does not.
_BELIEVES = "RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER"


def command(words: Sequence[str], program: str = "ui") -> list[str]:
    """How a worker is started from this very interpreter."""
    return [sys.executable, "-m", program, *words]


def need_shared(place: Place, address: str) -> None:
    """Raises PrerequisiteError for a study in a file of this machine and workers on others."""
    if address not in ("", LOCAL) and place.url.startswith("sqlite"):
        raise PrerequisiteError(
            "the machines of a cluster cannot share a study that is a file of this one",
            hint="--storage postgresql+psycopg://USER@HOST/DATABASE",
        )


class OnCluster:
    """Workers on a cluster."""

    def __init__(self, words: Sequence[Sequence[str]], *, address: str, program: str = "ui") -> None:
        """Start a task for each. Raises PrerequisiteError where Ray is not installed or not reached."""
        with _heard_by_this_machine_alone(address == LOCAL):
            self._ray: Any = _ray()
            self._mine = not self._ray.is_initialized()
            try:
                if self._mine:
                    size = {"num_cpus": len(words)} if address == LOCAL else {}
                    quiet = {"include_dashboard": False, "logging_level": "ERROR", "log_to_driver": False}
                    self._ray.init(address=address, **size, **quiet)
            except (ConnectionError, RuntimeError, ValueError) as error:
                raise PrerequisiteError(f"no Ray cluster answers: {error}"[:200]) from error
        task = self._ray.remote(num_cpus=1)(_one)
        self._tasks = [task.remote(list(one), program) for one in words]

    def wait(self) -> list[int]:
        """The exit code of each worker. Raises PrerequisiteError where the cluster is lost meanwhile."""
        try:
            codes: list[int] = self._ray.get(self._tasks)
        except self._ray.exceptions.RayError as error:
            raise PrerequisiteError(f"the Ray cluster lost a worker: {error}"[:200]) from error
        finally:
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


def _one(words: list[str], program: str) -> int:
    return subprocess.run(command(words, program), stdout=subprocess.DEVNULL, check=False).returncode


@contextmanager
def _heard_by_this_machine_alone(wanted: bool) -> Generator[None]:
    """Asked as Ray is loaded, and again by each process that it starts."""
    before = os.environ.get(_BELIEVES)
    if wanted:
        os.environ[_BELIEVES] = "0"
    try:
        yield
    finally:
        if before is None:
            os.environ.pop(_BELIEVES, None)
        else:
            os.environ[_BELIEVES] = before


def _ray() -> Any:  # noqa: ANN401  an optional library
    try:
        return importlib.import_module("ray")
    except ImportError as error:
        raise PrerequisiteError(
            "a Ray cluster needs the extra `cluster`", hint=".venv/bin/uv sync --locked --inexact --extra cluster"
        ) from error

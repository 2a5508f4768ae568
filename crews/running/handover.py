"""A trading key that came by the environment goes to the guard, and this process starts over without it.

Forgetting a variable is not enough: the system shows, to whoever asks, the environment a process began with. So the
guard is started first, with its key; then this very command begins anew with everything but that. What it started
before is named to itself, so that it still ends what it began.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NoReturn

from config.loader import DeskConfig
from crews.running.processes import Running
from crews.running.services import STARTED_VARIABLE, Folder, Services
from desk.domain.errors import PrerequisiteError


def hand_over(config: DeskConfig, folder: Folder, phrase: str) -> None:
    """Return when this process never had this profile's trading key; else start the guard and begin anew.

    Raises:
        PrerequisiteError: the guard does not start, or this system cannot start the command over.
    """
    services = Services(config, folder, phrase=phrase)
    if not began_with(services.trading_variables):
        return
    services.open()
    start_over(services.trading_variables, services.started)


def began_with(names: frozenset[str], environment: Path = Path("/proc/self/environ")) -> bool:
    """Whether the environment that the system shows of this process has one of these variables."""
    if not names:
        return False
    try:
        shown = environment.read_bytes().split(b"\0")
    except OSError:
        # Where the system shows nothing, what is left in the environment is all there is to hide.
        return bool(names & os.environ.keys())
    return any(entry.partition(b"=")[0].decode("utf-8", "replace") in names for entry in shown)


def start_over(names: frozenset[str], started: Sequence[Running]) -> NoReturn:
    """Become the same command without these variables. Raises PrerequisiteError where that cannot be done."""
    environ = cleansed(os.environ, names, started)
    sys.stdout.flush()
    sys.stderr.flush()
    try:
        os.execve(sys.executable, [sys.executable, *sys.orig_argv[1:]], environ)  # noqa: S606 - no shell is wanted
    except OSError as error:
        raise PrerequisiteError(
            f"this command cannot start over without the trading key: {error.strerror}",
            hint="start the guard by itself: crew guard; then kick off from a terminal that has no key",
        ) from error


def cleansed(environ: Mapping[str, str], names: frozenset[str], started: Sequence[Running]) -> dict[str, str]:
    """The environment without these variables, and with the names of what was started."""
    kept = {name: value for name, value in environ.items() if name not in names}
    return {**kept, STARTED_VARIABLE: json.dumps({running.name: running.pid for running in started})}

"""One kickoff of a profile at a time: whoever decides holds the profile, and the system lets go of it when they end.

Two desks deciding on one account would each take the other's position for their own. Reading, halting and auditing need
no turn. The lock lies beside the profile's folder, because that folder can be set aside while the turn is held.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

from desk.domain.errors import PrerequisiteError


@contextmanager
def deciding(profile_folder: Path) -> Iterator[None]:
    """Hold the profile whose data lie in `profile_folder` for the length of the block.

    Raises:
        PrerequisiteError: when another process holds it; the message says which one, and since when.
    """
    hint = "let it end, or stop it with Ctrl-C; crew status, crew halt and crew audit work meanwhile"
    with _held(profile_folder, "deciding", f"a kickoff of profile {profile_folder.name} is at work already", hint):
        yield


@contextmanager
def holding(profile_folder: Path, service: str, hint: str) -> Iterator[None]:
    """Be the one process of this service of a profile for the length of the block.

    Raises:
        PrerequisiteError: when another process is it; the message says which one, and since when.
    """
    told = f"the {service} of profile {profile_folder.name} runs already"
    with _held(profile_folder, service, told, hint):
        yield


@contextmanager
def _held(profile_folder: Path, what: str, told: str, hint: str) -> Iterator[None]:
    lock = profile_folder.with_name(f".{profile_folder.name}.{what}")
    lock.parent.mkdir(parents=True, exist_ok=True)
    # Opened without truncating: what stands in it is the holder's name until the lock is ours.
    with os.fdopen(os.open(lock, os.O_RDWR | os.O_CREAT, 0o600), "r+") as file:
        _take(file, told, hint)
        yield


def _take(file: IO[str], told: str, hint: str) -> None:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise PrerequisiteError(f"{told}{_holder(file)}", hint=hint) from None
    file.truncate(0)
    file.write(json.dumps({"pid": os.getpid(), "since": f"{datetime.now(tz=UTC):%Y-%m-%d %H:%M:%S} UTC"}))
    file.flush()


def _holder(file: IO[str]) -> str:
    try:
        told = json.loads(file.read())
        return f" (pid {int(told['pid'])}, since {told['since']})"
    except (ValueError, KeyError, TypeError):
        return ""

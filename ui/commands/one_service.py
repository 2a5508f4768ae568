"""One service of a desk that is up: started, stopped or started anew by its keeper, and waited for."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from crews.running.services import Folder
from desk.domain.errors import PrerequisiteError
from ops.running import ask_restart, ask_stop, keeper_of
from ops.standing import DeskStanding, Standing, State

PATIENCE_SECONDS = 300.0
_GLANCE_SECONDS = 0.1
# The last started is stopped first: who decides before who executes.
_LAST = 99


def start_stopped(folder: Folder, names: Sequence[str], told: DeskStanding) -> DeskStanding | None:
    """Start those of these services that do not run; None when each of them runs, or one is not kept here."""
    standing = {one.name: one for one in told.services}
    if not set(names) <= set(standing):
        missing = ", ".join(name for name in names if name not in standing)
        raise PrerequisiteError(
            f"the desk is up without {missing}", hint="crew down, then crew up with every service you want"
        )
    idle = [one.name for one in told.services if one.name in names and one.state in (State.STOPPED, State.GIVEN_UP)]
    for name in idle:
        told = start_anew(folder, name, told)
    return told if idle else None


def start_anew(folder: Folder, name: str, before: DeskStanding) -> DeskStanding:
    """Have one service started anew, and wait until it stands. Raises PrerequisiteError when it does not."""
    ask_restart(folder, name)
    old = _of(before, name)
    again = 0 if old is None else old.restarts
    return _until(
        folder,
        name,
        lambda now: now.restarts > again and now.state in (State.UP, State.GIVEN_UP),
        f"{name} does not come up",
    )


def stop_each(folder: Folder, names: Sequence[str]) -> DeskStanding:
    """Have these services stopped, who needs others first. Raises PrerequisiteError where one is not kept here."""
    told = keeper_of(folder)
    order = [] if told is None else [one.name for one in told.services]
    for name in sorted(names, key=lambda one: order.index(one) if one in order else _LAST, reverse=True):
        ask_stop(folder, name)
        told = _until(folder, name, lambda now: now.state is State.STOPPED, f"{name} does not end")
    if told is None:
        raise PrerequisiteError("the desk is not up", hint="crew up")
    return told


def _until(folder: Folder, name: str, so: Callable[[Standing], bool], trouble: str) -> DeskStanding:
    profile = folder.root.name
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        told = keeper_of(folder)
        if told is None:
            raise PrerequisiteError("the desk went down meanwhile", hint=f"crew logs desk --profile {profile}")
        now = _of(told, name)
        if now is not None and so(now):
            return told
        time.sleep(_GLANCE_SECONDS)
    raise PrerequisiteError(trouble, hint=f"crew logs {name} --profile {profile}")


def _of(told: DeskStanding, name: str) -> Standing | None:
    return next((one for one in told.services if one.name == name), None)

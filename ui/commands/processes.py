"""`crew guard`: the guard as a process of its own, in the foreground of a terminal."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from config.loader import load_desk
from crews.running import processes
from crews.running.services import folder_of, guard_settings, write_private
from desk.domain.errors import PrerequisiteError
from ui.commands.options import ConfigRoot, Profile
from ui.terminal import tells_errors


@tells_errors
def guard(
    profile: Profile = "demo",
    config: ConfigRoot = None,
    live_phrase: Annotated[str, typer.Option(help="The third opt-in of real money.")] = "",
) -> None:
    """Run the guard: the only process that holds the key, and the only one that may trade."""
    loaded = load_desk(profile, root=config)
    folder = folder_of(profile)
    program = folder.program("guard")
    refuse_a_second(program)
    venue = loaded.profile.venue.base_url or _address_of_the_exchange(profile)
    write_private(program.settings, json.dumps(guard_settings(loaded, folder, venue), indent=2))
    become(program.module, program.settings, *(["--live-phrase", live_phrase] if live_phrase else []))


def _address_of_the_exchange(profile: str) -> str:
    running = processes.find(folder_of(profile).program("venue"))
    if running is None:
        raise PrerequisiteError(
            f"no paper exchange runs for profile {profile}", hint=f"crew exchange --profile {profile}"
        )
    return running.url


def refuse_a_second(program: processes.Program) -> None:
    """Raise PrerequisiteError when this program of the profile runs already."""
    running = processes.find(program)
    if running is not None:
        raise PrerequisiteError(f"the {running.name} of this profile already runs (pid {running.pid})")


def become(module: str, settings: Path, *extra: str) -> None:
    """Replace this process, so that signals and exit codes are the service's own."""
    sys.stdout.flush()
    os.execv(sys.executable, [sys.executable, "-m", module, "--settings", str(settings), *extra])  # noqa: S606 (no shell is wanted)

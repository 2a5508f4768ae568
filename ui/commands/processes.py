"""Commands that are a process of their own: the paper exchange and the guard, in the foreground of a terminal."""

from __future__ import annotations

import json
import os
import socket
import sys
from pathlib import Path
from typing import Annotated

import typer

from config.loader import load_desk
from crews import processes
from crews.services import folder_of, guard_settings, venue_settings, write_private
from desk.domain.errors import PrerequisiteError
from ui.commands.options import ConfigRoot, Profile
from ui.terminal import aside, tells_errors


@tells_errors
def exchange(
    profile: Profile = "demo",
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port on loopback; 0 takes a free one.")] = 0,
    settings: Annotated[Path | None, typer.Option(help="A settings file of your own instead of the profile's.")] = None,
    config: ConfigRoot = None,
    faults: Annotated[Path | None, typer.Option(help="A script of what is to fail, or an earlier log.")] = None,
    faults_log: Annotated[Path | None, typer.Option(help="Write what failed to this file, a script itself.")] = None,
) -> None:
    """Run the paper exchange: Binance USD-M futures' protocol on loopback, for any client."""
    _refuse_a_taken_port(port)
    folder = folder_of(profile)
    program = folder.program("venue")
    if settings is None:
        told = {**venue_settings(load_desk(profile, root=config), folder), "port": port}
        settings = program.settings
        _refuse_a_second(program)
        write_private(settings, json.dumps(told, indent=2))
    aside().print(f"[quiet]paper exchange of profile {profile}; its key is in {folder.root / 'venue' / 'keys.json'}[/]")
    bad_luck = {"--faults": faults, "--faults-log": faults_log}
    _become(program.module, settings, *(word for name, path in bad_luck.items() if path for word in (name, str(path))))


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
    _refuse_a_second(program)
    venue = loaded.profile.venue.base_url or _address_of_the_exchange(profile)
    write_private(program.settings, json.dumps(guard_settings(loaded, folder, venue), indent=2))
    _become(program.module, program.settings, *(["--live-phrase", live_phrase] if live_phrase else []))


def _address_of_the_exchange(profile: str) -> str:
    running = processes.find(folder_of(profile).program("venue"))
    if running is None:
        raise PrerequisiteError(
            f"no paper exchange runs for profile {profile}", hint=f"crew exchange --profile {profile}"
        )
    return running.url


def _refuse_a_second(program: processes.Program) -> None:
    running = processes.find(program)
    if running is not None:
        raise PrerequisiteError(f"the {running.name} of this profile already runs (pid {running.pid})")


def _refuse_a_taken_port(port: int) -> None:
    """Say so before anything starts; the exchange itself finds it only after it has built its market."""
    if port == 0:
        return
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise PrerequisiteError(
                f"port {port} cannot be taken: {error.strerror}", hint="--port 0 takes a free one"
            ) from error


def _become(module: str, settings: Path, *extra: str) -> None:
    """Replace this process, so that signals and exit codes are the service's own."""
    sys.stdout.flush()
    os.execv(sys.executable, [sys.executable, "-m", module, "--settings", str(settings), *extra])  # noqa: S606 (no shell is wanted)

"""Commands that ask the guard: status, halt, flatten, and the two steps of a reset."""

from __future__ import annotations

from typing import Annotated

import typer

from crews.running import processes
from crews.running.services import Folder, folder_of
from desk.domain.errors import GuardUnreachableError, PrerequisiteError
from desk.guard.door.client import GuardClient
from desk.guard.vocabulary.status import GuardStatus
from ops.running import keeper_of
from ui.commands.options import AsJson, Profile, Reason
from ui.exits import Exit
from ui.figures import moment
from ui.services_screen import services_screen
from ui.status_screen import status_screen
from ui.terminal import aside, print_json, screen, tells_errors


def client_of(profile: str, *, operator: bool = False) -> GuardClient:
    """A client of the running guard of a profile. Raises GuardUnreachableError when none runs."""
    folder: Folder = folder_of(profile)
    running = processes.find(folder.program("guard"))
    token = folder.operator_token if operator else folder.crew_token
    if running is None or not token.exists():
        raise GuardUnreachableError(
            f"no guard runs for profile {profile}", hint=f"crew guard --profile {profile}, or crew kickoff"
        )
    return GuardClient(running.url, token.read_text().strip())


@tells_errors
def status(
    profile: Profile = "demo",
    services: Annotated[bool, typer.Option("--services", help="How its processes stand, as `crew up` keeps them.")] = (
        False
    ),
    as_json: AsJson = False,
) -> None:
    """What the desk holds, what protects it, and what it may still lose today; or how its processes stand."""
    if services:
        _show_services(profile, as_json=as_json)
        return
    with client_of(profile) as guard:
        show(guard.state(), profile, as_json=as_json)


def _show_services(profile: str, *, as_json: bool) -> None:
    told = keeper_of(folder_of(profile))
    if told is None:
        raise PrerequisiteError(f"the desk of profile {profile} is not up", hint=f"crew up --profile {profile}")
    if as_json:
        print_json(told.to_json())
    else:
        screen().print(services_screen(told))
    if not told.up:
        raise typer.Exit(Exit.PREREQUISITE)


@tells_errors
def halt(reason: Reason = "halted by the operator", profile: Profile = "demo", as_json: AsJson = False) -> None:
    """Stop everything: cancel entries, close positions, lock. Only `crew reset` lifts it."""
    with client_of(profile) as guard:
        show(guard.halt(reason), profile, as_json=as_json)


@tells_errors
def flatten(reason: Reason = "flattened by the operator", profile: Profile = "demo", as_json: AsJson = False) -> None:
    """Close every position now, without locking the desk."""
    with client_of(profile) as guard:
        show(guard.flatten(reason), profile, as_json=as_json)


@tells_errors
def reset_request(
    reason: Annotated[str, typer.Option("--reason", "-r", help="Why trading may go on; journalled.")],
    profile: Profile = "demo",
    as_json: AsJson = False,
) -> None:
    """First step: ask for a code. It is shown once, and works only after the waiting time."""
    with client_of(profile, operator=True) as guard:
        code = guard.request_reset(reason)
    if as_json:
        print_json({"code": code.code, "valid_from": code.valid_from, "valid_until": code.valid_until})
        return
    console = screen()
    console.print(f"Code [name]{code.code}[/], shown once.")
    console.print(f"Works from {moment(code.valid_from)} until {moment(code.valid_until)}:")
    console.print(f"  crew reset confirm {code.code} --profile {profile}")


@tells_errors
def reset_confirm(
    code: Annotated[str, typer.Argument(help="The code of the first step.")],
    profile: Profile = "demo",
    as_json: AsJson = False,
) -> None:
    """Second step: lift the latch, if the code and the circumstances allow it."""
    with client_of(profile, operator=True) as guard:
        show(guard.confirm_reset(code), profile, as_json=as_json)


def show(told: GuardStatus, profile: str, *, as_json: bool) -> None:
    """Print the state for a person or for a script."""
    if as_json:
        print_json({"profile": profile, **told.model_dump(mode="json")})
        return
    screen().print(status_screen(told, profile=profile, label=""))
    if told.latch is not None:
        aside().print("[quiet]hint:[/] crew reset request --reason … when you have understood what happened")

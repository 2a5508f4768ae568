"""Options that several commands share, so that they mean and read the same everywhere."""

from __future__ import annotations

import os
import pwd
import re
from pathlib import Path
from typing import Annotated

import typer

from config.files import Files
from config.loader import FOLDER_VARIABLE
from desk.domain.errors import ConfigError, PrerequisiteError
from ui.terminal import tells_errors

_PROFILE = re.compile(r"[a-z][a-z0-9_-]{0,39}", re.ASCII)


def _profile(context: typer.Context, name: str) -> str:
    """A profile's name becomes a folder's: nothing else may stand in it. And the desk of it has to be one's own."""
    if not _PROFILE.fullmatch(name):
        raise typer.BadParameter(f"{name!r} is no name of a profile: small letters, digits, - and _")
    if context.resilient_parsing:
        return name
    # A command that reads the configuration says by itself which file is missing.
    if not any(one.name == "config" for one in context.command.params):
        _require_known(name)
    _require_own(name)
    return name


def _require_known(name: str) -> None:
    """A misspelt profile is no profile without data: say so, before a guard is said not to run for it."""
    from crews.running.services import folder_of  # here and not above: it takes longer to load than help to show

    try:
        known = Files(root_of(None)).profiles()
    except ConfigError:
        return
    if name not in known and not folder_of(name).root.exists():
        raise typer.BadParameter(f"no profile is called {name}; there are {', '.join(known)}")


@tells_errors
def _require_own(name: str) -> None:
    """What one user writes another's desk cannot read: what root asks of a desk run as crewdesk is never done."""
    from crews.running.services import folder_of
    from ops.identity import owner_of
    from ops.standing import read_standing, standing_file

    told = read_standing(standing_file(folder_of(name)))
    owner = None if told is None or not told.keeper.alive else owner_of(told.keeper.pid)
    if owner is not None and owner != os.geteuid():
        raise PrerequisiteError(
            f"the desk of profile {name} runs as another user ({_user(owner)})",
            hint=f"sudo -u {_user(owner)} crew ...; docs/deploy.md has a command for it",
        )


def _user(number: int) -> str:
    try:
        return pwd.getpwuid(number).pw_name
    except KeyError:
        return str(number)


Profile = Annotated[
    str,
    typer.Option("--profile", "-p", callback=_profile, help="demo, replay, paper, testnet or live (config/profiles/)."),
]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON object a line on standard output, nothing else there.")]
ConfigRoot = Annotated[
    Path | None, typer.Option("--config", metavar="DIR", help="Your own folder of YAML files, file by file over ours.")
]
Reason = Annotated[str, typer.Option("--reason", "-r", help="Why; it is written into the guard's journal.")]


def root_of(config: Path | None) -> Path | None:
    """The operator's folder: as named, or as the environment names it."""
    if config is not None:
        return config
    named = os.environ.get(FOLDER_VARIABLE, "")
    return Path(named).expanduser() if named else None

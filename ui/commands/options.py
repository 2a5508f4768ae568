"""Options that several commands share, so that they mean and read the same everywhere."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Annotated

import typer

from config.loader import FOLDER_VARIABLE

_PROFILE = re.compile(r"[a-z][a-z0-9_-]{0,39}", re.ASCII)


def _profile(name: str) -> str:
    """A profile's name becomes a folder's: nothing else may stand in it."""
    if not _PROFILE.fullmatch(name):
        raise typer.BadParameter(f"{name!r} is no name of a profile: small letters, digits, - and _")
    return name


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

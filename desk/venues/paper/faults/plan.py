"""What a venue is started with: its first script, where the log goes, and whether the admin may change it."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from desk.venues.paper.faults.script import Script, read_script
from desk.venues.paper.settings import FaultSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class FaultPlan:
    """A script read and understood. With `admin` it may be empty: the operator brings one later."""

    script: Script = field(default_factory=Script)
    log: Path | None = None
    admin: bool = False


def read_plan(settings: FaultSettings) -> FaultPlan:
    """The plan that the settings name.

    Raises:
        ConfigError: naming the script's file and the first key that is wrong.
    """
    script = Script() if settings.file is None else read_script(settings.file)
    return FaultPlan(script=script, log=settings.log, admin=settings.admin)

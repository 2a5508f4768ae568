"""Exit codes a script can rely on. They are part of the command's contract and never change their meaning."""

from __future__ import annotations

from enum import IntEnum

from desk.domain.errors import (
    ConfigError,
    DataError,
    DeskError,
    GuardError,
    JournalError,
    ModelError,
    PrerequisiteError,
    UnwritableError,
    VenueError,
)


class Exit(IntEnum):
    """What each exit code means."""

    OK = 0
    UNEXPECTED = 1
    USAGE = 2
    CONFIG = 3
    PREREQUISITE = 4
    VENUE = 5
    GUARD = 6
    TAMPERED = 7
    MODEL = 8
    INTERRUPTED = 130


_OF_ERROR: tuple[tuple[type[DeskError], Exit], ...] = (
    (ConfigError, Exit.CONFIG),
    (PrerequisiteError, Exit.PREREQUISITE),
    (VenueError, Exit.VENUE),
    (DataError, Exit.VENUE),
    (GuardError, Exit.GUARD),
    (UnwritableError, Exit.PREREQUISITE),
    (JournalError, Exit.TAMPERED),
    (ModelError, Exit.MODEL),
)


def exit_of(error: DeskError) -> Exit:
    """The exit code of an error, by who must act on it."""
    return next((code for kind, code in _OF_ERROR if isinstance(error, kind)), Exit.UNEXPECTED)

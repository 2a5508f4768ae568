"""A pause of the crew: it decides nothing more until somebody lets it go on. The guard works on all the same.

A small file beside the profile's data says so, so that console, terminal, schedule and messenger mean one thing, and a
restart forgets nothing. A pause is no halt: positions stay open, stops rest, exits pass.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from crews.running.services import Folder, write_private

_REASON_CHARS = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Paused:
    """Why the crew pauses, and since when (aware UTC, this machine's clock)."""

    reason: str
    since: datetime


def paused(folder: Folder) -> Paused | None:
    """The pause of a profile, or None. A file that does not read is a pause: nobody said that it is over."""
    try:
        told = json.loads(pause_file(folder).read_text())
        return Paused(reason=str(told["reason"]), since=datetime.fromisoformat(told["since"]))
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, ValueError, KeyError, TypeError):
        return Paused(reason="the pause's file does not read", since=datetime.now(UTC))


def pause(folder: Folder, reason: str) -> Paused:
    """Let the crew of this profile decide nothing more; a pause that is there stays as it is."""
    found = paused(folder)
    if found is not None:
        return found
    now = Paused(reason=" ".join(reason.split())[:_REASON_CHARS] or "no reason given", since=datetime.now(UTC))
    write_private(pause_file(folder), json.dumps({"reason": now.reason, "since": now.since.isoformat()}) + "\n")
    return now


def resume(folder: Folder) -> bool:
    """Let the crew go on; False when it was not paused."""
    try:
        pause_file(folder).unlink()
    except FileNotFoundError:
        return False
    return True


def pause_file(folder: Folder) -> Path:
    """It outlives the profile's data: who sets them aside has not said that the crew may go on."""
    return folder.root.with_name(f".{folder.root.name}.paused")

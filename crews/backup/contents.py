"""What of a profile is in a backup, under which name, and what is not, with the reason.

Left out: every token and key (`crew.token`, `operator.token`, `admin.token`, `venue/keys.json`, who may log in), which
are made anew or kept elsewhere; what is made from the rest (`memory`, `replies`, `run`, `logs`, settings files); and
the queue of alerts, so that nobody hears of last week again.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from crews.running.pause import pause_file
from crews.running.services import Folder

AUDIT, JOURNAL, LEDGER = "desk/audit.sqlite", "desk/guard/journal.sqlite", "desk/ledger.sqlite"
CONFIG, POLICIES = "config", "policies"


class Form(StrEnum):
    """How something is read: a database by SQLite's own backup, a file at once, a folder file by file."""

    DATABASE = "database"
    FILE = "file"
    FOLDER = "folder"


@dataclass(frozen=True, slots=True)
class Part:
    """One thing of a profile: its name in the archive, where it is on this disk, and how it is read."""

    name: str
    path: Path
    form: Form


def parts_of(folder: Folder) -> tuple[Part, ...]:
    """What a backup holds beside the record and the ledger, in the order in which it is read.

    The exchange comes last: a venue that knows more than its guard's journal is what every restart looks like.
    """
    return (
        Part("desk/spending.sqlite", folder.spending, Form.DATABASE),
        Part("desk/policies.json", folder.promotions, Form.FILE),
        Part("desk/certificates", folder.certificates, Form.FOLDER),
        Part("desk/pupil", folder.pupil, Form.FOLDER),
        Part("desk/HALT", folder.halt_file, Form.FILE),
        Part("beside/mode", folder.mode, Form.FILE),
        Part("beside/paused", pause_file(folder), Form.FILE),
        Part("beside/schedule.sqlite", folder.schedule, Form.DATABASE),
        Part(POLICIES, folder.policies, Form.FOLDER),
        Part("desk/venue/state.sqlite", folder.root / "venue" / "state.sqlite", Form.DATABASE),
    )


def files_of(part: Part) -> Iterator[tuple[str, Path]]:
    """Every file of a part that is there, with its name in the archive."""
    if part.form is Form.FOLDER:
        for path in sorted(part.path.rglob("*")):
            if path.is_file() and not path.is_symlink():
                yield f"{part.name}/{path.relative_to(part.path)}", path
    elif part.path.is_file():
        yield part.name, part.path


def place_of(name: str, folder: Folder, staged: Path) -> Path | None:
    """Where a file of an archive belongs; None where no backup puts one. What is the desk's own is staged first."""
    room, _, rest = name.partition("/")
    if room == "desk":
        return staged / rest
    if room == CONFIG:
        return staged / "restored-config" / rest
    if room == POLICIES:
        return folder.policies / rest
    return next((part.path for part in parts_of(folder) if part.name == name), None)

"""Bring a profile back from a backup: checked first, laid out beside, and put in place in one step.

Nothing is restored over a desk that runs, nor over data that nobody said may be set aside; those are moved, never
deleted. A latch is not lifted this way: what locked the desk is lifted by two human steps and by nothing else.
"""

from __future__ import annotations

import shutil
import tempfile
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from crews.audit.verify import verify
from crews.backup.archive import Manifest, read_manifest, unpack
from crews.backup.contents import AUDIT, JOURNAL, place_of
from crews.backup.making import latched
from crews.running import processes
from crews.running.services import Folder, set_aside
from crews.running.turn import deciding
from desk.domain.errors import JournalError, PrerequisiteError
from desk.guard.process.runfile import read_run_file


@dataclass(frozen=True, slots=True, kw_only=True)
class Restored:
    """What was restored, and where the data went that were there before; None where there were none.

    `halted` where nobody could tell whether the desk that was there was latched, so that this one starts halted.
    """

    manifest: Manifest
    aside: Path | None
    halted: bool


def restore(archive: Path, folder: Folder, *, replace: bool = False) -> Restored:
    """Restore a profile's data. With `replace`, what is there is set aside first.

    Raises:
        PrerequisiteError: the file is no backup, or of another profile; a process of the profile runs; there are data
            already; or the desk that is there is latched and the backup is not.
        JournalError: the archive is damaged, or the record in it does not verify.
    """
    manifest = read_manifest(archive)
    if manifest.profile != folder.root.name:
        raise PrerequisiteError(
            f"the backup is of profile {manifest.profile}, not of {folder.root.name}",
            hint=f"crew restore … --profile {manifest.profile}",
        )
    folder.root.parent.mkdir(parents=True, exist_ok=True)
    with ExitStack() as closing, tempfile.TemporaryDirectory(prefix=".restore-", dir=folder.root.parent) as work:
        with deciding(folder.root):
            _refuse_running(folder)
            readable = _refuse_data(folder, manifest, replace=replace)
        rooms = Path(work) / "rooms"
        unpack(archive, rooms)
        _refuse_broken(rooms)
        aside = set_aside(folder)
        closing.enter_context(deciding(folder.root))
        _put_in_place(rooms, manifest, folder, Path(work) / "staged")
        if not readable:
            folder.halt_file.touch(mode=0o600)
    return Restored(manifest=manifest, aside=aside, halted=not readable)


def _refuse_running(folder: Folder) -> None:
    for name in ("watcher", "guard", "venue"):
        running = processes.find_hung(folder.program(name))
        if running is not None:
            raise PrerequisiteError(
                f"the {running.name} of this profile runs (pid {running.pid})",
                hint=f"crew stop --profile {folder.root.name}, then restore",
            )
    console = read_run_file(folder.root / "run" / "console.json")
    if console is not None and Path(f"/proc/{console.pid}").exists():
        raise PrerequisiteError(f"the console of this profile runs (pid {console.pid})", hint="end it, then restore")


def _refuse_data(folder: Folder, manifest: Manifest, *, replace: bool) -> bool:
    """Whether the journal that is there tells if its desk is latched; true where there is none."""
    there = [path for path in (folder.audit, folder.journal, folder.ledger) if path.exists()]
    if there and not replace:
        raise PrerequisiteError(
            f"profile {folder.root.name} has data already: {', '.join(path.name for path in there)}",
            hint="--replace sets them aside first; nothing is deleted",
        )
    try:
        reason = latched(folder.journal)
    except JournalError:
        return False
    if reason and not manifest.latched:
        raise PrerequisiteError(
            f"the desk that is there is latched ({reason[:120]}), and the backup is not",
            hint="lift the latch first, if it may be lifted: crew reset request",
        )
    return True


def _refuse_broken(rooms: Path) -> None:
    verified = verify(rooms / AUDIT, rooms / JOURNAL)
    if not verified.ok:
        first = verified.findings[0]
        raise JournalError(f"the record in the backup does not verify: {first.file}: {first.problem}")


def _put_in_place(rooms: Path, manifest: Manifest, folder: Folder, staged: Path) -> None:
    staged.mkdir(mode=0o700)
    for one in manifest.files:
        place = place_of(one.name, folder, staged)
        if place is None:
            raise JournalError(f"no backup of this program holds {one.name[:80]}")
        if place.exists():
            # What lies beside the profile outlives its data: a pause, claimed slots, policies that all profiles share.
            continue
        place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        shutil.move(rooms / one.name, place)
    # An empty folder may be there: whoever holds the profile's turn may have made it.
    if folder.root.exists():
        folder.root.rmdir()
    staged.rename(folder.root)

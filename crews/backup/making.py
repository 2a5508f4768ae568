"""Make a backup of a profile while its desk runs, and keep only so many.

Each database is read by SQLite's own backup, as it stood between two commits; a server's ledger is read as of one
moment, into a file. The record is two files that know each other: they are copied together and checked together,
chains, links and all, and copied again where a decision came between the two.
"""

from __future__ import annotations

import sqlite3
import tempfile
from collections.abc import Mapping
from contextlib import closing
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from sqlalchemy import make_url

from config.loader import DeskConfig
from crews.audit.verified import Finding, Verified
from crews.audit.verify import verify
from crews.backup.archive import Facts, Manifest, read_manifest, write
from crews.backup.contents import AUDIT, CONFIG, JOURNAL, LEDGER, Form, files_of, parts_of
from crews.record.bookkeeping import ledger_url
from crews.running.services import Folder
from desk.domain.errors import DeskError, JournalError, PrerequisiteError
from desk.guard.record.journal import GENESIS, read_rows
from desk.guard.record.replay import replay
from desk.ledger.copying import keep_copy
from desk.ledger.database import engine_of, file_of
from desk.ledger.keeping import copy_file
from memory.anchor import Anchor, anchor_of

_FURTHER_TRIES = 4
_ENDING = ".crew.tar.gz"


def make(
    config: DeskConfig, folder: Folder, target: Path, *, root: Path | None, now: datetime
) -> tuple[Path, Manifest]:
    """Make one archive in the folder `target`; `root` is the operator's folder of configuration, if there is one.

    Raises:
        PrerequisiteError: when the profile has no record yet.
        JournalError: when what would be kept does not verify: a backup of a broken record is none.
    """
    if not folder.audit.exists() and not folder.journal.exists():
        raise PrerequisiteError(f"profile {folder.root.name} has nothing to keep yet", hint="crew kickoff")
    with tempfile.TemporaryDirectory(prefix=f".{folder.root.name}.backup-", dir=folder.root.parent) as work:
        files, rooms = dict[str, Path](), Path(work)
        verified = _record(folder, rooms, files)
        kind = _ledger(config, folder, rooms, files)
        _rest(folder, rooms, root, files)
        facts = Facts(
            program=version("crewdesk"),
            profile=folder.root.name,
            made_at=now,
            ledger=kind,
            audit_rows=verified.audit.rows,
            journal_rows=verified.journal.rows,
            latched=latched(rooms / JOURNAL),
        )
        path = target / f"{folder.root.name}-{now.astimezone(UTC):%Y%m%dT%H%M%S%fZ}{_ENDING}"
        return path, write(path, facts, files)


def kept(target: Path, profile: str) -> list[Path]:
    """The backups of a profile in a folder, oldest first. What is no backup of it is passed over."""
    found: list[tuple[datetime, Path]] = []
    for path in target.glob(f"{profile}-*{_ENDING}"):
        try:
            manifest = read_manifest(path)
        except DeskError:
            continue
        if manifest.profile == profile:
            found.append((manifest.made_at, path))
    return [path for _, path in sorted(found)]


def thin(target: Path, profile: str, keep: int) -> list[Path]:
    """Delete a profile's oldest backups in a folder until `keep` are left; which ones went."""
    gone = kept(target, profile)[:-keep]
    for path in gone:
        path.unlink()
    return gone


def latched(journal: Path) -> str:
    """Why the guard of a journal is latched, or an empty text. Raises JournalError when it does not replay."""
    if not journal.exists():
        return ""
    latch = replay(read_rows(journal)).state.latch
    return "" if latch is None else latch.reason


def _record(folder: Folder, rooms: Path, files: dict[str, Path]) -> Verified:
    """Audit log and journal, copied until they agree."""
    places = {name: rooms / name for name in (AUDIT, JOURNAL)}
    verified = _copied(folder, places)
    for _ in range(_FURTHER_TRIES):
        if verified.ok:
            break
        verified = _copied(folder, places)
    if not verified.ok:
        raise _broken(verified.findings[0])
    for name, place in places.items():
        if place.exists():
            files |= {name: place, f"{name}.head": anchor_of(place)}
    return verified


def _copied(folder: Folder, places: Mapping[str, Path]) -> Verified:
    """Both files as they are now, each with an anchor of its own, and whether they agree."""
    for name, source in ((AUDIT, folder.audit), (JOURNAL, folder.journal)):
        if source.exists():
            copy_file(source, places[name])
            _anchor(places[name])
    return verify(places[AUDIT], places[JOURNAL])


def _broken(first: Finding) -> JournalError:
    where = first.file if first.row is None else f"row {first.row} of {first.file}"
    problem = f"the record does not verify, so it is not kept: {where}: {first.problem}"
    return JournalError(problem, hint="crew audit verify")


def _anchor(copy: Path) -> None:
    """The copy's own anchor: that of the desk may name a row written since."""
    with closing(sqlite3.connect(copy)) as rows:
        found: tuple[int, str] | None = rows.execute("SELECT seq, hash FROM head").fetchone()
    anchor_of(copy).unlink(missing_ok=True)
    anchor = Anchor(anchor_of(copy))
    anchor.rise(*(found or (0, GENESIS)))
    anchor.close()


def _ledger(config: DeskConfig, folder: Folder, rooms: Path, files: dict[str, Path]) -> str:
    """The ledger as one file, whatever it is kept in; the kind of database it was read from, empty for none."""
    url = ledger_url(config, folder)
    engine = engine_of(url)
    try:
        file = file_of(engine)
        if file is not None and not file.exists():
            return ""
        files[LEDGER] = keep_copy(engine, rooms / LEDGER)
    finally:
        engine.dispose()
    return make_url(url).get_backend_name()


def _rest(folder: Folder, rooms: Path, root: Path | None, files: dict[str, Path]) -> None:
    for part in parts_of(folder):
        for name, path in files_of(part):
            place = rooms / name
            if part.form is Form.DATABASE:
                copy_file(path, place)
            else:
                place.parent.mkdir(parents=True, exist_ok=True)
                place.write_bytes(path.read_bytes())
            files[name] = place
    if root is not None:
        for path in sorted((*root.glob("*.yaml"), *root.glob("profiles/*.yaml"))):
            files[f"{CONFIG}/{path.relative_to(root)}"] = path

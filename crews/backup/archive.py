"""One archive: a tar of files with a manifest that names each with its size and SHA-256, the first thing in it.

An archive that was written is read back and compared before it gets its name, and again before anything is restored.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import tarfile
import zlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import IO, Any

from pydantic import BaseModel, ConfigDict, ValidationError

from desk.domain.errors import JournalError, PrerequisiteError

MANIFEST = "manifest.json"
_FORMAT = 1
_AT_ONCE = 1 << 20
_LONGEST_MANIFEST = 16 << 20
# What the standard library raises on an archive that is cut, altered or none.
_DAMAGE = (OSError, tarfile.TarError, EOFError, zlib.error)


class Held(BaseModel):
    """One file of an archive."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    name: str
    size: int
    sha256: str


class Manifest(BaseModel):
    """What an archive is of, and every file in it. `ledger` tells the kind of database the ledger was read from."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    format: int
    program: str
    profile: str
    made_at: datetime
    ledger: str
    audit_rows: int
    journal_rows: int
    latched: str
    files: tuple[Held, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What the maker of an archive says of it."""

    program: str
    profile: str
    made_at: datetime
    ledger: str
    audit_rows: int
    journal_rows: int
    latched: str


def write(target: Path, facts: Facts, files: Mapping[str, Path]) -> Manifest:
    """Write an archive, read it back, and only then give it its name. Raises JournalError when it is not the same."""
    held = tuple(Held(name=name, size=path.stat().st_size, sha256=_digest(path)) for name, path in files.items())
    manifest = Manifest(format=_FORMAT, files=held, **asdict(facts))
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    unfinished = target.with_name(f".{target.name}.unfinished")
    try:
        with os.fdopen(os.open(unfinished, os.O_CREAT | os.O_RDWR | os.O_TRUNC, 0o600), "wb") as file:
            with tarfile.open(fileobj=file, mode="w:gz", compresslevel=3) as tar:
                text = manifest.model_dump_json(indent=2).encode()
                _add(tar, MANIFEST, len(text), io.BytesIO(text), facts.made_at)
                for one in held:
                    with files[one.name].open("rb") as source:
                        _add(tar, one.name, one.size, source, facts.made_at)
            file.flush()
            os.fsync(file.fileno())
        check(unfinished)
        unfinished.replace(target)
    finally:
        unfinished.unlink(missing_ok=True)
    return manifest


def read_manifest(path: Path) -> Manifest:
    """The manifest alone. Raises PrerequisiteError when the file is no backup of ours."""
    try:
        with tarfile.open(path, mode="r:gz") as tar:
            return _manifest(tar)
    except _DAMAGE as error:
        raise PrerequisiteError(f"{path.name} is no backup: {error}") from None


def check(path: Path) -> Manifest:
    """Every file against the manifest; none may be missing, more or other. Raises JournalError or PrerequisiteError."""
    return _walk(path, None)


def unpack(path: Path, into: Path) -> Manifest:
    """Check an archive while laying its files into an empty folder, under their names. Raises JournalError."""
    return _walk(path, into)


def _walk(path: Path, into: Path | None) -> Manifest:
    try:
        with tarfile.open(path, mode="r:gz") as tar:
            manifest = _manifest(tar)
            for one in manifest.files:
                member = tar.next()
                source = tar.extractfile(member) if member is not None and member.isfile() else None
                if member is None or source is None or member.name != one.name or not _plain(one.name):
                    raise JournalError(f"{path.name}: {one.name[:80]} is missing, or not where the manifest says")
                if _poured(source, None if into is None else into / one.name) != (one.size, one.sha256):
                    raise JournalError(f"{path.name}: {one.name[:80]} was altered")
            if tar.next() is not None:
                raise JournalError(f"{path.name} holds more than its manifest names")
            return manifest
    except _DAMAGE as error:
        raise JournalError(f"{path.name} is damaged: {error}") from None


def _manifest(tar: tarfile.TarFile) -> Manifest:
    first = tar.next()
    source = tar.extractfile(first) if first is not None and first.isfile() else None
    if first is None or source is None or first.name != MANIFEST or first.size > _LONGEST_MANIFEST:
        raise PrerequisiteError(f"{Path(str(tar.name)).name} is no backup: it has no manifest")
    try:
        found: dict[str, Any] = json.loads(source.read())
        if found.get("format") != _FORMAT:
            raise PrerequisiteError(f"the backup is of form {found.get('format')}, this program reads {_FORMAT}")
        return Manifest.model_validate(found)
    except (ValueError, ValidationError, AttributeError):
        raise PrerequisiteError("the backup's manifest does not read") from None


def _plain(name: str) -> bool:
    """Whether a name stays below the folder it is laid into."""
    path = PurePosixPath(name)
    return bool(path.parts) and not path.is_absolute() and ".." not in path.parts


def _add(tar: tarfile.TarFile, name: str, size: int, source: IO[bytes], at: datetime) -> None:
    told = tarfile.TarInfo(name)
    told.size, told.mode, told.mtime = size, 0o600, int(at.timestamp())
    tar.addfile(told, source)


def _poured(source: IO[bytes], target: Path | None) -> tuple[int, str]:
    """Size and digest of what came out; into a file of the owner's alone where one is named."""
    digest, size = hashlib.sha256(), 0
    sink = None
    if target is not None:
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        sink = os.fdopen(os.open(target, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb")
    try:
        while part := source.read(_AT_ONCE):
            digest.update(part)
            size += len(part)
            if sink is not None:
                sink.write(part)
        if sink is not None:
            sink.flush()
            os.fsync(sink.fileno())
    finally:
        if sink is not None:
            sink.close()
    return size, digest.hexdigest()


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()

"""Policies on disk: tables in an npz without pickle, all else in JSON, and a checksum file that `sha256sum -c` reads.

A policy is called by the first twelve digits of its JSON's hash; the JSON holds the hash of the tables, so the name
stands for every number. What does not verify is not a policy.
"""

from __future__ import annotations

import hashlib
import io
import shutil
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from pydantic import TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass as checked

from desk.domain.errors import DataError, PrerequisiteError
from desk.learning.method import Method, Table, Visits
from desk.learning.policy import Episode, Origin, Policy
from desk.learning.states import VERSION, StateSpace

TABLES, ABOUT, SUMS = "policy.npz", "policy.json", "SHA256SUMS"
BACKUPS_KEPT = 10
NAME_DIGITS = 12


@checked(frozen=True, config={"extra": "forbid"})
class _About:
    """The JSON beside the tables."""

    version: int
    tables: str
    figures: tuple[str, ...]
    method: Method
    origin: Origin
    curve: tuple[Episode, ...]


_ABOUT = TypeAdapter(_About)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shelved:
    """A policy with its name and the hash that its certificate is about."""

    name: str
    digest: str
    policy: Policy


@dataclass(frozen=True)
class PolicyShelf:
    """One folder of policies; `backups` below it holds the newest ten."""

    root: Path

    def put(self, policy: Policy) -> Shelved:
        """Keep a policy; the same one twice is one."""
        files, digest = _written(policy)
        folder = self.root / digest[:NAME_DIGITS]
        if not folder.exists():
            _place(files, folder)
        return Shelved(name=folder.name, digest=digest, policy=policy)

    def backup(self, policy: Policy, episode: int) -> Path:
        """Keep a copy while learning goes on; of all copies the newest ten stay."""
        files, digest = _written(policy)
        kept = sorted((self.root / "backups").glob("*"))
        number = 1 + (int(kept[-1].name.split("-")[0]) if kept else 0)
        folder = self.root / "backups" / f"{number:06d}-episode-{episode}-{digest[:NAME_DIGITS]}"
        _place(files, folder)
        for old in kept[: max(0, len(kept) + 1 - BACKUPS_KEPT)]:
            shutil.rmtree(old)
        return folder

    def get(self, name: str) -> Shelved:
        """The policy of this name, or of one that begins so.

        Raises:
            PrerequisiteError: no policy, or more than one, is called so.
            DataError: what is there does not verify.
        """
        found = [folder for folder in self._folders() if name and folder.name.startswith(name)]
        if len(found) != 1:
            told = "no policy is" if not found else f"{len(found)} policies are"
            raise PrerequisiteError(f"{told} called {name[:40]!r}", hint="crew policy list")
        return read_policy(found[0])

    def all(self) -> Iterator[Shelved]:
        """Every policy, the newest last. Raises DataError at one that does not verify."""
        yield from sorted(map(read_policy, self._folders()), key=lambda one: one.policy.origin.made_at)

    def _folders(self) -> list[Path]:
        return sorted(path for path in self.root.glob("*") if (path / SUMS).is_file())


def read_policy(folder: Path) -> Shelved:
    """The policy in a folder. Raises DataError for one that is not whole, was altered, or is of another version."""
    try:
        about, tables = (folder / ABOUT).read_bytes(), (folder / TABLES).read_bytes()
        told = _ABOUT.validate_json(about)
        if told.version != VERSION:
            raise DataError(f"policy {folder.name} was learnt in version {told.version}, this desk sees {VERSION}")
        sums = (folder / SUMS).read_text(encoding="ascii")
        if told.tables != _hash(tables) or sums != _sums(_hash(about), told.tables):
            raise DataError(f"policy {folder.name} is not what was written: its checksums differ")
        table, visits = _unpacked(tables)
        space = StateSpace.of(told.figures)
        policy = Policy(
            space=space, method=told.method, table=table, visits=visits, origin=told.origin, curve=told.curve
        )
    except (OSError, ValidationError, ValueError, KeyError, zipfile.BadZipFile) as error:
        raise DataError(f"policy {folder.name} does not read: {type(error).__name__}") from error
    return Shelved(name=_hash(about)[:NAME_DIGITS], digest=_hash(about), policy=policy)


def _written(policy: Policy) -> tuple[dict[str, bytes], str]:
    packed = io.BytesIO()
    np.savez_compressed(packed, table=policy.table, visits=policy.visits)
    tables = packed.getvalue()
    about = _About(
        version=VERSION,
        tables=_hash(tables),
        figures=policy.space.names,
        method=policy.method,
        origin=policy.origin,
        curve=policy.curve,
    )
    text = _ABOUT.dump_json(about, indent=2) + b"\n"
    sums = _sums(_hash(text), about.tables).encode("ascii")
    return {TABLES: tables, ABOUT: text, SUMS: sums}, _hash(text)


def _place(files: dict[str, bytes], folder: Path) -> None:
    """Whole or not at all."""
    draft = folder.with_name(f".{folder.name}")
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(parents=True)
    for name, content in files.items():
        (draft / name).write_bytes(content)
    draft.replace(folder)


def _unpacked(tables: bytes) -> tuple[Table, Visits]:
    with np.load(io.BytesIO(tables), allow_pickle=False) as file:
        return file["table"].astype(np.float64), file["visits"].astype(np.int64)


def _sums(about: str, tables: str) -> str:
    return f"{about}  {ABOUT}\n{tables}  {TABLES}\n"


def _hash(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()

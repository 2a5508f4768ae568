"""A small file beside a record that names its newest row, so that an older copy of the record put back is found.

A record's own hashes cannot tell yesterday's whole file from today's: every row of it is true. The anchor is raised
after each durable step and never lowered. It may lag behind by the step that a kill cut off; it is never ahead.
The guard keeps one of the same form beside its journal.
"""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

from desk.domain.errors import JournalError

_DIGEST = 64
_LONGEST = 128
_READINGS = 5


def anchor_of(path: Path) -> Path:
    """Where the anchor of the record at `path` lies."""
    return path.with_name(path.name + ".head")


def read_anchor(path: Path) -> tuple[int, str] | None:
    """Number and hash that the anchor names; None when it names none yet. Raises JournalError when it is torn."""
    try:
        # A writer may be at it: what two readings in a row agree on was written as one.
        text = path.read_bytes()
        for _ in range(_READINGS):
            again = path.read_bytes()
            if again == text:
                break
            text = again
    except FileNotFoundError:
        return None
    except OSError as error:
        raise JournalError(f"{path.name} cannot be read: {error.strerror}") from None
    return _parsed(text, path) if text else None


def _parsed(text: bytes, path: Path) -> tuple[int, str]:
    seq, _, digest = text.removesuffix(b"\n").partition(b" ")
    sound = seq.isdigit() and len(seq) == 20 and len(digest) == _DIGEST and text.endswith(b"\n")
    if not sound or not set(digest) <= set(b"0123456789abcdef"):
        raise JournalError(f"{path.name} is torn", hint="run `crew audit verify`")
    return int(seq), digest.decode("ascii")


class Anchor:
    """The anchor as its writers hold it. Several processes may: it only ever rises."""

    def __init__(self, path: Path) -> None:
        """Open or create the anchor file. Raises JournalError when that cannot be done."""
        self._path = path
        try:
            self._file = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise JournalError(f"{path} cannot be opened: {error.strerror}") from None

    def told(self) -> tuple[int, str] | None:
        """What it names now; None when nothing was written yet. Raises JournalError when it is torn."""
        text = os.pread(self._file, _LONGEST, 0)
        return _parsed(text, self._path) if text else None

    def rise(self, seq: int, digest: str) -> None:
        """Name this row, unless a later one is named already. Raises JournalError when it cannot be written."""
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX)
            try:
                told = self.told()
                if told is None or told[0] < seq:
                    os.pwrite(self._file, f"{seq:020d} {digest}\n".encode("ascii"), 0)
            finally:
                fcntl.flock(self._file, fcntl.LOCK_UN)
        except OSError as error:
            raise JournalError(f"{self._path} cannot be written: {error.strerror}") from None

    def close(self) -> None:
        """Close the file."""
        os.close(self._file)

"""Fifty damaged copies of a real journal from each seed: what is opened must be what was written, to the last row.

Cut, flipped, zeroed, an older copy put back, files that went missing: either the guard refuses to start on it, or it
reads exactly the rows that were acknowledged. A younger state than that would forgive a loss.
"""

from __future__ import annotations

import random
import shutil
import tempfile
from collections import Counter
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path

from campaigns.campaign import Case
from desk.domain.errors import JournalError
from desk.guard.record.journal import Row, open_journal

_EACH, _ROWS, _OLD = 50, 120, 70
_SECTOR = 512
Harm = Callable[[Path, "Written", random.Random], object]


class Written:
    """A journal as it was written: its rows, its two files, and the same files fifty rows earlier."""

    def __init__(self, folder: Path) -> None:
        path = folder / "journal.sqlite"
        journal = open_journal(path)
        self.old: dict[str, bytes] = {}
        for number in range(_ROWS):
            journal.append("event", f'{{"number":{number},"text":"{"x" * (number * 37 % 400)}"}}')
            if number == _OLD:
                self.old = _files(folder)
        self.rows: list[Row] = list(journal.rows())
        journal.close()
        self.new = _files(folder)


def damaged(seed: int) -> Case:
    """Fifty copies, each harmed in one way."""
    dice, written = random.Random(seed), _written()
    counts: Counter[str] = Counter()
    broken: list[str] = []
    with tempfile.TemporaryDirectory(prefix="campaign-") as place:
        for number in range(_EACH):
            name = dice.choice(list(_HARMS))
            folder = Path(place) / str(number)
            folder.mkdir()
            for file, content in written.new.items():
                (folder / file).write_bytes(content)
            _HARMS[name](folder / "journal.sqlite", written, dice)
            told = _opened(folder / "journal.sqlite", written.rows)
            counts["refused" if told is None else "whole"] += 1
            if told is not None and told != len(written.rows):
                broken.append(f"I10: {name}: opened with {told} of {len(written.rows)} rows")
            shutil.rmtree(folder)
    return Case(seed=seed, cases=_EACH, broken=tuple(broken), counts=counts)


def _opened(path: Path, rows: list[Row]) -> int | None:
    """How many of the rows come back in front, or None when it was refused."""
    try:
        journal = open_journal(path)
    except JournalError:
        return None
    try:
        found = list(journal.rows())
    except JournalError:
        return None
    finally:
        journal.close()
    same = 0
    while same < min(len(found), len(rows)) and found[same] == rows[same]:
        same += 1
    return same if len(found) <= len(rows) else -1


@cache
def _written() -> Written:
    with tempfile.TemporaryDirectory(prefix="campaign-") as folder:
        return Written(Path(folder))


def _files(folder: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in folder.iterdir() if not file.name.endswith((".lock", "-journal"))}


def _head(path: Path) -> Path:
    return path.with_name(path.name + ".head")


def _cut(path: Path, written: Written, dice: random.Random) -> None:
    content = path.read_bytes()
    path.write_bytes(content[: dice.randrange(1, len(content))])


def _flip(path: Path, written: Written, dice: random.Random) -> None:
    content = bytearray(path.read_bytes())
    for _ in range(dice.choice((1, 1, 3))):
        content[dice.randrange(len(content))] ^= 1 << dice.randrange(8)
    path.write_bytes(content)


def _zero(path: Path, written: Written, dice: random.Random) -> None:
    content = bytearray(path.read_bytes())
    at = dice.randrange(len(content) // _SECTOR) * _SECTOR
    content[at : at + _SECTOR] = bytes(_SECTOR)
    path.write_bytes(content)


def _older(path: Path, written: Written, dice: random.Random) -> None:
    path.write_bytes(written.old[path.name])


def _flip_head(path: Path, written: Written, dice: random.Random) -> None:
    content = bytearray(_head(path).read_bytes())
    content[dice.randrange(len(content) - 1)] ^= 1 << dice.randrange(6)
    _head(path).write_bytes(content)


def _older_head_newer(path: Path, written: Written, dice: random.Random) -> None:
    """Somebody writes a head by hand that claims rows which are not there."""
    _head(path).write_bytes(f"{len(written.rows) + 1:020d} {'a' * 64}\n".encode())


_HARMS: Mapping[str, Harm] = {
    "cut": _cut,
    "flipped": _flip,
    "a sector zeroed": _zero,
    "an older copy": _older,
    "a head flipped": _flip_head,
    "a head from the future": _older_head_newer,
    "journal gone": lambda path, written, dice: path.unlink(),
    "journal emptied": lambda path, written, dice: path.write_bytes(b""),
    "another journal's tail": lambda path, written, dice: path.write_bytes(path.read_bytes() + b"\0" * 4096),
}

"""The guard's journal in memory, with an index of what it holds, a disk that fills up, and kills around each commit."""

from __future__ import annotations

import hashlib
import random
import re
from collections.abc import Callable, Sequence

import orjson

from campaigns.simulated.network import Killed
from desk.domain.errors import JournalError
from desk.guard.record.journal import MemoryJournal, Row
from desk.guard.record.replay import EVENT

_ENTRY = "-e0"
# A code drawn for a human's eyes stands in the rows as its hash, and so in the hash of a state that waits for it.
_CODE = re.compile(r'"(?:code_)?hash":"[0-9a-f]*"')


class Record(MemoryJournal):
    """Rows that outlive every guard. `full`: nothing can be written. `kills` is the chance of a kill at each commit.

    `remembered` is called when rows were written, before a kill may follow.
    """

    def __init__(self, dice: random.Random) -> None:
        super().__init__()
        self._dice, self._read = dice, 0
        self._commanded: set[str] = set()
        self._unwritten: set[str] = set()
        self.full, self.kills, self.refused = False, 0.0, False
        self.remembered: Callable[[], None] = lambda: None

    def append_all(self, kind: str, bodies: Sequence[str]) -> tuple[Row, ...]:
        """Write, or fail as a disk does, or end the guard just before or just after."""
        if self.full:
            self.refused = True
            raise JournalError("no space left on device")
        self._may_kill()
        rows = super().append_all(kind, bodies)
        self.remembered()
        self._may_kill()
        return rows

    def append(self, kind: str, body: str) -> Row:
        """Write one row."""
        return super().append(kind, body)

    def holds(self, client_id: str) -> bool:
        """Whether a journalled command carries this client id as it leaves, or it may leave without: see `spared`."""
        for row in self.rows(self._read):
            self._read = row.seq
            if row.kind == EVENT:
                self._commanded |= _ids(row.body)
        if self.refused and not client_id.endswith(_ENTRY):
            self._unwritten.add(client_id)
        return client_id in self._commanded or client_id in self._unwritten

    def spared(self, client_id: str) -> bool:
        """Whether this closed or protected after a disk took nothing more: that may go out unwritten, no entry may."""
        return client_id in self._unwritten

    def fingerprint(self) -> str:
        """One hash over all rows, but for the codes that are drawn for a human's eyes and by no seed."""
        total = hashlib.sha256()
        for row in self.rows():
            total.update(_CODE.sub("", row.body).encode())
        return total.hexdigest()

    def _may_kill(self) -> None:
        if self.kills and self._dice.random() < self.kills:
            raise Killed


def _ids(body: str) -> set[str]:
    """The client ids that the commands of an event carry."""
    if '"commands":[]' in body:
        return set()
    return {str(one["client_id"]) for one in orjson.loads(body)["commands"] if "client_id" in one}

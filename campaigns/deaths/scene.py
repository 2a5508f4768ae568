"""The living side: exchange, market, judge and clock, answering one guard after the other through a socket.

The journal lies on a disk. While a guard's process lives it alone has it open; between two lives it is read here, and
at the end a guard in this process starts on it, to be judged as at the end of every storm.
"""

from __future__ import annotations

import json
import socket
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from campaigns.deaths import words
from campaigns.deaths.life import JOURNAL
from campaigns.simulated.record import Record
from campaigns.simulated.world import World
from desk.domain.errors import DataError, VenueError
from desk.guard.record.journal import Row, SqliteJournal, open_journal, read_rows
from desk.guard.vocabulary.state import state_from_data

_PATIENCE_S = 60.0
Stage = Literal["asked", "done", "answered"]
"""How far a question is: heard, and what it asks for done or not, and its answer sent or not."""


class DiskRecord(Record):
    """The production journal in a file, with the judge's index of what it holds."""

    def __init__(self, path: Path, world: World) -> None:
        super().__init__(world.dice)
        self._path = path
        self._open: SqliteJournal | None = None

    def open(self) -> None:
        """Take the journal, for a guard in this process."""
        self._open = self._open or open_journal(self._path)

    def close(self) -> None:
        """Leave the journal to whoever comes next."""
        if self._open is not None:
            self._open.close()
            self._open = None

    def append_all(self, kind: str, bodies: Sequence[str]) -> tuple[Row, ...]:
        """See `Journal`."""
        return self._own.append_all(kind, bodies)

    def append(self, kind: str, body: str) -> Row:
        """See `Journal`."""
        return self._own.append(kind, body)

    def head(self) -> tuple[int, str]:
        """See `Journal`."""
        return self._own.head()

    def rows(self, after: int = 0, limit: int | None = None) -> Iterator[Row]:
        """Rows above `after`, whoever has the journal open."""
        return read_rows(self._path, after, limit) if self._open is None else self._open.rows(after, limit)

    @property
    def _own(self) -> SqliteJournal:
        if self._open is None:
            raise DataError("the journal is not open here")
        return self._open


@dataclass
class MortalWorld(World):
    """A world whose guard lives in another process.

    `wish` is what the crew asks next, empty for nothing; `begins` is what happens once a guard has started.
    """

    folder: Path = field(kw_only=True)
    wish: Callable[[], str] = field(default=lambda: "", kw_only=True)
    begins: Callable[[], None] = field(default=lambda: None, kw_only=True)
    record: DiskRecord = field(init=False)

    def _memory(self) -> DiskRecord:
        record = DiskRecord(self.folder / JOURNAL, self)
        record.open()
        return record

    def start(self) -> None:
        """Start a guard in this process, on the journal."""
        self.record.open()
        super().start()

    def serve(self, line: socket.socket, until: Callable[[Stage], bool] = lambda stage: False) -> bool:
        """Answer until the other side is gone, or, at some stage of some question, until `until`: then False."""
        self.record.close()
        line.settimeout(_PATIENCE_S)
        with (
            suppress(BrokenPipeError, ConnectionResetError),
            line.makefile("rw", encoding="utf-8", newline="\n") as lines,
        ):
            # It may be killed while it is being answered: what was written then goes nowhere, on closing too.
            for question in lines:
                if until("asked"):
                    return False
                answer = self._answer(*json.loads(question))
                if until("done"):
                    return False
                lines.write(json.dumps(answer) + "\n")
                lines.flush()
                if until("answered"):
                    return False
        return True

    def _answer(self, what: str, value: Any) -> Mapping[str, Any]:  # noqa: ANN401 - parsed JSON
        try:
            answer = self._asked(what, value)
        except (VenueError, DataError) as error:
            return {**words.failed(error), **self._time()}
        return {"answer": answer, **self._time()}

    def _time(self) -> dict[str, int]:
        return {"at": self.clock.ms, "ran": int(self.clock.monotonic() * 1000)}

    def _asked(self, what: str, value: Any) -> Any:  # noqa: ANN401 - JSON-able
        match what:
            case "rules":
                return words.answered(what, self.filters)
            case "limits":
                return self.limits
            case "next":
                return self.wish()
            case "wait":
                return self.pass_time(int(value))
            case "state":
                return self.judged(state_from_data(json.loads(value)), calm=True)
            case "window":
                return self.begins()
            case "hello" | "over":
                return None
            case _:
                return words.answered(what, getattr(self.network, what)(*words.understood(what, value)))

    def pass_time(self, milliseconds: int) -> None:
        """Let time pass for everybody, and the judge look at what stands at the exchange."""
        self.clock.advance(milliseconds)
        self.market.move(milliseconds / 1000)
        self.exchange.settle(self.clock.ms)
        self.exchange.drain_events()
        self.judge.looked(self.clock.ms, calm=True)

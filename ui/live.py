"""Live progress of a decision: who is working, with which tool, for how long. For eyes only, on standard error.

On a terminal one table is redrawn in place; in a pipe one line is printed when something ends, so that a log stays
readable. With `--json` nothing is shown unless the terminal is a person's.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

from rich.console import Console, RenderableType
from rich.live import Live
from rich.spinner import Spinner
from rich.table import Table
from rich.text import Text

from crews.work.progress import Progress, ProgressKind, ProgressListener, Stage, silent

REFRESH_PER_SECOND = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line of the board: who, at what, since when, and how it ended."""

    doing: str
    began: float
    seconds: float | None = None
    abstained: bool = False

    @property
    def busy(self) -> bool:
        """Whether this one is still at work."""
        return self.seconds is None


_STAGE_WORDS = {
    Stage.OPEN: ("desk", "starts the venue and the guard, loads the crew"),
    Stage.PACE: ("venue", "lets time pass, the guard looking on"),
    Stage.SNAPSHOT: ("desk", "reads market, book, funding, news and account"),
    Stage.PLAN: ("master", "plans the work"),
    Stage.DECIDE: ("master", "weighs the reports"),
    Stage.PROPOSE: ("guard", "checks, sizes and executes"),
    Stage.RECORD: ("audit", "records every step"),
}
# What a log is told when it ends; the rest would be noise there.
_TOLD = {
    Stage.OPEN: "opened",
    Stage.SNAPSHOT: "looked at everything",
    Stage.PLAN: "planned",
    Stage.DECIDE: "decided",
    Stage.PROPOSE: "answered and executed",
}


class Board:
    """What has happened so far in the decision on screen; safe to tell from several threads."""

    def __init__(self) -> None:
        self._rows: dict[str, Row] = {}
        self._title = ""
        # One spinner for the board's life: a new one each frame would never turn.
        self._spinner = Spinner("dots")
        self._lock = threading.Lock()

    def hear(self, event: Progress) -> None:
        """Take in one event. The first event of another decision clears the board."""
        with self._lock:
            title = f"{event.symbol}  {event.decision_id}"
            if title != self._title:
                self._title, self._rows = title, {}
            self._take(event)

    def _take(self, event: Progress) -> None:
        now = time.monotonic()
        if event.kind in (ProgressKind.STAGE_STARTED, ProgressKind.STAGE_FINISHED):
            if event.stage is Stage.WORK:
                return
            who, words = _STAGE_WORDS[event.stage]
            self._put(f"{event.stage}", f"{who}|{words}", event, now)
        elif event.kind in (ProgressKind.TOOL_STARTED, ProgressKind.TOOL_FINISHED):
            row = self._rows.get(event.agent)
            if row is not None and event.kind is ProgressKind.TOOL_STARTED:
                self._rows[event.agent] = replace(row, doing=f"{event.agent}|{event.tool}")
        elif event.agent != "master":
            self._put(event.agent, f"{event.agent}|{event.note or 'thinks'}", event, now)

    def _put(self, key: str, doing: str, event: Progress, now: float) -> None:
        old = self._rows.get(key)
        if event.kind in (ProgressKind.STAGE_STARTED, ProgressKind.AGENT_STARTED):
            self._rows[key] = Row(doing=doing, began=now)
            return
        abstained = event.kind is ProgressKind.AGENT_ABSTAINED
        began = old.began if old else now
        self._rows[key] = Row(doing=doing, began=began, seconds=event.seconds, abstained=abstained)

    def __rich__(self) -> RenderableType:
        """The board as a table, as it is at this moment."""
        with self._lock:
            rows, title = list(self._rows.values()), self._title
        table = Table(
            box=None, show_header=False, pad_edge=False, title=title, title_justify="left", title_style="quiet"
        )
        table.add_column(width=1)
        table.add_column(style="name", min_width=8, max_width=20)
        table.add_column(ratio=1, no_wrap=True, overflow="ellipsis")
        table.add_column(justify="right", style="quiet", width=8)
        for row in rows:
            who, _, doing = row.doing.partition("|")
            spent = row.seconds if row.seconds is not None else time.monotonic() - row.began
            table.add_row(self._sign(row), who, Text(doing, style="" if row.busy else "quiet"), f"{spent:.2f} s")
        return table

    def _sign(self, row: Row) -> RenderableType:
        if row.busy:
            return self._spinner
        return Text("–", style="warn") if row.abstained else Text("✓", style="good")


def _line_of(event: Progress) -> str | None:
    """What a log says of an event: only what has ended."""
    if event.kind is ProgressKind.AGENT_ABSTAINED:
        return f"{event.symbol} {event.agent} abstained: {event.note}"
    if event.kind is ProgressKind.AGENT_FINISHED:
        return f"{event.symbol} {event.agent} reported in {event.seconds:.2f} s"
    if event.kind is ProgressKind.STAGE_FINISHED and event.stage in _TOLD:
        return f"{event.symbol} {_STAGE_WORDS[event.stage][0]}: {_TOLD[event.stage]} in {event.seconds:.2f} s"
    return None


@contextmanager
def watching(console: Console, *, quiet: bool) -> Iterator[ProgressListener]:
    """Show progress while the block runs; yields the listener to hand to the desk."""
    if quiet:
        yield silent
    elif console.is_terminal:
        board = Board()
        with Live(board, console=console, refresh_per_second=REFRESH_PER_SECOND, transient=True):
            yield board.hear
    else:

        def say(event: Progress) -> None:
            line = _line_of(event)
            if line:
                console.print(line, style="quiet", markup=False)

        yield say

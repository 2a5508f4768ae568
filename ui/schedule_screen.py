"""The schedule on a terminal: jobs with their next moments, runs with how they ended."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from rich.markup import escape
from rich.table import Table

from ui.figures import safe

if TYPE_CHECKING:
    from crews.schedule.store import Run

_STYLES = {"done": "good", "running": "name", "failed": "bad", "timed_out": "bad", "interrupted": "warn"}


def jobs_table(rows: Iterable[Mapping[str, Any]]) -> Table:
    """Every job on a line."""
    table = Table(box=None, pad_edge=False)
    for heading in ("job", "work", "timetable", "next, UTC", "newest run", "took"):
        table.add_column(heading)
    for row in rows:
        when = f"[warn]paused[/]: {escape(safe(row['reason']))}" if row["paused"] else str(row["next"] or "never")[:19]
        took = "" if row["seconds"] is None else f"{row['seconds']:.1f} s"
        table.add_row(f"[name]{row['job']}[/]", row["work"], row["timetable"], when, styled(row["outcome"]), took)
    return table


def runs_table(runs: Iterable[Run]) -> Table:
    """Every run on a line."""
    table = Table(box=None, pad_edge=False)
    for heading in ("due, UTC", "job", "outcome", "took", "note"):
        table.add_column(heading, overflow="fold" if heading == "note" else "ellipsis")
    for run in runs:
        took = "" if run.seconds is None else f"{run.seconds:.1f} s"
        table.add_row(f"{run.slot:%m-%d %H:%M:%S}", run.job, styled(run.outcome.value), took, escape(safe(run.note)))
    return table


def run_row(run: Run) -> dict[str, Any]:
    """A run as plain JSON values."""
    return {
        "job": run.job,
        "slot": run.slot.isoformat(),
        "began": run.began.isoformat(),
        "ended": run.ended.isoformat() if run.ended else None,
        "seconds": run.seconds,
        "outcome": run.outcome.value,
        "note": run.note,
    }


def styled(outcome: str) -> str:
    """How a run ended, in its colour."""
    return f"[{_STYLES.get(outcome, 'quiet')}]{outcome.replace('_', ' ') or 'none yet'}[/]"

"""How history looks on a terminal: progress while files come, and tables of what came, what is here, what to doubt."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from desk.domain.moments import from_ms
from desk.history.check import Finding
from desk.history.download import Fate, Listener, Told
from desk.history.folder import Imported
from desk.history.inventory import Holding
from desk.history.series import Series
from ui.figures import safe
from ui.terminal import print_json, screen

_MOST_TROUBLES = 20


class _Unheard:
    """Listens to a download for nobody."""

    def planned(self, count: int) -> None: ...

    def received(self, count: int) -> None: ...

    def done(self, told: Told) -> None: ...


class _Bars:
    """Files and bytes as they come."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._files = progress.add_task("files", total=0, size="")
        self._bytes = 0

    def planned(self, count: int) -> None:
        """More files are looked at."""
        total = self._progress.tasks[0].total or 0
        self._progress.update(self._files, total=total + count)

    def received(self, count: int) -> None:
        """More bytes came."""
        self._bytes += count
        self._progress.update(self._files, size=f"{self._bytes / 1e6:,.1f} MB")

    def done(self, told: Told) -> None:
        """One file is done with."""
        self._progress.update(self._files, advance=1, description=str(told.piece))


@contextmanager
def downloading(console: Console, *, quiet: bool) -> Generator[Listener]:
    """Show a download while it runs; yields who is to be told of it."""
    if quiet or not console.is_terminal:
        yield _Unheard()
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TextColumn("{task.fields[size]}"))
    with Progress(*columns, TimeRemainingColumn(), console=console, transient=True) as progress:
        yield _Bars(progress)


@contextmanager
def counting(console: Console, what: str, total: int, *, quiet: bool) -> Generator[Callable[[], None]]:
    """Show how far a count has come; yields what is called for each."""
    if quiet or not console.is_terminal:
        yield lambda: None
        return
    with Progress(TextColumn(what), BarColumn(), MofNCompleteColumn(), console=console, transient=True) as progress:
        task = progress.add_task(what, total=total)
        yield lambda: progress.update(task, advance=1)


def print_fates(told: Sequence[Told], *, as_json: bool) -> None:
    """What became of a download, by series; every failure by name."""
    if as_json:
        for one in told:
            print_json(_fate_json(one))
        return
    table = _table("", "files", "unchanged", "fetched", "reissued", "absent", "failed", "rows", "rows changed")
    for series in dict.fromkeys(one.piece.series for one in told):
        mine = [one for one in told if one.piece.series == series]
        fates = Counter(one.fate for one in mine)
        counts = [f"{fates[fate]:,}" if fates[fate] else "" for fate in Fate]
        rows, changed = sum(one.rows for one in mine), sum(one.changed for one in mine)
        table.add_row(str(series), f"{len(mine):,}", *counts, f"{rows:,}", f"{changed:,}" if changed else "")
    screen().print(table)
    _troubles([(str(one.piece), one.trouble) for one in told if one.fate is Fate.FAILED])


def print_imported(told: Sequence[Imported]) -> None:
    """What became of files that lay in a folder; each that was left alone by name."""
    table = _table("", "files", "rows", "added", "told otherwise")
    for series in dict.fromkeys(one.series for one in told if one.series is not None):
        mine = [one for one in told if one.series == series]
        sums = [sum(getattr(one, name) for one in mine) for name in ("rows", "added", "changed")]
        table.add_row(str(series), f"{len(mine):,}", *(f"{number:,}" for number in sums))
    screen().print(table)
    _troubles([(one.path.name, one.trouble) for one in told if one.trouble], sign="[warn]left alone[/]")


def print_holdings(found: Sequence[Holding]) -> None:
    """What is here."""
    table = _table("", "from", "to", "rows", "missing", "MB", "sources", "reissued")
    for one in found:
        missing = "" if one.missing is None else f"{one.missing:,}"
        span = (_when(one.first_ms), _when(one.last_ms))
        size = f"{one.size / 1e6:,.1f}"
        table.add_row(str(one.series), *span, f"{one.rows:,}", missing, size, f"{one.sources:,}", f"{one.reissues:,}")
    screen().print(table)
    rows, size = sum(one.rows for one in found), sum(one.size for one in found)
    screen().print(f"[quiet]{len(found):,} series, {rows:,} rows, {size / 1e6:,.1f} MB; times are UTC[/]")


def print_findings(found: Sequence[Finding], *, gaps: bool) -> None:
    """What is to be doubted."""
    table = _table("", "rows", "holes", "missing", "doubled", "bars against 1h", "differ")
    for one in found:
        missing = sum(hole.missing for hole in one.holes)
        counts = (one.rows, len(one.holes), missing, one.repeated, one.compared, one.differ)
        sign = "[good]✓[/]" if one.sound else "[bad]✗[/]"
        table.add_row(f"{sign} {one.series}", *(f"{count:,}" if count else "" for count in counts))
    screen().print(table)
    for one in found:
        for bar in one.contradictions:
            figures = f"recorded {bar.recorded:g}, made of the shorter ones {bar.computed:g}"
            screen().print(f"[warn]{one.series}[/] {_when(bar.open_ms)} {bar.column}: {figures}")
        for hole in one.holes if gaps else ():
            screen().print(f"[quiet]{one.series}[/] after {_when(hole.after_ms)}: {hole.missing:,} missing")
    _troubles([(str(one.series), one.trouble) for one in found if one.trouble])


def imported_json(one: Imported) -> dict[str, Any]:
    """One file for machines."""
    told = {"rows": one.rows, "added": one.added, "changed": one.changed, "trouble": one.trouble}
    return {"file": str(Path(one.path)), **({} if one.series is None else _series_json(one.series)), **told}


def holding_json(one: Holding) -> dict[str, Any]:
    """One series for machines."""
    return {**_series_json(one.series), **{name: value for name, value in asdict(one).items() if name != "series"}}


def finding_json(one: Finding) -> dict[str, Any]:
    """What was found about one series, for machines."""
    told = {name: value for name, value in asdict(one).items() if name != "series"}
    return {**_series_json(one.series), "sound": one.sound, **told}


def _fate_json(one: Told) -> dict[str, Any]:
    told = {"fate": one.fate.value, "rows": one.rows, "changed": one.changed, "repeated": one.repeated}
    return {"file": one.piece.name, **_series_json(one.piece.series), **told, "trouble": one.trouble}


def _series_json(series: Series) -> dict[str, str]:
    told = {"market": series.market, "kind": series.kind, "symbol": series.symbol, "interval": series.interval}
    return {name: str(value) for name, value in told.items()}


def _table(first: str, *others: str) -> Table:
    table = Table(box=None, pad_edge=False)
    table.add_column(first, style="name", no_wrap=True)
    for heading in others:
        table.add_column(heading, justify="right")
    return table


def _troubles(troubles: Sequence[tuple[str, str]], sign: str = "[bad]✗[/]") -> None:
    for name, trouble in troubles[:_MOST_TROUBLES]:
        screen().print(f"{sign} {safe(name, 80)}: {safe(trouble, 400)}", soft_wrap=True)
    if len(troubles) > _MOST_TROUBLES:
        screen().print(f"{sign} and {len(troubles) - _MOST_TROUBLES:,} more; --json names them all")


def _when(at_ms: int) -> str:
    return f"{from_ms(at_ms):%Y-%m-%d %H:%M}"

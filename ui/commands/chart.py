"""`crew chart` and `crew audit chart`: the market in a picture, now or as a decision saw it."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from config.loader import load_desk
from crews.running.pace import Pace, WallPace
from crews.running.services import folder_of
from crews.spending.costs import mode_words
from ui.commands.audit import Decision, named, open_audit
from ui.commands.kickoff import Symbols, refuse_strangers
from ui.commands.options import AsJson, ConfigRoot, Profile
from ui.exits import Exit
from ui.figures import safe
from ui.terminal import print_json, screen, tells_errors

if TYPE_CHECKING:
    from crews.view.charts import Charted

_NOBODY = "[quiet]nobody was shown it[/]"


@tells_errors
def chart(
    symbols: Symbols = None,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="A folder for the pictures; none are kept without.")
    ] = (None),
    every: Annotated[
        float | None, typer.Option("--every", min=1, help="Again every so many minutes, until Ctrl-C; 15 is usual.")
    ] = None,
    profile: Profile = "demo",
    as_json: AsJson = False,
    config: ConfigRoot = None,
) -> None:
    """Read the charts now: in numbers, and in their picture where the chart agent's model has vision. Both are kept."""
    # Here and not above: a picture takes half a second of libraries, which no other command need load.
    from crews.running.charting import read_charts

    folder = folder_of(profile)
    loaded = load_desk(profile, root=config, overrides=mode_words(folder))
    refuse_strangers(symbols or [], loaded)
    pace = None if every is None else _pace(every * 60)
    while True:
        found = read_charts(loaded, folder, symbols or ())
        _tell(found, out, as_json=as_json)
        if pace is None and all(one.trouble for one in found):
            raise typer.Exit(Exit.VENUE)
        # A schedule outlives a venue that is down for a while: the next reading may find it.
        if pace is None or not asyncio.run(pace.next()):
            return


def _pace(seconds: float) -> Pace:
    return WallPace(seconds)


def _tell(found: list[Charted], out: Path | None, *, as_json: bool) -> None:
    for one in found:
        if out is not None and one.png:
            out.mkdir(parents=True, exist_ok=True)
            (out / f"{one.name}.png").write_bytes(one.png)
        if as_json:
            print_json(one.to_json())
    if not as_json:
        screen().print(_table(found))


def _table(found: list[Charted]) -> Table:
    table = Table(box=None, pad_edge=False)
    for heading in ("symbol", "in numbers", "in its picture", "apart"):
        table.add_column(heading, style="name" if heading == "symbol" else "", overflow="fold")
    for one in found:
        if one.result is None:
            table.add_row(one.symbol, f"[bad]not read[/]: {safe(one.trouble)}", "", "")
            continue
        read = one.result
        numbers = f"{read.trend.lower()} {read.score:+d}, confidence {read.confidence:.2f}"
        picture, apart = (f"[warn]{one.model} failed[/]" if one.model else _NOBODY), ""
        if read.picture_trend is not None and read.apart is not None:
            picture = f"{read.picture_trend.lower()} {read.picture_score:+d}, confidence {read.picture_confidence:.2f}"
            apart = f"{abs(read.apart)} points, {'the same' if read.same_trend else 'another'} trend"
        table.add_row(one.symbol, numbers, picture, apart)
    return table


@tells_errors
def audit_chart(
    decision: Decision = "",
    out: Annotated[Path | None, typer.Option("--out", "-o", help="Where to; DECISION.png here by default.")] = None,
    profile: Profile = "demo",
    as_json: AsJson = False,
) -> None:
    """Draw the chart of a decision from its record: candles, averages, bands, volume, RSI, MACD, levels."""
    # Here and not above: a picture takes half a second of libraries, which no other command need load.
    from crews.audit.chart_of import chart_of

    log = open_audit(profile)
    name = named(log, decision)
    path = out or Path(f"{name}.png")
    path.write_bytes(chart_of(log, name))
    if as_json:
        print_json({"decision_id": name, "file": str(path), "bytes": path.stat().st_size})
    else:
        screen().print(f"[good]✓[/] {path} ({path.stat().st_size:,} bytes)")

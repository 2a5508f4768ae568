"""`crew audit chart`: the picture of the market that a decision was made on."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ui.commands.audit import Decision, named, open_audit
from ui.commands.options import AsJson, Profile
from ui.terminal import print_json, screen, tells_errors


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

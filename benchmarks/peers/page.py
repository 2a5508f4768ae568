"""docs/benchmarks.md, written from what was measured and from nothing else."""

from __future__ import annotations

import os
import platform
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Any

from benchmarks.readme import ROOT

PAGE = ROOT / "docs" / "benchmarks.md"


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """One comparison as it was measured. `ratios` are pair by pair; seconds are medians of CPU time.

    Where `pairs` is told, only the smallest, the median and the largest of so many ratios are still known.
    """

    name: str
    title: str
    peer: str
    least: float
    ratios: tuple[float, ...]
    desk_seconds: float
    peer_seconds: float
    desk_rate: float
    unit: str
    whole: bool
    agreement: str
    agreed: bool
    at: str
    commit: str
    load: float
    pairs: int = 0

    @property
    def ratio(self) -> float:
        """The median of the ratios."""
        return median(self.ratios)

    @property
    def holds(self) -> bool:
        """Whether it is what was asked, between sides that did the same."""
        return self.agreed and self.ratio >= self.least


@dataclass(frozen=True, slots=True, kw_only=True)
class Swept:
    """The sweep: how many trials, in which seconds of wall and CPU time."""

    trials: int
    wall: tuple[float, ...]
    cpu: tuple[float, ...]
    most: float
    at: str
    commit: str
    load: float


@dataclass(slots=True)
class Kept:
    """All that was measured so far; a part may be measured again by itself."""

    rows: dict[str, Measured] = field(default_factory=dict[str, Measured])
    sweep: Swept | None = None


def kept_of(told: Mapping[str, Any]) -> Kept:
    """Read back what was kept as JSON."""
    rows = {name: Measured(**{**row, "ratios": tuple(row["ratios"])}) for name, row in told["rows"].items()}
    sweep = told["sweep"]
    lists = {name: tuple(sweep[name]) for name in ("wall", "cpu")} if sweep else {}
    return Kept(rows, Swept(**{**sweep, **lists}) if sweep else None)


def page(kept: Kept, order: Sequence[str]) -> str:
    """The text."""
    rows = [kept.rows[name] for name in order if name in kept.rows]
    lacking = [f"`{name}`" for name in order if name not in kept.rows] + ([] if kept.sweep else ["`sweep`"])
    parts = [
        _head(),
        _table(rows),
        *([_sweep(kept.sweep)] if kept.sweep else []),
        *([_lacking(lacking)] if lacking else []),
        _same(rows),
        _how(),
    ]
    return "\n\n".join(parts) + "\n"


def _head() -> str:
    machine = f"{os.cpu_count()} cores, Python {platform.python_version()}, {platform.system()}"
    return (
        "# Beside its peers\n\n"
        f"Written by `make bench` on {machine}. Both sides of a row ran on the same machine in the same minutes, by turns, "
        "each in a process of its own; a ratio is formed within each pair of neighbouring runs, and the median of the "
        "pairs is told with the smallest and the largest. What is counted is CPU time: other programs were at work on "
        "the machine, the load stands beside each row. First it is compared whether both sides did the same."
    )


def _table(rows: Sequence[Measured]) -> str:
    lines = [
        "| what | peer | times faster | smallest – largest | asked | desk, CPU s | peer, CPU s | runs | load |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for row in rows:
        sign = "" if row.holds else " **missed**" if row.agreed else " **not the same work**"
        pairs = f"{_times(min(row.ratios))} – {_times(max(row.ratios))}"
        seconds = f"{row.desk_seconds:.3f} | {row.peer_seconds:.2f}"
        what = f"{row.title} ({_rate(row.desk_rate)} {row.unit}/s)"
        lines.append(
            f"| {what} | {row.peer} | **{_times(row.ratio)}**{sign} | {pairs} | {row.least:g} | {seconds} "
            f"| {row.pairs or len(row.ratios)} | {row.load:.1f} |"
        )
    return "\n".join(lines)


def _times(ratio: float) -> str:
    return f"{ratio:,.1f}" if ratio >= 1 else f"{ratio:.3f}"


def _rate(rate: float) -> str:
    return f"{rate / 1e6:,.1f} M" if rate >= 1e6 else f"{rate:,.0f}"


def _sweep(told: Swept) -> str:
    verdict = "" if median(told.wall) <= told.most else ", **more than asked** at this load"
    alone = median(told.cpu) / 2
    return (
        f"A sweep of {told.trials:,} strategies over a year of quarter-hours in two processes took "
        f"**{median(told.wall):.0f} s** of wall time and {median(told.cpu):.0f} s of CPU time "
        f"(median of {len(told.wall)}, wall {min(told.wall):.0f} – {max(told.wall):.0f} s, load {told.load:.1f}; asked "
        f"are {told.most:.0f} s on two cores{verdict}); shared by two cores its CPU time is {alone:.0f} s. Each trial is a whole backtest with its measures."
    )


def _lacking(names: Sequence[str]) -> str:
    return f"**Not measured yet:** {', '.join(names)} (`python -m benchmarks.peers --only NAME`)."


def _same(rows: Sequence[Measured]) -> str:
    lines = ["## Whether both did the same", ""]
    lines += [f"* {row.title}, {row.peer}: {row.agreement} ({row.at}, {row.commit})" for row in rows]
    return "\n".join(lines)


def _how() -> str:
    return """## What was run

* Two invented years of 525,600 minutes (`benchmarks/peers/market.py`, seeded). On the calm one stops and targets are
  rarely reached; on the stormy one thousands are. Each bar opens where the last one closed, so that a stop set from the
  close that decided is one set from the fill, as some peers know it alone.
* An average cross of 12 and 26, long and short, from bar 1,000 on; in and out at the next open; stop 2 %, target 5 %; fee
  0.04 %; half of equity at ten times; 10 million to begin with, so that whole units are fine enough.
* The desk's timed runs also charge funding every eight hours and check maintenance margin on every bar, which its peers
  there do not; to be compared it runs once more without funding. Its runs include the measures of a report; the
  compiler's own second is part of the cold process and not of the run.
* Cold: from the start of a process to its end, imports, reading the year, trades written to disk. freqtrade reads what
  is listed from the paper exchange, unmodified, and its data from its own files, written beforehand; it exports its
  trades and prints its report. Its target is net of fees, so the few trades that reach one differ.
* Where the price has not moved, `ta` counts a bar's volume for the buyers in OBV and rounding decides for MFI; those are
  the values that differ.
* The event replay is no simulation of the desk but the desk: the exchange's engine in decimals, the guard's journal, gate,
  sizing and resting stops, and a look at marks, account, orders and stops after every price of a bar in which something
  is held. That is what stands in the way of its speed, and what it is for: it proves the sweep on a stretch, trade by
  trade, and the sweep does the searching. nautilus_trader fills a market order in compiled code and looks at nothing
  else; it knows neither stop nor target here, and fills a tick away.
* The learner's peer is no package but a dict of lists, written for speed in plain Python with the same rules and the
  same luck. A step counts each time the table is changed, replays among them.
* Peers stand in environments of their own below `var/`, from locks with a hash for every file
  (`benchmarks/peers/requirements`, `conformance/requirements/freqtrade.txt`)."""

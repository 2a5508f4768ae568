"""The record on a screen: decisions one a line, and what a check of the record found."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from crews.audit.verified import Checked, Verified
from desk.domain.intents import Action
from memory.audit import DecisionSummary
from ui.decision_screen import WORDS
from ui.figures import decimal_of, safe, signed
from ui.fitting import Fitting
from ui.why_screen import OUTCOMES

HEAD_SHOWN = 16


def list_screen(found: Sequence[DecisionSummary]) -> RenderableType:
    """Decisions one a line, newest first; on two lines each where that is too wide, so that an id is never cut."""
    return Fitting(_table(found), Group(*(_lines(one) for one in found)))


def _table(found: Sequence[DecisionSummary]) -> Table:
    closed = any(one.outcome for one in found)
    table = Table(box=None, pad_edge=False, header_style="quiet", padding=(0, 1 if closed else 2, 0, 0))
    for name in ("Time (UTC)", "Symbol", "Action"):
        table.add_column(name, no_wrap=True)
    table.add_column("Conv", justify="right", no_wrap=True)
    table.add_column("Guard", no_wrap=True)
    table.add_column("Rule", style="quiet", no_wrap=True)
    if closed:
        table.add_column("PnL, USDT", justify="right", no_wrap=True)
    table.add_column("Decision", no_wrap=True, style="number")
    for one in found:
        cells: list[RenderableType] = [f"{one.at:%Y-%m-%d %H:%M}", one.symbol, _action(one), _conviction(one)]
        cells += [_verdict(one), one.rule, *([_pnl(one)] if closed else []), one.decision_id]
        table.add_row(*cells)
    return table


def _lines(one: DecisionSummary) -> Text:
    first = Text.assemble((one.decision_id, "number"), f"  {one.at:%Y-%m-%d %H:%M}  ", (one.symbol, "name"))
    second = Text.assemble("\n  ", _action(one), f" {_conviction(one)}  ", _verdict(one), (f"  {one.rule}", "quiet"))
    return first.append_text(second).append_text(Text.assemble("  ", _pnl(one)) if one.outcome else Text(""))


def _action(one: DecisionSummary) -> Text:
    if one.action not in Action.__members__:
        return Text(one.action or "unfinished", style="warn")
    words, style = WORDS[Action(one.action)]
    return Text(words.replace("OPEN ", ""), style=style)


def _conviction(one: DecisionSummary) -> str:
    number = decimal_of(one.conviction)
    return f"{number:.2f}" if number is not None else ""


def _verdict(one: DecisionSummary) -> Text:
    return Text(one.verdict.replace("_", " "), style=OUTCOMES.get(one.verdict, "quiet"))


def _pnl(one: DecisionSummary) -> Text:
    number = decimal_of(one.outcome)
    return signed(number) if number is not None else Text(safe(one.outcome))


def verified_screen(told: Verified) -> RenderableType:
    """What was checked, how much of it, and what does not hold."""
    grid = Table.grid(padding=(0, 2, 0, 0))
    grid.add_column(style="name", no_wrap=True)
    grid.add_column(overflow="fold")
    parts = told.audit.counts.get("parts", 0)
    grid.add_row("audit log", _checked(told.audit, f"{parts:,} stored parts"))
    events = told.journal.counts.get("events", 0)
    alike = told.journal.counts.get("replayed_alike", 0)
    grid.add_row("guard's journal", _checked(told.journal, f"{events:,} events replayed, {alike:,} compared"))
    if told.ok:
        grid.add_row("between them", Text(f"{told.links:,} verdicts stand in both alike"))
        return Group(Text("✓ nothing was altered", style="good"), grid)
    bad = Table.grid(padding=(0, 2, 0, 0))
    bad.add_column(style="bad", no_wrap=True)
    bad.add_column(no_wrap=True)
    bad.add_column(overflow="fold")
    for one in told.findings:
        bad.add_row(one.file, f"row {one.row}" if one.row is not None else "", safe(one.problem, 400))
    return Group(Text("✗ altered", style="bad"), bad, Text(""), grid)


def _checked(one: Checked, more: str) -> Text:
    if not one.rows:
        return Text("not read" if one.head == "" else "empty", style="quiet")
    return Text.assemble(f"{one.rows:,} rows, {more}", (f", head {one.head[:HEAD_SHOWN]}", "quiet"))

"""A decision on one screen: what was decided, what the guard made of it, who said what, and what it cost."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from crews.record.record import DecisionRecord, VerdictKind
from desk.domain.intents import Action
from desk.domain.money import ZERO, plain
from ui.figures import percent, price, safe, usdt
from ui.fitting import Fitting
from ui.proof import proof_of

WORDS: Mapping[Action, tuple[str, str]] = {
    Action.OPEN_LONG: ("▲ OPEN LONG", "good"),
    Action.OPEN_SHORT: ("▼ OPEN SHORT", "bad"),
    Action.CLOSE: ("■ CLOSE", "warn"),
    Action.HOLD: ("– HOLD", "quiet"),
}
VERDICTS: Mapping[VerdictKind, tuple[str, str]] = {
    VerdictKind.APPROVED: ("approved", "good"),
    VerdictKind.REDUCED: ("reduced", "warn"),
    VerdictKind.REFUSED: ("refused", "bad"),
    VerdictKind.NOT_ASKED: ("not asked", "quiet"),
    VerdictKind.UNREACHABLE: ("unreachable", "bad"),
    VerdictKind.ABSTAINED: ("abstained", "warn"),
}
# What the two short words mean; a table has no room for it, one decision's screen has.
MEANING: Mapping[VerdictKind, str] = {
    VerdictKind.UNREACHABLE: "no guard answered, so nothing was done",
    VerdictKind.ABSTAINED: "nobody decided, so nothing was done",
}
# The order in which people read a desk: the market first, what may go wrong last.
ORDER = ("regime", "chart", "spikes", "news", "risk")


def decision_screen(record: DecisionRecord) -> RenderableType:
    """The whole screen."""
    words, style = WORDS[record.action]
    title = Text.assemble((record.symbol, "name"), "  ", (words, style), (f"  at {price(record.mark)}", "quiet"))
    body: list[RenderableType] = [_facts(record), Text(""), _reports(record)]
    subtitle = Text(record.decision_id, style="quiet")
    return Panel(Group(*body), title=title, title_align="left", subtitle=subtitle, subtitle_align="right")


def _facts(record: DecisionRecord) -> Table:
    grid = Table.grid(padding=(0, 2))
    grid.add_column(style="quiet", justify="right")
    grid.add_column()
    words, style = VERDICTS[record.verdict]
    if record.action is not Action.HOLD:
        wish = f"stop {percent(record.stop_pct)}, target {percent(record.target_pct)}"
        grid.add_row("wanted", Text.assemble(("conviction ", ""), (f"{record.conviction:.2f}", "name"), f", {wish}"))
    grid.add_row("guard", Text.assemble((words, style), (f"  {record.rule}", "number")))
    if record.verdict in MEANING:
        grid.add_row("", Text(MEANING[record.verdict], style=style))
    if record.message:
        grid.add_row("", Text(safe(record.message), style="quiet"))
    if record.filled > ZERO:
        grid.add_row("filled", _fill(record))
    if record.stop and record.action.opens:
        grid.add_row("stop", Text(f"rests at {record.stop}", style="good"))
    if record.target and record.action.opens:
        grid.add_row("target", f"rests at {record.target}")
    if record.caps:
        grid.add_row("caps", Text(", ".join(record.caps), style="warn"))
    grid.add_row("proof", proof_of(record.licence))
    grid.add_row("equity", f"{usdt(record.equity)} USDT")
    grid.add_row("cost", _cost(record))
    return grid


def _fill(record: DecisionRecord) -> Text:
    at = f" at {price(record.average_price)}" if record.average_price is not None else ""
    ids = ", ".join(f"{order['role']} {str(order['status']).lower()}" for order in record.orders)
    return Text.assemble((f"{plain(record.filled)}{at}", "name"), (f"  {ids}", "quiet"))


def _cost(record: DecisionRecord) -> Text:
    models = ", ".join(sorted(set(record.models.values()))) or "no model"
    tokens = f"{record.prompt_tokens:,} + {record.completion_tokens:,} tokens"
    return Text(f"{record.requests} requests, {tokens}, {record.seconds:.2f} s, {models}", style="quiet")


def _reports(record: DecisionRecord) -> Table:
    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column(style="name", justify="right", min_width=8, max_width=20)
    table.add_column(overflow="fold")
    for agent in (*ORDER, *sorted(record.reports.keys() - {*ORDER})):
        report = record.reports.get(agent)
        if report is not None:
            table.add_row(agent, Text(safe(str(report.get("note", "")))))
    for missing in record.abstentions:
        said = f"abstained ({missing.reason.value}): {safe(missing.detail)}"
        table.add_row(missing.agent, Text(said, style="warn"))
    return table


def decisions_table(records: list[DecisionRecord]) -> Fitting:
    """Many decisions, one a line, oldest first; where that is too wide, without the rules."""
    return Fitting(_decisions(records, rules=True), _decisions(records, rules=False))


def _decisions(records: list[DecisionRecord], *, rules: bool) -> Table:
    table = Table(box=None, pad_edge=False, header_style="quiet", padding=(0, 2 if rules else 1, 0, 0))
    for name in ("Time (UTC)", "Symbol", "Decision"):
        table.add_column(name, no_wrap=True)
    table.add_column("Conviction" if rules else "Conv", justify="right", no_wrap=True)
    table.add_column("Guard")
    if rules:
        table.add_column("Rule", style="quiet", no_wrap=True)
    table.add_column("Equity", justify="right", no_wrap=True)
    for record in records:
        words, style = WORDS[record.action]
        verdict, tone = VERDICTS[record.verdict]
        at = f"{record.decided_at:%m-%d %H:%M}"
        cells: list[RenderableType] = [at, record.symbol, Text(words, style=style), f"{record.conviction:.2f}"]
        cells += [Text(verdict, style=tone), *([record.rule] if rules else []), usdt(record.equity)]
        table.add_row(*cells)
    return table


def summary_line(records: list[DecisionRecord], equity: Decimal) -> Text:
    """One line for a kickoff of many decisions."""
    actions: dict[str, int] = {}
    for record in records:
        key = record.action.value if record.action is Action.HOLD else f"{record.action.value} {record.verdict.value}"
        actions[key] = actions.get(key, 0) + 1
    counted = ", ".join(f"{count} {name}" for name, count in sorted(actions.items()))
    return Text.assemble((f"{len(records)} decisions: ", "name"), counted, f"; equity {usdt(equity)} USDT")

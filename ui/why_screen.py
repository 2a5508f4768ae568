"""The answer to "why?" on one screen: the market, who said what, what code changed, and which rule decided."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from desk.domain.intents import Action
from desk.domain.money import plain
from ui.decision_screen import ORDER, WORDS
from ui.figures import decimal_of, guard_numbers, percent, price, safe, signed, usdt
from ui.fitting import figures_block
from ui.proof import proof_of

if TYPE_CHECKING:
    from crews.audit.why import Voice, Why

STANCES = {"FOR": ("for", "good"), "AGAINST": ("against", "bad"), "NEUTRAL": ("neutral", "quiet")}
OUTCOMES = {"approved": "good", "reduced": "warn", "refused": "bad"}


def why_screen(told: Why) -> RenderableType:
    """The whole screen."""
    at = told.at[:19].replace("T", " ")
    action = _action(str(told.decided.get("action", ""))) or Text("no decision", style="warn")
    title = Text.assemble((told.symbol, "name"), "  ", action, (f"  {at} UTC", "quiet"))
    parts: list[RenderableType] = [_market(told), Text(""), _voices(told), Text(""), *_decision(told)]
    subtitle = Text(told.decision_id, style="quiet")
    return Panel(Group(*parts), title=title, title_align="left", subtitle=subtitle, subtitle_align="right")


def _grid() -> Table:
    grid = Table.grid(padding=(0, 2, 0, 0))
    grid.add_column(style="quiet", justify="right", width=8)
    grid.add_column(overflow="fold")
    return grid


def _market(told: Why) -> Table:
    grid = _grid()
    mark = price(number) if (number := decimal_of(told.mark)) else "not seen"
    grid.add_row("market", f"mark {mark}, profile {told.profile}, {', '.join(told.models)}")
    equity = usdt(number) if (number := decimal_of(told.equity)) is not None else "unknown"
    grid.add_row("account", f"{told.mode}, equity {equity} USDT, {told.position}")
    if told.mark:
        grid.add_row("proof", proof_of(told.licence))
    votes = ", ".join(f"{vote.name.lower().replace('_', ' ')} {vote.contribution:+d}" for vote in told.votes)
    grid.add_row("signal", Text.assemble((f"{told.score:+d}", "name"), f" of {told.threshold} needed"))
    grid.add_row("", Text(votes, style="quiet"))
    return grid


def _voices(told: Why) -> Table:
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(style="name", justify="right", min_width=8, max_width=20)
    table.add_column(width=12, no_wrap=True)
    table.add_column(overflow="fold")
    ranked = {name: rank for rank, name in enumerate(ORDER)}
    for voice in sorted(told.voices, key=lambda one: ranked.get(one.agent, len(ranked))):
        table.add_row(voice.agent, _stance(voice), _said(voice))
    return table


def _stance(voice: Voice) -> Text:
    if voice.absent:
        return Text("abstained", style="warn")
    words, style = STANCES.get(voice.stance, ("not cited", "quiet"))
    return Text(f"{words} {voice.weight}".strip(), style=style)


def _said(voice: Voice) -> Text:
    if voice.absent:
        return Text(safe(voice.absent), style="quiet")
    view = safe(voice.view.replace("_", " "), 400)
    tools = f"\nfrom {', '.join(voice.tools)}" if voice.tools else ""
    tools += f"; its agreement counts {voice.worth}" if voice.worth else ""
    return Text.assemble(safe(voice.note), (f"\n{view}", "quiet"), (tools, "quiet"))


def _decision(told: Why) -> Iterator[RenderableType]:
    grid = _grid()
    grid.add_row("wanted", terms(told.wanted) or "nothing: the master gave no decision")
    grid.add_row("decided", terms(told.decided) or "nothing")
    if told.caps:
        grid.add_row("caps", Text(", ".join(told.caps), style="warn"))
    if told.verdict:
        style = OUTCOMES.get(told.verdict, "quiet")
        grid.add_row("guard", Text.assemble((told.verdict, style), (f"  {told.rule}", "number")))
        grid.add_row("", safe(told.message, 300))
        grid.add_row("", figures_block([(name, safe(value)) for name, value in guard_numbers(told.rule, told.numbers)]))
    for placed in told.placed:
        grid.add_row(str(placed.get("what", "")), _placed(placed))
    for error in told.errors:
        grid.add_row("error", Text(safe(error, 400), style="bad"))
    if told.outcome:
        grid.add_row("outcome", _outcome(told.outcome))
    cost = f"{told.requests} requests, {told.prompt_tokens:,} + {told.completion_tokens:,} tokens, {told.usd} USD"
    grid.add_row("cost", Text(cost, style="quiet"))
    yield grid


def _action(name: str) -> Text | None:
    words = WORDS.get(Action(name)) if name in Action.__members__ else None
    return Text(*words) if words else None


def terms(values: Mapping[str, Any]) -> Text:
    """A decision's terms: the action, how sure, and where it would end, distances as percentages of the price."""
    if not values:
        return Text("")
    line = _action(str(values.get("action", ""))) or Text(safe(str(values.get("action", ""))))
    if values.get("action") == Action.HOLD:
        return line
    for name, words in (("conviction", "conviction"), ("stop_pct", "stop"), ("target_pct", "target")):
        number = decimal_of(values.get(name))
        if number is not None:
            line = line.append(f", {words} {percent(number) if name.endswith('_pct') else f'{number:.2f}'}")
    return line


def _placed(row: Mapping[str, Any]) -> Text:
    if row.get("what") == "fill":
        at = decimal_of(row.get("price"))
        return Text(f"{row.get('quantity', '')} at {price(at) if at else 'a price not told'}", style="name")
    trigger = f" at {row['trigger']}" if row.get("trigger") else ""
    status = str(row.get("status", "")).lower().replace("_", " ")
    style = "good" if status in ("resting", "filled") else "warn"
    return Text.assemble((f"{status}{trigger}", style), (f"  {row.get('client_id', '')}", "quiet"))


def _outcome(row: Mapping[str, Any]) -> Text:
    pnl = decimal_of(row.get("pnl"))
    line = signed(pnl).append(" USDT") if pnl is not None else Text(safe(str(row.get("pnl", ""))))
    closed = str(row.get("closed_at", ""))[:19].replace("T", " ")
    line.append(f"  {safe(str(row.get('reason', '')))}, closed {closed} UTC", style="quiet")
    for name, value in row.items():
        if name not in ("pnl", "reason", "closed_at") and value not in ("", None):
            number = decimal_of(value)
            shown = plain(number) if number is not None else safe(str(value))
            line.append(f", {name.replace('_', ' ')} {shown}", style="quiet")
    return line

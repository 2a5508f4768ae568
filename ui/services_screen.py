"""The desk's services on one screen: how each stands, since when, and what it said when it last ended."""

from __future__ import annotations

from datetime import UTC, datetime

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from ops.standing import DeskStanding, Standing, State
from ui.figures import safe

_STYLE = {State.UP: "good", State.GIVEN_UP: "bad"}


def services_screen(told: DeskStanding, *, now: datetime | None = None) -> RenderableType:
    """The whole screen."""
    present = now or datetime.now(UTC)
    table = Table(box=None, pad_edge=False, header_style="quiet")
    for heading in ("Service", "State", "Pid", "For", "Restarts", "At"):
        table.add_column(heading, justify="right" if heading in ("Pid", "For", "Restarts") else "left")
    for one in told.services:
        style = _STYLE.get(one.state, "warn")
        table.add_row(
            f"[name]{one.name}[/]",
            f"[{style}]{one.state.value}[/]",
            str(one.process.pid) if one.process else "",
            span(one.since, present),
            str(one.restarts or ""),
            f"[quiet]{one.url}[/]",
        )
    since = span(told.since, present)
    head = Text.assemble(
        (told.profile, "name"), f"  {'up' if told.up else 'not all up'} for {since}, pid {told.keeper.pid}"
    )
    return Group(head, table, *(_why(one) for one in told.services if one.reason and one.state is not State.UP))


def span(since: str, now: datetime) -> str:
    """How long ago, in the two largest units: `3 d 4 h`, `12 s`."""
    seconds = max(0, int((now - datetime.fromisoformat(since)).total_seconds()))
    parts = [(seconds // 86_400, "d"), (seconds // 3600 % 24, "h"), (seconds // 60 % 60, "min"), (seconds % 60, "s")]
    told = [f"{count} {unit}" for count, unit in parts if count]
    return " ".join(told[:2]) or "0 s"


def _why(one: Standing) -> Text:
    return Text.from_markup(f"[quiet]{one.name}: {safe(one.reason)}; its log is {safe(one.log)}[/]")

"""The account on one screen: what the desk holds, what protects it, and what it may still lose today."""

from __future__ import annotations

from decimal import Decimal

from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from desk.domain.money import ZERO, plain
from desk.guard.vocabulary.status import GuardStatus, LatchStatus, PositionStatus
from ui.away import to_liquidation, to_stop
from ui.figures import guard_numbers, moment, percent, price, safe, signed, usdt, words
from ui.fitting import Fitting, facts, figures_block
from ui.proof import proofs_of, short_proof, strategies_of
from ui.track_record import track_record

BAR_WIDTH, NARROW_BAR = 28, 10
LATCHES = {
    "manual": "halted by the operator",
    "loss.day": "the day's loss limit is reached",
    "loss.rolling": "the 24-hour loss limit is reached",
    "loss.drawdown": "too far below the highest equity",
    "crash": "the market is crashing",
    "fault": "the guard met a fault of its own",
}


def latch_words(reason: str) -> str:
    """Why trading is locked, in words; the reason itself where it is none that is known here."""
    return LATCHES.get(reason, LATCHES.get(reason.partition(".")[0], reason))


def status_screen(status: GuardStatus, *, profile: str, label: str) -> RenderableType:
    """The whole screen; when the guard cannot see the venue, that and nothing that looks current."""
    if status.trouble:
        return _blind(status, profile)
    parts: list[RenderableType] = [_headline(status, profile, label), _budgets(status)]
    if status.positions:
        parts.append(_positions(status))
    else:
        parts.append(Text("No open position.", style="quiet"))
    record = track_record(status.closed)
    if record is not None:
        parts.append(record)
    if status.unexplained:
        parts.append(_unexplained(status))
    return Group(*parts)


def _blind(status: GuardStatus, profile: str) -> RenderableType:
    """The venue does not answer: an old number would be worse than none. Stops rest at the venue all the same."""
    title = Text.assemble((profile, "name"), "  ", (status.mode.replace("_", " "), "bad"))
    lines = [Text("The guard cannot see the venue; nothing new is opened.", style="bad"), Text(safe(status.trouble))]
    lines += [
        Text(f"{one.symbol}: {one.phase.lower()}, {plain(one.filled)} filled, as last proven", style="warn")
        for one in status.open_intents
    ]
    return Panel(Group(*lines), title=title, title_align="left", border_style="red")


def _headline(status: GuardStatus, profile: str, label: str) -> RenderableType:
    calm = status.mode == "NORMAL"
    mode = status.mode.replace("_", " ")
    title = Text.assemble((profile, "name"), (f"  {label}" if label else "", "quiet"), "  ")
    title.append(mode, style="good" if calm else "bad")
    body: list[RenderableType] = [
        facts(
            ("Equity", Text(f"{usdt(status.equity)} USDT", style="name")),
            ("Today", signed(status.equity - status.day.baseline)),
            ("From peak", Text(f"−{percent(status.drawdown.value)}", style="quiet")),
            ("Venue time", Text(moment(status.venue_time), style="quiet")),
        )
    ]
    body.append(proofs_of(status.certified, needed=status.proof_needed))
    if status.latch is not None:
        body.extend((Text(""), *_latch(status.latch)))
    return Panel(Group(*body), title=title, title_align="left", border_style="green" if calm else "red")


def _latch(latch: LatchStatus) -> tuple[RenderableType, ...]:
    why = latch_words(latch.reason)
    told = Text.assemble(("Locked  ", "bad"), (why, "name"), (f"  since {moment(latch.at)}", "quiet"))
    pairs = [(name, safe(value)) for name, value in guard_numbers(latch.reason, latch.numbers)]
    return (told, figures_block([("rule", latch.reason), *pairs]))


def _budgets(status: GuardStatus) -> Fitting:
    return Fitting(_budget_table(status, BAR_WIDTH), _budget_table(status, NARROW_BAR))


def _budget_table(status: GuardStatus, width: int) -> Table:
    table = Table(box=None, pad_edge=False, header_style="quiet")
    table.add_column("May still be lost", no_wrap=True)
    table.add_column("")
    table.add_column("left", justify="right", no_wrap=True)
    table.add_column("of, USDT", justify="right", style="quiet", no_wrap=True)
    rolling_limit = status.rolling.loss + status.rolling.left
    gap_limit = status.gap_budget.used + status.gap_budget.left
    for name, left, limit in (
        ("today (UTC)", status.day.left, status.day.limit),
        ("in any 24 hours", status.rolling.left, rolling_limit),
        ("to a sudden gap", status.gap_budget.left, gap_limit),
    ):
        table.add_row(name, loss_bar(left, limit, width), usdt(left), usdt(limit))
    return table


def loss_bar(left: Decimal, limit: Decimal, width: int = BAR_WIDTH) -> Text:
    """What is left of a limit as a bar: full is good, empty is where the desk stops."""
    share = min(max(left / limit, ZERO), Decimal(1)) if limit > ZERO else ZERO
    filled = int((share * width).to_integral_value())
    style = "good" if share > Decimal("0.5") else "warn" if share > Decimal("0.2") else "bad"
    return Text.assemble(("█" * filled, style), ("░" * (width - filled), "quiet"))


def _positions(status: GuardStatus) -> Fitting:
    table = Table(box=None, pad_edge=False, header_style="quiet")
    for name in ("Position", "Side"):
        table.add_column(name, no_wrap=True)
    for name in ("Quantity", "Entry", "Mark", "PnL", "Stop", "Target", "To stop", "To liquid."):
        table.add_column(name, justify="right", no_wrap=True)
    for name in ("State", "Proof"):
        table.add_column(name, no_wrap=True)
    under = strategies_of(status)
    for held in status.positions:
        table.add_row(*_position_row(held), short_proof(under[held.symbol]))
    return Fitting(table, Group(*(_position_lines(held, under[held.symbol]) for held in status.positions)))


def _position_row(held: PositionStatus) -> tuple[RenderableType, ...]:
    return (
        Text(held.symbol, style="name"),
        _side(held),
        plain(abs(held.quantity)),
        price(held.entry),
        price(held.mark),
        signed(held.unrealized),
        plain(held.stop) if held.stop else Text("none", style="bad"),
        plain(held.target) if held.target else Text("none", style="quiet"),
        to_stop(held),
        to_liquidation(held),
        Text(_phase(held), style="quiet"),
    )


def _position_lines(held: PositionStatus, strategy_id: str) -> Text:
    """A position for a narrow terminal: what is held, then what protects it."""
    target = f", target {plain(held.target)}" if held.target else ""
    stop = (f"stop {plain(held.stop)}, {to_stop(held)} away", "") if held.stop else ("no stop", "bad")
    return Text.assemble(
        (held.symbol, "name"),
        "  ",
        _side(held),
        f" {plain(abs(held.quantity))} from {price(held.entry)}, mark {price(held.mark)}  ",
        signed(held.unrealized),
        "\n  ",
        stop,
        target,
        f"\n  liquidation {to_liquidation(held)}",
        (f"  {_phase(held)}  ", "quiet"),
        short_proof(strategy_id),
    )


def _side(held: PositionStatus) -> Text:
    return Text("▲ long", style="good") if held.quantity > ZERO else Text("▼ short", style="bad")


def _phase(held: PositionStatus) -> str:
    return words(held.phase)


def _unexplained(status: GuardStatus) -> Text:
    listed = "\n".join(f"  {safe(item)}" for item in status.unexplained)
    return Text(f"Unexplained at the venue, so nothing new is opened:\n{listed}", style="warn")

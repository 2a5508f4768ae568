"""`crew shadow`: what the same account would be, kept by those who do not think, and what the crew adds to it."""

from __future__ import annotations

from contextlib import closing
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from rich.table import Table

from config.loader import load_desk
from crews.running.services import folder_of
from desk.domain.errors import PrerequisiteError
from ui.commands.options import AsJson, ConfigRoot, Profile
from ui.terminal import print_json, screen, tells_errors

if TYPE_CHECKING:
    from desk.shadow.comparing import Difference

_WORDS = {
    "flat": "does nothing",
    "hold": "buys and holds",
    "random": "opens and leaves as often as the crew, when and on which side by lot",
    "policy": "the promoted policy without a model",
}


@tells_errors
def shadow(profile: Profile = "demo", as_json: AsJson = False, config: ConfigRoot = None) -> None:
    """The crew's days less those of each shadow desk, per month and in all, with the interval of the daily lead."""
    # Here and not above: the database library and the arrays take a second to load.
    from crews.record.bookkeeping import ledger_url
    from desk.ledger import Ledger, sqlite_url
    from desk.shadow.comparing import compare
    from desk.shadow.desks import Shadow

    folder, loaded = folder_of(profile), load_desk(profile, root=config)
    url = ledger_url(loaded, folder)
    if url == sqlite_url(folder.ledger) and not folder.ledger.exists():
        raise PrerequisiteError(f"profile {profile} has decided nothing yet", hint="crew kickoff")
    with closing(Ledger(url)) as ledger:
        crew = ledger.daily_prices()
        kept = {one.value: ledger.daily_shadow(one.value) for one in Shadow}
    found = {name: compare(crew, curve) for name, curve in kept.items() if curve}
    if as_json:
        for name, differences in found.items():
            for one in differences:
                print_json(_told(name, one))
        return
    if not any(found.values()):
        screen().print("[quiet]the shadows are compared by days: come back after the second one[/]")
        return
    for name, differences in found.items():
        screen().print(_table(name, differences))
    if "policy" not in found:
        screen().print("[quiet]no policy is promoted, so no shadow follows one: crew policy list[/]")
    screen().print("[quiet]Net of fees, slippage and funding. Ten days are the fewest that say anything.[/]")


def _told(name: str, one: Difference) -> dict[str, Any]:
    lead = None if one.lead is None else asdict(one.lead)
    return {**asdict(one), "desk": name, "month": one.month or "all", "lead": lead, "verdict": one.verdict}


def _table(name: str, differences: tuple[Difference, ...]) -> Table:
    title = f"{name}  [quiet]{_WORDS[name]}[/]"
    table = Table(box=None, pad_edge=False, title=title, title_justify="left", title_style="name")
    for heading in ("month", "days", "crew", name, "lead a day", "verdict"):
        table.add_column(heading, justify="left" if heading in ("month", "verdict") else "right")
    for one in differences:
        table.add_row(
            one.month or "in all",
            f"{one.days:,}",
            f"{one.crew:+.2%}",
            f"{one.shadow:+.2%}",
            _lead(one),
            one.verdict,
        )
    return table


def _lead(one: Difference) -> str:
    if one.lead is None:
        return "-"
    low, estimate, high = (10_000 * value for value in (one.lead.low, one.lead.estimate, one.lead.high))
    return f"{estimate:+.1f} bp ({low:+.1f} to {high:+.1f})"

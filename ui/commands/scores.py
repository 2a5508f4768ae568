"""`crew audit scores`: each agent's reports against what came, with the interval, and what its word is worth by it."""

from __future__ import annotations

from contextlib import closing
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from config.loader import load_desk
from crews.running.services import folder_of
from desk.domain.errors import PrerequisiteError
from desk.domain.money import ZERO
from ui.commands.options import AsJson, ConfigRoot, Profile
from ui.terminal import print_json, screen, tells_errors

if TYPE_CHECKING:
    from crews.learning.scoring import Key
    from memory.standing import Standing, Weight


class By(StrEnum):
    """What records are kept apart by."""

    AGENT = "agent"
    MODEL = "model"
    REGIME = "regime"


@tells_errors
def scores(
    by: Annotated[By, typer.Option("--by", help="One record an agent, or one for each of its models or regimes.")] = (
        By.AGENT
    ),
    profile: Profile = "demo",
    as_json: AsJson = False,
    config: ConfigRoot = None,
) -> None:
    """Hits with their 95 % interval against chance, the Brier score, and the weight each agent has earned."""
    # Here and not above: the database library takes a third of a second to load.
    from crews.learning.scoring import Scorer, standings
    from crews.record.bookkeeping import ledger_url
    from crews.seating import setup_of
    from desk.ledger import Ledger, sqlite_url
    from memory.standing import weight

    folder, loaded = folder_of(profile), load_desk(profile, root=config)
    url = ledger_url(loaded, folder)
    if url == sqlite_url(folder.ledger) and not folder.ledger.exists():
        raise PrerequisiteError(f"profile {profile} has decided nothing yet", hint="crew kickoff")
    setup = setup_of(loaded)
    measure, prior = setup.trust.measure, setup.trust.prior
    with closing(Ledger(url)) as ledger:
        newest = ledger.decisions(limit=1)
        if not newest:
            raise PrerequisiteError(f"profile {profile} has decided nothing yet", hint="crew kickoff")
        # As of the newest decision: a replay's clock is not this machine's.
        now = newest[0].at
        records = standings(Scorer(ledger, setup).known(now), now, measure)
    shown = {key: one for key, one in records.items() if _kept_apart(key) is by}
    weights = {key: weight(one, prior.get(key[0], ZERO), measure) for key, one in shown.items()}
    if as_json:
        for key, one in shown.items():
            told = {"agent": key[0], "model": key[1], "regime": key[2]}
            print_json({**told, **one.to_json(), **weights[key].to_json()})
        return
    if not shown:
        screen().print("[quiet]no forecast has come due yet: the first are settled minutes after their decision[/]")
        return
    screen().print(_table(shown, weights, by))
    screen().print(
        "[quiet]What is said within one horizon is one observation; chance is what such calls hit at random.[/]"
    )
    screen().print("[quiet]On testnet and live an unproven word counts nothing.[/]")


def _kept_apart(key: Key) -> By:
    return By.MODEL if key[1] else By.REGIME if key[2] else By.AGENT


def _table(shown: dict[Key, Standing], weights: dict[Key, Weight], by: By) -> Table:
    table = Table(box=None, pad_edge=False)
    for heading in ("agent", "" if by is By.AGENT else by.value):
        table.add_column(heading, style="name")
    for heading in ("calls", "observations", "hits", "interval", "chance", "Brier", "counts"):
        table.add_column(heading, justify="right")
    for key, one in shown.items():
        # A weight is earned over everything an agent said; a part of it shows only what it would be alone.
        counts = f"{weights[key].value} {weights[key].basis.value}"
        figures = (f"{one.hits:.1%}", f"{one.low:.1%} - {one.high:.1%}", f"{one.chance:.1%}", f"{one.brier:.3f}")
        none = ("", "", "", f"{one.brier:.3f}")
        middle = figures if one.calls else none
        table.add_row(key[0], key[1] or key[2], f"{one.calls:,}", f"{one.observations:.1f}", *middle, counts)
    return table

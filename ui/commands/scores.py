"""`crew scores`: each agent's reports against what came, with the interval, what its word counts by it, and why."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from config.loader import DeskConfig, load_desk
from crews.running.services import Folder, folder_of
from desk.domain.money import ZERO
from desk.guard.process.clock import SystemClock
from ui.commands.options import AsJson, ConfigRoot, Profile
from ui.proof import LENT
from ui.terminal import print_json, screen, tells_errors

if TYPE_CHECKING:
    from crews.learning.scoring import Key
    from crews.setup import Trust
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
    """Hits with their 95 % interval against chance, the Brier score, and the weight each agent has earned, and why.

    A word counts what its record has earned. On testnet and live it counts nothing before the interval excludes chance.
    """
    # Here and not above: seating a desk and the database library take half a second to load.
    from crews.seating import setup_of
    from memory.standing import reason, standing, weight

    loaded = load_desk(profile, root=config)
    trust = setup_of(loaded).trust
    known, now = _known(loaded, folder_of(profile))
    # Everybody who reports stands here, from the first minute on: silence would hide who counts nothing.
    nobody = {(agent, "", ""): standing((), now, trust.measure) for agent in trust.prior} if by is By.AGENT else {}
    records = nobody | {key: one for key, one in known.items() if _kept_apart(key) is by}
    weights = {key: weight(one, trust.prior.get(key[0], ZERO), trust.measure) for key, one in records.items()}
    why = {key: reason(one, trust.measure) for key, one in records.items()}
    if as_json:
        for key, one in records.items():
            told = {"agent": key[0], "model": key[1], "regime": key[2], "why": why[key]}
            print_json({**told, **one.to_json(), **weights[key].to_json()})
        return
    if records:
        screen().print(_table(records, weights, why, by))
    else:
        screen().print("[quiet]no forecast has come due yet: the first are settled minutes after their decision[/]")
    _explain(trust)


def _known(config: DeskConfig, folder: Folder) -> tuple[Mapping[Key, Standing], datetime]:
    """The records there are, and when they are judged: at the newest decision, by its clock."""
    from crews.learning.scoring import Scorer, standings
    from crews.record.bookkeeping import ledger_url
    from crews.seating import setup_of
    from desk.ledger import Ledger, sqlite_url

    setup, url = setup_of(config), ledger_url(config, folder)
    if url == sqlite_url(folder.ledger) and not folder.ledger.exists():
        return {}, SystemClock().now()
    with closing(Ledger(url)) as ledger:
        newest = ledger.decisions(limit=1)
        now = newest[0].at if newest else SystemClock().now()
        return standings(Scorer(ledger, setup).known(now), now, setup.trust.measure), now


def _kept_apart(key: Key) -> By:
    return By.MODEL if key[1] else By.REGIME if key[2] else By.AGENT


def _table(records: Mapping[Key, Standing], weights: Mapping[Key, Weight], why: Mapping[Key, str], by: By) -> Table:
    table = Table(box=None, pad_edge=False)
    for heading in ("agent", "" if by is By.AGENT else by.value):
        table.add_column(heading, style="name")
    for heading in ("calls", "hits", "interval", "chance", "Brier", "counts"):
        table.add_column(heading, justify="right")
    table.add_column("because", style="quiet", overflow="fold")
    for key, one in records.items():
        # A weight is earned over everything an agent said; a part of it shows only what it would be alone.
        counts = f"{weights[key].value} {weights[key].basis.value}"
        interval = f"{one.low:.1%} - {one.high:.1%}"
        figures = (f"{one.hits:.1%}", interval, f"{one.chance:.1%}", f"{one.brier:.3f}")
        middle = figures if one.calls else ("", "", "", f"{one.brier:.3f}" if one.forecasts else "")
        table.add_row(key[0], key[1] or key[2], f"{one.calls:,}", *middle, counts, why[key])
    return table


def _explain(trust: Trust) -> None:
    measure = trust.measure
    screen().print(
        "[quiet]What is said within one horizon is one observation; chance is what such calls hit at random; an "
        f"observation counts half after {measure.half_life_days:g} days.[/]"
    )
    if any(trust.prior.values()):
        screen().print(
            "[quiet]Unproven words count what desk.yaml lends them; on testnet and live they count nothing.[/]"
        )
        screen().print(f"[warn]{LENT}[/]")
    else:
        screen().print(
            "[warn]Nobody's word counts here before it is proven:[/] conviction never exceeds the weight of reports "
            "that agree.\nEvery report is scored, traded on or not; nothing opens until an interval lies above chance."
        )

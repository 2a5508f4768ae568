"""`crew memory`: what the desk learnt from decisions that ended, for people to read; made from the record."""

from __future__ import annotations

from contextlib import closing
from datetime import UTC, datetime
from typing import Annotated

import typer
from rich.table import Table

from config.loader import load_desk
from crews.running.services import folder_of
from desk.domain.errors import PrerequisiteError
from ui.commands.audit import open_audit
from ui.commands.options import AsJson, ConfigRoot, Profile
from ui.figures import safe
from ui.terminal import print_json, screen, tells_errors


@tells_errors
def search(
    words: Annotated[str, typer.Argument(help='What to look for, such as "short lost volatile".')],
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, max=100)] = 10,
    profile: Profile = "demo",
    as_json: AsJson = False,
    config: ConfigRoot = None,
) -> None:
    """Reflections most like these words, newest meaning first."""
    # Here and not above: Chroma takes seconds to load.
    from crews.learning.remembering import open_embedding
    from crews.spending.costs import open_book
    from memory.recall import DecisionMemory

    folder, loaded = folder_of(profile), load_desk(profile, root=config)
    log = open_audit(profile)
    newest = log.decisions(limit=1)
    # As of the newest decision: a replay's clock is not this machine's.
    now = newest[0].at if newest else datetime.now(UTC)
    if not folder.memory.exists():
        raise PrerequisiteError(f"profile {profile} remembers nothing yet", hint="a trade has to end first")
    with closing(open_book(loaded, folder)) as book:
        memory = DecisionMemory(folder.memory, open_embedding(loaded, book), days=loaded.desk.memory.days)
        found = memory.search(words, now, most=limit)
    table = Table(box=None, pad_edge=False)
    for heading in ("ended", "what happened", "decision"):
        table.add_column(heading, overflow="fold")
    for one in found:
        told = {"decision_id": one.decision_id, "at": one.at.isoformat(), "symbol": one.symbol, "gain": one.gain}
        if as_json:
            print_json({**told, "source": one.source.value, "text": one.text})
        table.add_row(f"{one.at:%Y-%m-%d %H:%M}", safe(one.text, 400), one.decision_id)
    if not as_json:
        screen().print(table if found else "[quiet]nothing is remembered yet: a trade has to end first[/]")


@tells_errors
def rebuild(profile: Profile = "demo", config: ConfigRoot = None) -> None:
    """Forget everything and make the memory anew from the audit log."""
    from crews.learning.remembering import open_embedding
    from crews.learning.remembering import rebuild as make_anew
    from crews.spending.costs import open_book
    from memory.recall import DecisionMemory

    loaded, folder = load_desk(profile, root=config), folder_of(profile)
    log = open_audit(profile)
    with closing(open_book(loaded, folder)) as book:
        memory = DecisionMemory(folder.memory, open_embedding(loaded, book), days=loaded.desk.memory.days)
        screen().print(f"[good]✓[/] {make_anew(memory, log):,} decisions that ended are remembered")

"""`crew db`: where the ledger is and of which revision, up, down, and as a whole into another database."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from config.loader import load_desk
from crews.running.services import folder_of
from crews.running.turn import deciding
from desk.domain.errors import PrerequisiteError
from ui.commands.options import AsJson, ConfigRoot, Profile
from ui.terminal import aside, print_json, screen, tells_errors

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from desk.ledger.transfer import Moved


@tells_errors
def status(profile: Profile = "demo", as_json: AsJson = False, config: ConfigRoot = None) -> None:
    """Where a profile's ledger is, the revision of its tables, and the one this program works with."""
    # Here and in each command, not above: the database library takes a third of a second to load.
    from desk.ledger.revisions import standing

    url = _url_of(profile, config)
    found = standing(url) if _there(url) else None
    told = {"profile": profile, "ledger": _shown(url), "revision": found.found if found else ""}
    if as_json:
        print_json({**told, "program": _head(), "current": found is not None and found.current})
        return
    screen().print(f"[name]{told['ledger']}[/]", soft_wrap=True)
    if found is None or not found.found:
        screen().print("[quiet]no ledger is there yet: the first kickoff makes one[/]")
    elif found.current:
        screen().print(f"[good]✓[/] revision {found.found}, as this program works with")
    else:
        screen().print(f"[warn]revision {found.found}[/], this program works with {found.head}: crew db upgrade")


@tells_errors
def upgrade(
    to: Annotated[str, typer.Option("--to", help="A revision; the newest by default.")] = "",
    profile: Profile = "demo",
    as_json: AsJson = False,
    config: ConfigRoot = None,
) -> None:
    """Bring the ledger's tables up, after a copy was kept. All of it happens, or nothing."""
    _walk(profile, to or _head(), as_json=as_json, config=config)


@tells_errors
def downgrade(
    revision: Annotated[str, typer.Argument(help="The revision to go back to, for an older program.")],
    profile: Profile = "demo",
    as_json: AsJson = False,
    config: ConfigRoot = None,
) -> None:
    """Take the ledger's tables down, after a copy was kept. All of it happens, or nothing."""
    _walk(profile, revision, as_json=as_json, config=config)


@tells_errors
def copy(
    to: Annotated[
        str, typer.Option("--to", metavar="URL", help="An empty database: postgresql+psycopg://… or sqlite:///…")
    ],
    profile: Profile = "demo",
    as_json: AsJson = False,
    config: ConfigRoot = None,
) -> None:
    """Copy the whole ledger into an empty database and compare every row. The desk may run; it goes on with its own."""
    from crews.record.bookkeeping import DATABASE_VARIABLE
    from desk.ledger.copying import copy_ledger

    url = _url_of(profile, config)
    with aside().status("copying") as told:
        moved = copy_ledger(url, to, lambda table, rows: told.update(f"{table}: {rows:,} rows"))
    if as_json:
        print_json({"to": _shown(to), "tables": {one.table: one.rows for one in moved}})
        return
    screen().print(_table(moved))
    screen().print(f"[good]✓[/] every row is the same in both; {DATABASE_VARIABLE} makes the desk use the other one")


def _walk(profile: str, revision: str, *, as_json: bool, config: Path | None) -> None:
    from desk.ledger.copying import keep_copy
    from desk.ledger.revisions import standing, walk_to

    url, folder = _url_of(profile, config), folder_of(profile)
    if not _there(url):
        raise PrerequisiteError(f"profile {profile} has no ledger yet", hint="crew kickoff makes one")

    def keep(engine: Engine, found: str) -> Path:
        return keep_copy(engine, folder.root / "backups" / f"ledger-{found}-{datetime.now(UTC):%Y%m%dT%H%M%SZ}.sqlite")

    # A kickoff at work has the tables open as they are.
    with deciding(folder.root):
        before = standing(url).found
        kept = walk_to(url, revision, keep=keep)
    if as_json:
        print_json({"from": before, "to": revision, "kept": str(kept) if kept else None})
    elif kept is None:
        screen().print(f"[quiet]the tables are of revision {revision} already[/]")
    else:
        screen().print(f"[good]✓[/] from revision {before} to {revision}; as it was: {kept}", soft_wrap=True)


def _url_of(profile: str, config: Path | None) -> str:
    from crews.record.bookkeeping import ledger_url

    return ledger_url(load_desk(profile, root=config), folder_of(profile))


def _there(url: str) -> bool:
    """Whether there may be a ledger: a file that is not there is none, and looking would make it."""
    from desk.ledger.database import engine_of, file_of

    file = file_of(engine_of(url))
    return file is None or file.exists()


def _shown(url: str) -> str:
    """A database's URL without its password."""
    from sqlalchemy import make_url

    return make_url(url).render_as_string(hide_password=True)


def _head() -> str:
    from desk.ledger.revisions import HEAD

    return HEAD


def _table(moved: tuple[Moved, ...]) -> Table:
    table = Table(box=None, pad_edge=False)
    table.add_column("table", style="name")
    table.add_column("rows", justify="right", style="number")
    for one in moved:
        table.add_row(one.table, f"{one.rows:,}")
    return table

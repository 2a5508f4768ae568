"""`crew report`: one day of the desk, on the terminal, as a page, and as an alert to whoever is to know."""

from __future__ import annotations

import os
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from config.alerts import load_alerts
from config.leaks import secret_values
from config.loader import load_desk
from crews.running.services import Folder, folder_of
from crews.spending.costs import mode_words
from desk.domain.errors import PrerequisiteError
from desk.guard.process.clock import SystemClock
from desk.guard.secrets.veil import Veil
from ui.commands.options import AsJson, ConfigRoot, Profile, root_of
from ui.terminal import aside, print_json, screen, tells_errors

if TYPE_CHECKING:
    from crews.record.day import Day


@tells_errors
def report(
    day: Annotated[
        str, typer.Option("--day", metavar="DATE", help="UTC, as 2026-03-01; the last whole day if none.")
    ] = "",
    html: Annotated[
        Path | None, typer.Option("--html", metavar="PATH", help="Where to; reports/DATE.html of the profile if none.")
    ] = None,
    alert: Annotated[bool, typer.Option("--alert/--no-alert", help="Tell it to whoever is told alerts.")] = True,
    profile: Profile = "demo",
    as_json: AsJson = False,
    config: ConfigRoot = None,
) -> None:
    """What was decided, traded, won and lost against the limit, spent, and who was right; as text, page and alert."""
    # Here and not above: the database library and the page's take half a second to load.
    from crews.record.day import newest_day, read_day
    from ui.day import page_of, text_of

    folder, clock = folder_of(profile), SystemClock()
    loaded = load_desk(profile, root=config, overrides=mode_words(folder))
    found = read_day(loaded, folder, _day(day) if day else newest_day(loaded, folder, clock.now()))
    path = html or folder.root / "reports" / f"{found.day}.html"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(page_of(found), encoding="utf-8")
    if alert:
        _tell(found, folder, load_alerts(root_of(config)).repeat)
    if as_json:
        print_json({**found.to_json(), "html": str(path)})
        return
    screen().print(escape(text_of(found)), soft_wrap=True)
    aside().print(f"[good]✓[/] {path}")


def _tell(day: Day, folder: Folder, repeat: timedelta) -> None:
    from desk.alerts import Alert, Kind, Level, Outbox
    from ui.day.text import headline, text_of

    cover = Veil(*secret_values(os.environ)).over
    with closing(Outbox(folder.alerts, SystemClock(), repeat=repeat, cover=cover)) as outbox:
        key = f"{day.profile}/{day.day}"
        outbox.post(
            Alert(
                kind=Kind.REPORT,
                level=Level.INFO,
                title=headline(day),
                text=text_of(day),
                key=key,
                data=day.to_json(),
            )
        )


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise PrerequisiteError(f"{text[:40]!r} is no date", hint="--day 2026-03-01") from None

"""`crew logs`: what the desk's processes wrote, by service, level, age and words; and on as they write."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer

from crews.running.services import Folder, folder_of
from desk.domain.errors import DeskError, PrerequisiteError
from ops.log_lines import LEVELS, Line, Wanted, follow, newest
from ui.commands.moments import moment_of
from ui.commands.options import AsJson, Profile
from ui.figures import safe
from ui.terminal import print_json, screen, tells_errors

# The exchange writes under the name its room has.
_STEMS = {"exchange": "venue"}
_NAMES = {stem: name for name, stem in _STEMS.items()}
_SPAN = re.compile(r"(\d+)(s|m|h|d)", re.ASCII)
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
_STYLE = {"warning": "warn", "error": "bad", "critical": "bad"}


@tells_errors
def logs(
    services: Annotated[
        list[str] | None, typer.Argument(help="exchange, guard, console, desk, ...; none: all.")
    ] = None,
    profile: Profile = "demo",
    follow_on: Annotated[bool, typer.Option("--follow", "-f", help="Go on as they write, until Ctrl-C.")] = False,
    level: Annotated[str, typer.Option("--level", "-l", help=f"At least: {', '.join(LEVELS)}.")] = "",
    since: Annotated[str, typer.Option("--since", help="10m, 2h, 3d, or a moment as 2026-01-05T12:00:00Z.")] = "",
    grep: Annotated[str, typer.Option("--grep", "-g", help="Only lines that match; a decision's or intent's id.")] = "",
    lines: Annotated[int, typer.Option("--lines", "-n", min=1, max=100_000, help="The newest so many.")] = 100,
    as_json: AsJson = False,
) -> None:
    """Read the desk's logs, all services together in the order of time. Nothing that looks like a secret is shown."""
    folder = folder_of(profile)
    wanted = Wanted(level=_level(level), since=_since(since), grep=_pattern(grep))
    stems = [_STEMS.get(one, one) for one in services or ()]
    found = newest(_logs(folder, stems), wanted, limit=lines)
    for line in found:
        _show(line, as_json=as_json)
    if follow_on:
        for line in follow(lambda: _logs(folder, stems), wanted, stopped=lambda: False):
            _show(line, as_json=as_json)


def _logs(folder: Folder, stems: Sequence[str]) -> list[Path]:
    """The logs that are there. Raises PrerequisiteError for a service that has written none."""
    there = {log.stem: log for log in sorted((folder.root / "logs").glob("*.log"))}
    for stem in stems:
        if stem not in there:
            known = ", ".join(_NAMES.get(one, one) for one in there) or "none yet"
            raise PrerequisiteError(f"there is no log of {_NAMES.get(stem, stem)}", hint=f"there are: {known}")
    return [there[stem] for stem in stems] if stems else list(there.values())


def _level(level: str) -> str:
    if level and level.lower() not in LEVELS:
        raise typer.BadParameter(f"{level!r} is none of {', '.join(LEVELS)}", param_hint="--level")
    return level.lower()


def _since(text: str) -> datetime | None:
    if not text:
        return None
    span = _SPAN.fullmatch(text)
    if span:
        return datetime.now(UTC) - timedelta(**{_UNITS[span[2]]: int(span[1])})
    try:
        return moment_of(text)
    except DeskError:
        raise typer.BadParameter(
            f"{text!r} is neither a span, such as 10m, 2h or 3d, nor a moment", param_hint="--since"
        ) from None


def _pattern(text: str) -> re.Pattern[str] | None:
    try:
        return re.compile(text, re.IGNORECASE) if text else None
    except re.error as error:
        raise typer.BadParameter(f"no pattern: {error}", param_hint="--grep") from error


def _show(line: Line, *, as_json: bool) -> None:
    service = _NAMES.get(line.service, line.service)
    if as_json:
        print_json({"service": service, "at": line.at, "level": line.level, "text": line.text, **line.told})
        return
    style = _STYLE.get(line.level, "quiet" if line.level == "debug" else "")
    text = f"[{style}]{safe(line.text)}[/]" if style else safe(line.text)
    screen().print(f"[quiet]{line.at[:23]:23}[/] [name]{service:9}[/] {line.level:8} {text}", soft_wrap=True)

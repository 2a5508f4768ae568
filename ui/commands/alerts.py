"""`crew alerts`: what was told and to whom, who has seen it, whether each channel works, and the service itself.

`crew alerts run --profile NAME` is the service that `crew up`, systemd and Compose start: it runs until SIGTERM and
says in `run/alerts.json` of the profile's folder that it does.
"""

from __future__ import annotations

import getpass
import os
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape
from rich.table import Table

from config.alerts import AlertSettings, load_alerts
from config.files import Files
from config.loader import load_desk
from crews.record.acts import note_act
from crews.running.services import folder_of
from crews.spending.costs import mode_words
from desk.alerts import Outbox, Posted
from desk.domain.errors import DeskError, PrerequisiteError
from desk.guard.process.logs import log_to_stderr
from ui.commands.options import AsJson, ConfigRoot, Profile, root_of
from ui.commands.schedule_run import stopping
from ui.exits import Exit
from ui.figures import safe
from ui.terminal import aside, print_event, print_json, screen, tells_errors

_STYLES = {"INFO": "quiet", "WARNING": "warn", "CRITICAL": "bad"}


@tells_errors
def run(profile: Profile = "demo", as_json: AsJson = False, config: ConfigRoot = None) -> None:
    """Watch guard, record, machine and schedule; tell people; answer on Telegram; until stopped."""
    # Here and not above: the console's rooms and the messengers take a second to load.
    from ui.messenger.service import run_alerts, veil_of

    settings, folder = load_alerts(root_of(config)), folder_of(profile)
    log_to_stderr(veil_of(settings))
    names = [*settings.channels, *settings.webhooks]
    told = ", ".join(names) or "no channel: alerts are kept and told by `crew alerts list` alone"

    def ready() -> None:
        if as_json:
            print_event("alerts run", profile=profile, channels=names)
        else:
            aside().print(f"[good]●[/] alerts of [name]{profile}[/] go to {told}; Ctrl-C ends it")

    run_alerts(
        lambda: load_desk(profile, root=config, overrides=mode_words(folder)),
        folder,
        settings,
        stopped=stopping(),
        ready=ready,
    )


@tells_errors
def listed(
    number: Annotated[int, typer.Option("--number", "-n", min=1, max=10_000, help="How many, the newest.")] = 20,
    waiting: Annotated[bool, typer.Option("--waiting", help="Only those that wait to be acknowledged.")] = False,
    profile: Profile = "demo",
    as_json: AsJson = False,
    config: ConfigRoot = None,
) -> None:
    """What was told, newest first: how far it came on each channel, and who acknowledged it."""
    with _outbox(profile, config, load_alerts(root_of(config))) as outbox:
        found = [(posted, _ways(outbox, posted)) for posted in outbox.alerts(limit=number, waiting=waiting)]
    if as_json:
        for posted, ways in found:
            print_json(alert_row(posted, ways))
        return
    if not found:
        screen().print("[good]✓[/] nothing waits" if waiting else "[quiet]nothing has been told yet[/]")
        return
    table = Table(box=None, pad_edge=False)
    for heading in ("#", "at, UTC", "level", "what", "channels", "seen"):
        table.add_column(heading, overflow="fold" if heading == "what" else "ellipsis")
    for posted, ways in found:
        level = posted.alert.level.value
        often = f" ({posted.count} times)" if posted.count > 1 else ""
        what = escape(safe(posted.alert.title)) + often + (f"; {escape(safe(posted.acted))}" if posted.acted else "")
        seen = "[warn]waits[/]" if posted.waits else escape(posted.by)
        way = ", ".join(f"{name} {told}" for name, told in ways.items()) or "[quiet]none[/]"
        table.add_row(
            f"{posted.number}", f"{posted.at:%m-%d %H:%M:%S}", f"[{_STYLES[level]}]{level}[/]", what, way, seen
        )
    screen().print(table)


@tells_errors
def ack(
    number: Annotated[
        int | None, typer.Argument(metavar="[NUMBER]", help="An alert; all that wait by default.")
    ] = None,
    profile: Profile = "demo",
    as_json: AsJson = False,
    config: ConfigRoot = None,
) -> None:
    """Say that you have seen an alert, so that nothing happens by itself because nobody did."""
    by = f"{getpass.getuser()} at the machine"
    with _outbox(profile, config, load_alerts(root_of(config))) as outbox:
        count = outbox.acknowledge(number, by)
    note_act(folder_of(profile), f"ack {number or 'all'}", by=by, outcome=f"{count} acknowledged")
    if as_json:
        print_json({"profile": profile, "acknowledged": count})
    else:
        screen().print(f"[good]✓[/] {count} acknowledged" if count else "[quiet]nothing waited for that[/]")


@tells_errors
def channels(profile: Profile = "demo", as_json: AsJson = False, config: ConfigRoot = None) -> None:
    """Every channel: which service, what it carries, what waits on it, and what went wrong last. No secret is shown."""
    settings = load_alerts(root_of(config))
    with _outbox(profile, config, settings) as outbox:
        troubles = outbox.troubles()
    rows: list[dict[str, Any]] = []
    for name, one in settings.channels.items():
        queued, dead, trouble = troubles.get(name, (0, 0, ""))
        set_ = bool(os.environ.get(one.url_env, "").strip())
        told = {"channel": name, "service": os.environ.get(one.url_env, "").partition("://")[0] if set_ else ""}
        told |= {"secret": one.url_env, "set": set_, "least": one.least, "kinds": list(one.kinds)}
        rows.append({**told, "waiting": queued, "given_up": dead, "trouble": trouble})
    for name, hook in settings.webhooks.items():
        queued, dead, trouble = troubles.get(name, (0, 0, ""))
        held = os.environ.get(hook.secret_env, "").strip() or Path(hook.secret_file or "/").expanduser().is_file()
        told = {"channel": name, "service": "signed webhook", "secret": hook.secret_env or hook.secret_file}
        told |= {"set": bool(held), "least": hook.least, "kinds": list(hook.kinds)}
        rows.append({**told, "waiting": queued, "given_up": dead, "trouble": trouble})
    if as_json:
        for row in rows:
            print_json(row)
        return
    if not rows:
        screen().print("[quiet]no channel yet: alerts.yaml names them, and docs/alerts.md shows how[/]")
        return
    table = Table(box=None, pad_edge=False)
    for heading in ("channel", "service", "secret", "carries", "waiting", "given up", "trouble"):
        table.add_column(heading, overflow="fold")
    for row in rows:
        secret = f"[good]✓[/] {row['secret']}" if row["set"] else f"[bad]{row['secret']} is not set[/]"
        carries = f"{row['least'].lower()} and louder" + (f", {', '.join(row['kinds'])}" if row["kinds"] else "")
        table.add_row(
            row["channel"],
            row["service"],
            secret,
            carries,
            f"{row['waiting']}",
            f"{row['given_up']}",
            escape(row["trouble"]),
        )
    screen().print(table)


@tells_errors
def tried(
    channel: Annotated[str, typer.Argument(metavar="[CHANNEL]", help="One channel; all by default.")] = "",
    profile: Profile = "demo",
    as_json: AsJson = False,
    config: ConfigRoot = None,
) -> None:
    """Send a test message along each channel now, and tell which of them took it."""
    from desk.alerts import Level
    from ui.messenger.opening import open_channels
    from ui.messenger.service import veil_of

    settings = load_alerts(root_of(config))
    opened = open_channels(settings, os.environ, veil_of(settings).over)
    if not opened or (channel and channel not in opened):
        raise PrerequisiteError(
            f"there is no channel {channel[:40]}" if channel else "alerts.yaml names no channel",
            hint=", ".join(opened) or "docs/alerts.md shows how",
        )
    failed = False
    for name, one in opened.items():
        if channel in ("", name):
            trouble = one.send(
                f"INFO test of channel {name}", f"The desk of profile {profile} reaches you.", Level.INFO
            )
            failed = failed or bool(trouble)
            if as_json:
                print_json({"channel": name, "service": one.service, "taken": not trouble, "trouble": trouble})
            else:
                mark = f"[bad]✗[/] {name}: {escape(trouble)}" if trouble else f"[good]✓[/] {name} took it"
                screen().print(mark, soft_wrap=True)
    if failed:
        raise typer.Exit(Exit.PREREQUISITE)


def alert_row(posted: Posted, ways: dict[str, str]) -> dict[str, Any]:
    """An alert as plain JSON values."""
    return {
        "number": posted.number,
        "at": posted.at.isoformat(),
        "kind": posted.alert.kind.value,
        "level": posted.alert.level.value,
        "title": posted.alert.title,
        "text": posted.alert.text,
        "count": posted.count,
        "channels": ways,
        "waits": posted.waits,
        "acknowledged": posted.acknowledged.isoformat() if posted.acknowledged else None,
        "by": posted.by,
        "acted": posted.acted,
    }


@contextmanager
def _outbox(profile: str, config: Path | None, settings: AlertSettings) -> Iterator[Outbox]:
    from ui.messenger.service import open_outbox, veil_of

    folder = folder_of(profile)
    if not folder.root.exists():
        # A misspelt profile is named, and gets no outbox of its own.
        Files(root_of(config)).profile(profile)
    with closing(open_outbox(folder, settings, veil_of(settings))) as outbox:
        yield outbox


def _ways(outbox: Outbox, posted: Posted) -> dict[str, str]:
    try:
        return {one.channel: one.way.value for one in outbox.deliveries(posted.number)}
    except DeskError:
        return {}

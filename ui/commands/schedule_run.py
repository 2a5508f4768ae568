"""`crew schedule run`: the schedule of a profile as a process, until SIGTERM.

`crew schedule run --look-only --profile NAME` is the service that `crew up`, systemd and Compose start: it lets the
decision at hand finish, and while it lives renews `run/schedule.json` of the profile's folder.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from contextlib import ExitStack, closing, nullcontext
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from config.alerts import load_alerts
from config.leaks import secret_values
from config.loader import DeskConfig, load_desk
from config.schedule import ScheduleSettings, load_schedule
from crews.running.services import Folder, Services, folder_of
from crews.running.turn import deciding
from crews.spending.costs import mode_words
from desk.guard.process.clock import SystemClock
from desk.guard.secrets.veil import Veil
from ui.commands.options import AsJson, ConfigRoot, Profile, root_of
from ui.figures import safe
from ui.schedule_screen import run_row, styled
from ui.terminal import aside, print_event, tells_errors

if TYPE_CHECKING:
    from collections.abc import Callable

    from crews.schedule.store import Run

Phrase = Annotated[str, typer.Option("--live-phrase", help="The third opt-in of real money.")]


@tells_errors
def run(
    profile: Profile = "demo",
    look_only: Annotated[
        bool, typer.Option("--look-only", help="Start neither exchange nor guard, where somebody else keeps them.")
    ] = False,
    config: ConfigRoot = None,
    live_phrase: Phrase = "",
    as_json: AsJson = False,
) -> None:
    """Run the schedule until stopped. What was due is claimed on disk first: nothing runs twice, whatever is killed."""
    from crews.running.handover import hand_over

    folder = folder_of(profile)
    loaded = load_desk(profile, root=config, overrides=mode_words(folder))
    settings = load_schedule(root_of(config), symbols=loaded.desk.symbols)
    hand_over(loaded, folder, live_phrase)
    with ExitStack() as closing:
        if not look_only:
            _open(loaded, folder, live_phrase, closing)
        run_until_stopped(loaded, folder, settings, stopping(), config=config, phrase=live_phrase, as_json=as_json)


def run_until_stopped(
    config_in_force: DeskConfig,
    folder: Folder,
    settings: ScheduleSettings,
    stopped: threading.Event,
    *,
    config: Path | None = None,
    phrase: str = "",
    as_json: bool = False,
) -> None:
    """The schedule of a profile whose venue and guard run already, until `stopped`.

    Raises:
        ConfigError: kickoffs on real money without the three opt-ins, or an alerts.yaml that does not read.
        PrerequisiteError: another schedule of this profile runs.
    """
    # Here and not above: the library of timetables takes a fifth of a second to load.
    from crews.schedule.service import run_schedule
    from crews.schedule.telling import Telling
    from crews.schedule.timing import clock_of
    from crews.schedule.working import Command, Commands
    from desk.alerts import Outbox

    profile = config_in_force.profile.name
    veil, repeat = Veil(*secret_values(os.environ)), load_alerts(root_of(config)).repeat
    with closing(Outbox(folder.alerts, SystemClock(), repeat=repeat, cover=veil.over)) as outbox:
        telling = Telling(outbox, profile)
        command = Command(words=(sys.executable, "-m", "ui"), profile=profile, config=config, phrase=phrase)
        run_schedule(
            config_in_force,
            folder,
            settings,
            Commands(command, folder.root / "logs", environ=os.environ, veil=veil, heard=telling.heard),
            stopped=stopped,
            clock=clock_of(config_in_force, folder),
            phrase=phrase,
            told=_told(telling.ended, as_json=as_json),
            ready=_ready(profile, as_json=as_json),
        )


def _ready(profile: str, *, as_json: bool) -> Callable[[], None]:
    """What is said once it runs."""

    def ready() -> None:
        if as_json:
            print_event("the schedule runs", profile=profile)
        else:
            aside().print(f"[good]●[/] the schedule of [name]{profile}[/] runs; Ctrl-C ends it")

    return ready


def _told(posted: Callable[[Run], None], *, as_json: bool) -> Callable[[Run], None]:
    """What is done with each run as it ends: an alert where it did not end well, and a line here."""

    def told(run: Run) -> None:
        posted(run)
        if as_json:
            level = "info" if run.outcome.value in ("done", "stopped") else "warning"
            print_event(f"{run.job} {run.outcome.value.replace('_', ' ')}", level=level, **run_row(run))
        else:
            aside().print(f"{run.slot:%H:%M:%S} {run.job} {styled(run.outcome.value)} {escape(safe(run.note))}")

    return told


def stopping() -> threading.Event:
    """Set by the first SIGTERM or Ctrl-C."""
    stopped = threading.Event()

    def stop(number: int, frame: FrameType | None) -> None:
        stopped.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stop)
    return stopped


def _open(config: DeskConfig, folder: Folder, phrase: str, closing: ExitStack) -> None:
    """Make sure venue and guard run while the schedule does; what it started, it ends."""
    services = Services(config, folder, phrase=phrase)
    closing.callback(services.close)
    # Beside a kickoff at work a schedule may start, or start again, as long as there is nothing to be started for it.
    with nullcontext() if services.run_already() else deciding(folder.root):
        services.open()

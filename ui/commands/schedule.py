"""`crew schedule`: what runs by itself and when, what became of it, and the schedule itself.

`crew schedule run --look-only --profile NAME` is the service that `crew up`, systemd and Compose start: it runs until
SIGTERM, lets the decision at hand finish, and while it lives renews `run/schedule.json` of the profile's folder.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, nullcontext
from datetime import datetime
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.markup import escape
from rich.table import Table

from config.leaks import secret_values
from config.loader import FOLDER_VARIABLE, DeskConfig, load_desk
from config.schedule import ScheduleSettings, load_schedule
from crews.running.services import Folder, Services, folder_of
from crews.running.turn import deciding
from crews.spending.costs import mode_words
from desk.domain.errors import PrerequisiteError
from desk.guard.process.clock import SystemClock
from desk.guard.secrets.veil import Veil
from desk.ports import Clock
from ui.commands.options import AsJson, ConfigRoot, Profile, Reason
from ui.figures import safe
from ui.terminal import aside, print_json, screen, tells_errors

if TYPE_CHECKING:
    from crews.schedule.jobs import Job
    from crews.schedule.store import Run, ScheduleStore

Named = Annotated[str, typer.Argument(metavar="JOB", help="A job of schedule.yaml, such as desk or desk@BTCUSDT.")]
Phrase = Annotated[str, typer.Option("--live-phrase", help="The third opt-in of real money.")]
_STYLES = {"done": "good", "running": "name", "failed": "bad", "timed_out": "bad", "interrupted": "warn"}


@tells_errors
def listed(profile: Profile = "demo", as_json: AsJson = False, config: ConfigRoot = None) -> None:
    """Every job of a profile: when it is due, when next, and how its newest run ended."""
    settings, jobs = _jobs(profile, config)
    now = SystemClock().now()
    with _store(profile) as store:
        rows = [_row(job, store, now) for job in jobs.values()]
    if as_json:
        for row in rows:
            print_json(row)
        return
    if not rows:
        screen().print(f"[quiet]no job of schedule.yaml is for profile {profile}[/]")
        return
    table = Table(box=None, pad_edge=False)
    for heading in ("job", "work", "timetable", "next, UTC", "newest run", "took"):
        table.add_column(heading)
    for row in rows:
        when = f"[warn]paused[/]: {escape(safe(row['reason']))}" if row["paused"] else str(row["next"] or "never")[:19]
        took = "" if row["seconds"] is None else f"{row['seconds']:.1f} s"
        table.add_row(f"[name]{row['job']}[/]", row["work"], row["timetable"], when, _styled(row["outcome"]), took)
    screen().print(table)
    screen().print(f"[quiet]timetable in {settings.timezone}; `crew schedule run` or `crew up` runs it[/]")


@tells_errors
def show(
    job: Named,
    number: Annotated[int, typer.Option("--number", "-n", min=1, max=1000, help="How many slots ahead.")] = 10,
    profile: Profile = "demo",
    as_json: AsJson = False,
    config: ConfigRoot = None,
) -> None:
    """The next moments of one job, jitter included, and the command it is."""
    from crews.schedule.working import Command

    _, jobs = _jobs(profile, config)
    found = _of(jobs, job)
    line = Command(words=("crew",), profile=profile, config=config).line(found)
    moments: list[str] = []
    for slot in found.slots(SystemClock().now()):
        moments.append(found.moment(slot).isoformat(timespec="seconds"))
        if len(moments) == number:
            break
    if as_json:
        print_json({"job": found.name, "command": " ".join(line), "timetable": found.timetable, "next": moments})
        return
    late = found.settings.misfire.value.replace("_", " ")
    screen().print(f"[name]{found.name}[/], {found.timetable}; a late slot: {late}")
    screen().print(f"[quiet]{' '.join(line)}[/]", soft_wrap=True)
    for moment in moments:
        screen().print(f"  {moment[:19].replace('T', ' ')} UTC")


@tells_errors
def history(
    job: Annotated[str, typer.Argument(metavar="[JOB]", help="One job; all by default.")] = "",
    number: Annotated[int, typer.Option("--number", "-n", min=1, max=10_000, help="How many, the newest.")] = 20,
    profile: Profile = "demo",
    as_json: AsJson = False,
) -> None:
    """What ran, when it was due, how it ended and how long it took; slots that were missed too."""
    with _store(profile) as store:
        runs = store.history(job=job, limit=number)
    if as_json:
        for run in runs:
            print_json(run_row(run))
        return
    if not runs:
        screen().print("[quiet]nothing has run yet[/]")
        return
    table = Table(box=None, pad_edge=False)
    for heading in ("due, UTC", "job", "outcome", "took", "note"):
        table.add_column(heading, overflow="fold" if heading == "note" else "ellipsis")
    for run in runs:
        took = "" if run.seconds is None else f"{run.seconds:.1f} s"
        table.add_row(f"{run.slot:%m-%d %H:%M:%S}", run.job, _styled(run.outcome.value), took, escape(safe(run.note)))
    screen().print(table)


@tells_errors
def pause(
    job: Named,
    reason: Reason = "paused by the operator",
    profile: Profile = "demo",
    as_json: AsJson = False,
    config: ConfigRoot = None,
) -> None:
    """Let one job pause until it is resumed, over restarts too; what passes meanwhile is not made up for."""
    _, jobs = _jobs(profile, config)
    found, now = _of(jobs, job), SystemClock().now()
    with _store(profile) as store:
        store.know(found.name, found.timetable, now)
        changed = store.pause(found.name, reason, now)
    _told(found.name, profile, paused=True, changed=changed, as_json=as_json)


@tells_errors
def resume(job: Named, profile: Profile = "demo", as_json: AsJson = False, config: ConfigRoot = None) -> None:
    """Let a job go on from its next slot."""
    _, jobs = _jobs(profile, config)
    with _store(profile) as store:
        changed = store.resume(_of(jobs, job).name, SystemClock().now())
    _told(job, profile, paused=False, changed=changed, as_json=as_json)


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
        ConfigError: kickoffs on real money without the three opt-ins.
        PrerequisiteError: another schedule of this profile runs.
    """
    from crews.schedule.service import run_schedule
    from crews.schedule.telling import Telling
    from crews.schedule.working import Command, Commands
    from desk.alerts import Outbox

    profile = config_in_force.profile.name
    veil = Veil(*secret_values(os.environ))
    outbox = Outbox(folder.alerts, SystemClock(), cover=veil.over)
    telling = Telling(outbox, profile)
    command = Command(words=(sys.executable, "-m", "ui"), profile=profile, config=config, phrase=phrase)
    workers = Commands(command, folder.root / "logs", environ=os.environ, veil=veil, heard=telling.heard)

    def told(run: Run) -> None:
        telling.ended(run)
        if as_json:
            print_json(run_row(run))
        else:
            aside().print(f"{run.slot:%H:%M:%S} {run.job} {_styled(run.outcome.value)} {escape(safe(run.note))}")

    try:
        run_schedule(
            config_in_force,
            folder,
            settings,
            workers,
            stopped=stopped,
            clock=_clock(config_in_force, folder),
            phrase=phrase,
            told=told,
            ready=lambda: aside().print(f"[good]●[/] the schedule of [name]{profile}[/] runs; Ctrl-C ends it"),
        )
    finally:
        outbox.close()


def stopping() -> threading.Event:
    """Set by the first SIGTERM or Ctrl-C."""
    stopped = threading.Event()

    def stop(number: int, frame: FrameType | None) -> None:
        stopped.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stop)
    return stopped


def root_of(config: Path | None) -> Path | None:
    """The operator's folder: as named, or as the environment names it."""
    named = os.environ.get(FOLDER_VARIABLE, "")
    return config or (Path(named).expanduser() if named else None)


def run_row(run: Run) -> dict[str, Any]:
    """A run as plain JSON values."""
    return {
        "job": run.job,
        "slot": run.slot.isoformat(),
        "began": run.began.isoformat(),
        "ended": run.ended.isoformat() if run.ended else None,
        "seconds": run.seconds,
        "outcome": run.outcome.value,
        "note": run.note,
    }


def _open(config: DeskConfig, folder: Folder, phrase: str, closing: ExitStack) -> None:
    """Make sure venue and guard run while the schedule does; what it started, it ends."""
    services = Services(config, folder, phrase=phrase)
    closing.callback(services.close)
    # Beside a kickoff at work a schedule may start, or start again, as long as there is nothing to be started for it.
    with nullcontext() if services.run_already() else deciding(folder.root):
        services.open()


def _clock(config: DeskConfig, folder: Folder) -> Clock:
    """This machine's clock; the venue's where that runs faster, so that a fast day has a day's slots."""
    from crews.running import processes
    from crews.running.clocks import VenueTime
    from desk.venues.binance.public import open_public

    running = processes.find(folder.program("venue"))
    if config.profile.clock.mode != "faster" or running is None:
        return SystemClock()
    return VenueTime(open_public(running.url).server_time, stands_still=False, speed=config.profile.clock.speed)


def _jobs(profile: str, config: Path | None) -> tuple[ScheduleSettings, dict[str, Job]]:
    # Here and not above: the library of timetables takes a fifth of a second to load.
    from crews.schedule.jobs import jobs_of

    symbols = load_desk(profile, root=config).desk.symbols
    settings = load_schedule(root_of(config), symbols=symbols)
    return settings, dict(jobs_of(settings, profile, symbols))


def _of(jobs: dict[str, Job], name: str) -> Job:
    if name not in jobs:
        raise PrerequisiteError(f"no job of this profile is called {name[:60]}", hint=", ".join(jobs) or "it has none")
    return jobs[name]


@contextmanager
def _store(profile: str) -> Iterator[ScheduleStore]:
    from crews.schedule.store import ScheduleStore

    store = ScheduleStore(folder_of(profile).schedule)
    try:
        yield store
    finally:
        store.close()


def _row(job: Job, store: ScheduleStore, now: datetime) -> dict[str, Any]:
    standing = store.standing(job.name)
    newest = next(iter(store.history(job=job.name, limit=1)), None)
    paused = standing is not None and standing.paused is not None
    slot = None if paused else next(job.slots(now), None)
    return {
        "job": job.name,
        "work": job.settings.work.value,
        "timetable": job.timetable,
        "misfire": job.settings.misfire.value,
        "next": None if slot is None else job.moment(slot).isoformat(timespec="seconds"),
        "paused": paused,
        "reason": standing.reason if standing else "",
        "outcome": newest.outcome.value if newest else "",
        "seconds": newest.seconds if newest else None,
    }


def _styled(outcome: str) -> str:
    return f"[{_STYLES.get(outcome, 'quiet')}]{outcome.replace('_', ' ') or 'none yet'}[/]"


def _told(job: str, profile: str, *, paused: bool, changed: bool, as_json: bool) -> None:
    if as_json:
        print_json({"profile": profile, "job": job, "paused": paused, "changed": changed})
    elif changed:
        screen().print(f"[warn]{job} pauses[/]" if paused else f"[good]✓[/] {job} goes on from its next slot")
    else:
        screen().print(f"[quiet]{job} {'pauses already' if paused else 'was not paused'}[/]")

"""`crew schedule`: what runs by itself and when, what became of it, and pauses. `crew schedule run` is next door."""

from __future__ import annotations

import getpass
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from config.loader import DeskConfig, load_desk
from config.schedule import ScheduleSettings, load_schedule
from crews.record.acts import note_act
from crews.running.services import folder_of
from desk.domain.errors import DeskError, PrerequisiteError
from desk.guard.process.clock import SystemClock
from ui.commands.options import AsJson, ConfigRoot, Profile, Reason, root_of
from ui.schedule_screen import jobs_table, run_row, runs_table
from ui.terminal import print_json, screen, tells_errors

if TYPE_CHECKING:
    from crews.schedule.jobs import Job
    from crews.schedule.store import ScheduleStore

Named = Annotated[str, typer.Argument(metavar="JOB", help="A job of schedule.yaml, such as desk or desk@BTCUSDT.")]


@tells_errors
def listed(profile: Profile = "demo", as_json: AsJson = False, config: ConfigRoot = None) -> None:
    """Every job of a profile: when it is due, when next, and how its newest run ended."""
    loaded, settings, jobs = _jobs(profile, config)
    now = _seen_at(loaded)
    with _store(profile) as store:
        rows = [_row(job, store, now) for job in jobs.values()]
    if as_json:
        for row in rows:
            print_json(row)
        return
    if not rows:
        screen().print(f"[quiet]no job of schedule.yaml is for profile {profile}[/]")
        return
    screen().print(jobs_table(rows))
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

    loaded, _, jobs = _jobs(profile, config)
    found = _of(jobs, job)
    line = Command(words=("crew",), profile=profile, config=config).line(found)
    moments: list[str] = []
    for slot in found.slots(_seen_at(loaded)):
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
        known = [one.name for one in store.standings()]
    if job and known and not any(job in (name, name.partition("@")[0]) for name in known):
        raise PrerequisiteError(f"no job called {job[:60]} was ever on this timetable", hint=", ".join(known))
    if as_json:
        for run in runs:
            print_json(run_row(run))
        return
    if not runs:
        screen().print("[quiet]nothing has run yet[/]")
        return
    screen().print(runs_table(runs))


@tells_errors
def pause(
    job: Named,
    reason: Reason = "paused by the operator",
    profile: Profile = "demo",
    as_json: AsJson = False,
    config: ConfigRoot = None,
) -> None:
    """Let one job pause until it is resumed, over restarts too; what passes meanwhile is not made up for."""
    loaded, _, jobs = _jobs(profile, config)
    found, now = _of(jobs, job), _now(loaded)
    with _store(profile) as store:
        store.know(found.name, found.timetable, now)
        changed = store.pause(found.name, reason, now)
    slot = _slot_words(found, now)
    outcome = f"from its slot of {slot} on it pauses: {reason}" if changed else "it paused already"
    _note(profile, f"schedule pause {found.name}", outcome)
    _told(found.name, profile, paused=True, changed=changed, as_json=as_json)


@tells_errors
def resume(job: Named, profile: Profile = "demo", as_json: AsJson = False, config: ConfigRoot = None) -> None:
    """Let a job go on from its next slot."""
    loaded, _, jobs = _jobs(profile, config)
    found, now = _of(jobs, job), _now(loaded)
    with _store(profile) as store:
        changed = store.resume(found.name, now)
    outcome = f"it goes on with its slot of {_slot_words(found, now)}" if changed else "it was not paused"
    _note(profile, f"schedule resume {found.name}", outcome)
    _told(found.name, profile, paused=False, changed=changed, as_json=as_json)


def _note(profile: str, act: str, outcome: str) -> None:
    """Write the act into the record: who may leave a desk idle leaves a trace."""
    note_act(folder_of(profile), act, by=f"{getpass.getuser()} at the machine", outcome=outcome)


def _slot_words(job: Job, now: datetime) -> str:
    """The next slot of a job, in words."""
    slot = next(job.slots(now), None)
    return "none" if slot is None else f"{slot:%Y-%m-%d %H:%M} UTC"


def _now(config: DeskConfig) -> datetime:
    """The timetable's own present. Raises PrerequisiteError where it is an exchange's that does not run."""
    from crews.schedule.timing import clock_of

    return clock_of(config, folder_of(config.profile.name)).now()


def _seen_at(config: DeskConfig) -> datetime:
    """The same for who only looks: by this machine's clock where the exchange tells no time."""
    try:
        return _now(config)
    except DeskError:
        return SystemClock().now()


def _jobs(profile: str, config: Path | None) -> tuple[DeskConfig, ScheduleSettings, dict[str, Job]]:
    # Here and not above: the library of timetables takes a fifth of a second to load.
    from crews.schedule.jobs import jobs_of

    loaded = load_desk(profile, root=config)
    symbols = loaded.desk.symbols
    settings = load_schedule(root_of(config), symbols=symbols)
    return loaded, settings, dict(jobs_of(settings, profile, symbols))


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


def _told(job: str, profile: str, *, paused: bool, changed: bool, as_json: bool) -> None:
    if as_json:
        print_json({"profile": profile, "job": job, "paused": paused, "changed": changed})
    elif changed:
        screen().print(f"[warn]{job} pauses[/]" if paused else f"[good]✓[/] {job} goes on from its next slot")
    else:
        screen().print(f"[quiet]{job} {'pauses already' if paused else 'was not paused'}[/]")

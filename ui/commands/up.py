"""`crew up`, `down` and `restart`: a desk as services that are kept running, all or one of them, behind or in front."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import closing
from pathlib import Path
from typing import Annotated

import typer

from config.alerts import load_alerts
from config.leaks import secret_values
from config.loader import DeskConfig, load_desk
from config.services import ORDER, ServicesConfig, load_services
from crews.running import processes
from crews.running.handover import hand_over
from crews.running.processes import Running
from crews.running.services import Folder, Services, folder_of, write_private
from desk.alerts import Outbox
from desk.domain.errors import PrerequisiteError
from desk.guard.process.clock import SystemClock
from desk.guard.secrets.veil import Veil
from ops.notify import take_notify
from ops.running import Run, end_orphans, keeper_of, sole_keeper
from ops.services import Child
from ops.speaking import JSON, VARIABLE, speak_json_lines
from ops.standing import DeskStanding, standing_file
from ops.telling import Telling
from ui.commands.one_service import start_anew, start_stopped, stop_each
from ui.commands.options import AsJson, ConfigRoot, Profile, root_of
from ui.commands.stop import end_services
from ui.exits import Exit
from ui.services_screen import services_screen
from ui.terminal import aside, print_json, screen, tells_errors

UP_SECONDS = 300.0
DOWN_SECONDS = 120.0
_GLANCE_SECONDS = 0.1

Foreground = Annotated[
    bool, typer.Option("--foreground", help="Stay in front, log as JSON, for systemd and containers; SIGTERM ends it.")
]
Phrase = Annotated[str, typer.Option("--live-phrase", help="The third opt-in of real money.")]
Faults = Annotated[
    Path | None,
    typer.Option("--faults", metavar="FILE", help="The embedded exchange fails on purpose, see docs."),
]
Only = Annotated[list[str] | None, typer.Argument(help="exchange, guard, console, ...; none: as services.yaml has it.")]
Port = Annotated[int | None, typer.Option("--port", min=1, max=65535, help="The console's; over services.yaml.")]


@tells_errors
def up(
    services: Only = None,
    profile: Profile = "demo",
    foreground: Foreground = False,
    port: Port = None,
    config: ConfigRoot = None,
    faults: Faults = None,
    live_phrase: Phrase = "",
    as_json: AsJson = False,
) -> None:
    """Start the whole desk and keep it running: what ends is started again, and each waits for what it needs.

    Where it is up already, the services named are started that were stopped or given up.
    """
    folder = folder_of(profile)
    running = keeper_of(folder)
    if services and running is not None and (begun := start_stopped(folder, services, running)) is not None:
        _tell(begun, "", as_json=as_json)
        return
    loaded, wanted = load_desk(profile, root=config), chosen(load_services(root_of(config)), services or (), port)
    if foreground:
        _keep(loaded, wanted, folder, config, live_phrase, faults)
        return
    with sole_keeper(folder):
        pass  # asked here, so that a second `up` is told so and not the first one's log
    password = _first_password(folder, wanted)
    told = _start_behind(folder, [*_words(services or (), profile, port, config, faults), *_phrase(live_phrase)])
    _tell(told, password, as_json=as_json)


@tells_errors
def down(
    services: Annotated[
        list[str] | None, typer.Argument(help="Only these services; `crew up` with their names starts them again.")
    ] = None,
    profile: Profile = "demo",
    as_json: AsJson = False,
) -> None:
    """End the whole desk in order, the guard after all who may ask it. Closes no position; stops keep resting."""
    folder = folder_of(profile)
    if services:
        _tell(stop_each(folder, services), "", as_json=as_json)
        return
    told = keeper_of(folder)
    if told is not None:
        os.kill(told.keeper.pid, signal.SIGTERM)
        deadline = time.monotonic() + DOWN_SECONDS
        while told.keeper.alive and time.monotonic() < deadline:
            time.sleep(_GLANCE_SECONDS)
        if told.keeper.alive:
            raise PrerequisiteError(
                f"the desk (pid {told.keeper.pid}) does not end", hint=f"crew logs desk --profile {profile}"
            )
    ended = [one.name for one in told.services] if told else [*end_orphans(folder), *end_services(folder)]
    standing_file(folder).unlink(missing_ok=True)
    if as_json:
        print_json({"profile": profile, "was_up": told is not None, "ended": ended})
    elif ended:
        screen().print(f"[good]✓[/] the desk of [name]{profile}[/] is down: {', '.join(ended)}")
    else:
        screen().print(f"[quiet]nothing of {profile} was running[/]")


@tells_errors
def restart(
    service: Annotated[str, typer.Argument(help="One service; none: the whole desk, as it was started.")] = "",
    profile: Profile = "demo",
    as_json: AsJson = False,
) -> None:
    """Start one service anew, or the whole desk. A guard that only flattens is followed by an ordinary one."""
    folder = folder_of(profile)
    before = keeper_of(folder)
    if before is None:
        raise PrerequisiteError("the desk is not up", hint=f"crew up --profile {profile}")
    if not service:
        _require_own(before, profile)
        words = _words_of(before)
        down(profile=profile, as_json=as_json)
        _tell(_start_behind(folder, words), "", as_json=as_json)
        return
    _tell(start_anew(folder, service, before), "", as_json=as_json)


def chosen(found: ServicesConfig, names: list[str] | tuple[str, ...], port: int | None) -> ServicesConfig:
    """The file's settings under what the command line says. Raises ConfigError as the file's own mistakes do."""
    told = found.model_dump(mode="json")
    if names:
        told["start"] = list(names)
    if port:
        told["console"]["port"] = port
    try:
        return ServicesConfig.model_validate_json(json.dumps(told))
    except ValueError as error:
        known = ", ".join(ORDER)
        raise PrerequisiteError(f"no such service among {', '.join(names)}", hint=f"known: {known}") from error


def _keep(
    config: DeskConfig, wanted: ServicesConfig, folder: Folder, root: Path | None, phrase: str, faults: Path | None
) -> None:
    """Be the keeper: this process is the service that systemd or a container sees."""
    notify = take_notify(os.environ)
    asked = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: asked.set())
    speak_json_lines()
    with sole_keeper(folder):
        password = _first_password(folder, wanted)
        if password:
            kept = folder.root.with_name(".access") / "first-password"
            write_private(kept, password + "\n")
            aside().print(
                f"the operator's first password is in {kept}, for you alone; delete it once you have logged in"
            )
    hand_over(config, folder, phrase)
    veil, repeat = Veil(*secret_values(os.environ)), load_alerts(root).repeat
    with (
        sole_keeper(folder),
        closing(Outbox(folder.alerts, SystemClock(), repeat=repeat, cover=veil.over)) as outbox,
    ):
        failing = {"faults": {"file": str(faults.resolve())}} if faults else {}
        services = Services(config, folder, phrase=phrase, venue_over=failing)
        Run(
            config=config,
            wanted=wanted,
            folder=folder,
            services=services,
            children=children_of(config, wanted, folder, root, services.environ_of_a_child(), phrase),
            notify=notify,
            stopping=asked.is_set,
            told=Telling(outbox, config.profile.name).changed,
        ).keep()


def children_of(
    config: DeskConfig,
    wanted: ServicesConfig,
    folder: Folder,
    root: Path | None,
    environ: dict[str, str],
    phrase: str = "",
) -> list[Child]:
    """The services beside exchange and guard, as this very command line starts them."""
    name = config.profile.name
    common = ["--profile", name, *(["--config", str(root)] if root else [])]
    at = wanted.console
    host = f"[{at.host}]" if ":" in at.host else at.host
    public = ["--public", at.public] if at.public else []
    listening = ["--host", at.host, "--port", str(at.port), "--idle", str(at.idle_minutes), *public]
    words: dict[str, list[str]] = {
        "console": ["console", "--look-only", "--json", *listening],
        "crew": ["kickoff", "--cycles", "0", "--json"],
        "schedule": ["schedule", "run", "--look-only", "--json"],
        "alerts": ["alerts", "run", "--json"],
    }
    phrased = {"crew", "schedule"} if phrase else set[str]()
    url = {"console": f"http://{host}:{at.port}"}
    return [
        Child(
            name=one,
            command=(sys.executable, "-m", "ui", *words[one], *common, *(_phrase(phrase) if one in phrased else ())),
            log=folder.root / "logs" / f"{one}.log",
            environ={**environ, VARIABLE: JSON},
            health=f"{url[one]}/health" if one in url else "",
            run_file=folder.root / "run" / f"{one}.json" if one in ("schedule", "alerts") else None,
            url=url.get(one, ""),
        )
        for one in wanted.ordered
        if one in words
    ]


def _first_password(folder: Folder, wanted: ServicesConfig) -> str:
    """The operator's password where there is no operator yet, before a console would write it into its log."""
    if "console" not in wanted.start:
        return ""
    # Here and not above: what hashes passwords is needed where there is a console.
    from ui.server.access import Access
    from ui.server.serving import access_file

    with closing(Access(access_file(folder), SystemClock(), idle=60.0)) as access:
        return access.begin()


def _words(
    services: list[str] | tuple[str, ...], profile: str, port: int | None, root: Path | None, faults: Path | None
) -> list[str]:
    words = [*services, "--foreground", "--profile", profile]
    words += ["--port", str(port)] if port else []
    words += ["--faults", str(faults.resolve())] if faults else []
    return words + (["--config", str(root.resolve())] if root else [])


def _phrase(phrase: str) -> list[str]:
    return ["--live-phrase", phrase] if phrase else []


def _require_own(told: DeskStanding, profile: str) -> None:
    """A desk that a service manager keeps is started by it alone: started here, it would end with this terminal."""
    if told.manager:
        raise PrerequisiteError(
            f"this desk is kept by {told.manager}, which starts it",
            hint=f"systemctl restart crewdesk@{profile}; one service: crew restart SERVICE",
        )


def _words_of(told: DeskStanding) -> list[str]:
    """The words a keeper was started with, as the system shows them."""
    try:
        shown = Path(f"/proc/{told.keeper.pid}/cmdline").read_bytes().decode("utf-8", "replace").split("\0")
        return [word for word in shown[shown.index("up") + 1 :] if word]
    except (OSError, ValueError):
        raise PrerequisiteError(
            "this system does not show how the desk was started", hint="crew down, then crew up"
        ) from None


def _start_behind(folder: Folder, words: list[str]) -> DeskStanding:
    """Start a keeper in a session of its own, and wait until everything stands."""
    log = folder.root / "logs" / "desk.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as file:
        said_before = file.tell()
        keeper = subprocess.Popen(
            [sys.executable, "-m", "ui", "up", *words],
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=file,
            start_new_session=True,
        )
    deadline = time.monotonic() + UP_SECONDS
    with aside().status("starting") as shown:
        while time.monotonic() < deadline:
            if keeper.poll() is not None:
                _fail(log, said_before, keeper.returncode)
            told = keeper_of(folder)
            if told is not None and told.keeper.pid == keeper.pid:
                shown.update(", ".join(f"{one.name} {one.state.value}" for one in told.services))
                if told.settled:
                    return told
            time.sleep(_GLANCE_SECONDS)
    processes.stop(Running(name="desk", pid=keeper.pid, url="", started_here=True))
    raise PrerequisiteError(f"the desk did not stand within {UP_SECONDS:.0f} s", hint=f"its log is {log}")


def _fail(log: Path, after: int, code: int) -> None:
    """Say what the keeper said, with its exit code."""
    with log.open("rb") as file:
        file.seek(after)
        lines = file.read().decode("utf-8", "replace").splitlines()
    told = [line for line in lines if line.startswith(("crew:", "hint:"))]
    for line in told or [f"crew: the desk ended at start; its log is {log}"]:
        aside().print(line, markup=False, soft_wrap=True)
    raise typer.Exit(code if code > 0 else Exit.UNEXPECTED)


def _tell(told: DeskStanding, password: str, *, as_json: bool) -> None:
    if as_json:
        print_json({**told.to_json(), **({"password": password} if password else {})})
    else:
        screen().print(services_screen(told))
        if password:
            aside().print(f"log in as [name]operator[/] with [name]{password}[/]  [quiet](shown this once)[/]")
    if not told.up:
        raise typer.Exit(Exit.PREREQUISITE)

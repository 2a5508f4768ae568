"""`crew console`: the desk in a browser, behind a login of its own, on loopback unless told otherwise."""

from __future__ import annotations

import signal
import threading
from contextlib import ExitStack, suppress
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Annotated

import typer

from config.loader import DeskConfig, load_desk
from crews.running.services import Folder, Services, folder_of
from crews.running.turn import deciding
from crews.spending.costs import mode_words
from desk.domain.errors import DeskError, PrerequisiteError
from ui.commands.options import AsJson, ConfigRoot, Profile, root_of
from ui.exits import Exit
from ui.terminal import aside, print_json, results_only, tells_errors
from ui.tracing import traced, tracing

if TYPE_CHECKING:
    from ui.server.house import House

Host = Annotated[str, typer.Option(help="Where to listen; anything but loopback needs TLS.", envvar="CREWDESK_HOST")]
Port = Annotated[int, typer.Option(min=1, max=65535, envvar="CREWDESK_PORT")]
Public = Annotated[
    str, typer.Option(metavar="URL", help="The https address under which a proxy shows it.", envvar="CREWDESK_PUBLIC")
]
Certificate = Annotated[str, typer.Option("--tls-cert", metavar="FILE", envvar="CREWDESK_TLS_CERT")]
Key = Annotated[str, typer.Option("--tls-key", metavar="FILE", envvar="CREWDESK_TLS_KEY")]
Idle = Annotated[float, typer.Option("--idle", min=1, max=1440, help="Minutes without a sign of life that log out.")]
Model = Annotated[str, typer.Option("--model", "-m", help="A model of desk.yaml for every agent: offline, ...")]
Look = Annotated[bool, typer.Option("--look-only", help="Start neither exchange nor guard; show what runs.")]
Phrase = Annotated[str, typer.Option("--live-phrase", help="The third opt-in of real money.")]
SetPassword = Annotated[bool, typer.Option("--set-password", help="Ask for the operator's new password, and end.")]


@tells_errors
def console(
    profile: Profile = "demo",
    host: Host = "127.0.0.1",
    port: Port = 8600,
    public: Public = "",
    tls_cert: Certificate = "",
    tls_key: Key = "",
    idle: Idle = 30,
    model: Model = "",
    look_only: Look = False,
    set_password: SetPassword = False,
    config: ConfigRoot = None,
    live_phrase: Phrase = "",
    as_json: AsJson = False,
) -> None:
    """Serve console, REST, events, MCP and metrics of one profile. The first start prints a password, once."""
    if set_password:
        # Here and not above: what hashes passwords is needed by this word alone.
        from ui.commands.access import ask_for_password

        ask_for_password("operator")
        return
    results_only()
    # The server hands a signal on once it has ended: as an exit it closes, in order, all that was opened here.
    signal.signal(signal.SIGTERM, _end)
    from ui.console.editor import in_force
    from ui.console.furnish import furnish
    from ui.server.door import Place
    from ui.server.serving import Tls, open_house, serve

    folder, root = folder_of(profile), root_of(config)

    def load() -> DeskConfig:
        chosen = {"desk.default_model": model, "desk.mode": '""'} if model else mode_words(folder)
        return load_desk(profile, root=in_force(root), overrides=chosen)

    place = Place(host=host, port=port, tls=_tls(tls_cert, tls_key), public=public)
    with ExitStack() as closing:
        # A folder that is still empty is what the editor will keep its first file in.
        traces = closing.enter_context(tracing(in_force(root), profile))
        if not look_only:
            _start(load(), folder, live_phrase, closing)
        house = open_house(load, folder, place, idle=idle * 60, phrase=live_phrase, config_root=root)
        closing.callback(house.close)
        if traces is not None:
            house.controls.kickoffs.listen(traced(traces))
        made = house.access.begin()
        serve(
            house,
            folder,
            tls=Tls(certificate=tls_cert, key=tls_key),
            furnish=lambda app: furnish(app, house),
            ready=lambda: _tell(house, made, as_json=as_json),
        )


def _end(number: int, frame: FrameType | None) -> None:
    raise SystemExit(Exit.OK)


def _start(config: DeskConfig, folder: Folder, phrase: str, closing: ExitStack) -> None:
    """Make sure exchange and guard run while the console does; what it started, it ends."""
    with deciding(folder.root):
        services = Services(config, folder, phrase=phrase)
        closing.callback(services.close)
        services.open()


def _tls(certificate: str, key: str) -> bool:
    for name in (certificate, key):
        if name and not Path(name).is_file():
            raise PrerequisiteError(f"there is no file {name}", hint="--tls-cert and --tls-key name PEM files")
    if bool(certificate) != bool(key):
        raise PrerequisiteError("a certificate needs its key, and a key its certificate")
    return bool(certificate)


def _tell(house: House, password: str, *, as_json: bool) -> None:
    """Say where it is, and the first password, once; then load what the first kickoff will need."""
    url = house.place.public or house.place.url
    if as_json:
        print_json(
            {"url": url, "profile": house.window.config.profile.name, **({"password": password} if password else {})}
        )
    else:
        screen = aside()
        screen.print(f"[good]●[/] the desk of [name]{house.window.config.profile.name}[/] is at [name]{url}[/]")
        if password:
            screen.print(f"  log in as [name]operator[/] with [name]{password}[/]  [quiet](shown this once)[/]")
            screen.print("  [quiet]another one: crew console --set-password[/]")
        screen.print("  [quiet]Ctrl-C ends it; positions and stops stay at the exchange[/]")
    threading.Thread(target=_warm, name="load-crew", daemon=True).start()


def _warm() -> None:
    """Load CrewAI while nobody waits for it."""
    from crews.work import runner

    with suppress(DeskError):
        runner.load()

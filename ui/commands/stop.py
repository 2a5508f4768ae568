"""`crew stop`: end the guard and the paper exchange of a profile, whoever started them; positions and stops stay."""

from __future__ import annotations

from crews.running import processes
from crews.running.processes import Running
from crews.running.services import Folder, folder_of
from crews.running.turn import deciding
from desk.domain.errors import GuardError, PrerequisiteError
from desk.guard.door.client import GuardClient
from ops.running import keeper_of
from ui.commands.options import AsJson, Profile
from ui.terminal import aside, print_json, screen, tells_errors


@tells_errors
def stop(profile: Profile = "demo", as_json: AsJson = False) -> None:
    """End the guard and the paper exchange that a kickoff, or a terminal, has left running. Closes no position."""
    folder = folder_of(profile)
    keeper = keeper_of(folder)
    if keeper is not None:
        raise PrerequisiteError(
            f"the desk is up (pid {keeper.keeper.pid}) and would start them again",
            hint=f"crew down --profile {profile}",
        )
    if not folder.root.exists():
        _tell({}, [], paper=False, as_json=as_json)
        return
    guard, venue = (processes.find_hung(folder.program(name)) for name in ("guard", "venue"))
    held = _held(folder, guard)
    ended = end_services(folder)
    _tell(ended, held, paper=venue is not None, as_json=as_json)


def end_services(folder: Folder) -> dict[str, int]:
    """End guard and exchange of a profile, whoever started them: their names and pids.

    Raises PrerequisiteError while somebody decides on that profile.
    """
    with deciding(folder.root):
        watcher, guard, venue = (processes.find_hung(folder.program(name)) for name in ("watcher", "guard", "venue"))
        # The watcher first, so that it replaces nobody; the guard next, so that it never sees its venue vanish.
        for running in (watcher, guard, venue):
            if running is not None:
                processes.stop(running)
    return {running.name: running.pid for running in (guard, venue) if running is not None}


def _held(folder: Folder, guard: Running | None) -> list[str]:
    """The symbols of open positions, as far as the guard can still tell."""
    if guard is None or not folder.crew_token.exists():
        return []
    try:
        with GuardClient(guard.url, folder.crew_token.read_text().strip(), timeout=5.0) as client:
            return [position.symbol for position in client.state().positions]
    except GuardError:
        return []


def _tell(ended: dict[str, int], held: list[str], *, paper: bool, as_json: bool) -> None:
    if as_json:
        print_json({"ended": ended, "positions": held})
    elif ended:
        screen().print(f"[good]✓[/] ended {', '.join(f'{name} (pid {pid})' for name, pid in ended.items())}")
    else:
        screen().print("[quiet]nothing of this profile was running[/]")
    if held:
        aside().print(f"[warn]open positions:[/] {', '.join(held)}. {_MEANWHILE[paper]}", soft_wrap=True)


_MEANWHILE = {
    True: "The paper exchange stands still, and their stops with it, until the next kickoff starts both again.",
    False: "Their stops keep resting at the exchange; nobody looks after more than that until a guard runs again.",
}

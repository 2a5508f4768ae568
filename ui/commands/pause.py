"""`crew pause` and `crew resume`: the crew decides nothing more, or goes on; the guard works on either way."""

from __future__ import annotations

from crews.running import pause as pausing
from crews.running.services import folder_of
from ui.commands.options import AsJson, Profile, Reason
from ui.figures import safe
from ui.terminal import print_json, screen, tells_errors


@tells_errors
def pause(reason: Reason = "paused by the operator", profile: Profile = "demo", as_json: AsJson = False) -> None:
    """Decide nothing more, in any kickoff of this profile, until `crew resume`. Positions and stops stay."""
    told = pausing.pause(folder_of(profile), reason)
    if as_json:
        print_json({"profile": profile, "paused": True, "reason": told.reason, "since": told.since.isoformat()})
    else:
        screen().print(f"[warn]paused[/] since {told.since:%Y-%m-%d %H:%M:%S} UTC: {safe(told.reason)}")


@tells_errors
def resume(profile: Profile = "demo", as_json: AsJson = False) -> None:
    """Let the crew decide again."""
    was = pausing.resume(folder_of(profile))
    if as_json:
        print_json({"profile": profile, "paused": False, "was_paused": was})
    else:
        screen().print("[good]✓[/] the crew goes on" if was else "[quiet]the crew was not paused[/]")

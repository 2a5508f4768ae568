"""`crew doctor` and `crew config check`: what is wrong with this machine or set-up, and the fix in one line."""

from __future__ import annotations

import importlib.metadata
import os
import shutil
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import typer
from rich.table import Table

from config.loader import DeskConfig, load_desk
from crews.running import processes
from crews.running.services import folder_of
from desk.domain.errors import DeskError
from desk.venues.binance.preflight import Finding
from ui.commands.options import AsJson, ConfigRoot, Profile
from ui.commands.source_health import source_findings
from ui.commands.venue_health import venue_findings
from ui.exits import Exit
from ui.terminal import print_json, screen, tells_errors

PACKAGES = ("agents", "config", "crews", "desk", "memory", "ops", "tools", "ui")
LEAST_FREE_BYTES = 500 * 1024 * 1024


@tells_errors
def doctor(profile: Profile = "demo", as_json: AsJson = False, config: ConfigRoot = None) -> None:
    """Look at all that a kickoff needs, account and streams too. Exit code 4 when something must be mended first."""
    checks: tuple[Callable[[], Finding], ...] = (
        _python,
        _names,
        lambda: _settings(profile, config),
        lambda: _space(profile),
        lambda: _privacy(profile),
        lambda: _process(profile, "venue"),
        lambda: _process(profile, "guard"),
        lambda: _models(profile, config),
    )
    findings = [*(check() for check in checks), *venue_findings(profile, config), *source_findings(profile)]
    if as_json:
        for one in findings:
            print_json({"check": one.name, "ok": one.well, "seen": one.seen, "fix": one.fix})
    else:
        table = Table(box=None, show_header=False, pad_edge=False)
        for _ in range(3):
            table.add_column(overflow="fold")
        for one in findings:
            table.add_row("[good]✓[/]" if one.well else "[bad]✗[/]", f"[name]{one.name}[/]", one.seen)
            if one.fix:
                table.add_row("", "", f"[quiet]fix:[/] {one.fix}")
        screen().print(table)
    if not all(one.well for one in findings):
        raise typer.Exit(Exit.PREREQUISITE)


@tells_errors
def config_check(profile: Profile = "demo", as_json: AsJson = False, config: ConfigRoot = None) -> None:
    """What is in force and where each value comes from; a mistake is named with its file, key and line."""
    loaded = load_desk(profile, root=config)
    if as_json:
        for setting in loaded.describe():
            place = setting.place
            print_json({"key": setting.key, "value": setting.value, "file": place.file, "line": place.line})
        return
    table = Table(box=None, pad_edge=False, header_style="quiet")
    table.add_column("Key", overflow="fold", min_width=18)
    table.add_column("Value", overflow="fold", max_width=60)
    table.add_column("From", style="quiet", no_wrap=True)
    for setting in loaded.describe():
        line = f":{setting.place.line}" if setting.place.line else ""
        table.add_row(setting.key, str(setting.value), f"{Path(setting.place.file).name}{line}")
    screen().print(table)
    screen().print(f"[good]✓[/] profile {profile} holds together; digest {loaded.digest[:16]}")


def _python() -> Finding:
    seen = f"Python {sys.version.split()[0]}"
    well = (3, 11) <= sys.version_info[:2] <= (3, 13)
    return Finding(name="python", well=well, seen=seen, fix="" if well else "use Python 3.11, 3.12 or 3.13")


def _names() -> Finding:
    owners = importlib.metadata.packages_distributions()
    others = {name: sorted(set(owners.get(name, [])) - {"crewdesk"}) for name in PACKAGES}
    taken = {name: found for name, found in others.items() if found}
    seen = "our packages are ours" if not taken else f"also owned by others: {taken}"
    return Finding(name="packages", well=not taken, seen=seen, fix="" if not taken else "use ./crew's own environment")


def _settings(profile: str, root: Path | None) -> Finding:
    try:
        loaded = load_desk(profile, root=root)
    except DeskError as error:
        return Finding(name="configuration", well=False, seen=error.message, fix=error.hint or "crew config check")
    return Finding(name="configuration", well=True, seen=f"{profile}: {loaded.profile.label}")


def _space(profile: str) -> Finding:
    home = folder_of(profile).root.parent
    try:
        home.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=home):
            pass
    except OSError as error:
        fix = f"make {home} a folder you can write to, or set CREWDESK_HOME to one"
        return Finding(name="disk", well=False, seen=f"cannot write to {home}: {error.strerror}", fix=fix)
    free = shutil.disk_usage(home).free
    well = free > LEAST_FREE_BYTES
    fix = "" if well else "free some space: without a journal nothing is traded"
    return Finding(name="disk", well=well, seen=f"{free / 1024**3:.1f} GiB free for {home}", fix=fix)


def _privacy(profile: str) -> Finding:
    folder = folder_of(profile)
    secrets = (folder.crew_token, folder.operator_token, folder.admin_token, folder.root / "venue" / "keys.json")
    open_ones = [str(path) for path in secrets if path.exists() and path.stat().st_mode & 0o077]
    fix = f"chmod 600 {' '.join(open_ones)}" if open_ones else ""
    seen = "keys and tokens are private" if not open_ones else "others can read keys or tokens"
    return Finding(name="secrets", well=not open_ones, seen=seen, fix=fix)


def _process(profile: str, name: str) -> Finding:
    running = processes.find(folder_of(profile).program(name))
    seen = f"pid {running.pid} at {running.url}" if running else "not running; a kickoff starts what it needs"
    return Finding(name=name, well=True, seen=seen)


def _models(profile: str, root: Path | None) -> Finding:
    try:
        loaded = load_desk(profile, root=root)
    except DeskError:
        return Finding(name="models", well=True, seen="not looked at")
    missing = sorted(_missing_keys(loaded))
    fix = f"set {', '.join(missing)} in the environment" if missing else ""
    named = ", ".join(sorted({loaded.model_name(agent) for agent in loaded.agents}))
    return Finding(name="models", well=not missing, seen=f"agents use {named}", fix=fix)


def _missing_keys(config: DeskConfig) -> set[str]:
    wanted = {config.model_of(agent).api_key_env for agent in config.agents}
    return {name for name in wanted if name and not os.environ.get(name)}

"""`crew backup` and `crew restore`: everything a desk needs in one verified archive, and the way back from it."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from config.loader import load_desk
from crews.running.services import folder_of
from ops.running import sole_keeper
from ui.commands.options import AsJson, ConfigRoot, Profile, root_of
from ui.terminal import aside, print_json, screen, tells_errors

_MB = 1_000_000


@tells_errors
def backup(
    to: Annotated[
        Path | None, typer.Option("--to", metavar="DIR", help="Where archives are kept; `backups` beside the profiles.")
    ] = None,
    keep: Annotated[int, typer.Option("--keep", min=1, help="So many of this profile stay; the oldest go.")] = 30,
    profile: Profile = "demo",
    as_json: AsJson = False,
    config: ConfigRoot = None,
) -> None:
    """Record, journal, ledger, books and configuration as they are now, also while the desk runs. No key, no token."""
    # Here and not above: the database library takes a third of a second to load.
    from crews.backup.making import make, thin

    folder = folder_of(profile)
    target = to or folder.root.parent / "backups"
    with aside().status("reading, checking, writing"):
        loaded = load_desk(profile, root=config)
        path, manifest = make(loaded, folder, target, root=root_of(config), now=datetime.now(UTC))
    gone = thin(target, profile, keep)
    size = path.stat().st_size
    if as_json:
        told = {"backup": str(path), "bytes": size, "files": len(manifest.files), "latched": manifest.latched}
        print_json(
            {**told, "audit_rows": manifest.audit_rows, "journal_rows": manifest.journal_rows, "gone": len(gone)}
        )
        return
    screen().print(f"[good]✓[/] {path}  {size / _MB:.1f} MB, {len(manifest.files)} files", soft_wrap=True)
    rows = f"{manifest.audit_rows:,} rows of the audit log, {manifest.journal_rows:,} of the guard's journal"
    screen().print(f"[quiet]{rows}: verified, and read back from the archive[/]")
    if gone:
        screen().print(f"[quiet]{len(gone)} older than the newest {keep} deleted[/]")


@tells_errors
def restore(
    archive: Annotated[Path, typer.Argument(help="What `crew backup` wrote.", exists=True, dir_okay=False)],
    replace: Annotated[
        bool, typer.Option("--replace", help="Set aside the data that are there; nothing is deleted.")
    ] = False,
    profile: Profile = "demo",
    as_json: AsJson = False,
) -> None:
    """Bring a profile back from a backup: with the latch, the day's loss and the orders that its guard had."""
    from crews.backup.restoring import restore as bring_back

    folder = folder_of(profile)
    # Whoever keeps the desk running would start its guard in the midst of it.
    with sole_keeper(folder), aside().status("checking, laying out"):
        restored = bring_back(archive, folder, replace=replace)
    manifest, moved = restored.manifest, restored.aside
    if as_json:
        told = {"profile": manifest.profile, "made_at": manifest.made_at.isoformat(), "latched": manifest.latched}
        print_json({**told, "aside": str(moved) if moved else None, "halted": restored.halted})
        return
    screen().print(f"[good]✓[/] {manifest.profile} is as it was at {manifest.made_at:%Y-%m-%d %H:%M:%S} UTC")
    if moved is not None:
        screen().print(f"what was there before: {moved}", soft_wrap=True)
    if manifest.latched:
        screen().print(f"[warn]its guard is latched:[/] {manifest.latched}", soft_wrap=True)
    if restored.halted:
        screen().print(
            "[warn]the journal that was there does not read, so the desk starts halted[/]: remove HALT, reset"
        )
    if manifest.ledger == "postgresql":
        screen().print("[quiet]its ledger was a server's and is a file now: crew db copy --to takes it back[/]")
    screen().print("[quiet]tokens and keys are made anew; crew memory rebuild makes the memory again[/]")

"""`python -m campaigns.mutants`: plant each fault in a copy of the tree and ask the campaigns whether they notice.

Each campaign plays its first seeds until one breaks a promise. Exit code 0: all but at most one were killed, and the
tree without a fault broke nothing. The table is kept in `var/campaigns/mutants.json` for docs/evidence.md.

  python -m campaigns.mutants --only "local time"   one fault, and what noticed it
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path

from campaigns.kept import FOLDER, ROOT, build
from campaigns.mutants.planted import MUTANTS, Mutant

_SURVIVORS_ALLOWED = 1
_UNCHANGED = Mutant(name="the guard as it is", file="guard/__init__.py", before="", after="", by=("storm", "texts"))


@dataclass(frozen=True, kw_only=True)
class Trial:
    """What became of one fault. `noticed` is the first sentence that noticed it, empty for a survivor."""

    name: str
    file: str
    noticed: str


def main(arguments: list[str] | None = None) -> int:
    """Try every fault. Returns the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m campaigns.mutants", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--only", action="append", choices=[one.name for one in MUTANTS], help="try this fault alone")
    parser.add_argument("--jobs", type=int, default=2, help="trials side by side")
    wanted = parser.parse_args(arguments)
    chosen = [one for one in MUTANTS if not wanted.only or one.name in wanted.only]
    with ThreadPoolExecutor(wanted.jobs) as pool:
        clean, *trials = pool.map(_told, [_UNCHANGED, *chosen])
    killed = sum(bool(trial.noticed) for trial in trials)
    sys.stdout.write(f"mutants: {killed} of {len(trials)} killed")
    sys.stdout.write("".join(f"; survived: {trial.name}" for trial in trials if not trial.noticed) + "\n")
    if not wanted.only:
        FOLDER.mkdir(parents=True, exist_ok=True)
        kept = {"build": build(), "trials": [asdict(trial) for trial in trials]}
        (FOLDER / "mutants.json").write_text(json.dumps(kept, indent=1), encoding="utf-8")
    return int(len(trials) - killed > _SURVIVORS_ALLOWED or bool(clean.noticed))


def _told(mutant: Mutant) -> Trial:
    trial = try_out(mutant)
    sys.stderr.write(f"  {'killed  ' if trial.noticed else 'SURVIVED'}  {trial.name}: {trial.noticed[:150]}\n")
    sys.stderr.flush()
    return trial


def try_out(mutant: Mutant) -> Trial:
    """Plant one fault in a copy of the tree and play there until somebody notices."""
    with tempfile.TemporaryDirectory(prefix="mutant-") as place:
        copy = Path(place)
        for package in ("campaigns", "desk"):
            shutil.copytree(ROOT / package, copy / package, ignore=shutil.ignore_patterns("__pycache__"))
        plant(mutant, copy / "desk" / mutant.file)
        command = [sys.executable, "-m", "campaigns.mutants.trial", *mutant.by]
        ran = subprocess.run(command, cwd=copy, capture_output=True, text=True, timeout=1800, check=False)
    if ran.returncode not in (0, 1):
        # A guard that cannot even be started is noticed by whoever starts it.
        return Trial(name=mutant.name, file=mutant.file, noticed=ran.stderr.strip().splitlines()[-1][:300])
    return Trial(name=mutant.name, file=mutant.file, noticed=ran.stdout.strip())


def plant(mutant: Mutant, file: Path) -> None:
    """Change the file. Raises ValueError where the fault does not fit exactly once."""
    text = file.read_text(encoding="utf-8")
    if mutant.before and text.count(mutant.before) != 1:
        raise ValueError(f"{mutant.name}: its place stands {text.count(mutant.before)} times in {mutant.file}")
    file.write_text(text.replace(mutant.before, mutant.after) if mutant.before else text, encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())

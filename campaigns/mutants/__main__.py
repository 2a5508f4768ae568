"""`python -m campaigns.mutants`: plant each fault in a copy of the tree and ask the campaigns whether they notice.

Each campaign plays its first seeds until one breaks a promise. Exit code 0: all but at most one were killed, and the
tree without a fault broke nothing. The table is kept in `var/campaigns/mutants.json` for docs/evidence.md, trial by
trial: a run that was cut goes on where it stopped, as long as the code is the same.

  python -m campaigns.mutants --only "local time"   one fault, and what noticed it
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path

from campaigns.kept import FOLDER, ROOT, build
from campaigns.mutants.planted import MUTANTS, Mutant

_SURVIVORS_ALLOWED = 1
_SEVERAL_HOURS_S = 7200
_UNCHANGED = Mutant(name="the guard as it is", file="guard/__init__.py", before="", after="", by=("storm", "texts"))


@dataclass(frozen=True, kw_only=True)
class Trial:
    """What became of one fault. `by` is the campaign that noticed it after `cases` cases, empty for a survivor.

    `noticed` is the first sentence that told of it.
    """

    name: str
    file: str
    by: str
    cases: int
    noticed: str


def main(arguments: list[str] | None = None) -> int:
    """Try every fault. Returns the exit code."""
    wanted = _words().parse_args(arguments)
    chosen = [one for one in MUTANTS if not wanted.only or one.name in wanted.only]
    known = {} if wanted.only else _kept()
    trials = dict(known)
    with ThreadPoolExecutor(wanted.jobs) as pool:
        for trial in pool.map(try_out, [one for one in (*chosen, _UNCHANGED) if one.name not in known]):
            trials[trial.name] = trial
            say(trial)
            if not wanted.only:
                _keep(list(trials.values()))
    return _told(trials[_UNCHANGED.name], [trials[one.name] for one in chosen])


def _told(clean: Trial, trials: Sequence[Trial]) -> int:
    survivors = [trial.name for trial in trials if not trial.noticed]
    line = f"mutants: {len(trials) - len(survivors)} of {len(trials)} killed"
    sys.stdout.write(line + "".join(f"; survived: {name}" for name in survivors) + "\n")
    return int(len(survivors) > _SURVIVORS_ALLOWED or bool(clean.noticed))


def say(trial: Trial) -> None:
    """Progress, on standard error."""
    sound = trial.name == _UNCHANGED.name
    fate = ("broken  " if sound else "killed  ") if trial.noticed else ("sound   " if sound else "SURVIVED")
    sys.stderr.write(f"  {fate}  {trial.name}: {trial.by} after {trial.cases} cases: {trial.noticed[:150]}\n")
    sys.stderr.flush()


def try_out(mutant: Mutant) -> Trial:
    """Plant one fault in a copy of the tree and play there until somebody notices."""
    with tempfile.TemporaryDirectory(prefix="mutant-") as place:
        copy = Path(place)
        for package in ("campaigns", "desk"):
            shutil.copytree(ROOT / package, copy / package, ignore=shutil.ignore_patterns("__pycache__"))
        plant(mutant, copy / "desk" / mutant.file)
        command = [sys.executable, "-m", "campaigns.mutants.trial", *mutant.by]
        ran = subprocess.run(command, cwd=copy, capture_output=True, text=True, timeout=_SEVERAL_HOURS_S, check=False)
    if ran.returncode not in (0, 1):
        # A guard that cannot even be started is noticed by whoever starts it.
        sentence = (ran.stderr.strip().splitlines() or ["no word"])[-1][:300]
        return Trial(name=mutant.name, file=mutant.file, by="the start", cases=0, noticed=sentence)
    told = json.loads(ran.stdout)
    noticed = f"seed {told['seed']}: {told['sentence']}" if ran.returncode else ""
    return Trial(name=mutant.name, file=mutant.file, by=told.get("campaign", ""), cases=told["cases"], noticed=noticed)


def plant(mutant: Mutant, file: Path) -> None:
    """Change the file. Raises ValueError where the fault does not fit exactly once."""
    text = file.read_text(encoding="utf-8")
    if mutant.before and text.count(mutant.before) != 1:
        raise ValueError(f"{mutant.name}: its place stands {text.count(mutant.before)} times in {mutant.file}")
    file.write_text(text.replace(mutant.before, mutant.after) if mutant.before else text, encoding="utf-8")


def _kept() -> dict[str, Trial]:
    """The trials of this very code that an earlier run came to."""
    path = FOLDER / "mutants.json"
    told = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    return {one["name"]: Trial(**one) for one in told["trials"]} if told.get("build") == build() else {}


def _keep(trials: Sequence[Trial]) -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    kept = {"build": build(), "trials": [asdict(trial) for trial in trials]}
    (FOLDER / "mutants.json").write_text(json.dumps(kept, indent=1), encoding="utf-8")


def _words() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m campaigns.mutants", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--only", action="append", choices=[one.name for one in MUTANTS], help="try this fault alone")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="trials side by side")
    return parser


if __name__ == "__main__":
    sys.exit(main())

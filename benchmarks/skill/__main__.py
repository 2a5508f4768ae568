"""Writes docs/skill.md from measurements made now: `python -m benchmarks.skill`.

Each module beside this one that has a `main` measures one specialist and prints one JSON object, which becomes a
section; `page` says how. The answers can be kept and the page written from them again: `--kept FOLDER`.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

from benchmarks.skill.page import page

HERE = Path(__file__).parent
PAGE = HERE.parents[1] / "docs" / "skill.md"

Tree = Mapping[str, Any]


def main() -> None:
    """Measure everything, or read what was measured, then write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kept", type=Path, help="a folder of answers: read where they are there, written where not")
    kept = parser.parse_args().kept
    answers = {name: measured(name, kept) for name in modules()}
    spent = resource.getrusage(resource.RUSAGE_CHILDREN)
    PAGE.write_text(page(answers))
    sys.stdout.write(PAGE.read_text())
    sys.stderr.write(f"measured in {spent.ru_utime + spent.ru_stime:.0f} CPU seconds\n")


def modules() -> list[str]:
    """The modules that measure."""
    return sorted(path.stem for path in HERE.glob("[a-z]*.py") if "\ndef main(" in path.read_text())


def measured(name: str, kept: Path | None = None) -> Tree:
    """What one module prints, run alone so that none can borrow another's state."""
    path = None if kept is None else kept / f"{name}.json"
    if path is not None and path.exists():
        return cast(Tree, json.loads(path.read_text()))
    sys.stderr.write(f"measuring {name}\n")
    words = [sys.executable, "-m", f"benchmarks.skill.{name}"]
    ran = subprocess.run(words, capture_output=True, text=True, check=False)
    if ran.returncode:
        sys.exit(f"benchmarks.skill.{name} ended with {ran.returncode}: {ran.stderr[-2000:]}")
    if path is not None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(ran.stdout)
    return cast(Tree, json.loads(ran.stdout))


if __name__ == "__main__":
    main()

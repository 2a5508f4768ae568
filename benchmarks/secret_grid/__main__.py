"""`python -m benchmarks.secret_grid` plants forty secrets, looks for them in fifteen places, and writes the table.

The last column is the same desk with veils that were told nothing: what would stand there. Where it is none, the place
has no room for a stranger's words. The command ends with 1 when a secret stands anywhere.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from pathlib import Path
from unittest import mock

from benchmarks.secret_grid.planted import Planted, planted
from benchmarks.secret_grid.sinks import filled

PAGE = Path(__file__).resolve().parents[2] / "docs" / "controls.md"
BEGIN, END = "<!-- secret grid -->\n", "<!-- /secret grid -->"
SEED = 7


def main() -> int:
    """Fill the places twice and write what was found."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--print", action="store_true", help="only print the table")
    told = parser.parse_args()
    secrets = planted(told.seed)
    veiled, bare = _places(secrets, known=True), _places(secrets, known=False)
    found = {place: secrets.leaks(text) for place, text in veiled.items()}
    without = {place: len(secrets.leaks(text)) for place, text in bare.items()}
    table = _table(secrets, {place: len(names) for place, names in found.items()}, without, told.seed)
    print(table)
    for place, names in found.items():
        for name in names:
            print(f"LEAK: {name} stands in the {place}", file=sys.stderr)
    if not told.print:
        page = PAGE.read_text(encoding="utf-8")
        before, _, rest = page.partition(BEGIN)
        PAGE.write_text(before + BEGIN + table + END + rest.partition(END)[2], encoding="utf-8")
    return int(any(found.values()))


def _places(secrets: Planted, *, known: bool) -> dict[str, str]:
    environ = secrets.environ if known else {}
    with tempfile.TemporaryDirectory() as home, mock.patch.dict(os.environ, environ):
        return filled(secrets, Path(home), known=known)


def _table(secrets: Planted, found: dict[str, int], without: dict[str, int], seed: int) -> str:
    cells = len(secrets.shapes) * len(found)
    rows = "".join(f"| {place} | {count} | {without[place]} |\n" for place, count in found.items())
    return (
        f"`python -m benchmarks.secret_grid` with seed {seed}: {len(secrets.shapes)} secrets in {len(found)} places, "
        f"{cells} cells, {sum(found.values())} leaks.\n\n"
        f"| place | secrets that stand there | without a veil |\n|---|---|---|\n{rows}"
    )


if __name__ == "__main__":
    raise SystemExit(main())

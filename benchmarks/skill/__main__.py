"""Writes docs/skill.md from measurements made now: `python -m benchmarks.skill`.

Each module beside this one that has a `main` measures one specialist and prints one JSON object, which becomes a
section. Wherever an answer holds a `detector` beside `naive_` rules, they stand in one table, and for each share with an
interval it is said whether skill was shown: the interval's lower end lies above every naive rule. Anything less is said
to show none.
"""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, cast

HERE = Path(__file__).parent
PAGE = HERE.parents[1] / "docs" / "skill.md"
OWN, NAIVE = "detector", "naive_"
SHARE = {"value", "low", "high"}

Tree = Mapping[str, Any]


def main() -> None:
    """Measure everything, then write."""
    answers = {name: measured(name) for name in modules()}
    PAGE.write_text(page(answers))
    sys.stdout.write(PAGE.read_text())


def modules() -> list[str]:
    """The modules that measure."""
    return sorted(path.stem for path in HERE.glob("[a-z]*.py") if "\ndef main(" in path.read_text())


def measured(name: str) -> Tree:
    """What one module prints, run alone so that none can borrow another's state."""
    sys.stderr.write(f"measuring {name}\n")
    words = [sys.executable, "-m", f"benchmarks.skill.{name}"]
    ran = subprocess.run(words, capture_output=True, text=True, check=False)
    if ran.returncode:
        sys.exit(f"benchmarks.skill.{name} ended with {ran.returncode}: {ran.stderr[-2000:]}")
    return cast(Tree, json.loads(ran.stdout))


def page(answers: Mapping[str, Tree]) -> str:
    """The whole of docs/skill.md."""
    head = [
        "# Is there skill?",
        "",
        f"Written by `python -m benchmarks.skill`: {os.cpu_count()} cores, Python {platform.python_version()}. Each",
        "section is one measurement, with its interval and naive rules beside it. Shown means that the lower end of the",
        "interval lies above every naive rule; whatever does not is said to show none.",
    ]
    return "\n".join([*head, *(line for name, answer in answers.items() for line in section(name, answer)), ""])


def section(name: str, answer: Tree) -> Iterator[str]:
    """One specialist: what its answer says in words, its comparisons as tables, and the rest as it was printed."""
    yield from ("", f"## {name.capitalize()}", "", f"`python -m benchmarks.skill.{name}`", "")
    yield from (f"* {key.replace('_', ' ')}: {value}" for key, value in answer.items() if isinstance(value, str))
    for path, tellers in comparisons(answer, ()):
        yield from ("", f"### {' / '.join(path).replace('_', ' ')}", "")
        yield from table(tellers)
        yield from ("", *verdicts(tellers))
    yield from ("", "<details><summary>everything that was measured</summary>", "", "```json")
    yield from (json.dumps(answer, indent=1), "```", "", "</details>")


def comparisons(tree: Tree, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Mapping[str, Tree]]]:
    """Wherever a detector stands beside naive rules."""
    if OWN in tree and any(key.startswith(NAIVE) for key in tree):
        yield path, tree
        return
    for key, value in tree.items():
        if isinstance(value, Mapping):
            yield from comparisons(cast(Tree, value), (*path, key))


def table(tellers: Mapping[str, Tree]) -> Iterator[str]:
    """A row for each teller, a column for each figure the detector has."""
    figures = [key for key, _ in leaves(tellers[OWN], ())]
    yield f"| | {' | '.join(key.replace('_', ' ') for key in figures)} |"
    yield f"|---|{'---|' * len(figures)}"
    for name, told in tellers.items():
        own = dict(leaves(told, ()))
        yield f"| {name.replace('_', ' ')} | {' | '.join(shown(own.get(key)) for key in figures)} |"


def verdicts(tellers: Mapping[str, Tree]) -> Iterator[str]:
    """Whether skill was shown, by each share that has an interval."""
    naive = [dict(leaves(told, ())) for name, told in tellers.items() if name.startswith(NAIVE)]
    for key, value in leaves(tellers[OWN], ()):
        rivals = [central(told[key]) for told in naive if told.get(key) is not None]
        if isinstance(value, Mapping) and rivals:
            best, low = max(rivals), float(cast(Tree, value)["low"])
            told = "skill is shown" if low > best else "**no skill is shown**"
            yield f"* {key.replace('_', ' ')}: {told}; at least {low:.3f}, the best naive rule {best:.3f}"


def leaves(tree: Tree, path: tuple[str, ...]) -> Iterator[tuple[str, Any]]:
    """Figures by their dotted names; a share with its interval is one figure, and lists are none."""
    for key, value in tree.items():
        if isinstance(value, Mapping) and not set(cast(Tree, value)) >= SHARE:
            yield from leaves(cast(Tree, value), (*path, key))
        elif not isinstance(value, list | str):
            yield " ".join((*path, key)), value


def central(value: Any) -> float:  # noqa: ANN401  a figure of JSON
    """The figure itself, whether or not it has an interval."""
    return float(value["value"] if isinstance(value, Mapping) else value)


def shown(value: Any) -> str:  # noqa: ANN401  a figure of JSON
    """A figure as a table has it."""
    if isinstance(value, Mapping):
        share = cast(Tree, value)
        return f"{share['value']:.3f} ({share['low']:.3f} to {share['high']:.3f})"
    if value is None:
        return ""
    return f"{value:,}" if isinstance(value, int) else f"{value:.3f}"


if __name__ == "__main__":
    main()

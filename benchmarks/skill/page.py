"""What docs/skill.md says of a measurement: skill is shown, or none is, and nothing in between.

Wherever an answer holds a `detector` beside `naive_` rules, they stand in one table. Of each share with an interval it
is said whether skill was shown: the interval's lower end lies above every naive rule. An interval that lies below one as
a whole is worse than that rule, and said to be. What an answer calls `reported` opens the page, specialist by specialist.
"""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, cast

OWN, NAIVE, REPORTED = "detector", "naive_", "reported"
SHARE = {"value", "low", "high"}
SHOWN, NONE = "skill is shown", "**no skill is shown**"

Tree = Mapping[str, Any]


def page(answers: Mapping[str, Tree]) -> str:
    """The whole of docs/skill.md."""
    head = [
        "# Is there skill?",
        "",
        f"Written by `python -m benchmarks.skill`: {os.cpu_count()} cores, Python {platform.python_version()}. Each",
        "section is one measurement, with its interval (95 %) and naive rules beside it. Shown means that the lower end",
        "of the interval lies above every naive rule; whatever does not is said to show none. Seeds are fixed. What",
        "earns a weight at the desk is the record of its own decisions, by the same rule: see `crew scores`.",
        "",
        "To tell what is going on is one thing, to foretell what comes another: the detectors are measured at the first,",
        "`forecasts` at the second, and it is by the second that a word counts. No language model was run for this page.",
        "",
        "| measured | figure | score | the best naive rule | |",
        "|---|---|---|---|---|",
    ]
    first = (line for name, answer in answers.items() for line in summary(name, answer))
    rest = (line for name, answer in answers.items() for line in section(name, answer))
    return "\n".join([*head, *first, *rest, ""])


def summary(name: str, answer: Tree) -> Iterator[str]:
    """One row for each share that was reported, so that nobody need search for what failed."""
    for path, tellers in comparisons(answer, ()):
        if not path or not path[0].startswith(REPORTED):
            continue
        where = worded(f"{name}: {' / '.join(path)}")
        for key, value, rival, best in judged(tellers):
            told = f"{worded(rival)}: {best:.3f}"
            yield f"| {where} | {worded(key)} | {shown(value)} | {told} | {verdict(value, best)} |"
    for key, rows in answer.items():
        for row in walked(rows):
            for figure, value, rival, best in judged(row):
                told = f"{worded(rival)}: {best:.3f}"
                where = worded(f"{name}: {key} {stretch(row)}")
                yield f"| {where} | {worded(figure)} | {shown(value)} | {told} | {verdict(value, best)} |"


def section(name: str, answer: Tree) -> Iterator[str]:
    """One specialist: what its answer says in words, its comparisons as tables, and the rest as it was printed."""
    yield from ("", f"## {name.capitalize()}", "", f"`python -m benchmarks.skill.{name}`", "")
    yield from (f"* {worded(key)}: {value}" for key, value in answer.items() if isinstance(value, str))
    for path, tellers in comparisons(answer, ()):
        yield from ("", f"### {worded(' / '.join(path))}", "")
        yield from table(tellers)
        yield from ("", *verdicts(tellers))
    for key, rows in answer.items():
        if isinstance(rows, list):
            yield from walk(key, cast(Sequence[Any], rows))
    yield from ("", "<details><summary>everything that was measured</summary>", "", "```json")
    yield from (json.dumps(answer, indent=1), "```", "", "</details>")


def comparisons(tree: Tree, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Mapping[str, Tree]]]:
    """Wherever a detector stands beside naive rules."""
    if compared(tree):
        yield path, {name: cast(Tree, told) for name, told in tree.items() if isinstance(told, Mapping)}
        return
    for key, value in tree.items():
        if isinstance(value, Mapping):
            yield from comparisons(cast(Tree, value), (*path, key))


def compared(tree: Tree) -> bool:
    """Whether a detector stands here beside naive rules."""
    return OWN in tree and any(key.startswith(NAIVE) for key in tree)


def table(tellers: Mapping[str, Tree]) -> Iterator[str]:
    """A row for each teller, a column for each figure the detector has."""
    figures = [key for key, _ in leaves(tellers[OWN], ())]
    yield f"| | {' | '.join(map(worded, figures))} |"
    yield f"|---|{'---|' * len(figures)}"
    for name, told in tellers.items():
        own = dict(leaves(told, ()))
        yield f"| {worded(name)} | {' | '.join(shown(own.get(key)) for key in figures)} |"


def walk(name: str, rows: Sequence[Any]) -> Iterator[str]:
    """A stretch of time a row, each told by what was learnt before it, with the verdict of each."""
    told = walked(rows)
    if not told:
        return
    yield from (
        "",
        f"### {worded(name)}",
        "",
        "| | figure | detector | the best naive rule | |",
        "|---|---|---|---|---|",
    )
    for row in told:
        for key, value, rival, best in judged(row):
            rest = f"{worded(rival)}: {best:.3f} | {verdict(value, best)}"
            yield f"| {stretch(row)} | {worded(key)} | {shown(value)} | {rest} |"


def walked(rows: Any) -> list[Tree]:  # noqa: ANN401  a value of JSON
    """The rows of a walk through time in which a detector stands beside naive rules; none of anything else."""
    kept = cast(Sequence[Any], rows) if isinstance(rows, list) else ()
    return [cast(Tree, row) for row in kept if isinstance(row, Mapping) and compared(cast(Tree, row))]


def stretch(row: Tree) -> str:
    """Which time a row of a walk is about."""
    return " to ".join(value for value in row.values() if isinstance(value, str))


def verdicts(tellers: Mapping[str, Tree]) -> Iterator[str]:
    """Whether skill was shown, by each share that has an interval."""
    for key, value, rival, best in judged(tellers):
        least = f"at least {value['low']:.3f}, the best naive rule {best:.3f} ({worded(rival)})"
        yield f"* {worded(key)}: {verdict(value, best)}; {least}"


def judged(tellers: Mapping[str, Tree]) -> Iterator[tuple[str, Tree, str, float]]:
    """Each share of the detector's that has an interval, and the naive rule that comes nearest to it or lies above."""
    naive = {name: dict(leaves(told, ())) for name, told in tellers.items() if name.startswith(NAIVE)}
    for key, value in leaves(tellers[OWN], ()):
        rivals = {name: central(told[key]) for name, told in naive.items() if told.get(key) is not None}
        if isinstance(value, Mapping) and rivals:
            best = max(rivals, key=lambda name: rivals[name])
            yield key, cast(Tree, value), best.removeprefix(NAIVE), rivals[best]


def verdict(value: Tree, best: float) -> str:
    """Shown, none, or worse than a rule that anybody has."""
    if float(value["low"]) > best:
        return SHOWN
    return f"{NONE}: worse than the naive rule" if float(value["high"]) < best else NONE


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


def worded(name: str) -> str:
    """A name of JSON as words."""
    return name.replace("_", " ")

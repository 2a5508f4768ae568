"""What the chat says, before anything is drawn: texts, and steps of work that open and close."""

from __future__ import annotations

import re
from dataclasses import dataclass, field


@dataclass(slots=True, kw_only=True)
class Step:
    """One piece of work: its title, what came of it, how long it took. `within` is the key of the step around it."""

    key: str
    title: str
    text: str = ""
    seconds: float | None = None
    busy: bool = True
    within: str = ""


@dataclass(slots=True, kw_only=True)
class Said:
    """One answer as it stands: the steps so far, then a text in Markdown."""

    text: str = ""
    steps: list[Step] = field(default_factory=list[Step])


def table(heads: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    """A Markdown table; what stands in a cell is text."""
    lines = [f"| {' | '.join(heads)} |", f"|{'---|' * len(heads)}"]
    return "\n".join([*lines, *(f"| {' | '.join(plain(cell) for cell in row)} |" for row in rows)])


def plain(text: str) -> str:
    """A stranger's or a model's text on one line, with nothing in it that Markdown or HTML would act upon."""
    line = " ".join(str(text).split())
    return "".join(f"\\{char}" if char in _ACTS else char for char in line)


def bare(shown: str) -> str:
    """What was said, of a text that was made plain."""
    return _ESCAPED.sub(r"\1", shown)


def code(text: str) -> str:
    """A name between backticks, where an escape would be seen."""
    return f"`{' '.join(str(text).split()).replace('`', '')}`"


_ACTS = "\\`*_[]()#|!<>~"
_ESCAPED = re.compile(rf"\\([{re.escape(_ACTS)}])")

"""A screen that fits: the wide layout where there is room for all of it, else a narrow one in which nothing is cut."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from rich.measure import Measurement
from rich.table import Table
from rich.text import Text


@dataclass(frozen=True, slots=True)
class Fitting:
    """Shows `wide` if every column of it fits into the width at hand, else `narrow`."""

    wide: RenderableType
    narrow: RenderableType

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """The layout that fits."""
        needed = Measurement.get(console, options.update(max_width=10_000), self.wide).maximum
        yield self.wide if needed <= options.max_width else self.narrow

    def __rich_measure__(self, console: Console, options: ConsoleOptions) -> Measurement:
        """From the least that the narrow layout needs to the most that the wide one takes."""
        least = Measurement.get(console, options, self.narrow).minimum
        most = Measurement.get(console, options, self.wide).maximum
        return Measurement(min(least, most), most)


def facts(*pairs: tuple[str, RenderableType]) -> Fitting:
    """Named values side by side under their names, or one below the other where that is too wide."""
    wide, narrow = Table.grid(padding=(0, 3, 0, 0)), Table.grid(padding=(0, 2, 0, 0))
    wide.add_row(*(Text(name, style="quiet") for name, _ in pairs))
    wide.add_row(*(value for _, value in pairs))
    for name, value in pairs:
        narrow.add_row(Text(name, style="quiet"), value)
    return Fitting(wide, narrow)


def figures_block(pairs: Sequence[tuple[str, str]]) -> Fitting:
    """Named figures in aligned columns: two pairs to a line where there is room, else one. Words stand to the left."""
    return Fitting(_columns(pairs, 2), _columns(pairs, 1))


def _columns(pairs: Sequence[tuple[str, str]], across: int) -> Table:
    figures = all(value.lstrip("-−")[:1].isdigit() for _, value in pairs)
    grid = Table.grid(padding=(0, 2, 0, 0))
    for _ in range(across):
        grid.add_column(style="quiet")
        grid.add_column(justify="right" if figures else "left", overflow="fold")
        grid.add_column(width=2)
    down = -(-len(pairs) // across)
    for number in range(down):
        line = [pairs[at] for at in range(number, len(pairs), down)]
        grid.add_row(*(cell for name, value in line for cell in (name, value, "")))
    return grid

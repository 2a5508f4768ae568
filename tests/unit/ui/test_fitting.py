"""A screen that fits: the wide layout only where all of it has room, and in the narrow one nothing is cut."""

from __future__ import annotations

import io

import pytest
from rich.console import Console, RenderableType
from rich.panel import Panel

from ui.fitting import Fitting, facts, figures_block
from ui.terminal import THEME


def shown(what: RenderableType, width: int) -> list[str]:
    console = Console(width=width, file=io.StringIO(), theme=THEME, no_color=True)
    with console.capture() as capture:
        console.print(what)
    return [line.rstrip() for line in capture.get().splitlines()]


def test_the_wide_layout_stands_only_where_all_of_it_fits() -> None:
    fitting = Fitting("a wide line of words", "narrow")
    assert shown(fitting, 20) == ["a wide line of words"]
    assert shown(fitting, 19) == ["narrow"]
    assert "narrow" in shown(Panel(fitting), 20)[1]


def test_facts_stand_side_by_side_or_one_below_the_other() -> None:
    row = facts(("Equity", "9,998.46 USDT"), ("Today", "▼ 1.54"))
    assert shown(row, 60) == ["Equity          Today", "9,998.46 USDT   ▼ 1.54"]
    assert shown(row, 21) == ["Equity  9,998.46 USDT", "Today   ▼ 1.54"]


@pytest.mark.parametrize("width", [34, 60, 100])
def test_no_figure_of_a_block_is_lost_at_any_width(width: int) -> None:
    pairs = [(f"name {number}", f"{number * 1000:,}.00 USDT") for number in range(7)]
    text = "\n".join(shown(figures_block(pairs), width))
    assert all(name in text and value in text for name, value in pairs)
    assert "…" not in text

"""Every ink can be read on every ground it stands on, dark and light: 4.5 to 1, as WCAG asks of small text."""

from __future__ import annotations

import re
from importlib.resources import files

import pytest

STYLE = (files("ui.console") / "static" / "console.css").read_text()
GROUNDS = ("ground", "card", "raised")
PAIRS = (
    *((ink, ground) for ink in ("text", "quiet", "good", "bad", "warn", "accent") for ground in GROUNDS),
    *((ink, f"{ink}-soft") for ink in ("good", "bad", "warn", "accent")),
    ("on-bad", "bad"),
    ("on-accent", "accent"),
)


def tokens(selector: str) -> dict[str, str]:
    block = re.search(rf"^{re.escape(selector)} {{(.*?)}}", STYLE, re.DOTALL | re.MULTILINE)
    assert block is not None
    return dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6})", block[1]))


def brightness(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("look", [":root", "body.dark"])
@pytest.mark.parametrize(("ink", "ground"), PAIRS)
def test_an_ink_is_read_on_its_ground(look: str, ink: str, ground: str) -> None:
    known = tokens(look)
    high, low = sorted((brightness(known[ink]), brightness(known[ground])), reverse=True)
    assert (high + 0.05) / (low + 0.05) >= 4.5

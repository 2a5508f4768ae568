"""Who sits at a terminal reads the start page, not the same again in JSON."""

from __future__ import annotations

import pytest

from desk.venues.paper.__main__ import spoken_level


@pytest.mark.parametrize(
    ("level", "greet", "at_a_terminal", "spoken"),
    [
        ("INFO", "page", True, "WARNING"),
        ("INFO", "page", False, "INFO"),
        ("INFO", "json", True, "INFO"),
        ("INFO", None, True, "INFO"),
        ("DEBUG", "page", True, "DEBUG"),
        ("ERROR", "page", True, "ERROR"),
    ],
)
def test_the_page_replaces_the_lines_for_people_alone(
    level: str, greet: str | None, at_a_terminal: bool, spoken: str
) -> None:
    assert spoken_level(level, greet, at_a_terminal=at_a_terminal) == spoken

"""The spike crew is seated as a whole or not at all, within what it may spend."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from config.loader import load_desk
from config.seats import SPIKE_CREW, reporting, seated, spike_seated
from desk.domain.errors import ConfigError

Spoil = Callable[..., ConfigError]


def test_the_packaged_desk_seats_it_and_it_reports_to_nobody_but_its_own() -> None:
    agents = load_desk("demo", environ={}).agents
    assert spike_seated(agents)
    assert not set(SPIKE_CREW) & set(seated(agents))
    assert {"scanner", "context"} <= set(reporting(agents))


def test_a_desk_without_it_holds_together(folder: Path) -> None:
    for name in ("agents.yaml", "tasks.yaml"):
        text = (folder / name).read_text()
        (folder / name).write_text(text[: text.index("\nguardian:")])
    assert not spike_seated(load_desk("demo", root=folder, environ={}).agents)


def test_half_a_crew_is_a_mistake(folder: Path) -> None:
    for name in ("agents.yaml", "tasks.yaml"):
        text = (folder / name).read_text()
        (folder / name).write_text(text[: text.index("\nexecutor:")])
    with pytest.raises(ConfigError, match="agent `executor` of the spike crew is missing"):
        load_desk("demo", root=folder, environ={})


@pytest.mark.parametrize(
    ("file", "old", "new", "says"),
    [
        ("desk.yaml", "requests: 8\n", "requests: 7\n", "too few for the seats: 8 are needed"),
        ("desk.yaml", "reserve_prompt_tokens: 4000", "reserve_prompt_tokens: 15000", "leaves no prompt tokens"),
        ("desk.yaml", "least_legitimacy: 0.5", "least_legitimacy: 1.5", "less than or equal to 1"),
    ],
)
def test_what_it_may_spend_seats_everybody(spoil: Spoil, file: str, old: str, new: str, says: str) -> None:
    assert says in str(spoil(file, old, new))

"""No secret of the environment, in whatever form it is repeated, stands in any of fifteen places the desk writes to."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.secret_grid.planted import Planted, planted
from benchmarks.secret_grid.sinks import filled

PLACES = (
    "guard log",
    "crew log",
    "console log",
    "audit log",
    "decision record",
    "ledger",
    "API answer",
    "MCP answer",
    "/metrics",
    "WebSocket event",
    "alert text",
    "report HTML",
    "backup archive",
    "OpenTelemetry span",
    "terminal error",
)
# These hold figures and names of ours, and have no room for a stranger's words.
WORDLESS = {"ledger", "/metrics", "report HTML", "OpenTelemetry span"}


@pytest.fixture(scope="module")
def secrets() -> Planted:
    return planted(11)


@pytest.fixture(scope="module")
def places(secrets: Planted, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    with pytest.MonkeyPatch.context() as patch:
        for name, value in secrets.environ.items():
            patch.setenv(name, value)
        return filled(secrets, tmp_path_factory.mktemp("grid"))


def test_there_are_forty_different_secrets_and_every_place_was_written_to(
    secrets: Planted, places: dict[str, str]
) -> None:
    assert len({shape.text for shape in secrets.shapes}) == 40
    assert set(places) == set(PLACES)
    assert all(text.strip() for text in places.values())


@pytest.mark.parametrize("place", PLACES)
def test_no_secret_stands_in(place: str, secrets: Planted, places: dict[str, str]) -> None:
    assert secrets.leaks(places[place]) == []
    assert place in WORDLESS or "[hidden]" in places[place]


def test_with_veils_that_know_nothing_the_same_search_finds_them(secrets: Planted, tmp_path: Path) -> None:
    bare = filled(secrets, tmp_path, known=False)
    assert {place for place, text in bare.items() if not secrets.leaks(text)} == WORDLESS

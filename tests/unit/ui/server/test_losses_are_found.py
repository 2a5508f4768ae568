"""What a console had acknowledged and no longer knows is found; what was only on its way is not called lost."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing

import httpx
import pytest
from starlette.testclient import TestClient

from benchmarks.console_killed.writers import Acknowledgements, Edits, Pauses
from crews.running import pause
from desk.alerts import Outbox
from desk.guard.process.clock import SystemClock
from ui.server.access import Scope
from ui.server.house import House


class Page:
    """A page that a test answers for."""

    def __init__(self, answers: Callable[[str], str]) -> None:
        self._answers = answers

    def say(self, text: str) -> str:
        return self._answers(text)

    def apply(self, name: str, text: str) -> str:
        del name
        return self._answers(text)


def cut_off(text: str) -> str:
    raise httpx.ReadError(text)


def heard() -> None:
    """Nobody counts here."""


@pytest.fixture
def program(client: TestClient, house: House) -> TestClient:
    client.headers["Authorization"] = f"Bearer {house.access.new_token('writer', Scope.OPERATE)}"
    return client


def test_a_pause_that_is_gone_is_lost(program: TestClient, house: House) -> None:
    pauses = Pauses(program)
    pauses.write(heard)
    assert pauses.lost() == []
    pause.resume(house.window.folder)
    assert pauses.lost() == ["pause: 'well' in place of 'paused: row 1 (asked by writer)'"]


def test_an_acknowledgement_that_was_only_asked_for_is_missed(program: TestClient, house: House) -> None:
    with closing(Outbox(house.window.folder.alerts, SystemClock())) as outbox:
        early = Acknowledgements(Page(cut_off), program, outbox, planted=True)
        with pytest.raises(httpx.ReadError):
            early.write(heard)
        assert early.lost() == ["acknowledgement: 1"]

        def done(text: str) -> str:
            house.controls.acknowledge(int(text.split()[1]), asked_by="operator")
            return "1 alert acknowledged."

        honest = Acknowledgements(Page(done), program, outbox)
        honest.write(heard)
        assert honest.lost() == []


def test_half_a_file_is_lost_and_the_one_on_its_way_is_not(house: House) -> None:
    file = house.window.folder.root / "agents.yaml"
    file.parent.mkdir(parents=True)

    def kept(text: str) -> str:
        file.write_text(text)
        return "Kept. The next kickoff is made with it."

    edits = Edits(Page(kept), file, "agents: {}")
    edits.write(heard)
    assert edits.lost() == []
    edits = Edits(Page(lambda text: cut_off(str(file.write_text(text)))), file, "agents: {}")
    with pytest.raises(httpx.ReadError):
        edits.write(heard)
    assert edits.lost() == []
    file.write_text("agen")
    assert len(edits.lost()) == 1

"""What a test changes for the whole process is put back before the next one: here the levels of our logs."""

from __future__ import annotations

import logging

import pytest

from benchmarks.secret_grid.sinks import own_logging
from ops.speaking import OURS, speak_json_lines


@pytest.fixture
def handlers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logging.getLogger(), "handlers", list(logging.getLogger().handlers))


@pytest.mark.parametrize("time", ["first", "second"])
@pytest.mark.usefixtures("handlers")
def test_a_process_that_speaks_leaves_the_next_test_its_silence(time: str) -> None:
    assert logging.getLogger("ops").level == logging.NOTSET, time
    speak_json_lines()
    assert logging.getLogger("ops").level == logging.INFO


def test_what_speaks_for_several_tests_leaves_our_logs_as_they_were() -> None:
    """A fixture of a whole file comes before what each test puts back: the grid of secrets left all of us speaking."""
    before = {name: logging.getLogger(name).level for name in OURS}
    with own_logging():
        speak_json_lines()
        assert logging.getLogger("ops").level == logging.INFO
    assert {name: logging.getLogger(name).level for name in OURS} == before

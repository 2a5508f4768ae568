"""The page of controls and the code name the same rules, and every test it names is there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from desk.guard.door.wire import intent_to_json
from desk.guard.vocabulary.state import Mode
from tests.unit.desk.guard.bench import Bench

ROOT = Path(__file__).resolve().parents[4]
PAGE = (ROOT / "docs" / "controls.md").read_text(encoding="utf-8")
ROOMS = (
    "parse|intent|symbol|mode|data|equity|budget|price|account|rate|repeat|errors|rest|position|stop|target|conviction|"
    "size|cap|certificate|market|gate|journal|build|reset|limits|loss|crash|streak|guard|close|mark"
)
# A name stands in quotes, alone or before a colon. `find_spec`-like names of modules have no quotes.
NAME = re.compile(rf'"((?:{ROOMS})\.[a-z_]+)[":]')
ROW = re.compile(r"^\| `([a-z]+\.[A-Za-z_]+)` \| (.+) \| `test_(\w+)::(\w+)` \| (.+) \| (.+) \|$")
PEER = re.compile(r"^\| (\d+) \| (.+) \| (.+) \|$")


def in_the_code() -> set[str]:
    """Every rule that the guard's own files name."""
    files = (ROOT / "desk" / "guard").rglob("*.py")
    named = {name for file in files for name in NAME.findall(file.read_text(encoding="utf-8"))}
    modes = {f"mode.{mode.value.lower()}" for mode in Mode if mode is not Mode.NORMAL}
    # Named by what they are about: a field of an intent, a leader of the market.
    return named | modes | {"parse.FIELD", "crash.SYMBOL"}


def rows() -> list[tuple[str, ...]]:
    return [found.groups() for line in PAGE.splitlines() if (found := ROW.match(line))]


def test_the_page_lists_every_rule_of_the_code_and_no_other() -> None:
    listed = [row[0] for row in rows()]
    assert sorted(listed) == sorted(set(listed))
    assert set(listed) == in_the_code()


@pytest.mark.parametrize("row", rows(), ids=lambda row: row[0])
def test_every_test_the_page_names_is_there(row: tuple[str, ...]) -> None:
    _, _, file, function, *_ = row
    text = (Path(__file__).parent / f"test_{file}.py").read_text(encoding="utf-8")
    assert f"def {function}(" in text


def test_each_check_of_the_peers_has_its_answer() -> None:
    found = [PEER.match(line) for line in PAGE.splitlines()]
    answers = {int(match.group(1)): match.group(3) for match in found if match}
    assert sorted(answers) == list(range(1, 130))
    for number, answer in answers.items():
        named = set(re.findall(r"`([a-z]+\.[A-Za-z_]+)`", answer))
        assert named <= in_the_code(), number
        assert named or re.match(r"(left out|elsewhere): \S", answer), number


def test_a_decision_leaves_the_row_that_the_page_tells() -> None:
    bench = Bench()
    bench.guard.propose(intent_to_json(bench.intent(symbol="DOGEUSDT")))
    newest = list(bench.journal.rows())[-1].body
    assert '"event":"IntentReceived"' in newest
    assert '"rule":"symbol.not_allowed"' in newest

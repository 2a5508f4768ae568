"""Intents that arrive together are decided in order, on one look, with one durable write, never above a cap."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from desk.domain.errors import JournalError
from desk.domain.intents import Action, Outcome
from desk.guard.door.wire import intent_to_json, parse_intent
from desk.guard.record.journal import open_journal, verify
from desk.guard.record.replay import replay
from desk.guard.vocabulary.state import state_hash
from tests.unit.desk.guard.bench import ROOMY, Bench

D = Decimal
SYMBOLS = ("BTCUSDT", "ETHUSDT", "SOLUSDT")
BUSY = ROOMY.model_copy(update={"intents_per_minute": 6000, "entries_per_minute": 60})


def test_a_group_is_one_write_and_a_row_each(tmp_path: Path) -> None:
    journal = open_journal(tmp_path / "journal.sqlite")
    bench = Bench(BUSY, journal=journal)
    before, writes = journal.head()[0], 0
    write = journal.append_all

    def counted(kind: str, bodies: tuple[str, ...]) -> object:
        nonlocal writes
        writes += 1
        return write(kind, bodies)

    journal.append_all = counted
    answers = bench.guard.propose_all([intent_to_json(bench.intent(conviction=D(0))) for _ in range(40)])
    journal.close()
    assert {one.verdict.rule for one in answers} == {"conviction.zero"}
    assert (journal.head()[0] - before, writes) == (40, 1)
    verify(tmp_path / "journal.sqlite")
    assert state_hash(replay(journal.rows()).state) == state_hash(bench.guard.state)


def test_what_is_in_flight_counts_for_those_behind_it() -> None:
    bench = Bench(BUSY.model_copy(update={"max_gross": D("0.6")}))
    texts = [intent_to_json(bench.intent(symbol=symbol)) for symbol in SYMBOLS]
    rules = [one.verdict.rule for one in bench.guard.propose_all(texts)]
    assert rules[:2] == ["size.risk", "cap.gross"]
    assert rules[2] in ("cap.gross", "size.below_minimum")
    assert sum(one.notional for one in bench.guard.status().positions) <= 6000


@settings(max_examples=30, deadline=None)
@given(st.lists(st.sampled_from(SYMBOLS), min_size=50, max_size=50), st.integers(1, 50))
def test_fifty_at_once_never_break_the_cap_in_any_order(symbols: list[str], group: int) -> None:
    bench = Bench(BUSY.model_copy(update={"max_gross": D("0.7"), "max_position": D("0.4")}))
    bench.venue.fee = D(0)
    texts = [intent_to_json(bench.intent(symbol=symbol)) for symbol in symbols]
    for first in range(0, 50, group):
        bench.guard.propose_all(texts[first : first + group])
        assert sum(abs(bench.venue.held.get(one, D(0))) * bench.venue.prices[one] for one in SYMBOLS) <= 7000
    assert bench.entries() <= 3


def test_together_and_one_by_one_decide_alike() -> None:
    verdicts: list[list[tuple[str, str]]] = []
    for together in (True, False):
        bench = Bench(BUSY)
        bench.venue.fee = D(0)
        texts = ["nonsense", *(intent_to_json(bench.intent(symbol=symbol)) for symbol in (*SYMBOLS, "BTCUSDT"))]
        texts = [*texts, texts[1], intent_to_json(bench.intent(Action.CLOSE, "ETHUSDT"))]
        answers = bench.guard.propose_all(texts) if together else [bench.guard.propose(text) for text in texts]
        verdicts.append([(one.verdict.outcome, one.verdict.rule) for one in answers])
    assert verdicts[0] == verdicts[1]


def test_nothing_of_a_group_leaves_when_the_disk_refuses() -> None:
    bench = Bench(BUSY)

    def refuses(kind: str, bodies: object) -> object:
        raise JournalError("no space left")

    bench.journal.append_all = refuses
    answers = bench.guard.propose_all([intent_to_json(bench.intent(symbol=symbol)) for symbol in SYMBOLS])
    assert {one.verdict.rule for one in answers} == {"journal.broken"}
    assert (bench.entries(), bench.guard.state.trades) == (0, ())


def test_one_that_breaks_the_guard_tightens_it_and_opens_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    bench = Bench(BUSY)

    def broken(*_: object) -> None:
        raise RuntimeError("a bug")

    monkeypatch.setattr("desk.guard.gate.hearing.standing", broken)
    answers = bench.guard.propose_all([intent_to_json(bench.intent(symbol=symbol)) for symbol in SYMBOLS])
    assert all(one.verdict.outcome is Outcome.REFUSED for one in answers)
    assert bench.guard.state.mode != "NORMAL"
    assert bench.entries() == 0


def test_a_flood_in_a_group_is_not_remembered_either() -> None:
    bench = Bench(ROOMY.model_copy(update={"intents_per_minute": 5}))
    before = bench.journal.head()[0]
    answers = bench.guard.propose_all([intent_to_json(bench.intent(symbol="DOGEUSDT")) for _ in range(30)])
    assert [one.verdict.rule for one in answers].count("rate.intents") == 25
    assert bench.journal.head()[0] == before + 5


@given(st.data())
def test_both_ways_of_reading_an_intent_agree(data: st.DataObject) -> None:
    text = intent_to_json(Bench(boot=False).intent())
    at = data.draw(st.integers(0, len(text) - 1))
    changed = text[:at] + data.draw(st.sampled_from(list('0123456789.:-_AZaz"{}, eE\u0661\n'))) + text[at + 1 :]
    assert _read(changed) == _read(changed.replace("{", "{ ", 1))


def _read(text: str) -> object:
    try:
        return parse_intent(text)
    except Exception as error:
        return type(error), getattr(error, "rule", "")

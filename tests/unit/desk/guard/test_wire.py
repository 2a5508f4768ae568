"""The intent grammar: what the desk writes reads back equal, and nothing else is an intent."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk.domain.errors import DataError, GuardError, IntentTextError
from desk.domain.intents import Action, Intent, Outcome, Verdict
from desk.domain.moments import from_ms, to_ms
from desk.guard.door.wire import (
    Execution,
    GuardAnswer,
    answer_from_data,
    answer_to_data,
    intent_to_json,
    parse_intent,
)

GOOD = {
    "schema": 1,
    "intent_id": "run-1:BTCUSDT",
    "run_id": "run-1",
    "symbol": "BTCUSDT",
    "action": "OPEN_LONG",
    "conviction": "0.75",
    "stop_pct": "0.02",
    "target_pct": "0.05",
    "seen_mark": "50000.1",
    "strategy_id": "crew",
    "snapshot_hash": "a" * 64,
    "created_at": 1_767_614_400_000,
    "expires_at": 1_767_614_460_000,
}
TEXT = json.dumps(GOOD)
amounts = st.decimals(min_value=0, max_value=1, places=8, allow_nan=False)


def rule_of(text: str) -> str:
    with pytest.raises(IntentTextError) as caught:
        parse_intent(text)
    return caught.value.rule


@given(
    action=st.sampled_from([Action.OPEN_LONG, Action.OPEN_SHORT, Action.CLOSE]),
    conviction=amounts,
    stop=amounts,
    mark=st.decimals(min_value="0.00000001", max_value=999_999_999, places=8),
    created=st.integers(946_684_800_000, 4_102_444_799_999),
)
def test_an_intent_reads_back_as_it_was_written(
    action: Action, conviction: Decimal, stop: Decimal, mark: Decimal, created: int
) -> None:
    intent = Intent(
        intent_id="i-1",
        run_id="r-1",
        symbol="ETHUSDT",
        action=action,
        conviction=conviction,
        stop_pct=stop,
        target_pct=stop,
        seen_mark=mark,
        strategy_id="crew",
        snapshot_hash="0" * 64,
        created_at=from_ms(created),
        expires_at=from_ms(created),
    )
    text = intent_to_json(intent)
    assert parse_intent(text) == intent
    assert intent_to_json(parse_intent(text)) == text


@pytest.mark.parametrize("name", sorted(GOOD))
def test_every_field_is_required(name: str) -> None:
    assert rule_of(json.dumps({key: value for key, value in GOOD.items() if key != name})) == "parse.fields"


def test_a_field_nobody_knows_is_refused_rather_than_dropped() -> None:
    assert rule_of(json.dumps({**GOOD, "bypass_risk": True})) == "parse.fields"


def test_a_key_written_twice_is_refused() -> None:
    assert rule_of(TEXT.replace('"conviction": "0.75"', '"conviction": "0.01", "conviction": "0.75"')) == "parse.json"


@pytest.mark.parametrize(
    "value",
    [
        "١",
        "１",
        "1_0",
        " 1",
        "1 ",
        "1e0",
        "+1",
        "-1",
        "-0",
        "NaN",
        "Infinity",
        "",
        ".5",
        "1.",
        "01",
        "0x1",
        "1,0",
        "0.123456789",
    ],
)
def test_numbers_have_one_grammar(value: str) -> None:
    assert rule_of(json.dumps({**GOOD, "conviction": value})) == "parse.conviction"


@pytest.mark.parametrize("value", [0.5, 1, True, None, ["1"], {"v": "1"}])
def test_a_number_is_a_text_and_nothing_else(value: object) -> None:
    assert rule_of(json.dumps({**GOOD, "conviction": value})) in ("parse.conviction", "parse.json")


@pytest.mark.parametrize("word", ["NaN", "Infinity", "-Infinity", "1e400", "0.1"])
def test_bare_floats_and_constants_are_refused(word: str) -> None:
    assert rule_of(TEXT.replace('"0.75"', word)) == "parse.json"


@pytest.mark.parametrize(
    "symbol", ["btcusdt", "BTC-USDT", "BTCUSDT\u0000", "ВTCUSDT", "BTCUSDT ", "ＢTCUSDT", "B", "A" * 21, "BTCUSDT\n"]
)
def test_symbols_are_exact_ascii(symbol: str) -> None:
    assert rule_of(json.dumps({**GOOD, "symbol": symbol})) == "parse.symbol"


@pytest.mark.parametrize("action", ["HOLD", "open_long", "BUY", 1, None])
def test_only_three_actions_are_heard(action: object) -> None:
    assert rule_of(json.dumps({**GOOD, "action": action})) == "parse.action"


@pytest.mark.parametrize("value", [0, 1.5, "1767614400000", True, -1, 1_767_614_400, 10**30])
def test_times_are_whole_milliseconds(value: object) -> None:
    assert rule_of(json.dumps({**GOOD, "expires_at": value})) in ("parse.expires_at", "parse.json")


@pytest.mark.parametrize("schema", [0, 2, "1", True])
def test_another_schema_is_refused(schema: object) -> None:
    assert rule_of(json.dumps({**GOOD, "schema": schema})) == "parse.schema"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "null",
        "[]",
        TEXT[:-1],
        TEXT[:-20],
        TEXT + TEXT,
        "'" + TEXT + "'",
        TEXT.replace('"', "'"),
        "[" * 4000,
        "\udc80",
    ],
)
def test_what_is_not_one_whole_object_is_refused(text: str) -> None:
    assert rule_of(text).startswith("parse.")


def test_four_kilobytes_are_enough_for_an_intent() -> None:
    assert parse_intent(TEXT + " " * (4096 - len(TEXT)))
    assert rule_of(TEXT + " " * (4097 - len(TEXT))) == "parse.size"


@given(st.text(max_size=300))
def test_any_text_is_an_intent_or_a_named_refusal(text: str) -> None:
    assert rule_of(text).startswith("parse.")


@given(at=st.integers(0, len(TEXT) - 1), letter=st.characters())
def test_a_changed_letter_is_read_exactly_or_refused(at: int, letter: str) -> None:
    text = TEXT[:at] + letter + TEXT[at + 1 :]
    try:
        intent = parse_intent(text)
    except IntentTextError:
        return
    assert parse_intent(intent_to_json(intent)) == intent


def test_times_of_no_zone_are_refused() -> None:
    with pytest.raises(DataError):
        to_ms(datetime(2026, 1, 1))  # noqa: DTZ001 - the naive time is the case
    assert from_ms(to_ms(datetime(2026, 1, 1, tzinfo=UTC))) == datetime(2026, 1, 1, tzinfo=UTC)


def test_a_guards_answer_reads_back() -> None:
    verdict = Verdict(
        intent_id="i",
        outcome=Outcome.REDUCED,
        rule="cap.gross",
        message="m",
        numbers=(("equity", "1.5"), ("a", "2")),
        quantity=Decimal("0.5"),
        decided_at=from_ms(1_767_614_400_000),
    )
    execution = Execution(
        phase="FILLED", orders=(), stop=Decimal(1), target=None, filled=Decimal("0.5"), average_price=None, note=""
    )
    answer = GuardAnswer(verdict=verdict, execution=execution, journal_seq=3, journal_hash="f" * 64)
    assert answer_from_data(json.loads(json.dumps(answer_to_data(answer)))) == answer


@pytest.mark.parametrize("data", [None, {}, {"verdict": 1}, {"execution": {}, "verdict": {}, "journal": {}}])
def test_an_answer_that_is_none_is_an_error(data: object) -> None:
    with pytest.raises(GuardError):
        answer_from_data(data)

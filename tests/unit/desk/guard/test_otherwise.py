"""Under other limits the gate answers as it would have, in the state in which it heard the intent."""

from __future__ import annotations

from decimal import Decimal

import pytest

from desk.domain.errors import ConfigError
from desk.domain.intents import Action, Outcome
from desk.guard.door.wire import intent_to_json, parse_intent
from desk.guard.record.otherwise import Heard, heard_again, hearings
from tests.unit.desk.guard.bench import Bench

D = Decimal


@pytest.fixture(scope="module")
def bench() -> Bench:
    """Three intents: an opening, its close, and one that the guard refused."""
    bench = Bench()
    bench.open()
    bench.propose(Action.CLOSE)
    bench.look(2.0)
    bench.propose(symbol="DOGEUSDT")
    return bench


@pytest.fixture(scope="module")
def heard(bench: Bench) -> dict[str, Heard]:
    return hearings(bench.journal.rows())


def test_with_the_limits_there_were_every_answer_is_the_one_there_was(bench: Bench, heard: dict[str, Heard]) -> None:
    assert list(heard) == ["intent-1", "intent-2", "intent-3"]
    for answer in bench.guard.state.answers:
        again = heard_again(heard[answer.intent_id], heard[answer.intent_id].event.text, {})
        assert (again.outcome.value, again.rule, again.quantity) == (answer.outcome, answer.rule, answer.quantity)


def test_half_the_risk_is_half_the_size_and_a_tight_cap_is_named(heard: dict[str, Heard]) -> None:
    one = heard["intent-1"]
    whole = heard_again(one, one.event.text, {})
    half = heard_again(one, one.event.text, {"risk_per_trade": one.rules.limits.risk_per_trade / 2})
    assert abs(half.quantity * 2 - whole.quantity) <= one.rules.filters["BTCUSDT"].market_step * 2
    capped = heard_again(one, one.event.text, {"max_position": D("0.2")})
    assert (capped.outcome, capped.quantity < half.quantity) == (Outcome.REDUCED, True)
    assert capped.rule in ("cap.position", "cap.probation")


def test_what_would_have_been_asked_instead_is_asked(heard: dict[str, Heard]) -> None:
    one = heard["intent-1"]
    text = intent_to_json(parse_intent(one.event.text)).replace('"conviction":"1"', '"conviction":"0.5"')
    assert heard_again(one, text, {}).quantity < heard_again(one, one.event.text, {}).quantity


def test_no_limit_keeps_the_desk_from_getting_out(heard: dict[str, Heard]) -> None:
    two = heard["intent-2"]
    assert heard_again(two, two.event.text, {"max_position": D("0.001")}).outcome is Outcome.APPROVED


@pytest.mark.parametrize("changed", [{"max_postion": D(1)}, {"risk_per_trade": D(9)}])
def test_a_limit_that_is_none_is_refused(heard: dict[str, Heard], changed: dict[str, Decimal]) -> None:
    with pytest.raises(ConfigError):
        heard_again(heard["intent-1"], heard["intent-1"].event.text, changed)

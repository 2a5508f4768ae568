"""The gate, one rule a test: what opens nothing, what sizes, what always passes."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from desk.domain.errors import VenueUnavailableError
from desk.domain.intents import Action, Outcome
from desk.guard.door.wire import GuardAnswer, intent_to_json
from desk.guard.process.settings import Limits
from tests.unit.desk.guard.bench import ROOMY, Bench
from tests.unit.desk.guard.fake_venue import rules_for

D = Decimal


def refused_by(answer: GuardAnswer) -> str:
    assert answer.verdict.outcome is Outcome.REFUSED, answer.verdict
    assert answer.verdict.message
    return answer.verdict.rule


def test_a_sound_intent_is_sized_from_risk_and_stop_distance(bench: Bench) -> None:
    answer = bench.propose(stop_pct=D("0.04"), target_pct=D("0.05"))
    assert (answer.verdict.outcome, answer.verdict.rule) == (Outcome.APPROVED, "size.risk")
    # 1 % of 10,000 at a stop 4 % away is 2,500 USDT: 0.05 at 50,000.
    assert answer.verdict.quantity == D("0.05")


def test_half_the_conviction_is_half_the_size(bench: Bench) -> None:
    answer = bench.propose(stop_pct=D("0.04"), conviction=D("0.5"))
    assert answer.verdict.quantity == D("0.025")


def test_the_same_bytes_get_the_same_answer_and_no_second_order(bench: Bench) -> None:
    text = intent_to_json(bench.intent())
    first, second = bench.guard.propose(text), bench.guard.propose(text)
    assert first.verdict == second.verdict
    assert second.execution.phase == "PROTECTED"
    asked = len(bench.venue.requests)
    bench.guard.propose("not an intent")
    assert len(bench.venue.requests) == asked
    assert bench.entries() == 1


def test_an_intent_id_with_other_bytes_is_refused(bench: Bench) -> None:
    intent = bench.intent()
    bench.guard.propose(intent_to_json(intent))
    again = bench.guard.propose(intent_to_json(replace(intent, conviction=D("0.1"))))
    assert refused_by(again) == "intent.id_reused"
    assert bench.entries() == 1


def test_one_run_asks_once_for_a_symbol(bench: Bench) -> None:
    bench.propose(run_id="run-x", conviction=D(0))
    assert refused_by(bench.propose(run_id="run-x")) == "intent.one_per_run"
    assert bench.propose(symbol="ETHUSDT", run_id="run-x").verdict.outcome is Outcome.APPROVED


@pytest.mark.parametrize(("left_ms", "rule"), [(1, "size.risk"), (0, "intent.expired"), (-1, "intent.expired")])
def test_an_intent_expires_on_its_millisecond(bench: Bench, left_ms: int, rule: str) -> None:
    now = bench.clock.now()
    answer = bench.propose(created_at=now - timedelta(seconds=5), expires_at=now + timedelta(milliseconds=left_ms))
    assert answer.verdict.rule == rule


@pytest.mark.parametrize(("ahead_ms", "rule"), [(1000, "size.risk"), (1001, "intent.from_future")])
def test_an_intent_from_the_future_is_refused(bench: Bench, ahead_ms: int, rule: str) -> None:
    created = bench.clock.now() + timedelta(milliseconds=ahead_ms)
    assert bench.propose(created_at=created, expires_at=created + timedelta(seconds=9)).verdict.rule == rule


@pytest.mark.parametrize(("seconds", "rule"), [(300, "size.risk"), (301, "intent.lifetime")])
def test_an_intent_may_not_live_long(bench: Bench, seconds: int, rule: str) -> None:
    assert bench.propose(expires_at=bench.clock.now() + timedelta(seconds=seconds)).verdict.rule == rule


def test_a_symbol_off_the_list_is_refused(bench: Bench) -> None:
    assert refused_by(bench.propose(symbol="DOGEUSDT")) == "symbol.not_allowed"


@pytest.mark.parametrize(
    ("seen", "rule"),
    [("51000", "size.risk"), ("51000.1", "price.collar"), ("49000", "size.risk"), ("48999.9", "price.collar")],
)
def test_the_collar_is_two_percent_of_the_mark(bench: Bench, seen: str, rule: str) -> None:
    assert bench.propose(seen_mark=D(seen)).verdict.rule == rule


@pytest.mark.parametrize(
    ("stop", "rule"),
    [("0.001999", "stop.distance"), ("0.002", "cap.position"), ("0.1", "size.risk"), ("0.100001", "stop.distance")],
)
def test_stops_are_neither_too_near_nor_too_far(bench: Bench, stop: str, rule: str) -> None:
    assert bench.propose(stop_pct=D(stop), target_pct=D("0.2")).verdict.rule == rule


@pytest.mark.parametrize(
    ("target", "rule"), [("0.02", "size.risk"), ("0.019999", "target.ratio"), ("0", "target.distance")]
)
def test_a_target_is_at_least_a_stop_away(bench: Bench, target: str, rule: str) -> None:
    assert bench.propose(target_pct=D(target)).verdict.rule == rule


def test_no_conviction_opens_nothing(bench: Bench) -> None:
    assert refused_by(bench.propose(conviction=D(0))) == "conviction.zero"


@pytest.mark.parametrize("action", [Action.OPEN_LONG, Action.OPEN_SHORT])
def test_a_second_position_in_a_symbol_is_neither_added_nor_flipped(bench: Bench, action: Action) -> None:
    bench.open()
    assert refused_by(bench.propose(action)) == "position.exists"
    assert bench.entries() == 1


@pytest.mark.parametrize(("lag", "rule"), [(3, "size.risk"), (4, "data.mark_stale")])
def test_old_marks_open_nothing(bench: Bench, lag: int, rule: str) -> None:
    bench.venue.lag = lag
    assert bench.propose().verdict.rule == rule


@pytest.mark.parametrize("part", ["server_time", "marks", "account"])
def test_what_cannot_be_read_opens_nothing(bench: Bench, part: str) -> None:
    bench.venue.fail(part, VenueUnavailableError("gone"))
    assert refused_by(bench.propose()) == "data.missing"
    assert bench.entries() == 0


def test_clocks_that_disagree_open_nothing() -> None:
    bench = Bench()
    bench.venue.clock = type(bench.clock)(bench.clock.now() + timedelta(milliseconds=1001))
    assert refused_by(bench.propose()) == "data.clock_skew"


def test_a_venue_clock_that_ran_backwards_opens_nothing(bench: Bench) -> None:
    bench.guard.lookout._virtual = True
    bench.venue.clock = type(bench.clock)(bench.clock.now() - timedelta(hours=13))
    assert refused_by(bench.propose()) == "data.clock_skew"
    assert [row.date for row in bench.guard.state.days] == ["2026-01-05"]


def test_entries_are_rationed_by_the_minute(bench: Bench) -> None:
    limits = ROOMY.model_copy(update={"entries_per_minute": 2, "max_gross": D(3)})
    bench.start(limits)
    bench.open()
    bench.open("ETHUSDT")
    assert refused_by(bench.propose(symbol="SOLUSDT")) == "rate.entries_minute"
    bench.look(61)
    assert bench.propose(symbol="SOLUSDT").verdict.outcome is not Outcome.REFUSED


def test_entries_are_rationed_by_the_day(bench: Bench) -> None:
    bench.start(ROOMY.model_copy(update={"entries_per_day": 1}))
    bench.open()
    bench.propose(Action.CLOSE)
    bench.look(3600, times=23)
    assert refused_by(bench.propose()) == "rate.entries_day"
    bench.look(3600)
    assert bench.propose().verdict.outcome is Outcome.APPROVED


def test_a_flood_of_intents_is_not_even_remembered(bench: Bench) -> None:
    bench.start(ROOMY.model_copy(update={"intents_per_minute": 3}))
    for _ in range(3):
        bench.propose(symbol="DOGEUSDT")
    before = (bench.journal.head(), len(bench.venue.requests))
    assert refused_by(bench.propose()) == "rate.intents"
    assert (bench.journal.head(), len(bench.venue.requests)) == before
    bench.look(61)
    assert bench.propose().verdict.outcome is Outcome.APPROVED


@pytest.mark.parametrize(
    ("limits", "rule", "quantity"),
    [
        ({"max_position": D("0.3")}, "cap.position", "0.06"),
        ({"max_gross": D("0.2")}, "cap.gross", "0.04"),
        ({"margin_use": D("0.01")}, "cap.margin", "0.005"),
        ({"gap_stress_default": D("0.2")}, "cap.gap_budget", "0.049"),
    ],
)
def test_the_cap_that_binds_is_named(bench: Bench, limits: dict[str, Decimal], rule: str, quantity: str) -> None:
    bench.start(ROOMY.model_copy(update=limits))
    answer = bench.propose()
    assert (answer.verdict.outcome, answer.verdict.rule, answer.verdict.quantity) == (
        Outcome.REDUCED,
        rule,
        D(quantity),
    )


def test_leverage_caps_the_sum_of_positions() -> None:
    limits = ROOMY.model_copy(
        update={"max_leverage": 1, "max_gross": D(5), "max_position": D(5), "risk_per_trade": D("0.015")}
    )
    bench = Bench(limits)
    bench.open()
    answer = bench.propose(symbol="ETHUSDT")
    assert answer.verdict.rule in ("cap.leverage", "cap.margin")
    bench.guard.look()
    gross = sum(one.notional for one in bench.guard.status().positions)
    assert gross <= D(10000)


@pytest.mark.parametrize(("price", "rule"), [("100200", "size.risk"), ("100199.9", "size.below_minimum")])
def test_below_the_venues_minimum_is_refused_with_room_for_a_worse_fill(bench: Bench, price: str, rule: str) -> None:
    # 100 USDT minimum and 0.2 % slippage reserve at a quantity of 0.001.
    bench.venue.prices["BTCUSDT"] = D(price)
    bench.start()
    assert bench.propose(conviction=D("0.0205")).verdict.rule == rule


def test_market_orders_stay_within_the_venues_largest(bench: Bench) -> None:
    bench.venue.filters = {**bench.venue.filters, "BTCUSDT": rules_for("BTCUSDT", market_max_quantity=D("0.02"))}
    bench.start()
    answer = bench.propose()
    assert (answer.verdict.rule, answer.verdict.quantity) == ("cap.max_quantity", D("0.02"))


def test_the_gap_budget_counts_what_is_open_already(bench: Bench) -> None:
    bench.start(Limits(gap_stress={}, gap_stress_default=D("0.10"), early_exit=D(1)))
    bench.open(conviction=D("0.5"))
    answer = bench.propose(symbol="ETHUSDT")
    assert answer.verdict.rule == "cap.gap_budget"
    bench.look()
    assert refused_by(bench.propose(symbol="SOLUSDT")) in ("cap.gap_budget", "size.below_minimum")
    used = bench.guard.status().gap_budget.used
    assert used <= bench.guard.status().day.left


def test_closing_passes_even_when_latched(bench: Bench) -> None:
    bench.open()
    bench.venue.before = lambda name: None
    bench.venue.fail("submit", *[VenueUnavailableError("busy")] * 50)
    bench.guard.halt("test")
    assert bench.mode == "FLATTENING"
    assert bench.propose(Action.CLOSE).verdict.rule == "close"
    assert refused_by(bench.propose(symbol="ETHUSDT")) == "mode.flattening"


def test_closing_passes_on_stale_data_and_without_conviction(bench: Bench) -> None:
    bench.open()
    bench.venue.lag = 30
    answer = bench.propose(Action.CLOSE, conviction=D(0), stop_pct=D(0), target_pct=D(0), seen_mark=D("0.1"))
    assert answer.verdict.outcome is Outcome.APPROVED
    assert answer.execution.phase == "CLOSED"
    assert bench.flat


def test_closing_nothing_is_refused(bench: Bench) -> None:
    assert refused_by(bench.propose(Action.CLOSE)) == "close.no_position"


def test_an_old_order_to_close_does_not_close_a_new_position(bench: Bench) -> None:
    old = bench.intent(Action.CLOSE)
    bench.look(61)
    bench.open()
    assert refused_by(bench.guard.propose(intent_to_json(old))) == "intent.expired"
    assert not bench.flat


def test_selling_five_against_two_never_flips(bench: Bench) -> None:
    bench.open()
    held = bench.venue.held["BTCUSDT"]
    # The venue lost most of the position behind the guard's back; the guard still believes in all of it.
    bench.venue.before = lambda name: bench.venue.held.__setitem__("BTCUSDT", held / 2) if name == "submit" else None
    bench.propose(Action.CLOSE)
    assert bench.flat
    assert all(order.reduce_only for order in bench.venue.sent[1:])

"""Orders: journalled first, sent once, asked for when in doubt, and never forgotten."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from decimal import Decimal

import pytest

from desk.domain.errors import DataError, OutcomeUnknownError, VenueRejectedError, VenueUnavailableError
from desk.domain.intents import Action, Outcome
from desk.domain.orders import OrderRequest, OrderStatus
from desk.guard.vocabulary.ids import client_id
from tests.unit.desk.guard.bench import ROOMY, Bench

D = Decimal
UNKNOWN = OutcomeUnknownError("no answer")


def test_the_decision_is_journalled_before_the_order_leaves(bench: Bench) -> None:
    seen: list[str] = []
    bench.venue.before = lambda name: (
        seen.extend(row.body for row in bench.journal.rows()) if name == "submit" else None
    )
    bench.propose()
    assert any('"command":"SendEntry"' in body for body in seen)


def test_client_ids_follow_from_the_intent_and_fit_the_venue() -> None:
    for role in "exst":
        name = client_id("any intent", role, 99)
        assert name == client_id("any intent", role, 99)
        assert len(name) <= 36
        assert set(name) <= set(".:/_-abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789")


def test_a_refused_entry_is_dead_and_is_not_repeated(bench: Bench) -> None:
    bench.venue.fail("submit", VenueRejectedError("Margin is insufficient.", code=-2019))
    answer = bench.propose()
    assert answer.execution.phase == "DEAD"
    assert "-2019" in answer.execution.note
    bench.look(1, times=30)
    assert bench.entries() == 1


@pytest.mark.parametrize("name", ["prepare", "submit"])
def test_an_entry_that_never_left_is_dead(bench: Bench, name: str) -> None:
    bench.venue.fail(name, VenueUnavailableError("busy"))
    assert bench.propose().execution.phase == "DEAD"
    assert bench.propose().execution.phase == "PROTECTED"


@pytest.mark.parametrize("error", [UNKNOWN, DataError("an answer that does not read"), RuntimeError("a bug")])
def test_an_entry_accepted_without_an_answer_is_found_and_protected(bench: Bench, error: Exception) -> None:
    bench.venue.after["submit"] = [error]
    assert bench.propose().execution.phase == "PROTECTED"
    assert bench.entries() == 1


def test_an_unknown_entry_counts_at_full_size_and_blocks_its_symbol(bench: Bench) -> None:
    bench.venue.fail("submit", UNKNOWN)
    answer = bench.propose()
    assert answer.execution.phase == "ENTRY_UNKNOWN"
    assert bench.guard.status().gap_budget.used > 0
    assert bench.propose().verdict.rule == "position.exists"
    assert bench.propose(symbol="ETHUSDT").verdict.rule in ("size.risk", "cap.gross")


def test_an_unknown_entry_is_dead_after_two_denials_some_seconds_apart(bench: Bench) -> None:
    bench.venue.fail("submit", UNKNOWN)
    bench.propose()
    bench.look(1, times=20)
    assert bench.trade().phase == "ENTRY_UNKNOWN"
    bench.look(2, times=2)
    assert bench.guard.state.trades == ()
    assert bench.guard.state.done[-1].phase == "DEAD"
    assert bench.entries() == 1


def test_a_denial_while_the_order_may_still_be_under_way_proves_nothing(bench: Bench) -> None:
    bench.venue.fail("submit", UNKNOWN)
    bench.propose()
    bench.look(1, times=11)
    assert (bench.trade().phase, bench.trade().denials) == ("ENTRY_UNKNOWN", 0)
    bench.look(1, times=2)
    assert bench.trade().denials == 1


def test_an_id_that_is_taken_is_an_order_of_ours_delivered_twice(bench: Bench) -> None:
    bench.venue.after["submit"] = [VenueRejectedError("create order: ClientOrderId is duplicated.", code=-4116)]
    assert bench.propose().execution.phase == "PROTECTED"
    assert bench.entries() == 1


@pytest.mark.parametrize("seconds", [0.5, 3, 9, 11, 60, 130])
def test_an_entry_accepted_late_is_neither_doubled_nor_forgotten(bench: Bench, seconds: float) -> None:
    bench.venue.fail("submit", UNKNOWN)
    bench.propose()
    late: OrderRequest = bench.venue.sent[-1]
    bench.look(seconds / 4, times=4)
    bench.venue.accept(late)
    bench.look(1, times=3)
    trade = bench.trade()
    assert (trade.phase, trade.entry_id) == ("PROTECTED", late.client_id)
    assert len(bench.venue.resting()) == 2
    assert bench.entries() == 1


def test_a_query_that_fails_is_no_denial(bench: Bench) -> None:
    bench.venue.lose_answer("submit")
    bench.venue.fail("find", *[VenueUnavailableError("busy")] * 40)
    bench.propose()
    bench.look(5, times=5)
    assert bench.trade().phase == "ENTRY_UNKNOWN"
    bench.venue.faults.clear()
    bench.look(1, times=2)
    assert bench.trade().phase == "PROTECTED"


def test_an_unfilled_entry_that_the_venue_ended_is_dead(bench: Bench) -> None:
    original = bench.venue.accept

    def expire(order: OrderRequest, quantity: Decimal | None = None) -> None:
        original(order, quantity)
        if not order.reduce_only:
            view = bench.venue.orders[order.client_id]
            bench.venue.orders[order.client_id] = replace(view, status=OrderStatus.EXPIRED, filled=D(0))
            bench.venue.held.clear()

    bench.venue.accept = expire
    assert bench.propose().execution.phase == "DEAD"


def test_a_partly_filled_entry_is_protected_for_what_it_holds(bench: Bench) -> None:
    original = bench.venue.accept

    def half(order: OrderRequest, quantity: Decimal | None = None) -> None:
        original(order, order.quantity / 2)

    bench.venue.accept = half
    answer = bench.propose()
    assert (answer.execution.phase, answer.execution.filled) == ("PROTECTED", answer.verdict.quantity / 2)
    bench.venue.move("BTCUSDT", "48900")
    bench.look(1, times=2)
    assert (bench.flat, bench.guard.state.trades) == (True, ())


def test_closing_an_entry_of_unknown_fate_closes_it_when_it_shows(bench: Bench) -> None:
    bench.venue.fail("submit", UNKNOWN)
    bench.propose()
    late = bench.venue.sent[-1]
    assert bench.propose(Action.CLOSE).verdict.outcome is Outcome.APPROVED
    bench.venue.accept(late)
    bench.look(1, times=4)
    assert (bench.flat, bench.guard.state.trades, bench.venue.resting()) == (True, (), [])


def test_a_guard_killed_before_the_order_left_does_not_send_it_later(bench: Bench) -> None:
    def kill(name: str) -> None:
        if name == "submit":
            raise KeyboardInterrupt

    bench.venue.before = kill
    with pytest.raises(KeyboardInterrupt):
        bench.propose()
    bench.venue.before = lambda name: None
    bench.venue.sent.clear()
    bench.start()
    bench.look(6, times=5)
    assert bench.venue.sent == []
    assert bench.guard.state.done[-1].phase == "DEAD"


@pytest.mark.parametrize("point", range(1, 22))
def test_a_guard_killed_at_any_request_recovers_one_protected_position(point: int) -> None:
    bench = Bench()
    count = 0

    def kill(name: str) -> None:
        nonlocal count
        count += 1
        if count == point:
            raise KeyboardInterrupt

    bench.venue.before = kill
    with suppress(KeyboardInterrupt):
        bench.propose()
    bench.venue.before = lambda name: None
    bench.start()
    bench.look(0.2, times=3)
    assert bench.entries() <= 1
    if not bench.flat:
        assert bench.trade().phase == "PROTECTED"
        assert len(bench.venue.resting()) == 2
    assert bench.mode == "NORMAL"


@pytest.mark.parametrize("name", ["submit", "submit_stop", "find", "find_stop"])
def test_a_guard_killed_after_the_venue_accepted_recovers(name: str) -> None:
    bench = Bench()
    killed = KeyboardInterrupt()
    if name in ("submit", "submit_stop"):
        bench.venue.after[name] = [killed]
    else:
        bench.venue.faults[name] = [killed]
    with pytest.raises(KeyboardInterrupt):
        bench.propose()
    bench.start()
    bench.look(0.2, times=3)
    assert bench.trade().phase == "PROTECTED"
    assert bench.entries() == 1
    assert bench.venue.resting() == ["STOP_MARKET 49000", "TAKE_PROFIT_MARKET 52500"]


def test_the_gap_budget_holds_with_unknown_entries() -> None:
    bench = Bench(ROOMY.model_copy(update={"gap_stress_default": D("0.08")}))
    bench.venue.fail("submit", UNKNOWN, UNKNOWN)
    bench.propose()
    bench.propose(symbol="ETHUSDT")
    status = bench.guard.status()
    assert status.gap_budget.used <= status.day.left

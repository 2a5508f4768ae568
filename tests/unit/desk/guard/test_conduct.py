"""How the desk behaves: runaway entries, losing streaks and failing orders stop it, each by a named rule."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from desk.domain.errors import VenueRejectedError, VenueUnavailableError
from desk.domain.intents import Action, Outcome
from desk.guard.record.codec import canonical, encode
from desk.guard.vocabulary.state import state_from_data
from tests.unit.desk.guard.bench import ROOMY, Bench

D = Decimal


def with_limits(**changes: Any) -> Bench:
    return Bench(ROOMY.model_copy(update={"entries_per_minute": 60, **changes}))


def round_trip(bench: Bench, *, loss: bool = True, symbol: str = "BTCUSDT", action: Action = Action.OPEN_LONG) -> None:
    """One trade that wins or loses a little."""
    bench.open(symbol, action)
    price = bench.venue.prices[symbol]
    better = (action is Action.OPEN_LONG) != loss
    bench.venue.move(symbol, price * (D("1.01") if better else D("0.99")))
    bench.propose(Action.CLOSE, symbol)
    bench.venue.move(symbol, price)
    bench.look(times=2)


@pytest.mark.parametrize(("sent", "rule"), [(2, "size.risk"), (3, "repeat.entries")])
def test_the_same_entry_once_too_often_locks_the_desk(sent: int, rule: str) -> None:
    bench = with_limits(repeat_entries=3)
    for _ in range(sent):
        round_trip(bench, loss=False)
    assert bench.propose().verdict.rule == rule
    bench.look(times=2)
    assert bench.mode == ("LOCKED" if rule == "repeat.entries" else "NORMAL")


def test_a_runaway_stays_locked_through_restarts_and_closes_what_is_open() -> None:
    bench = with_limits(repeat_entries=2)
    bench.open("ETHUSDT")
    for _ in range(2):
        round_trip(bench)
    assert bench.propose().verdict.rule == "repeat.entries"
    for _ in range(10):
        bench.start()
        bench.look(7200)
    assert (bench.mode, bench.flat, bench.entries()) == ("LOCKED", True, 3)
    assert bench.guard.state.latch is not None
    assert bench.guard.state.latch.reason == "repeat.entries"


def test_another_side_symbol_or_strategy_is_another_entry_and_old_ones_are_forgotten() -> None:
    bench = with_limits(repeat_entries=1, repeat_seconds=3600)
    round_trip(bench)
    round_trip(bench, action=Action.OPEN_SHORT)
    round_trip(bench, symbol="ETHUSDT")
    assert bench.propose(strategy_id="other").verdict.outcome is not Outcome.REFUSED
    bench.propose(Action.CLOSE)
    bench.look(3590)
    assert bench.propose(symbol="ETHUSDT").verdict.outcome is Outcome.REFUSED
    fresh = with_limits(repeat_entries=1, repeat_seconds=3600)
    round_trip(fresh)
    fresh.look(3600)
    assert fresh.propose().verdict.outcome is not Outcome.REFUSED


@pytest.mark.parametrize(("wait", "rule"), [(59, "rest.reentry"), (60, "size.risk"), (61, "size.risk")])
def test_a_symbol_rests_after_each_close(wait: int, rule: str) -> None:
    bench = with_limits(reentry_seconds=60)
    bench.open()
    bench.propose(Action.CLOSE)
    bench.look(wait)
    assert bench.propose().verdict.rule == rule


@pytest.mark.parametrize(
    ("losses", "wait", "rule"),
    [(1, 0, "size.risk"), (2, 0, "rest.losses"), (2, 3590, "rest.losses"), (2, 3600, "size.risk")],
)
def test_a_symbol_that_keeps_losing_rests_longer(losses: int, wait: int, rule: str) -> None:
    bench = with_limits(symbol_losses=2, symbol_rest_seconds=3600)
    for _ in range(losses):
        round_trip(bench)
    bench.look(wait)
    assert bench.propose().verdict.rule == rule
    assert bench.propose(symbol="SOLUSDT").verdict.rule == "size.risk"


def test_a_win_ends_a_losing_streak() -> None:
    bench = with_limits(symbol_losses=2, streak_losses=3)
    for loss in (True, False, True):
        round_trip(bench, loss=loss)
    assert (bench.mode, bench.propose().verdict.rule) == ("NORMAL", "size.risk")


@pytest.mark.parametrize(("losses", "mode"), [(2, "NORMAL"), (3, "REDUCE_ONLY"), (4, "REDUCE_ONLY")])
def test_losing_again_and_again_ends_the_day(losses: int, mode: str) -> None:
    bench = with_limits(streak_losses=3)
    for number in range(min(losses, 3)):
        round_trip(bench, symbol=("BTCUSDT", "ETHUSDT", "SOLUSDT")[number])
    assert bench.mode == mode
    if mode == "NORMAL":
        return
    assert bench.guard.state.why.startswith("streak.losses")
    bench.start()
    assert bench.propose().verdict.rule == "mode.reduce_only"
    bench.look(24 * 3600)
    assert (bench.mode, bench.propose().verdict.rule) == ("NORMAL", "size.risk")


def test_a_human_forgives_a_streak_once() -> None:
    bench = with_limits(streak_losses=2, cooldown_seconds=1)
    round_trip(bench)
    round_trip(bench, symbol="ETHUSDT")
    assert bench.mode == "REDUCE_ONLY"
    code, _ = bench.guard.request_reset("seen it, market data was late")
    bench.clock.advance(2)
    bench.guard.confirm_reset(code)
    bench.look()
    assert bench.mode == "NORMAL"
    round_trip(bench)
    assert bench.mode == "NORMAL"
    round_trip(bench, symbol="ETHUSDT")
    assert bench.mode == "REDUCE_ONLY"


@pytest.mark.parametrize(("failed", "rule"), [(4, "size.risk"), (5, "errors.orders"), (6, "errors.orders")])
def test_five_failed_orders_in_an_hour_pause_entries(failed: int, rule: str) -> None:
    bench = with_limits()
    for number in range(min(failed, 5)):
        error = VenueRejectedError("no", code=-2019) if number % 2 else VenueUnavailableError("busy")
        bench.venue.fail("submit", error)
        assert bench.propose().verdict.outcome is not Outcome.REFUSED
        bench.look(60)
    assert bench.propose().verdict.rule == rule
    assert bench.told.count(("CRITICAL", "errors.orders: 5 orders failed in an hour, entries pause")) == (failed >= 5)
    bench.start()
    assert bench.propose(symbol="ETHUSDT", conviction=D("0.1")).verdict.rule == rule
    bench.look(3600)
    assert bench.propose(symbol="SOLUSDT", conviction=D("0.1")).verdict.rule == "size.risk"


def test_refused_stops_count_and_exits_are_never_paused() -> None:
    bench = with_limits(failed_orders=1)
    bench.open("ETHUSDT")
    bench.venue.fail("submit_stop", VenueRejectedError("moved", code=-4120))
    bench.propose()
    bench.look(times=3)
    assert bench.venue.held["BTCUSDT"] == 0
    assert bench.propose(symbol="SOLUSDT").verdict.rule == "errors.orders"
    assert bench.propose(Action.CLOSE, "ETHUSDT").execution.phase == "CLOSED"


def test_a_state_that_knew_entries_by_their_time_alone_still_loads(bench: Bench) -> None:
    bench.open()
    data = encode(replace(bench.guard.state, sent=()))
    for name in ("sent", "failures", "forgiven_ms", "tightened"):
        del data[name]
    data["entries"] = [1000, 2000]
    held = state_from_data(data)
    assert [one.at_ms for one in held.sent] == [1000, 2000]
    assert canonical(encode(replace(held, sent=()))) == canonical(encode(replace(bench.guard.state, sent=())))

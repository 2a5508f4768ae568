"""Stops: with every entry, confirmed by a query, replaced when lost, only ever tightened, and watched from here."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from itertools import pairwise

import pytest

from desk.domain.errors import OutcomeUnknownError, VenueRejectedError, VenueUnavailableError
from desk.domain.intents import Action
from desk.domain.orders import StopRequest, StopStatus, StopType, StopView
from tests.unit.desk.guard.bench import ROOMY, Bench

D = Decimal


def rejected(code: int) -> VenueRejectedError:
    return VenueRejectedError("no", code=code)


@pytest.mark.parametrize(
    ("action", "resting"),
    [
        (Action.OPEN_LONG, ["STOP_MARKET 49000", "TAKE_PROFIT_MARKET 52500"]),
        (Action.OPEN_SHORT, ["STOP_MARKET 51000", "TAKE_PROFIT_MARKET 47500"]),
    ],
)
def test_stop_and_target_rest_with_the_entry(bench: Bench, action: Action, resting: list[str]) -> None:
    trade = bench.open(action=action)
    assert bench.venue.resting() == resting
    assert all(request.side is trade.side.opposite for request in bench.venue.stop_requests)


def test_the_stop_is_measured_from_the_average_fill_and_rounded_towards_the_entry(bench: Bench) -> None:
    bench.venue.slippage = D("0.00013")
    trade = bench.open(stop_pct=D("0.0201"))
    assert trade.average == D("50006.5")
    # 50,006.5 × 0.9799 = 49,001.36935
    assert trade.stop is not None
    assert trade.stop.trigger == D("49001.4")


def test_an_acknowledged_stop_is_not_believed_until_the_venue_shows_it(bench: Bench) -> None:
    bench.venue.find_stop = lambda symbol, client_id: None
    answer = bench.propose()
    assert answer.execution.phase != "PROTECTED"
    bench.look(1, times=4)
    assert bench.flat


def test_an_exit_that_was_refused_goes_out_again_although_the_account_cannot_be_read(bench: Bench) -> None:
    bench.open()
    bench.venue.fail("submit", rejected(-1001), VenueUnavailableError("busy"))
    bench.guard.flatten("a test")
    assert not bench.flat
    bench.venue.fail("account", *[VenueUnavailableError("busy")] * 100)
    bench.look(0.3, times=2)
    assert bench.flat


def test_an_exit_that_was_filled_is_not_sent_again_while_the_account_cannot_be_read(bench: Bench) -> None:
    bench.open()
    bench.venue.fail("account", *[VenueUnavailableError("busy")] * 100)
    bench.guard.flatten("a test")
    sent = len(bench.venue.sent)
    assert bench.flat
    bench.look(0.3, times=5)
    assert len(bench.venue.sent) == sent


def test_a_stop_that_is_not_confirmed_in_two_seconds_closes_the_position(bench: Bench) -> None:
    bench.venue.fail("submit_stop", *[VenueUnavailableError("busy")] * 100)
    bench.propose()
    bench.look(0.9, times=2)
    assert not bench.flat
    bench.look(0.2)
    assert bench.flat
    bench.look(0.2, times=3)
    assert bench.guard.state.done[-1].note == "stop.unconfirmed"


def test_a_stop_that_comes_late_but_in_time_protects_and_the_naked_time_is_kept(bench: Bench) -> None:
    bench.venue.fail("submit_stop", *[VenueUnavailableError("busy")] * 10)
    bench.propose()
    bench.venue.faults.clear()
    bench.look(1.5)
    trade = bench.trade()
    assert (trade.phase, trade.naked_ms) == ("PROTECTED", 1500)


@pytest.mark.parametrize("code", [-2021, -4045, -1102])
def test_a_stop_the_venue_refuses_closes_the_position_at_once(bench: Bench, code: int) -> None:
    bench.venue.fail("submit_stop", rejected(code))
    answer = bench.propose()
    assert bench.flat
    assert (answer.execution.phase, answer.execution.note) == ("CLOSED", "stop.refused")
    assert bench.venue.resting() == []


def test_a_target_the_venue_refuses_leaves_the_position_protected_and_is_watched_here(bench: Bench) -> None:
    bench.venue.before = lambda name: None
    original = bench.venue.submit_stop

    def no_targets(stop: StopRequest) -> StopView:
        if stop.type is StopType.TAKE_PROFIT_MARKET:
            raise rejected(-4045)
        return original(stop)

    bench.venue.submit_stop = no_targets
    assert bench.propose().execution.phase == "PROTECTED"
    bench.venue.move("BTCUSDT", "52600")
    bench.look(1)
    bench.look(3)
    assert bench.flat


def test_a_stop_whose_answer_was_lost_is_found_by_asking(bench: Bench) -> None:
    bench.venue.lose_answer("submit_stop")
    assert bench.propose().execution.phase == "PROTECTED"
    assert len([one for one in bench.venue.stop_requests if one.type is StopType.STOP_MARKET]) == 1


@pytest.mark.parametrize("status", [StopStatus.CANCELED, StopStatus.EXPIRED])
def test_a_stop_that_vanished_is_replaced(bench: Bench, status: StopStatus) -> None:
    trade = bench.open()
    name = trade.stop.client_id
    bench.venue.stops[name] = replace(bench.venue.stops[name], status=status)
    bench.look(21)
    bench.look(0.2)
    trade = bench.trade()
    assert trade.phase == "PROTECTED"
    assert trade.stop.client_id != name
    assert bench.venue.resting() == ["STOP_MARKET 49000", "TAKE_PROFIT_MARKET 52500"]


def test_a_stop_refused_when_it_triggers_is_followed_by_a_market_exit(bench: Bench) -> None:
    bench.open()
    bench.venue.stop_fires = False
    bench.venue.move("BTCUSDT", "48900")
    bench.look(1)
    assert not bench.flat
    bench.look(3)
    assert bench.flat


def test_a_stop_that_triggers_and_does_not_fill_is_followed_by_a_market_exit(bench: Bench) -> None:
    trade = bench.open()
    name = trade.stop.client_id
    bench.venue.stops[name] = replace(bench.venue.stops[name], status=StopStatus.TRIGGERED)
    bench.look(21)
    bench.look(3.1)
    assert bench.flat


@pytest.mark.parametrize(("seconds", "flat"), [(2.9, False), (3.0, True)])
def test_a_mark_beyond_the_stop_is_given_three_seconds(bench: Bench, seconds: float, flat: bool) -> None:
    bench.open()
    bench.venue._reached = lambda stop: False
    bench.venue.move("BTCUSDT", "48990")
    bench.look(1)
    bench.look(seconds)
    assert bench.flat is flat


@pytest.mark.parametrize(("price", "flat"), [("49200.1", False), ("49200", True)])
def test_the_guard_leaves_at_eighty_percent_of_the_stop_distance(price: str, flat: bool) -> None:
    bench = Bench(ROOMY.model_copy(update={"early_exit": D("0.8")}))
    bench.open()
    bench.venue.move("BTCUSDT", price)
    bench.look()
    assert bench.flat is flat
    if flat:
        bench.look()
        assert bench.guard.state.done[-1].note == "early_exit"
        assert bench.venue.resting() == []


def test_a_bad_tick_alone_does_not_leave_early() -> None:
    bench = Bench(ROOMY.model_copy(update={"early_exit": D("0.8")}))
    bench.open()
    bench.venue.move("BTCUSDT", "49100", index="50000")
    bench.look()
    assert not bench.flat


def test_profit_moves_the_stop_to_the_entry() -> None:
    bench = Bench(ROOMY.model_copy(update={"breakeven_at": D(1)}))
    bench.open()
    bench.venue.move("BTCUSDT", "50999.9")
    bench.look()
    assert bench.trade().stop.trigger == D(49000)
    bench.venue.move("BTCUSDT", "51000")
    bench.look()
    bench.look()
    # The entry plus the fees of both ways.
    assert bench.venue.resting() == ["STOP_MARKET 50050", "TAKE_PROFIT_MARKET 52500"]


@pytest.mark.parametrize(
    ("action", "mark", "stop"), [(Action.OPEN_LONG, "51000", "50050"), (Action.OPEN_SHORT, "49000", "49950")]
)
def test_of_two_better_stops_the_nearer_one_counts(action: Action, mark: str, stop: str) -> None:
    bench = Bench(ROOMY.model_copy(update={"breakeven_at": D(1), "trailing": D("0.03")}))
    bench.open(action=action)
    bench.venue.move("BTCUSDT", mark)
    bench.look(1, times=2)
    # Trailing by 3 % would leave the stop on the losing side of the entry.
    assert bench.trade().stop.trigger == D(stop)


@pytest.mark.parametrize(("action", "sign"), [(Action.OPEN_LONG, 1), (Action.OPEN_SHORT, -1)])
def test_a_trailing_stop_only_tightens(action: Action, sign: int) -> None:
    bench = Bench(ROOMY.model_copy(update={"trailing": D("0.01")}))
    bench.open(action=action)
    triggers = [bench.trade().stop.trigger]
    for step in (100, 600, 300, 900, 1500, 1200, 2000):
        bench.venue.move("BTCUSDT", D(50000) + sign * step)
        bench.look(1, times=2)
        triggers.append(bench.trade().stop.trigger)
    moves = [(later - earlier) * sign for earlier, later in pairwise(triggers)]
    assert all(move >= 0 for move in moves)
    assert max(moves) > 0
    assert len(bench.venue.resting()) == 2


def test_the_new_stop_rests_before_the_old_one_leaves() -> None:
    bench = Bench(ROOMY.model_copy(update={"trailing": D("0.01")}))
    bench.open()
    counts: list[int] = []
    bench.venue.before = lambda name: counts.append(
        sum(one.status is StopStatus.NEW and one.type is StopType.STOP_MARKET for one in bench.venue.stops.values())
    )
    bench.venue.move("BTCUSDT", "51500")
    bench.look(1, times=3)
    assert min(counts) >= 1
    assert bench.venue.resting()[0] == "STOP_MARKET 50985"


def test_a_venue_that_takes_one_stop_a_direction_gets_the_new_one_after_the_old() -> None:
    bench = Bench(ROOMY.model_copy(update={"trailing": D("0.01")}))
    bench.open()
    original = bench.venue.submit_stop

    def one_each(stop: StopRequest) -> StopView:
        if any(s.type is stop.type and s.status is StopStatus.NEW for s in bench.venue.stops.values()):
            raise rejected(-4130)
        return original(stop)

    bench.venue.submit_stop = one_each
    bench.venue.move("BTCUSDT", "51500")
    bench.look(1, times=2)
    assert bench.venue.resting()[0] == "STOP_MARKET 50985"
    assert bench.trade().phase == "PROTECTED"


def test_a_replacement_that_fails_leaves_the_old_stop_in_charge() -> None:
    bench = Bench(ROOMY.model_copy(update={"trailing": D("0.01")}))
    before = bench.open().stop
    bench.venue.fail("submit_stop", rejected(-2021))
    bench.venue.move("BTCUSDT", "51500")
    bench.look()
    assert bench.trade().stop == before
    assert not bench.flat


@pytest.mark.parametrize(("price", "note"), [("48900", "stop"), ("52600", "target")])
def test_a_position_closed_at_the_venue_ends_the_trade_and_leaves_nothing_resting(
    bench: Bench, price: str, note: str
) -> None:
    bench.open()
    bench.venue.move("BTCUSDT", price)
    bench.look(1, times=2)
    assert bench.guard.state.done[-1].note == note
    assert bench.venue.resting() == []
    assert bench.guard.state.trades == ()


def test_an_unknown_exit_is_asked_for_and_only_then_sent_anew(bench: Bench) -> None:
    bench.open()
    bench.venue.fail("submit", OutcomeUnknownError("no answer"))
    bench.propose(Action.CLOSE)
    bench.look(1)
    bench.look(3)
    assert bench.flat
    names = [order.client_id for order in bench.venue.sent]
    assert len(names) == len(set(names))


def test_an_exit_that_was_accepted_without_an_answer_is_not_sent_twice(bench: Bench) -> None:
    bench.open()
    bench.venue.lose_answer("submit")
    bench.propose(Action.CLOSE)
    bench.look(1, times=3)
    assert bench.flat
    assert len(bench.venue.sent) == 2

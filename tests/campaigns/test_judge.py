"""The judge finds what it is there to find, to the tick, and nothing else."""

from __future__ import annotations

import random
from dataclasses import replace
from decimal import Decimal

import pytest

from campaigns.oracle.books import DAY_MS
from campaigns.simulated.market import SYMBOLS
from campaigns.simulated.network import Killed
from campaigns.simulated.world import ACCOUNT, World
from desk.domain.orders import OrderRequest, OrderType, Side, StopRequest, StopType
from desk.venues.paper.engine.values import OrderKind

pytestmark = pytest.mark.campaign

BTC = SYMBOLS[0]
TICK = Decimal("0.10")


@pytest.fixture
def world() -> World:
    """A quiet market in which BTC was bought with a stop 5 % away; the judge has found nothing."""
    world = World(random.Random(3), "bold")
    world.market.nerves = world.market.drift = 0.0
    world.step(lambda: None, 1.0)
    text = world.crew.ask(world.mark(BTC), world.clock.ms, BTC, "OPEN_LONG", stop_pct="0.05", conviction="1")
    world.step(lambda: world.propose(text), 1.0)
    assert world.judge.entries == 1
    assert not world.judge.findings
    return world


def stop_at(world: World, trigger: Decimal) -> StopRequest:
    """A stop of the desk's own name, taken from its record."""
    [resting] = [algo for algo in world.exchange.open_algos(ACCOUNT) if algo.type is OrderKind.STOP_MARKET]
    world.judge._ids.clear()
    return StopRequest(
        symbol=BTC, side=Side.SELL, type=StopType.STOP_MARKET, trigger=trigger, client_id=resting.client_id
    )


def lowest_allowed(world: World) -> Decimal:
    """A tenth below the lower of the fill and what the decision saw, and one tick."""
    [row] = world.exchange.positions(ACCOUNT, BTC)
    seen = min(Decimal(world.mark(BTC)), row.entry_price)
    return (seen * Decimal("0.9") / TICK).to_integral_value(rounding="ROUND_CEILING") * TICK - TICK


def test_a_stop_at_the_farthest_allowed_is_no_finding(world: World) -> None:
    world.judge.stop(stop_at(world, lowest_allowed(world)), world.clock.ms)
    assert not world.judge.findings


def test_a_stop_two_ticks_farther_is_one(world: World) -> None:
    world.judge.stop(stop_at(world, lowest_allowed(world) - 2 * TICK), world.clock.ms)
    assert [sentence[:2] for sentence in world.judge.findings.sentences] == ["I1"]


def test_an_order_that_no_record_holds_is_a_finding(world: World) -> None:
    order = OrderRequest(
        symbol=BTC, side=Side.SELL, type=OrderType.MARKET, quantity=Decimal(1), client_id="cd-x-x0", reduce_only=True
    )
    world.judge.order(order, world.clock.ms)
    assert "I2" in world.judge.findings.counts


def test_a_second_order_of_one_name_and_one_on_top_of_a_position_are_findings(world: World) -> None:
    [first] = [one for one in world.exchange.all_orders(ACCOUNT, BTC) if one.client_id.endswith("-e0")]
    again = OrderRequest(
        symbol=BTC,
        side=Side.BUY,
        type=OrderType.MARKET,
        quantity=first.quantity,
        client_id=first.client_id,
        reduce_only=False,
    )
    world.judge.order(again, world.clock.ms)
    assert {"I1", "I3"} <= world.judge.findings.counts.keys()


def test_an_entry_while_latched_is_a_finding_and_a_close_is_none(world: World) -> None:
    [first] = [one for one in world.exchange.all_orders(ACCOUNT, BTC) if one.client_id.endswith("-e0")]
    world.judge.latched(True)
    world.judge._ids.clear()
    close = OrderRequest(
        symbol=BTC,
        side=Side.SELL,
        type=OrderType.MARKET,
        quantity=first.quantity,
        client_id=first.client_id,
        reduce_only=True,
    )
    world.judge.order(close, world.clock.ms)
    assert not world.judge.findings
    world.judge._ids.clear()
    world.judge.order(replace(close, side=Side.BUY, reduce_only=False), world.clock.ms)
    assert "I8" in world.judge.findings.counts


def test_a_latch_that_goes_by_itself_is_a_finding(world: World) -> None:
    world.judge.latched(True)
    world.judge.latched(False)
    assert "I5" in world.judge.findings.counts


def test_a_position_without_its_stop_is_found_once_nobody_ends_that(world: World) -> None:
    for algo in world.exchange.open_algos(ACCOUNT):
        world.exchange.cancel_algo(ACCOUNT, algo_id=algo.algo_id)
    for _ in range(8):
        world.clock.advance(1000)
        world.judge.looked(world.clock.ms, calm=True)
    assert set(world.judge.findings.counts) == {"I7"}


def test_a_trip_above_the_floor_is_a_finding(world: World) -> None:
    world.judge.tripped("loss.day")
    assert "I12" in world.judge.findings.counts


def test_a_height_dies_with_a_desk_that_was_killed_before_it_wrote_it_down(world: World) -> None:
    books, high = world.judge.books, world.judge.books.rolling_high
    world.judge.told(world.clock.ms, 2 * high)
    world.judge.killed()
    assert books.rolling_high == high
    world.judge.told(world.clock.ms, 2 * high)
    world.judge.remembered()
    world.judge.killed()
    assert (books.rolling_high, books.peak) == (2 * high, 2 * high)


def test_a_latch_may_go_with_a_kill_once_both_steps_were_taken(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.step(lambda: world.guard.halt("a test"), 1.0)
    confirm = world.guard.confirm_reset

    def killed_afterwards(code: str) -> None:
        confirm(code)
        raise Killed

    monkeypatch.setattr(world.guard, "confirm_reset", killed_afterwards)
    monkeypatch.setattr(world, "_pry", lambda *_: None)
    world.step(world.reset, 1.0)
    assert (world.restarts, world.guard.state.latch) == (1, None)
    assert not world.judge.findings


def test_a_day_that_began_unseen_begins_with_what_the_desk_is_first_shown_of_it(world: World) -> None:
    books = world.judge.books
    before, shown = books._last, books._last + 500
    tomorrow = (world.clock.ms // DAY_MS + 1) * DAY_MS
    day = books.begin(tomorrow, before)
    books.told(tomorrow + 1_000, shown)
    assert (day.baseline, day.floor) == (shown, shown * (1 - books.allowed.day_loss))
    books.told(tomorrow + 2_000, shown + 500)
    assert day.baseline == shown


def test_a_day_that_began_unseen_never_begins_lower_than_the_day_before_it_ended(world: World) -> None:
    books = world.judge.books
    before = books._last
    tomorrow = (world.clock.ms // DAY_MS + 1) * DAY_MS
    day = books.begin(tomorrow, before)
    books.told(tomorrow + 1_000, before - 500)
    assert day.baseline == before


def test_what_was_lost_unseen_before_midnight_is_no_finding_of_the_new_day(world: World) -> None:
    books = world.judge.books
    world.network.down = True
    world.market.jump(BTC, -0.07)
    world.judge.looked(world.clock.ms, calm=False)
    books._last = max(books._last, books.days[-1].baseline)
    world.clock.advance(DAY_MS)
    world.judge.looked(world.clock.ms, calm=True)
    assert world.judge.equity() < books.days[-1].floor
    assert not world.judge.findings


def test_what_is_lost_after_the_first_look_of_a_day_is_a_finding(world: World) -> None:
    for resting in list(world.exchange.open_algos(ACCOUNT)):
        world.exchange.cancel_algo(ACCOUNT, algo_id=resting.algo_id)
    world.market.jump(BTC, -0.06)
    world.judge.looked(world.clock.ms, calm=True)
    world.market.jump(BTC, -0.03)
    world.judge.looked(world.clock.ms, calm=True)
    assert [sentence[:2] for sentence in world.judge.findings.sentences] == ["I9"]

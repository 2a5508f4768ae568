"""What is at the venue and is not ours: named, blocking, untouched, until it is gone or a human accepts it."""

from __future__ import annotations

from decimal import Decimal

import pytest

from desk.domain.errors import OutcomeUnknownError
from desk.domain.orders import OrderRequest, OrderStatus, OrderType, OrderView, Side, StopRequest, StopType
from desk.guard.vocabulary.ids import STOP, client_id
from tests.unit.desk.guard.bench import Bench

D = Decimal


def foreign_order(bench: Bench, name: str = "somebody") -> None:
    bench.venue.orders[name] = OrderView(
        symbol="ETHUSDT",
        order_id=77,
        client_id=name,
        side=Side.BUY,
        type="LIMIT",
        status=OrderStatus.NEW,
        quantity=D(1),
        filled=D(0),
        average_price=None,
        reduce_only=False,
        updated_at=bench.clock.now(),
    )


def foreign_stop(bench: Bench, name: str = "somebody") -> None:
    bench.venue.submit_stop(
        StopRequest(symbol="ETHUSDT", side=Side.SELL, type=StopType.STOP_MARKET, trigger=D(2000), client_id=name)
    )


@pytest.mark.parametrize(
    ("what", "item"),
    [
        ("position", "position:SOLUSDT"),
        ("order", "order:ETHUSDT:somebody"),
        ("stop", "stop:ETHUSDT:somebody"),
        ("size", "size:BTCUSDT"),
    ],
)
def test_what_is_not_ours_blocks_new_exposure_and_is_left_alone(bench: Bench, what: str, item: str) -> None:
    if what == "size":
        bench.open()
        bench.venue._trade("BTCUSDT", Side.BUY, D("0.01"))
    elif what == "position":
        bench.venue._trade("SOLUSDT", Side.BUY, D(3))
    else:
        (foreign_order if what == "order" else foreign_stop)(bench)
    bench.look(21)
    assert bench.guard.state.unexplained == (item,)
    symbol = "SOLUSDT" if what != "position" else "BTCUSDT"
    assert bench.propose(symbol=symbol).verdict.rule == "account.unexplained"
    assert not any(order.symbol == "SOLUSDT" for order in bench.venue.sent)
    assert bench.venue.orders.get("somebody") is None or not bench.venue.orders["somebody"].status.is_final


def test_what_is_gone_again_blocks_nothing(bench: Bench) -> None:
    foreign_order(bench)
    bench.look(21)
    bench.venue.cancel("ETHUSDT", "somebody")
    bench.look(3)
    assert bench.guard.state.unexplained == ()
    bench.open()


def test_a_first_start_on_an_account_in_use_opens_nothing() -> None:
    bench = Bench(boot=False)
    bench.venue._trade("SOLUSDT", Side.SELL, D(3))
    foreign_stop(bench)
    bench.start()
    assert bench.guard.state.unexplained == ("position:SOLUSDT", "stop:ETHUSDT:somebody")
    assert bench.propose().verdict.rule == "account.unexplained"


def test_a_halt_closes_even_what_is_not_ours(bench: Bench) -> None:
    bench.venue._trade("SOLUSDT", Side.SELL, D(3))
    foreign_order(bench)
    foreign_stop(bench)
    bench.look(21)
    bench.guard.halt("everything")
    bench.look(1, times=4)
    assert (bench.mode, bench.flat, bench.venue.resting()) == ("LOCKED", True, [])
    assert bench.venue.open_orders() == ()


def test_a_position_without_its_stop_gets_one_after_a_restart(bench: Bench) -> None:
    bench.open()
    bench.venue.stops.clear()
    bench.start()
    bench.look(0.2, times=2)
    assert bench.trade().phase == "PROTECTED"
    assert bench.venue.resting() == ["STOP_MARKET 49000", "TAKE_PROFIT_MARKET 52500"]


def test_a_position_closed_while_the_guard_was_down_leaves_nothing_resting(bench: Bench) -> None:
    bench.open()
    bench.venue.move("BTCUSDT", "48900")
    bench.start()
    bench.look(1, times=2)
    assert (bench.guard.state.trades, bench.venue.resting()) == ((), [])
    assert bench.guard.state.done[-1].note == "stop"


def own_stop(bench: Bench, number: int, *, trigger: Decimal) -> StopRequest:
    """A stop of the open trade, under the name that the desk itself would give it."""
    return StopRequest(
        symbol="BTCUSDT",
        side=Side.SELL,
        type=StopType.STOP_MARKET,
        trigger=trigger,
        client_id=client_id(bench.trade().intent_id, STOP, number),
    )


def test_a_stop_of_ours_that_arrived_late_is_removed(bench: Bench) -> None:
    bench.open()
    bench.venue.submit_stop(own_stop(bench, 9, trigger=D(48000)))
    bench.look(21)
    assert bench.guard.state.unexplained == ()
    assert bench.venue.resting() == ["STOP_MARKET 49000", "TAKE_PROFIT_MARKET 52500"]


def forgotten_stop(bench: Bench) -> StopRequest:
    """A stop of the open trade that rests at the venue, and that a disk which was full kept out of the record."""
    stop = own_stop(bench, 1, trigger=D(49010))
    bench.venue.stops.clear()
    bench.venue.submit_stop(stop)
    return stop


def test_a_stop_the_record_forgot_is_not_cancelled_before_the_known_one_is_seen(bench: Bench) -> None:
    bench.open()
    forgotten_stop(bench)
    bench.guard.look(lists=True)
    assert "STOP_MARKET 49010" in bench.venue.resting()


def test_a_stop_the_record_forgot_becomes_the_trades_own_and_no_other_is_sent(bench: Bench) -> None:
    bench.open()
    stop = forgotten_stop(bench)
    for _ in range(3):
        bench.clock.advance(0.25)
        bench.guard.look(lists=True)
    trade = bench.trade()
    assert trade.phase == "PROTECTED"
    assert trade.stop is not None
    assert trade.stop.client_id == stop.client_id
    assert trade.stops_sent == 2
    assert [one for one in bench.venue.resting() if one.startswith("STOP")] == ["STOP_MARKET 49010"]


def test_an_order_of_the_same_prefix_from_elsewhere_is_not_ours(bench: Bench) -> None:
    foreign_order(bench, "cd-0123456789abcdef0123-e0")
    bench.look(21)
    assert bench.guard.state.unexplained == ("order:ETHUSDT:cd-0123456789abcdef0123-e0",)


def test_a_position_turned_around_from_outside_is_closed_by_what_is_there(bench: Bench) -> None:
    bench.open()
    held = bench.venue.held["BTCUSDT"]
    bench.venue.accept(
        OrderRequest(
            symbol="BTCUSDT", side=Side.SELL, type=OrderType.MARKET, quantity=held * 2, client_id="x", reduce_only=False
        )
    )
    bench.look(21)
    assert "size:BTCUSDT" in bench.guard.state.unexplained
    bench.guard.flatten("clean up")
    bench.look(1, times=3)
    assert bench.flat


def test_an_entry_that_never_was_does_not_hide_somebody_elses_position(bench: Bench) -> None:
    bench.venue.fail("submit", OutcomeUnknownError("no answer"))
    bench.propose()
    bench.venue._trade("BTCUSDT", Side.SELL, D("0.002"))
    bench.look(1, times=45)
    assert bench.guard.state.trades == ()
    assert bench.guard.state.unexplained == ("position:BTCUSDT",)
    bench.guard.halt("the operator has seen enough")
    bench.look(1, times=5)
    assert bench.flat
    assert bench.mode == "LOCKED"

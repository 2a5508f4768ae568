"""The breaker: what trips it, what does not, and that nothing but a human undoes it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from desk.domain.errors import VenueUnavailableError
from desk.domain.intents import Action, Outcome
from desk.domain.orders import Side
from desk.guard.core import Guard
from tests.unit.desk.guard.bench import WHOLE, Bench, whole

D = Decimal


def latch_reason(bench: Bench) -> str:
    latch = bench.guard.state.latch
    return "" if latch is None else latch.reason


@pytest.mark.parametrize(("price", "reason"), [("47500.1", ""), ("47500", "loss.day"), ("47499.9", "loss.day")])
def test_an_open_loss_of_the_days_limit_trips_without_any_closed_trade(price: str, reason: str) -> None:
    bench = whole()
    bench.venue.move("BTCUSDT", price)
    bench.look()
    assert latch_reason(bench) == reason


def test_a_fall_of_a_quarter_trips_flattens_and_locks() -> None:
    bench = whole()
    bench.venue.move("BTCUSDT", "37500")
    bench.look()
    bench.look()
    assert (bench.mode, latch_reason(bench), bench.flat) == ("LOCKED", "loss.day", True)
    assert bench.venue.resting() == []
    assert bench.propose().verdict.rule == "mode.locked"


def test_a_short_position_trips_on_a_rise() -> None:
    bench = whole(action=Action.OPEN_SHORT)
    bench.venue.move("BTCUSDT", "52500")
    bench.look()
    assert latch_reason(bench) == "loss.day"


def test_the_latch_is_durable_before_any_order_that_flattens() -> None:
    bench = whole()
    order: list[str] = []
    original = bench.journal.append
    bench.journal.append = lambda kind, body: (
        order.append("latch" if "loss.day" in body else kind),
        original(kind, body),
    )[1]
    bench.venue.before = lambda name: order.append(name) if name in ("submit", "cancel_stop") else None
    bench.venue.move("BTCUSDT", "47000")
    bench.look()
    bench.look()
    assert order.index("latch") < order.index("submit") < order.index("cancel_stop")


def test_stops_stay_at_the_venue_until_the_position_is_gone() -> None:
    bench = whole()
    bench.venue.move("BTCUSDT", "47000")
    bench.venue.fail("submit", *[VenueUnavailableError("busy")] * 6)
    bench.look()
    bench.look()
    assert (bench.mode, bench.flat) == ("FLATTENING", False)
    assert any(text.startswith("STOP_MARKET") for text in bench.venue.resting())
    bench.look(1, times=8)
    assert (bench.mode, bench.flat, bench.venue.resting()) == ("LOCKED", True, [])


def test_flat_is_proven_by_two_looks() -> None:
    bench = whole()
    bench.venue.move("BTCUSDT", "47000")
    seen: list[str] = []
    bench.venue.before = lambda name: seen.append(name)
    bench.look()
    bench.look()
    after = seen[len(seen) - seen[::-1].index("cancel_stop") - 1 :]
    assert bench.mode == "LOCKED"
    assert after.count("open_stops") >= 2
    assert after.count("account") >= 2


def test_a_large_position_leaves_in_slices_the_venue_takes() -> None:
    bench = whole()
    rules = bench.venue.filters["BTCUSDT"]
    bench.guard.rules.filters["BTCUSDT"] = type(rules)(
        **{name: getattr(rules, name) for name in rules.__slots__} | {"market_max_quantity": D("0.06")}
    )
    bench.guard.halt("slices")
    bench.look(1, times=8)
    exits = [order.quantity for order in bench.venue.sent if order.reduce_only]
    assert exits[:3] == [D("0.06")] * 3
    assert (sum(exits), bench.flat, bench.mode) == (D("0.2"), True, "LOCKED")


def test_one_bad_tick_does_not_trip() -> None:
    bench = whole()
    bench.venue.move("BTCUSDT", "35000", index="50000")
    bench.look(0.2)
    assert latch_reason(bench) == ""
    assert bench.propose(symbol="ETHUSDT").verdict.rule == "mode.suspect"
    bench.venue.move("BTCUSDT", "50000")
    bench.look(0.5)
    bench.look(5)
    assert (latch_reason(bench), bench.mode) == ("", "NORMAL")


def test_one_bad_tick_does_not_trip_on_a_position_that_only_the_books_still_hold() -> None:
    # Found by the storm, seed 40: the venue was flat, the fill that closed was not told yet, and the mark was wrong.
    bench = whole()
    bench.venue.stops.clear()
    bench.venue._trade("BTCUSDT", Side.SELL, D("0.2"))
    bench.venue.faults["fills"] = [VenueUnavailableError("not reached")] * 5
    bench.venue.move("BTCUSDT", "35000", index="50000")
    bench.look(0.25)
    assert bench.guard.state.latch is None
    bench.venue.move("BTCUSDT", "50000")
    bench.venue.faults.clear()
    bench.look(1, times=3)
    assert bench.guard.state.latch is None
    assert bench.guard.state.trades == ()


def stopped_out_and_not_told(times: int) -> Bench:
    """The stop was filled at 49,000, the market fell on to 47,000, and the fill cannot be read yet."""
    bench = whole()
    bench.venue.stops.clear()
    bench.venue.move("BTCUSDT", "49000")
    bench.venue._trade("BTCUSDT", Side.SELL, D("0.2"))
    bench.venue.faults["fills"] = [VenueUnavailableError("not reached")] * times
    bench.venue.move("BTCUSDT", "47000")
    return bench


def test_what_fell_after_a_position_was_closed_is_not_lost() -> None:
    # Found by the campaign `twice`, seed 180: a fill not told yet, valued at a mark far below the price it was made at.
    bench = stopped_out_and_not_told(times=10_000)
    bench.look(0.25, times=9)
    assert (latch_reason(bench), bench.propose(symbol="ETHUSDT").verdict.rule) == ("", "mode.suspect")
    bench.venue.faults.clear()
    bench.look(1, times=3)
    assert latch_reason(bench) == ""
    assert bench.guard.state.trades == ()


def test_fills_that_stay_unreadable_are_not_waited_for_without_end() -> None:
    bench = stopped_out_and_not_told(times=10_000)
    bench.look(1, times=29)
    assert latch_reason(bench) == ""
    bench.look(1, times=3)
    assert latch_reason(bench) == "loss.day"


def test_a_loss_that_the_venue_shows_itself_waits_for_no_fill() -> None:
    bench = stopped_out_and_not_told(times=10_000)
    bench.venue.wallet -= 400
    bench.look(0.25)
    assert latch_reason(bench) == "loss.day"


def test_a_second_reading_makes_a_breach_believed() -> None:
    bench = whole()
    bench.venue.move("BTCUSDT", "35000", index="50000")
    bench.look(0.2)
    bench.look(1)
    assert latch_reason(bench) == "loss.day"


def test_a_true_move_seen_by_the_index_too_trips_at_once() -> None:
    bench = whole()
    bench.venue.move("BTCUSDT", "35000", index="35100")
    bench.look(0.2)
    assert latch_reason(bench) == "loss.day"


def test_a_restart_stays_locked() -> None:
    bench = whole()
    bench.venue.move("BTCUSDT", "37500")
    bench.look()
    bench.look()
    before = bench.guard.state.latch
    for _ in range(10):
        bench.start()
        bench.look()
    assert bench.guard.state.latch == before
    assert bench.propose().verdict.rule == "mode.locked"


def test_a_restart_in_the_middle_of_flattening_goes_on_flattening() -> None:
    bench = whole()
    bench.venue.move("BTCUSDT", "47000")
    bench.venue.down = True
    bench.guard.halt("test")
    assert bench.mode == "FLATTENING"
    bench.venue.down = False
    bench.start()
    bench.look(1, times=5)
    assert (bench.mode, bench.flat, bench.venue.resting()) == ("LOCKED", True, [])


def test_a_restart_does_not_forgive_the_days_loss() -> None:
    bench = whole()
    baseline = bench.guard.state.days[-1]
    for price in ("49500", "49000", "48500", "48000"):
        bench.venue.move("BTCUSDT", price)
        bench.look()
        bench.start()
        assert bench.guard.state.days[-1] == baseline
    assert latch_reason(bench) == ""
    bench.venue.move("BTCUSDT", "47500")
    bench.look()
    assert latch_reason(bench) == "loss.day"


def test_a_day_that_began_while_the_guard_was_down_starts_from_the_higher_equity() -> None:
    bench = whole()
    bench.venue.move("BTCUSDT", "51000")
    bench.look(61)
    bench.clock.advance(24 * 3600)
    bench.venue.move("BTCUSDT", "49000")
    bench.start()
    row = bench.guard.state.days[-1]
    assert (row.date, row.baseline) == ("2026-01-06", D(10200))


def test_a_day_does_not_begin_with_a_look_whose_time_nobody_told() -> None:
    # Found by the campaign `twice`, seed 695: what was lost over midnight was told before the venue's clock was.
    bench = whole()
    bench.clock._now = datetime(2026, 1, 5, 23, 59, tzinfo=UTC)
    bench.look()
    bench.clock._now = datetime(2026, 1, 6, 0, 1, tzinfo=UTC)
    bench.venue.move("BTCUSDT", "49000")
    bench.venue.fail("server_time", VenueUnavailableError("not reached"))
    bench.guard.look()
    bench.look()
    row = bench.guard.state.days[-1]
    assert (row.date, row.baseline) == ("2026-01-06", D(10000))


def test_a_height_that_was_told_without_a_time_counts_when_the_time_is_told() -> None:
    # Found by the storm, seed 621: otherwise the desk falls from a height that it does not remember.
    bench = whole()
    bench.venue.move("BTCUSDT", "52000")
    bench.venue.fail("server_time", VenueUnavailableError("not reached"))
    bench.look()
    bench.start()
    bench.venue.move("BTCUSDT", "51000")
    bench.look()
    peak = bench.guard.state.peak
    assert peak is not None
    assert peak.equity == D(10400)


@pytest.mark.parametrize(
    "moment", ["2026-03-01T00:00:00", "2028-02-29T00:00:00", "2026-12-31T23:59:59", "2026-03-29T01:30:00"]
)
def test_there_is_one_row_for_each_utc_date(moment: str) -> None:
    bench = Bench(boot=False)
    bench.clock._now = datetime.fromisoformat(moment).replace(tzinfo=UTC) - timedelta(hours=30)
    bench.start()
    bench.look(3600, times=60)
    dates = [row.date for row in bench.guard.state.days]
    assert dates == sorted(set(dates))
    assert len(dates) in (3, 4)


def test_a_new_day_brings_a_new_budget_but_not_within_the_rolling_limit() -> None:
    limits = WHOLE.model_copy(update={"rolling_loss": D("0.06")})
    bench = whole(limits)
    bench.clock._now = datetime(2026, 1, 5, 23, 59, tzinfo=UTC)
    bench.venue.move("BTCUSDT", "48000")
    bench.look()
    bench.clock._now = datetime(2026, 1, 6, 0, 1, tzinfo=UTC)
    bench.look()
    assert bench.guard.state.days[-1].date == "2026-01-06"
    # 4 % were lost yesterday and 2 % today: within both days' limits, beyond the rolling one.
    bench.venue.move("BTCUSDT", "47000")
    bench.look()
    assert latch_reason(bench) == "loss.rolling"


def test_a_rolling_high_is_forgotten_after_a_day() -> None:
    limits = WHOLE.model_copy(update={"rolling_loss": D("0.06")})
    bench = whole(limits)
    bench.venue.move("BTCUSDT", "48500")
    bench.look(3600, times=26)
    bench.venue.move("BTCUSDT", "46500")
    bench.look()
    assert latch_reason(bench) == ""


def test_drawdown_counts_from_the_highest_equity_ever() -> None:
    limits = WHOLE.model_copy(update={"drawdown": D("0.08"), "rolling_loss": D("0.08")})
    bench = whole(limits)
    bench.venue.move("BTCUSDT", "55000")
    bench.look(61)
    for hour in range(0, 90):
        bench.venue.move("BTCUSDT", str(55000 - hour * 50))
        bench.look(3600)
        if latch_reason(bench):
            break
    assert latch_reason(bench) == "loss.drawdown"
    assert bench.guard.state.peak is not None
    assert bench.guard.state.peak.equity == D(11000)


def test_deposits_and_withdrawals_are_neither_profit_nor_loss(bench: Bench) -> None:
    for amount in ("5000", "-3000", "-9000", "20000", "-2500.5"):
        bench.venue.transfer(amount)
        bench.look()
        status = bench.guard.status()
        assert (status.day.loss, status.drawdown.value, latch_reason(bench)) == (0, 0, "")
    assert status.equity == D("20499.5")


def test_a_deposit_does_not_buy_a_bigger_loss_today(bench: Bench) -> None:
    bench.venue.transfer("90000")
    bench.look()
    assert bench.guard.status().day.limit == D(500)
    bench.look(24 * 3600)
    assert bench.guard.status().day.limit == D(5000)


def test_a_withdrawal_shrinks_todays_limit_at_once(bench: Bench) -> None:
    bench.venue.transfer("-5000")
    bench.look()
    assert bench.guard.status().day.limit == D(250)


def test_funding_counts_as_loss() -> None:
    bench = whole()
    bench.venue.fund("-500")
    bench.look()
    assert latch_reason(bench) == "loss.day"


def test_books_and_venue_agree_through_fees_funding_and_trades(bench: Bench) -> None:
    for price in ("50000", "50500", "50200", "50900"):
        bench.venue.prices["BTCUSDT"] = D(price)
        bench.open()
        bench.venue.fund("-1.25")
        bench.venue.move("BTCUSDT", str(D(price) * D("1.01")))
        bench.look()
        bench.propose(Action.CLOSE)
        bench.look(30)
    status = bench.guard.status()
    assert status.equity == status.ledger_equity == bench.venue.wallet


def test_a_venue_that_shows_more_than_the_books_does_not_hide_a_loss() -> None:
    bench = whole()
    bench.venue.wallet += 400
    bench.venue.move("BTCUSDT", "47500")
    bench.look()
    assert latch_reason(bench) == "loss.day"


@pytest.mark.parametrize(("change", "mode"), [("-19.9", "NORMAL"), ("-20.1", "REDUCE_ONLY"), ("25", "REDUCE_ONLY")])
def test_sources_of_equity_that_disagree_open_nothing_more(bench: Bench, change: str, mode: str) -> None:
    bench.venue.wallet += D(change)
    bench.look(1, times=6)
    assert bench.mode == mode
    rule = bench.propose().verdict.rule
    assert rule == ("size.risk" if mode == "NORMAL" else "mode.reduce_only")


def test_reduce_only_ends_with_the_day_when_its_cause_is_gone(bench: Bench) -> None:
    bench.venue.wallet -= 50
    bench.look(1, times=6)
    bench.venue.wallet += 50
    bench.look()
    assert bench.mode == "REDUCE_ONLY"
    bench.look(24 * 3600)
    assert bench.mode == "NORMAL"


@pytest.mark.parametrize(
    ("symbol", "seconds", "fall", "reason"),
    [
        ("BTCUSDT", 3500, "0.1499", ""),
        ("BTCUSDT", 3500, "0.15", "crash.BTCUSDT"),
        ("ETHUSDT", 3500, "0.15", "crash.ETHUSDT"),
        ("BTCUSDT", 280, "0.0999", ""),
        ("BTCUSDT", 280, "0.10", "crash.BTCUSDT"),
        ("ETHUSDT", 280, "0.1199", ""),
        ("ETHUSDT", 280, "0.12", "crash.ETHUSDT"),
        ("BTCUSDT", 700, "0.10", ""),
        ("SOLUSDT", 280, "0.40", ""),
    ],
)
def test_a_market_crash_halts_the_desk(bench: Bench, symbol: str, seconds: int, fall: str, reason: str) -> None:
    bench.clock.advance(seconds)
    bench.venue.move(symbol, bench.venue.prices[symbol] * (1 - D(fall)))
    bench.look()
    assert latch_reason(bench) == reason


def test_a_crash_on_the_mark_that_the_index_denies_is_a_bad_tick(bench: Bench) -> None:
    bench.venue.move("BTCUSDT", "40000", index="50000")
    bench.look()
    assert latch_reason(bench) == ""


def test_marks_that_stay_old_close_what_is_open() -> None:
    bench = whole()
    bench.venue.lag = 45
    bench.look(30, times=2)
    assert not bench.flat
    bench.look(30)
    bench.look(1, times=2)
    assert (bench.flat, latch_reason(bench), bench.mode) == (True, "", "NORMAL")


def test_halting_by_hand_latches_and_flattens(bench: Bench) -> None:
    bench.open()
    bench.guard.halt("I do not like it")
    latch = bench.guard.state.latch
    assert latch is not None
    assert (bench.mode, latch.reason, dict(latch.numbers)) == ("LOCKED", "manual", {"why": "I do not like it"})
    assert bench.flat


def test_flattening_by_hand_does_not_latch(bench: Bench) -> None:
    bench.open()
    bench.open("ETHUSDT", action=Action.OPEN_SHORT)
    bench.guard.flatten("lunch")
    assert (bench.mode, bench.flat, bench.venue.resting()) == ("NORMAL", True, [])
    assert bench.propose().verdict.outcome is Outcome.APPROVED


def test_a_latched_guard_closes_what_appears_afterwards(bench: Bench) -> None:
    bench.guard.halt("test")
    assert bench.mode == "LOCKED"
    bench.venue._trade("SOLUSDT", Side.BUY, D(3))
    bench.look(1, times=4)
    assert (bench.mode, bench.flat) == ("LOCKED", True)


def test_an_exception_inside_the_guard_tightens_it(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    guard: Guard = bench.guard

    def broken(*_: object) -> None:
        raise ZeroDivisionError("a bug")

    monkeypatch.setattr("desk.guard.loss.breaker.observe", broken)
    bench.look()
    assert bench.mode == "REDUCE_ONLY"
    bench.look()
    bench.look()
    assert guard.state.latch is not None
    assert guard.state.latch.reason == "fault"
    monkeypatch.undo()
    bench.look(1, times=4)
    assert bench.mode == "LOCKED"

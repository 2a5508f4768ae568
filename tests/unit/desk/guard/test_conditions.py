"""The market's own conditions: a tight, deep, calm book at an open hour, or nothing opens."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from pydantic import ValidationError

from desk.domain.errors import VenueUnavailableError
from desk.domain.intents import Action, Outcome
from desk.domain.moments import to_ms
from desk.domain.orders import OrderStatus, OrderView, Side
from desk.guard.bounds.calendar import Blackout, Hours
from desk.guard.bounds.limits import Limits
from desk.guard.door.wire import intent_to_json
from desk.guard.step import step
from desk.guard.vocabulary.events import IntentReceived
from desk.guard.vocabulary.facts import Facts
from desk.guard.vocabulary.state import GuardState
from tests.unit.desk.guard.bench import ROOMY, Bench

D = Decimal
MONDAY_NOON = "2026-01-05T12:00:00+00:00"


def with_limits(**changes: Any) -> Bench:
    return Bench(ROOMY.model_copy(update=changes))


def rule_of(bench: Bench, **changes: Any) -> str:
    return bench.propose(**changes).verdict.rule


@pytest.mark.parametrize(
    ("spread", "rule"), [("0.0019", "size.risk"), ("0.002", "size.risk"), ("0.0021", "market.spread")]
)
def test_a_wide_spread_opens_nothing(bench: Bench, spread: str, rule: str) -> None:
    bench.venue.spread = D(spread)
    assert rule_of(bench) == rule


@pytest.mark.parametrize(
    ("depth", "rule", "quantity"),
    [("20100", "size.risk", "0.1"), ("20000", "size.risk", "0.1"), ("19900", "cap.depth", "0.099")],
)
def test_an_entry_takes_at_most_a_quarter_of_the_facing_book(
    bench: Bench, depth: str, rule: str, quantity: str
) -> None:
    bench.venue.depth, bench.venue.spread = D(depth), D("0.0000001")
    verdict = bench.propose().verdict
    assert (verdict.rule, verdict.quantity) == (rule, D(quantity))


def test_what_rests_far_from_the_middle_is_no_depth(bench: Bench) -> None:
    bench.start(ROOMY.model_copy(update={"max_spread": D("0.05"), "depth_window": D("0.004")}))
    bench.venue.spread = D("0.01")
    assert rule_of(bench) == "cap.depth"


def test_no_book_opens_nothing_and_says_why(bench: Bench) -> None:
    bench.venue.fail("book", VenueUnavailableError("gone"))
    verdict = bench.propose().verdict
    assert verdict.rule == "market.book_missing"
    assert "gone" in verdict.message


def test_closing_asks_for_no_book(bench: Bench) -> None:
    bench.open()
    asked = bench.venue.requests.count("book")
    bench.propose(Action.CLOSE)
    assert bench.venue.requests.count("book") == asked


@pytest.mark.parametrize(
    ("price", "rule"), [("52450", "size.risk"), ("52500", "size.risk"), ("52550", "market.volatility")]
)
def test_a_market_that_moved_too_much_in_five_minutes_opens_nothing(price: str, rule: str) -> None:
    bench = with_limits(max_range=D("0.05"))
    bench.look()
    bench.venue.move("BTCUSDT", price)
    assert rule_of(bench) == rule


def test_a_move_is_forgotten_after_five_minutes() -> None:
    bench = with_limits(max_range=D("0.05"))
    bench.look()
    bench.venue.move("BTCUSDT", "53000")
    bench.look(200)
    assert rule_of(bench) == "market.volatility"
    bench.look(120)
    assert rule_of(bench) == "size.risk"


@pytest.mark.parametrize(
    ("start", "until", "days", "rule"),
    [
        ("12:00", "13:00", ("mon",), "market.hours"),
        ("11:00", "12:00", ("mon",), "size.risk"),
        ("11:59", "12:01", ("mon",), "market.hours"),
        ("12:01", "13:00", ("mon",), "size.risk"),
        ("11:00", "13:00", ("tue", "sun"), "size.risk"),
        ("22:00", "12:01", ("sun",), "market.hours"),
        ("22:00", "12:00", ("sun",), "size.risk"),
        ("22:00", "13:00", ("mon",), "size.risk"),
    ],
)
def test_closed_hours_open_nothing(start: str, until: str, days: tuple[Any, ...], rule: str) -> None:
    bench = with_limits(closed_hours=(Hours(start=start, until=until, days=days),))
    assert bench.clock.now().isoformat() == MONDAY_NOON
    assert rule_of(bench) == rule


@pytest.mark.parametrize(
    ("at", "rule"),
    [
        ("2026-01-05T12:30:00Z", "market.blackout"),
        ("2026-01-05T12:30:01Z", "size.risk"),
        ("2026-01-05T11:50:01Z", "market.blackout"),
        ("2026-01-05T11:50:00Z", "size.risk"),
        ("2026-01-05T13:20:00+01:00", "market.blackout"),
    ],
)
def test_nothing_opens_around_a_named_event(at: str, rule: str) -> None:
    event = Blackout.model_validate({"name": "rate decision", "at": at, "before_minutes": 30, "after_minutes": 10})
    verdict = with_limits(blackouts=(event,)).propose().verdict
    assert verdict.rule == rule
    assert rule == "size.risk" or "rate decision" in verdict.message


@pytest.mark.parametrize(
    "limits",
    [
        {"closed_hours": [{"start": "9:00", "until": "10:00"}]},
        {"closed_hours": [{"start": "09:00", "until": "09:00"}]},
        {"closed_hours": [{"start": "09:00", "until": "24:00"}]},
        {"blackouts": [{"name": "x", "at": "2026-01-05T12:00:00"}]},
        {"blackouts": [{"name": "", "at": "2026-01-05T12:00:00Z"}]},
        {"groups": {"a": ["BTCUSDT"], "b": ["BTCUSDT"]}},
    ],
)
def test_a_calendar_that_says_nothing_certain_does_not_load(limits: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Limits.model_validate(limits)


def test_the_first_moment_of_the_week_belongs_to_sundays_night() -> None:
    night = Hours(start="23:00", until="01:00", days=("sun",))
    assert night.holds(to_ms(datetime(2026, 1, 5, 0, 59, 59, tzinfo=UTC)))
    assert not night.holds(to_ms(datetime(2026, 1, 5, 1, 0, tzinfo=UTC)))
    assert not night.holds(to_ms(datetime(2026, 1, 4, 0, 30, tzinfo=UTC)))


@pytest.mark.parametrize(
    ("cap", "rule", "quantity"),
    [("0.76", "size.risk", "1.666"), ("0.75", "size.risk", "1.666"), ("0.74", "cap.correlated", "1.633")],
)
def test_positions_on_one_side_are_one_position(cap: str, rule: str, quantity: str) -> None:
    bench = with_limits(max_correlated=D(cap))
    bench.venue.fee = D(0)
    bench.open(conviction=D("0.5"))
    verdict = bench.propose(symbol="ETHUSDT").verdict
    assert (verdict.rule, verdict.quantity) == (rule, D(quantity))


def test_the_other_side_and_another_group_are_not_correlated() -> None:
    bench = with_limits(max_correlated=D("0.5"))
    bench.venue.fee = D(0)
    bench.open()
    assert rule_of(bench, symbol="ETHUSDT") == "cap.correlated"
    assert rule_of(bench, action=Action.OPEN_SHORT, symbol="ETHUSDT") == "size.risk"
    apart = with_limits(max_correlated=D("0.5"), groups={"majors": ("BTCUSDT",)})
    apart.venue.fee = D(0)
    apart.open()
    assert rule_of(apart, symbol="ETHUSDT") == "size.risk"


def test_positions_and_orders_of_others_count_once_they_are_accepted(bench: Bench) -> None:
    bench.venue._trade("SOLUSDT", Side.BUY, D(20))
    bench.look(0, times=2)
    assert rule_of(bench) == "account.unexplained"
    bench.guard.state = replace(bench.guard.state, acknowledged=bench.guard.state.unexplained)
    caps = dict(bench.propose().verdict.numbers)
    assert D(caps["cap.gross"]) == D(caps["equity"]) - 3000


def test_an_order_that_cannot_be_priced_opens_nothing(bench: Bench) -> None:
    order = OrderView(
        symbol="DOGEUSDT",
        order_id=1,
        client_id="by-hand",
        side=Side.BUY,
        type="LIMIT",
        status=OrderStatus.NEW,
        quantity=D(1000),
        filled=D(0),
        average_price=None,
        reduce_only=False,
        updated_at=bench.clock.now(),
    )
    bench.venue.orders["by-hand"] = order
    marks = bench.venue.marks
    bench.venue.marks = lambda symbols: marks([one for one in symbols if one != "DOGEUSDT"])
    bench.guard.look(lists=True)
    bench.guard.state = replace(bench.guard.state, acknowledged=bench.guard.state.unexplained)
    assert rule_of(bench) == "account.unpriced"


@pytest.mark.parametrize(
    ("leverage", "stop", "rule"),
    [(5, "0.15", "size.risk"), (5, "0.150001", "stop.liquidation"), (3, "0.2", "size.risk")],
)
def test_a_stop_stands_well_before_the_venue_liquidates(leverage: int, stop: str, rule: str) -> None:
    bench = with_limits(max_leverage=leverage, stop_max=D("0.3"))
    assert rule_of(bench, stop_pct=D(stop), target_pct=D("0.3")) == rule


@pytest.mark.parametrize(("days", "rule"), [(0, "size.risk"), (1, "cap.probation"), (2, "cap.probation")])
def test_the_first_days_are_smaller(days: int, rule: str) -> None:
    bench = with_limits(probation_days=days, probation_share=D("0.4"))
    verdict = bench.propose().verdict
    assert verdict.rule == rule
    assert verdict.quantity == (D("0.1") if rule == "size.risk" else D("0.04"))


def test_probation_ends_after_its_days() -> None:
    bench = with_limits(probation_days=2, probation_share=D("0.4"))
    bench.look(24 * 3600)
    assert rule_of(bench) == "cap.probation"
    bench.propose(Action.CLOSE)
    bench.look(24 * 3600)
    assert rule_of(bench) == "size.risk"


@pytest.mark.parametrize(
    ("turnover", "rule"), [("1.0", "size.risk"), ("0.99", "cap.turnover"), ("0.5", "cap.turnover")]
)
def test_the_notional_of_a_day_is_bounded(turnover: str, rule: str) -> None:
    bench = with_limits(turnover=D(turnover))
    bench.venue.fee = D(0)
    bench.open()
    bench.propose(Action.CLOSE)
    verdict = bench.propose(symbol="ETHUSDT").verdict
    assert verdict.rule == rule
    assert (verdict.outcome is Outcome.REFUSED) == (turnover == "0.5")
    bench.look(24 * 3600)
    assert rule_of(bench, symbol="SOLUSDT") == "size.risk"


def test_nothing_opens_while_everything_is_being_closed(bench: Bench) -> None:
    bench.open()
    bench.venue.fail("submit", *[VenueUnavailableError("busy")] * 20)
    bench.guard.flatten("lunch")
    assert rule_of(bench, symbol="ETHUSDT") == "mode.flatten"


@pytest.mark.parametrize(
    ("part", "age", "rule"),
    [
        ("account", 10_000, "size.risk"),
        ("account", 10_001, "data.account_stale"),
        ("book", 3000, "size.risk"),
        ("book", 3001, "data.book_stale"),
    ],
)
def test_old_views_of_account_and_book_open_nothing(bench: Bench, part: str, age: int, rule: str) -> None:
    aged = bench.guard.lookout.aged

    def older() -> Facts:
        facts = aged()
        assert facts.account is not None
        if part == "account":
            return replace(facts, account=replace(facts.account, age_ms=age))
        return replace(facts, books=tuple(replace(book, age_ms=age) for book in facts.books))

    bench.guard.lookout.aged = older
    assert rule_of(bench) == rule


def test_a_day_without_a_baseline_opens_nothing(bench: Bench) -> None:
    facts = bench.guard.lookout
    event = IntentReceived(at_ms=facts.at_ms, mono=facts.mono, text=intent_to_json(bench.intent()), facts=facts.aged())
    verdict = step(GuardState(), event, bench.guard.rules).verdict
    assert verdict is not None
    assert verdict.rule == "data.no_baseline"


@pytest.mark.parametrize(("baseline", "rule"), [("10526.31", "size.below_minimum"), ("10526.32", "budget.spent")])
def test_a_spent_budget_opens_nothing(bench: Bench, baseline: str, rule: str) -> None:
    # 5 % of 10,526.31... are the 526.31... that are missing.
    bench.guard.lookout.look(bench.guard.state, lists=True, books_of=frozenset({"BTCUSDT"}))
    day = replace(bench.guard.state.days[-1], baseline=D(baseline))
    facts = bench.guard.lookout
    event = IntentReceived(at_ms=facts.at_ms, mono=facts.mono, text=intent_to_json(bench.intent()), facts=facts.aged())
    verdict = step(replace(bench.guard.state, days=(day,)), event, bench.guard.rules).verdict
    assert verdict is not None
    assert verdict.rule == rule


def test_a_number_no_rule_foresaw_is_refused(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    def divides(*_: object) -> None:
        raise ZeroDivisionError("by nothing")

    monkeypatch.setattr("desk.guard.gate.hearing.decide", divides)
    assert rule_of(bench) == "gate.arithmetic"
    assert bench.mode == "NORMAL"

"""A deposit is no gain and a withdrawal no loss: a unit of the account is worth what it is worth without them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import accumulate

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from desk.backtest.measures import drawdown
from desk.ledger import EquityRow, Ledger, Point, sqlite_url
from desk.ledger.units import Units, came_in, flow
from desk.shadow.comparing import daily_returns
from ui.window.curve import Curve

D = Decimal
BEGIN = datetime(2026, 3, 1, 9, tzinfo=UTC)
STEP = timedelta(hours=5)

# What the account gained from one look to the next, and what then came in or went out as a share of it.
LOOKS = st.lists(
    st.tuples(
        st.decimals("0.7", "1.4", places=4),
        st.one_of(st.just(D(0)), st.decimals("-0.9", "20", places=3)),
    ),
    min_size=2,
    max_size=30,
)


def lived(looks: Sequence[tuple[Decimal, Decimal]], *, transfers: bool) -> list[Point]:
    """An account that gained this much, with what came in and went out or without it."""
    equity, moved, points = D(10_000), D(0), [Point(BEGIN, D(10_000), D(0))]
    for number, (gain, share) in enumerate(looks, start=1):
        came = equity * gain * share if transfers else D(0)
        equity, moved = equity * gain + came, moved + came
        points.append(Point(BEGIN + number * STEP, equity, moved))
    return points


def prices(points: Sequence[Point]) -> list[Decimal]:
    units, found = Units(), list[Decimal]()
    for point in points:
        units, price = units.after(point)
        found.append(price)
    return found


@given(LOOKS)
def test_whatever_comes_in_or_goes_out_returns_and_falls_are_those_without_it(
    looks: list[tuple[Decimal, Decimal]],
) -> None:
    bare, moved = (Curve().followed_by(lived(looks, transfers=one)) for one in (False, True))
    assert moved.daily() == pytest.approx(bare.daily(), rel=1e-12, abs=1e-12)
    assert moved.drawdown == pytest.approx(bare.drawdown, rel=1e-12, abs=1e-12)


@given(LOOKS, st.integers(1, 30))
def test_a_curve_that_is_kept_up_to_a_point_goes_on_as_if_it_was_read_at_once(
    looks: list[tuple[Decimal, Decimal]], cut: int
) -> None:
    points = lived(looks, transfers=True)
    assert Curve().followed_by(points[:cut]).followed_by(points[cut:]) == Curve().followed_by(points)


@given(LOOKS)
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_days_of_a_ledger_return_what_those_of_the_whole_curve_do(
    tmp_path_factory: pytest.TempPathFactory, looks: list[tuple[Decimal, Decimal]]
) -> None:
    points = [
        Point(at, round(equity, 12), round(moved or D(0), 12)) for at, equity, moved in lived(looks, transfers=True)
    ]
    with closing(Ledger(sqlite_url(tmp_path_factory.mktemp("days") / "ledger.sqlite"))) as ledger:
        for at, equity, moved in points:
            ledger.record(EquityRow(at=at, equity=equity, wallet=equity, unrealized=D(0), transfers=moved))
        days, told = ledger.daily_prices(), ledger.points()
    whole = Curve().followed_by(told).closes
    assert list(days) == list(whole)
    assert daily_returns(days, list(days)) == pytest.approx(daily_returns(whole, list(whole)), rel=1e-9, abs=1e-9)


@pytest.fixture
def ledger(url: str) -> Iterator[Ledger]:
    opened = Ledger(url)
    yield opened
    opened.close()


@pytest.mark.parametrize("came", ["5000", "-5000", "3333.33"])
def test_half_the_account_paid_in_or_taken_out_beside_flat_trading_is_no_return_and_no_fall(
    ledger: Ledger, came: str
) -> None:
    for day in range(12):
        moved = D(came) if day >= 6 else D(0)
        equity = 10_000 + moved
        at = BEGIN + timedelta(days=day)
        ledger.record(EquityRow(at=at, equity=equity, wallet=equity, unrealized=D(0), transfers=moved))
    days = ledger.daily_prices()
    returns = daily_returns(days, sorted(days))
    assert (returns == 0).all()
    assert len(returns) == 11
    assert drawdown(returns + 1, 1.0)[0] == 0
    assert {float(price) for price in days.values()} == {10_000.0}


def test_what_the_hours_before_a_deposit_gained_is_not_multiplied_by_it(ledger: Ledger) -> None:
    told = [(D(1_000), D(0), 0), (D(1_010), D(0), 24), (D(11_010), D(10_000), 26), (D("11_120.1"), D(10_000), 28)]
    for equity, moved, hours in told:
        at = BEGIN + timedelta(hours=hours)
        ledger.record(EquityRow(at=at, equity=equity, wallet=equity, unrealized=D(0), transfers=moved))
    days = ledger.daily_prices()
    assert daily_returns(days, sorted(days)) == pytest.approx([1.01 * 1.01 - 1])


def test_without_a_transfer_a_unit_is_the_account_to_the_last_digit() -> None:
    told = [D("10000.123456789012345678"), D("0.000000000000000001"), D(-3)]
    for moved in (None, D(5_000)):
        points = [Point(BEGIN + number * STEP, equity, moved) for number, equity in enumerate(told)]
        assert prices(points) == told


def test_points_that_tell_no_transfers_carry_none_nor_does_the_first_that_does() -> None:
    moved = [None, None, D(5_000), D(5_000), None, D(9_000)]
    points = [Point(BEGIN + number * STEP, D(100 + number), one) for number, one in enumerate(moved)]
    assert prices(points) == [100, 101, 102, 103, 104, 105]
    assert (flow(None, D(1)), flow(D(1), None), flow(D(1), D(3))) == (0, 0, 2)


def test_an_account_that_is_emptied_and_filled_again_goes_on_at_its_last_price() -> None:
    told = [("1000", "0"), ("1100", "0"), ("0", "-1100"), ("0", "-1100"), ("500", "-600"), ("550", "-600")]
    points = [Point(BEGIN + number * STEP, D(equity), D(moved)) for number, (equity, moved) in enumerate(told)]
    assert prices(points) == [1000, 1100, 1100, 1100, 1100, 1210]


def test_an_account_that_had_nothing_begins_with_what_comes() -> None:
    points = [Point(BEGIN + n * STEP, D(one), D(one)) for n, one in enumerate((0, 10_000, 10_000))]
    curve = Curve().followed_by(points)
    assert (prices(points)[-1], curve.drawdown, list(curve.daily())) == (10_000, 0.0, [])


def test_what_came_in_adds_up_from_the_first_point_on() -> None:
    moved = [D(3), D(8), None, D(9), D(2)]
    points = [Point(BEGIN + number * STEP, D(1), one) for number, one in enumerate(moved)]
    assert list(came_in(points)) == list(accumulate([D(0), D(5), D(0), D(0), D(-7)]))

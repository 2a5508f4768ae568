"""Funding: at the boundary, to whoever holds then, longs paying what shorts receive; and the mark it is paid on."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from desk.venues.paper.engine.values import Side
from desk.venues.paper.engine.vocabulary.events import AccountEvent, AccountReason
from tests.unit.desk.venues.paper.engine.pit import MINUTE, START_MS, D, Pit

BUY, SELL = Side.BUY, Side.SELL
HOUR = 60 * MINUTE
BOUNDARY = START_MS + 7 * HOUR  # 08:00 UTC


def paid(pit: Pit, account: str = "ann") -> Decimal:
    return sum((row.amount for row in pit.exchange.income(account) if row.kind == "FUNDING_FEE"), D(0))


def to_boundary(pit: Pit, by: int = 0) -> None:
    pit.now = BOUNDARY + by
    pit.exchange.settle(pit.now)


def test_a_long_pays_the_standard_rate_at_eight_in_the_morning(pit: Pit) -> None:
    pit.market(BUY, 1)
    before = pit.wallet()
    to_boundary(pit, -1)
    assert paid(pit) == 0
    to_boundary(pit)
    assert paid(pit) == D("-5")  # 50,000 x 0.01 %
    assert pit.wallet() == before - 5
    told = pit.exchange.drain_events()[-1]
    assert isinstance(told, AccountEvent)
    assert (told.reason, told.symbol) == (AccountReason.FUNDING_FEE, "BTCUSDT")
    row = pit.exchange.income("ann")[-1]
    assert row.at_ms == BOUNDARY


def test_who_closed_before_the_boundary_pays_nothing(pit: Pit) -> None:
    pit.market(BUY, 1)
    pit.market(SELL, 1)
    to_boundary(pit)
    assert paid(pit) == 0


def test_every_boundary_that_was_slept_through_is_charged_once(pit: Pit) -> None:
    pit.market(BUY, 1)
    to_boundary(pit, 24 * HOUR)
    assert paid(pit) == D("-20")
    pit.exchange.settle(pit.now)
    assert paid(pit) == D("-20")
    assert [c.at_ms for c in pit.exchange.funding_charges("BTCUSDT", 10)] == [BOUNDARY + n * 8 * HOUR for n in range(4)]


def test_a_quote_beyond_the_boundary_is_met_after_the_charge(pit: Pit) -> None:
    pit.market(BUY, 1)
    pit.quote(60_000, after_ms=8 * HOUR)
    assert paid(pit) == D("-5")


def test_an_isolated_position_pays_from_its_own_wallet(pit: Pit) -> None:
    pit.exchange.set_margin_type("ann", "BTCUSDT", isolated=True)
    pit.market(BUY, 1)
    row = pit.position()
    assert row is not None
    cross = pit.exchange.summary("ann").cross_wallet
    to_boundary(pit)
    after = pit.position()
    assert after is not None
    assert after.isolated_wallet == row.isolated_wallet - 5
    assert pit.exchange.summary("ann").cross_wallet == cross


def test_the_source_s_rate_is_charged_where_it_knows_it(pit: Pit) -> None:
    pit.quote(50_000, funding_rate=D("-0.0003"))
    pit.market(BUY, 1)
    to_boundary(pit)
    assert paid(pit) == D(15)


def test_a_premium_above_the_clamp_raises_the_rate(new_pit: type[Pit]) -> None:
    pit = new_pit()
    pit.quote(50_500, index=D(50_000))
    to_boundary(pit)
    # premium 1 %: 0.01 + clamp(0.0001 - 0.01) = 0.01 - 0.0005
    assert pit.exchange.funding_charges("BTCUSDT", 1)[0].rate == D("0.0095")


def test_the_rate_stays_between_floor_and_cap(new_pit: type[Pit]) -> None:
    pit = new_pit()
    pit.quote(60_000, index=D(50_000))
    to_boundary(pit)
    assert pit.exchange.funding_charges("BTCUSDT", 1)[0].rate == D("0.02")


def test_a_four_hour_symbol_pays_half_as_much_twice_as_often(new_pit: type[Pit]) -> None:
    pit = new_pit(funding_interval_hours=4)
    pit.quote(50_000)
    pit.market(BUY, 1)
    to_boundary(pit)
    assert [row.amount for row in pit.exchange.income("ann") if row.kind == "FUNDING_FEE"] == [D("-2.5"), D("-2.5")]


@given(quantity=st.integers(2, 2000), rate=st.integers(-200, 200))
def test_what_longs_pay_shorts_receive(quantity: int, rate: int) -> None:
    pit = Pit()
    pit.quote(50_000)
    for name in ("lena", "sam"):
        pit.exchange.open_account(name, D(10_000_000))
    size = D(quantity) / 1000
    pit.market(BUY, size, "lena")
    pit.market(SELL, size, "sam")
    pit.quote(50_000, funding_rate=D(rate) / 10_000)
    to_boundary(pit)
    assert paid(pit, "lena") == -paid(pit, "sam")
    assert (paid(pit, "lena") < 0) == (rate > 0)


def test_one_odd_second_hardly_moves_the_mark(new_pit: type[Pit]) -> None:
    pit = new_pit()
    for _ in range(29):
        pit.quote(50_000, index=D(50_000), after_ms=1000)
    pit.quote(44_000, index=D(50_000), after_ms=1000)
    mark = pit.exchange.mark("BTCUSDT")
    assert mark.last == D(44_000)
    assert mark.mark == D(50_000) - D(6_000) / 30


def test_time_that_brings_nothing_due_asks_no_market() -> None:
    pit = Pit()
    pit.quote(50_000)
    floor = pit.exchange._floor
    pit.exchange.settle(pit.now)
    markets = floor.markets
    due = floor.markets_due_ms
    floor.markets = {}
    pit.exchange.settle(due - 1)
    assert floor.markets_due_ms == due
    floor.markets = markets
    to_boundary(pit)
    assert due == BOUNDARY
    assert [charge.at_ms for charge in pit.exchange.funding_charges("BTCUSDT", 5)] == [due]
    assert floor.markets_due_ms == due + 8 * HOUR

"""The state of the account: what is left, what is at stake, and a verdict whose reasons are named."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from desk.domain.errors import ConfigError, DataError
from desk.domain.market import FundingPoint, Mark
from desk.market.candles import Candles
from desk.market.snapshot import AccountBrief, PositionBrief
from desk.risk.account import RiskParameters, read_risk
from desk.risk.sizing import SizingParameters, advise_size, daily_volatility
from desk.risk.tail import tail_risk
from desk.risk.values import RiskReading, RiskReason, RiskVerdict

NOW = datetime(2024, 8, 5, 12, tzinfo=UTC)
HOUR = 3_600_000


def account(*positions: PositionBrief) -> AccountBrief:
    return AccountBrief(
        at=NOW,
        mode="NORMAL",
        latch=None,
        equity=Decimal(10000),
        peak=Decimal(10000),
        day_baseline=Decimal(10000),
        day_limit=Decimal(500),
        day_loss=Decimal(0),
        day_left=Decimal(500),
        rolling_loss=Decimal(0),
        rolling_left=Decimal(700),
        drawdown=Decimal(0),
        drawdown_limit=Decimal("0.15"),
        gap_used=Decimal(0),
        gap_left=Decimal(400),
        max_leverage=Decimal(3),
        unexplained=0,
        open_intents=0,
        positions=positions,
    )


def held(symbol: str = "BTCUSDT", quantity: str = "0.1", **changes: object) -> PositionBrief:
    base = PositionBrief(
        symbol=symbol,
        quantity=Decimal(quantity),
        entry=Decimal(50000),
        mark=Decimal(50000),
        unrealized=Decimal(0),
        stop=Decimal(49000) if not quantity.startswith("-") else Decimal(51000),
        target=None,
    )
    return replace(base, **changes)  # type: ignore[arg-type]


def hours(daily: float = 0.02, *, bars: int = 500, seed: int = 2, symbol: str = "BTCUSDT") -> Candles:
    rng = np.random.default_rng(seed)
    close = 50000 * np.exp(np.cumsum(rng.normal(0, daily / np.sqrt(24), bars)))
    open_ = np.r_[50000.0, close[:-1]]
    return Candles.from_columns(
        symbol,
        "1h",
        np.arange(bars) * HOUR,
        open_,
        np.maximum(open_, close),
        np.minimum(open_, close),
        close,
        np.ones(bars),
    )


def mark(rate: str = "0.0001") -> Mark:
    return Mark(
        symbol="BTCUSDT",
        price=Decimal(50000),
        index=Decimal(50000),
        at=NOW,
        funding_rate=Decimal(rate),
        next_funding=NOW + timedelta(hours=4),
    )


def read(
    state: AccountBrief, candles: Candles | None = None, *, rate: str = "0.0001", now: datetime = NOW
) -> RiskReading:
    series = {"BTCUSDT": candles if candles is not None else hours()}
    return read_risk(state, "BTCUSDT", now, candles=series, marks={"BTCUSDT": mark(rate)})


def test_a_fresh_account_may_do_everything() -> None:
    reading = read(account())
    assert (reading.verdict, reading.reasons) == (RiskVerdict.OK, ())
    assert (reading.day_left, reading.gap_left, reading.leverage_left, reading.gross_leverage) == (1.0, 1.0, 1.0, 0.0)
    assert (reading.tail.var, reading.tail.cvar) == (None, None)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"latch": "DAY_LOSS"}, RiskReason.LATCHED),
        ({"mode": "REDUCE_ONLY"}, RiskReason.NOT_NORMAL),
        ({"unexplained": 1}, RiskReason.UNEXPLAINED),
        ({"day_left": Decimal(0)}, RiskReason.DAY_LIMIT_SPENT),
        ({"rolling_left": Decimal(0), "rolling_loss": Decimal(700)}, RiskReason.ROLLING_LIMIT_SPENT),
        ({"drawdown": Decimal("0.15")}, RiskReason.DRAWDOWN_SPENT),
        ({"gap_left": Decimal(0), "gap_used": Decimal(400)}, RiskReason.GAP_BUDGET_SPENT),
        ({"max_leverage": Decimal(0)}, RiskReason.LEVERAGE_SPENT),
        ({"at": NOW - timedelta(minutes=6)}, RiskReason.ACCOUNT_STALE),
        ({"positions": (held(stop=None),)}, RiskReason.UNPROTECTED_POSITION),
    ],
)
def test_what_stops_new_exposure_says_why_and_advises_no_size(change: dict[str, object], reason: RiskReason) -> None:
    reading = read(replace(account(), **change))  # type: ignore[arg-type]
    assert reading.verdict is RiskVerdict.NO_NEW_EXPOSURE
    assert reason in reading.reasons
    assert reading.size.fraction == 0.0


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"day_left": Decimal(149)}, RiskReason.DAY_LIMIT_NEAR),
        ({"rolling_left": Decimal(20), "rolling_loss": Decimal(80)}, RiskReason.ROLLING_LIMIT_NEAR),
        ({"drawdown": Decimal("0.12")}, RiskReason.DRAWDOWN_NEAR),
        ({"gap_left": Decimal(100), "gap_used": Decimal(300)}, RiskReason.GAP_BUDGET_NEAR),
        ({"positions": (held(quantity="0.5"),)}, RiskReason.LEVERAGE_HIGH),
        ({"positions": (held(liquidation=Decimal(46000)),)}, RiskReason.LIQUIDATION_NEAR),
    ],
)
def test_what_comes_near_a_limit_calls_for_caution(change: dict[str, object], reason: RiskReason) -> None:
    reading = read(replace(account(), **change))  # type: ignore[arg-type]
    assert reading.verdict is RiskVerdict.CAUTION
    assert reason in reading.reasons


@pytest.mark.parametrize(("left", "near"), [("150", False), ("149.99", True)])
def test_near_starts_below_three_tenths(left: str, near: bool) -> None:
    assert (RiskReason.DAY_LIMIT_NEAR in read(replace(account(), day_left=Decimal(left))).reasons) is near


def test_a_wild_market_calls_for_caution_and_less_size() -> None:
    calm, wild = read(account(), hours(0.02)), read(account(), hours(0.12))
    assert RiskReason.VOLATILITY_HIGH in wild.reasons
    assert wild.size.fraction < 0.4 < calm.size.fraction
    assert wild.size.stop_pct > calm.size.stop_pct


def test_costly_funding_calls_for_caution_only_on_the_side_that_pays() -> None:
    long, short = account(held(quantity="0.3")), account(held(quantity="-0.3"))
    assert RiskReason.FUNDING_COSTLY in read(long, rate="0.001").reasons
    assert RiskReason.FUNDING_COSTLY not in read(short, rate="0.001").reasons


def test_a_days_funding_is_three_charges_on_the_notional() -> None:
    assert read(account(held(quantity="0.2"))).funding_24h == pytest.approx(3 * 0.0001 * 10000 / 10000)
    assert read(account(held(quantity="-0.2"))).funding_24h == pytest.approx(-3 * 0.0001 * 10000 / 10000)


def test_four_hour_funding_is_charged_six_times_a_day() -> None:
    points = {"BTCUSDT": [FundingPoint(at=NOW - timedelta(hours=4 * n), rate=1e-4) for n in (3, 2, 1)]}
    reading = read_risk(
        account(held(quantity="0.2")), "BTCUSDT", NOW, candles={}, marks={"BTCUSDT": mark()}, funding=points
    )
    assert reading.funding_24h == pytest.approx(6 * 0.0001)


@pytest.mark.parametrize(("quantity", "sign"), [("0.1", 1), ("-0.1", -1)])
def test_distances_are_against_the_position(quantity: str, sign: int) -> None:
    (risk,) = read(account(held(quantity=quantity, liquidation=Decimal(50000 - sign * 10000)))).positions
    assert (risk.to_stop, risk.to_liquidation, risk.liquidation_estimated) == (0.02, 0.2, False)
    assert risk.exposure == sign * 0.5


def test_an_unknown_liquidation_is_estimated_from_leverage_and_says_so() -> None:
    (risk,) = read(account(held(leverage=5))).positions
    assert risk.liquidation_estimated
    assert risk.to_liquidation == pytest.approx(1 - 0.8 / 0.996, abs=1e-6)
    (unknown,) = read(account(held())).positions
    assert (unknown.to_liquidation, unknown.liquidation_estimated) == (None, False)


def test_value_at_risk_is_the_loss_that_was_exceeded_one_day_in_twenty() -> None:
    days = np.r_[100.0, 100 * np.cumprod(1 + np.tile([0.01] * 19 + [-0.10], 5))]
    series = Candles.from_columns(
        "X", "1d", np.arange(len(days)) * 86_400_000, days, days, days, days, np.ones(len(days))
    )
    tail = tail_risk({"X": 2.0}, {"X": series})
    assert tail.observations == 100
    assert tail.var == pytest.approx(0.2, abs=1e-6)
    assert tail.cvar == pytest.approx(0.2, abs=1e-6)
    assert tail_risk({"X": -2.0}, {"X": series}).var == pytest.approx(0.02, abs=1e-6)


def test_a_hedge_lowers_the_tail() -> None:
    both = {"A": hours(symbol="A"), "B": hours(symbol="B")}
    alone = tail_risk({"A": 1.0}, both)
    hedged = tail_risk({"A": 1.0, "B": -1.0}, both)
    assert alone.var is not None
    assert alone.var > 0.01
    assert hedged.var == 0.0


def test_a_tail_is_unknown_rather_than_nothing() -> None:
    assert tail_risk({}, {}).var is None
    assert tail_risk({"A": 1.0}, {}).var is None
    assert tail_risk({"A": 1.0}, {"A": hours(bars=30)}).var is None


def test_days_that_were_not_shared_are_not_compared() -> None:
    early, late = hours(bars=100, symbol="A"), hours(bars=100, symbol="B")
    shifted = Candles.from_columns(
        "B", "1h", late.open_time + 1000 * HOUR, late.open, late.high, late.low, late.close, late.volume
    )
    assert tail_risk({"A": 1.0, "B": 1.0}, {"A": early, "B": shifted}).observations == 0


def test_daily_volatility_is_found_from_hours() -> None:
    measured = daily_volatility(hours(0.03, bars=2000))
    assert measured is not None
    assert measured == pytest.approx(0.03, rel=0.35)
    assert daily_volatility(hours(bars=29)) is None


def test_an_unknown_volatility_halves_the_size() -> None:
    assert advise_size(None, 1.0, SizingParameters()).fraction == 0.5


@given(volatility=st.none() | st.floats(0, 2), headroom=st.floats(-1, 2))
def test_size_advice_is_a_fraction_and_never_a_quantity(volatility: float | None, headroom: float) -> None:
    advice = advise_size(volatility, headroom, SizingParameters())
    assert 0 <= advice.fraction <= 1
    assert 0.01 <= advice.stop_pct <= 0.03
    assert "quantity" not in {f.name for f in fields(advice)}


@given(first=st.floats(0.001, 1), second=st.floats(0.001, 1), headroom=st.floats(0, 1))
def test_more_volatility_never_advises_more_size(first: float, second: float, headroom: float) -> None:
    calm, wild = sorted((first, second))
    rules = SizingParameters()
    assert advise_size(wild, headroom, rules).fraction <= advise_size(calm, headroom, rules).fraction


@given(loss=st.integers(0, 700), gap=st.integers(0, 400), quantity=st.integers(-8, 8))
@settings(max_examples=60, deadline=None)
def test_what_is_left_is_a_share_and_a_spent_limit_always_stops(loss: int, gap: int, quantity: int) -> None:
    state = replace(
        account(held(quantity=f"{quantity / 10}")),
        day_loss=Decimal(loss),
        day_left=Decimal(500 - loss),
        gap_used=Decimal(gap),
        gap_left=Decimal(400 - gap),
    )
    reading = read(state)
    shares = (reading.day_left, reading.rolling_left, reading.drawdown_left, reading.gap_left, reading.leverage_left)
    assert all(0 <= share <= 1 for share in shares)
    assert (min(shares) <= 0) <= (reading.verdict is RiskVerdict.NO_NEW_EXPOSURE)


def test_no_equity_is_an_error() -> None:
    with pytest.raises(DataError):
        read(replace(account(), equity=Decimal(0)))


@pytest.mark.parametrize("wrong", [{"target_volatility": 0.0}, {"least_stop": 0.05}, {"reward": 0.0}])
def test_bounds_that_contradict_each_other_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ConfigError):
        SizingParameters(**wrong)


def test_caution_starts_where_the_operator_says() -> None:
    reading = read_risk(
        replace(account(), day_left=Decimal(400)),
        "BTCUSDT",
        NOW,
        candles={},
        marks={},
        parameters=RiskParameters(near=0.9),
    )
    assert reading.reasons == (RiskReason.DAY_LIMIT_NEAR,)

"""A report is held against what came and against nothing before it; what cannot be known is not made up."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from config.loader import load_desk
from crews.learning.scoring import Scorer, forecasts, outcome_of, standings
from crews.record.record import DecisionRecord
from crews.seating import setup_of
from crews.setup import DeskSetup
from desk.domain.market import Bar
from desk.domain.moments import to_ms
from desk.ledger import ForecastRow, Ledger, sqlite_url
from memory.audit import AuditLog
from memory.standing import Basis
from tests.unit.crews.fakes import NOW, FakeMarket, FixedClock, decide_to_open

MINUTE = 60_000


@pytest.fixture(scope="module")
def record(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DecisionRecord]:
    audit = AuditLog(tmp_path_factory.mktemp("audit") / "audit.sqlite", FixedClock())
    config = load_desk("demo", environ={})
    yield decide_to_open(config, config, audit)
    audit.close()


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    opened = Ledger(sqlite_url(tmp_path / "ledger.sqlite"))
    yield opened
    opened.close()


def forecast(event: str = "up", **changes: object) -> ForecastRow:
    whole = ForecastRow(
        decision_id="d1",
        agent="chart",
        at=NOW,
        until=NOW + timedelta(minutes=10),
        symbol="BTCUSDT",
        model="m",
        regime="BULL",
        event=event,
        probability=Decimal("0.8"),
        called=1,
        mark=Decimal(100),
        distance=Decimal("0.02"),
    )
    return replace(whole, **changes)  # pyright: ignore[reportArgumentType]


def bars(*closes: float, first: int = 0, high: float = 0.0, low: float = 0.0) -> list[Bar]:
    """Minute bars, the first of which opens `first` minutes after the minute that holds NOW."""
    begin = to_ms(NOW) // MINUTE * MINUTE + first * MINUTE
    return [
        Bar(begin + n * MINUTE, close, max(close, high), min(close, low or close), close, 1.0)
        for n, close in enumerate(closes)
    ]


def test_only_bars_between_the_forecast_and_its_end_decide() -> None:
    risen, fallen = [100.0, *[99.0] * 8, 101.0, 90.0], [100.0, *[101.0] * 8, 99.0, 110.0]
    assert outcome_of(forecast(), bars(*risen), MINUTE) == 1
    assert outcome_of(forecast(), bars(*fallen), MINUTE) == 0
    assert outcome_of(forecast(), bars(*[100.0] * 11), MINUTE) == 0, "a price that did not rise has not risen"


@pytest.mark.parametrize(("high", "low", "came"), [(102.0, 0.0, 1), (101.9, 0.0, 0), (0.0, 98.0, 1), (0.0, 98.1, 0)])
def test_a_price_that_strayed_as_far_as_the_stop_on_either_side_strayed(high: float, low: float, came: int) -> None:
    assert outcome_of(forecast("stop"), bars(*[100.0] * 11, high=high, low=low), MINUTE) == came


@pytest.mark.parametrize(
    "some", [[], bars(*[101.0] * 9), bars(*[101.0] * 11, first=3), [*bars(*[101.0] * 5), *bars(*[101.0] * 4, first=7)]]
)
def test_bars_that_do_not_span_the_time_settle_nothing(some: list[Bar]) -> None:
    assert outcome_of(forecast(), some, MINUTE) is None


def test_every_report_of_a_decision_leaves_one_forecast_under_its_agents_horizon(record: DecisionRecord) -> None:
    horizons = setup_of(load_desk("demo", environ={})).trust.horizons
    rows = {row.agent: row for row in forecasts(record, horizons)}
    assert rows.keys() == record.reports.keys() == {"regime", "chart", "news", "spikes", "risk"}
    assert rows["regime"].until - rows["regime"].at == timedelta(minutes=240)
    assert {row.event for agent, row in rows.items() if agent != "risk"} == {"up"}
    assert rows["risk"].event == "stop"
    assert rows["regime"].probability > Decimal("0.5"), "the market rises, and the regime says so"
    assert rows["spikes"].called == 0


def test_what_is_due_is_settled_once_by_the_market_and_counts_for_its_agent(
    record: DecisionRecord, ledger: Ledger, demo_setup: DeskSetup
) -> None:
    clock = FixedClock()
    scorer, market = Scorer(ledger, demo_setup), FakeMarket(clock, drift=0.004)
    scorer.note(record)
    scorer.note(record)
    assert scorer.settle(market, NOW) == 0
    clock.at = NOW + timedelta(minutes=241)
    assert scorer.settle(market, clock.at) == 5
    assert scorer.settle(market, clock.at) == 0
    scorer.note(record)
    known = {row.agent: row for row in scorer.known(clock.at)}
    assert known["regime"].outcome == 1
    records = standings(list(known.values()), clock.at, demo_setup.trust.measure)
    assert {key for key in records if key[0] == "chart"} == {
        ("chart", "", ""),
        ("chart", "offline rules", ""),
        ("chart", "", known["chart"].regime),
    }


def test_a_market_that_no_longer_has_the_bars_leaves_a_forecast_open(
    record: DecisionRecord, ledger: Ledger, demo_setup: DeskSetup
) -> None:
    clock = FixedClock(NOW + timedelta(days=3))
    scorer = Scorer(ledger, demo_setup)
    scorer.note(record)
    assert scorer.settle(FakeMarket(clock, intervals=("4h",)), clock.at) < 5
    assert ledger.due(clock.at)


def test_where_orders_reach_a_real_venue_nobody_starts_with_a_weight_and_no_setting_gives_one(ledger: Ledger) -> None:
    wish = {"desk.scoring.prior": "{default: 1}"}
    for profile in ("testnet", "live"):
        setup = setup_of(load_desk(profile, environ={}, overrides=wish))
        weights = Scorer(ledger, setup).weights(NOW)
        assert {weight.value for weight in weights.values()} == {Decimal(0)}
    paper = Scorer(ledger, setup_of(load_desk("paper", environ={}, overrides=wish))).weights(NOW)
    assert {(weight.value, weight.basis) for weight in paper.values()} == {(Decimal(1), Basis.UNPROVEN)}


def test_a_proven_record_earns_weight_even_where_the_prior_is_nothing(ledger: Ledger) -> None:
    setup = setup_of(load_desk("testnet", environ={}))
    for number in range(80):
        at = NOW - timedelta(hours=2 * number + 2)
        up = number % 2
        ledger.record(
            forecast(
                decision_id=f"d{number}",
                at=at,
                until=at + timedelta(hours=1),
                probability=Decimal("0.8") if up else Decimal("0.2"),
                outcome=up,
            )
        )
    weights = Scorer(ledger, setup).weights(NOW)
    assert weights["chart"].basis is Basis.EARNED
    assert {agent for agent, weight in weights.items() if weight.value > 0} == {"chart"}

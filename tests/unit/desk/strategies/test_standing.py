"""What strategies came to is kept by regime, counted once, and is what a learner chooses by."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from desk.backtest.terms import AccountTerms
from desk.backtest.trial.trial import Course, try_out
from desk.ledger import Tried, sqlite_url
from desk.ledger.strategies import StrategyBook, StrategyTrade
from desk.strategies.standing import selections, settings_of, standings, trades_of
from tests.unit.desk.backtest.trial.tapes import Turner, candidate, market_of, wander

START = datetime(2026, 1, 5, tzinfo=UTC)


def trade(number: int, strategy: str, regime: str, multiple: str) -> StrategyTrade:
    return StrategyTrade(
        strategy=strategy,
        settings="one",
        source="backtest",
        symbol="BTCUSDT",
        interval="1h",
        opened_at=START + timedelta(hours=number),
        closed_at=START + timedelta(hours=number + 1),
        side="long",
        regime=regime,
        gain=Decimal(multiple) * Decimal("0.02"),
        risked=Decimal("0.02"),
    )


RECORD = [
    *(trade(n, "trend", "BULL", multiple) for n, multiple in enumerate(("2", "-1", "3", "-1"))),
    *(trade(n + 10, "range", "BULL", "-1") for n in range(4)),
    *(trade(n + 20, "range", "SIDEWAYS", "1") for n in range(3)),
]


def test_a_standing_has_wins_factor_mean_and_deepest_fall_in_units_of_risk() -> None:
    bull = standings(RECORD)[("trend", "BULL")]
    assert (bull.trades, bull.wins) == (4, 2)
    assert (bull.profit_factor, bull.multiple, bull.drawdown) == pytest.approx((2.5, 0.75, 1.0))
    assert bull.interval[0] < 0.5 < bull.interval[1]
    assert standings(RECORD)[("range", "")].trades == 7
    assert standings(RECORD)[("range", "SIDEWAYS")].profit_factor is None


def test_a_learner_hears_in_each_regime_who_earned_there() -> None:
    known = selections(RECORD, ("range", "trend"))
    assert known["BULL"].choose() == "trend"
    assert known["SIDEWAYS"].choose() == "trend", "who was never heard there is heard once"
    assert known["SIDEWAYS"].arms["range"].mean > 0.5


def test_the_same_trade_is_written_down_once(tmp_path: Path) -> None:
    book = StrategyBook(sqlite_url(tmp_path / "ledger.sqlite"))
    assert (book.record(RECORD), book.record(RECORD)) == (len(RECORD), 0)
    assert book.trades() == tuple(sorted(RECORD, key=lambda one: one.closed_at))
    assert len(book.trades("range")) == 7
    assert book.trades(source="paper") == ()
    book.close()


def test_a_trial_gives_its_trades_with_the_regime_they_were_decided_in() -> None:
    market = market_of(wander())
    trial = try_out(market, (candidate(Turner()),), AccountTerms(), Course(), lambda runs: Tried(count=1, spread=0.0))
    found = trades_of(trial, market)
    assert len(found) == len(trial.result.outcome.trades)
    assert {one.regime for one in found} <= {"", "BULL", "BEAR", "SIDEWAYS", "VOLATILE"}
    assert any(one.regime for one in found)
    assert {one.risked for one in found} == {Decimal("0.05")}
    assert {one.settings for one in found} == {settings_of("turner")}


def test_other_parameters_are_other_settings() -> None:
    assert settings_of("fast 5, slow 13") != settings_of("fast 5, slow 21")

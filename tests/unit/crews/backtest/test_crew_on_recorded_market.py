"""The crew on recorded market: twice it is the same, nothing is known early, and every difference has a cause."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import numpy as np
import pytest

from config.loader import load_desk
from crews.backtest.market import RecordedMarket
from crews.backtest.playing import Play, play
from crews.backtest.staging import Troupe
from crews.backtest.trying import CrewTrial, look_back, try_crew
from crews.seating import setup_of
from crews.work import runner
from desk.backtest.recordings import Market
from desk.backtest.replay.stage import Stage
from desk.backtest.tape import Tape
from desk.backtest.terms import AccountTerms
from desk.backtest.trial.trial import Course
from desk.domain.errors import ConfigError, DataError
from desk.domain.market import Bar
from desk.ledger.values import Tried
from desk.market.intervals import interval_ms
from desk.venues.paper.symbols import spec_for

CONFIG = load_desk("demo", environ={})
TROUPE = Troupe(setup=setup_of(CONFIG))
TERMS = AccountTerms(leverage=3.0)
STEP = interval_ms("15m")
BACK = 320


def market(bars: int = BACK + 24, seed: int = 3) -> Market:
    """Quarter hours that rise, fall and rise again, on the contract's own ticks."""
    rng = np.random.default_rng(seed)
    drift = 0.0035 * np.sin(np.arange(bars) / 9.0)
    close = 50_000 * np.exp(np.cumsum(drift + rng.normal(0, 0.0012, bars)))
    opened = np.concatenate((close[:1], close[:-1]))
    columns = (opened, np.maximum(opened, close) * 1.0008, np.minimum(opened, close) * 0.9992, close)
    opened, high, low, close = (np.round(column[:, None], 1) for column in columns)
    tape = Tape(
        symbols=("BTCUSDT",),
        step_ms=STEP,
        open_time=1_704_067_200_000 + np.arange(bars, dtype=np.int64) * STEP,
        open=opened,
        high=high,
        low=low,
        close=close,
        volume=np.full_like(close, 100.0),
        funding=np.where(np.arange(bars)[:, None] % 32 == 0, 1e-4, 0.0),
    )
    spec = spec_for("BTCUSDT", Decimal(50_000))
    return Market(tape=tape, specs=(spec,), interval="15m", files=("made",), funded=("BTCUSDT",), missing_bars=0)


def played(found: Market, troupe: Troupe = TROUPE, first: int = BACK) -> Play:
    return play(found.tape, first, found.specs, TERMS, CONFIG.desk.limits, troupe)


@pytest.fixture(scope="module")
def trial() -> CrewTrial:
    found, course = market(), Course(strain=True)
    alone = Tried(count=1, spread=0.0)
    return try_crew(found, BACK, TROUPE, TERMS, CONFIG.desk.limits, course, lambda runs: alone)


def test_the_crew_trades_and_its_account_is_the_exchanges_own(trial: CrewTrial) -> None:
    outcome, replayed = trial.trial.result.outcome, trial.play.played.replayed
    assert len(outcome.trades) > 0
    assert outcome.equity[-1] == pytest.approx(float(replayed.equity))
    assert outcome.equity[-1] - outcome.deposit == pytest.approx(float(outcome.column("net").sum()))
    assert trial.play.decisions == len(market().tape) - BACK - 1


def test_every_difference_to_the_sweep_has_a_cause(trial: CrewTrial) -> None:
    compared = trial.trial.replay
    assert compared is not None
    assert all(one.cause for one in compared.differences)
    assert compared.same + len({(d.symbol, d.row) for d in compared.differences}) >= compared.sweep


def test_it_knows_nothing_it_cannot_know_and_decides_the_same_twice(trial: CrewTrial) -> None:
    assert trial.trial.honesty.holds
    again = played(market())
    assert again.decided == trial.play.decided
    assert again.played.replayed == trial.play.played.replayed
    assert np.array_equal(again.played.outcome.equity, trial.play.played.outcome.equity)


class Early(RecordedMarket):
    """Shows the bar that has only begun."""

    def bars(self, symbol: str, interval: str, limit: int) -> tuple[Bar, ...]:
        candles, bars = self._series(symbol, interval)
        end = int(np.searchsorted(candles.open_time, self._stage.clock.ms, side="right"))
        return bars[max(0, end - limit) : end]


def test_a_crew_that_sees_a_bar_early_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("crews.backtest.playing.RecordedMarket", Early)
    monkeypatch.setattr("crews.backtest.doubting.RecordedMarket", Early)
    found = market()
    honesty = play(found.tape, BACK, found.specs, TERMS, CONFIG.desk.limits, TROUPE, doubts=24).honesty
    assert honesty.hindsight


def test_through_crewai_the_crew_decides_the_same() -> None:
    found = market(BACK + 14)
    by_hand, by_crewai = played(found), played(found, replace(TROUPE, run=runner.run_crew))
    assert by_crewai.decided == by_hand.decided
    assert by_crewai.played.replayed == by_hand.played.replayed


def test_the_market_shows_finished_bars_and_past_charges_alone() -> None:
    found = market()
    stage = Stage(
        tape=found.tape.between(BACK, len(found.tape)), specs=found.specs, terms=TERMS, limits=CONFIG.desk.limits
    )
    seen = RecordedMarket(found.tape, stage)
    for row in range(5):
        stage.open_bar(row)
        now = stage.clock.ms
        for interval in ("15m", "1h", "4h"):
            newest = seen.bars("BTCUSDT", interval, 3)[-1]
            assert now - interval_ms(interval) < newest.open_time + interval_ms(interval) <= now
        assert all(point.at <= stage.clock.now() for point in seen.funding("BTCUSDT", 50))
        assert seen.marks(("BTCUSDT",))["BTCUSDT"].price == Decimal(repr(float(found.tape.open[BACK + row, 0])))


def test_bars_too_long_for_its_signal_and_too_few_of_them_are_refused() -> None:
    with pytest.raises(ConfigError, match="reads its signal on 15m"):
        look_back(TROUPE, "1h")
    found = market(200)
    with pytest.raises(DataError, match="looks back over 300 bars"):
        try_crew(found, 100, TROUPE, TERMS, CONFIG.desk.limits, Course(), lambda runs: Tried(count=1, spread=0.0))

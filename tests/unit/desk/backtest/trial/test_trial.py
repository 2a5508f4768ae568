"""A trial sets a strategy beside doing nothing, and says how far to believe it; it flatters nobody."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from desk.backtest.measures import YEAR_MS
from desk.backtest.terms import AccountTerms
from desk.backtest.trial.counting import count_in
from desk.backtest.trial.days import DAY_MS, daily_returns, ratio
from desk.backtest.trial.telling import months_json, trades_json, trial_json, verdict
from desk.backtest.trial.trial import Course, try_out
from desk.backtest.trial.values import Candidate, Trial
from desk.domain.errors import DataError
from desk.ledger import Ledger, Tried, sqlite_url
from tests.unit.desk.backtest.trial.tapes import Idle, Seer, Turner, candidate, market_of, wander

TERMS = AccountTerms(leverage=3.0)
MARKET = market_of(wander())
LUCK = Tried(count=12, spread=0.05)


def trial_of(*candidates: Candidate, course: Course | None = None) -> Trial:
    return try_out(MARKET, candidates, TERMS, course or Course(), lambda runs: LUCK)


SEER, TURNER = trial_of(candidate(Seer())), trial_of(candidate(Turner()), course=Course(strain=True))


def test_who_knows_what_comes_is_named_and_nothing_of_his_result_is_believed() -> None:
    assert SEER.result.measures.total_return > 1
    assert SEER.honesty.hindsight
    assert "nothing of this result may be believed" in verdict(SEER)


def test_who_only_turns_pays_his_costs_and_is_told_that_he_lost() -> None:
    assert TURNER.honesty.holds
    assert TURNER.result.measures.fees > 0
    free, asked, double, triple = TURNER.strains
    assert free.result.measures.fees == 0
    assert asked.result.measures.total_return == TURNER.result.measures.total_return
    totals = [one.result.measures.total_return for one in (free, asked, double, triple)]
    assert totals == sorted(totals, reverse=True)
    assert verdict(TURNER).startswith(("It lost", "No edge shown"))


def test_the_same_trades_at_random_turn_over_about_as_much_and_do_about_as_well() -> None:
    chance = TURNER.chance
    assert chance is not None
    assert chance.low < chance.median < chance.high
    assert 0.01 < chance.better < 0.99


def test_flat_does_nothing_and_buy_and_hold_follows_the_price() -> None:
    flat, held = TURNER.baselines
    assert (flat.result.measures.total_return, flat.result.measures.trades) == (0.0, 0)
    tape = MARKET.tape
    moved = tape.close[-1, 0] / tape.open[TURNER.first + 1, 0] - 1
    assert held.result.measures.total_return == pytest.approx(moved, abs=0.02)


def test_nobody_is_measured_before_the_warm_up_is_over() -> None:
    assert TURNER.first == Turner().warm_up
    assert len(TURNER.result.outcome.equity) == len(MARKET.tape) - TURNER.first
    with pytest.raises(DataError, match="before its first wish"):
        try_out(market_of(MARKET.tape.between(0, 20)), (candidate(Turner()),), TERMS, Course(), lambda runs: LUCK)


def test_who_does_nothing_is_not_judged() -> None:
    idle = trial_of(candidate(Idle()))
    assert verdict(idle) == "Too little happened to judge by."
    assert idle.chance is None
    assert trial_json(idle, MARKET, TERMS)["doubt"]["deflated"] is None


def test_many_variants_are_many_tries_and_their_overfitting_is_told() -> None:
    many = trial_of(*(candidate(Turner(every=n), f"every {n}") for n in (6, 12, 18, 30)))
    assert many.doubt is not None
    assert 0 <= (many.doubt.overfitting or 0) <= 1
    assert many.variants == ("every 6", "every 12", "every 18", "every 30")


def test_a_walk_forward_trades_only_what_it_did_not_choose_by() -> None:
    course = Course(walk=True, train_days=60, test_days=20)
    walk = trial_of(*(candidate(Turner(every=n), f"every {n}") for n in (8, 36)), course=course).walk
    assert walk is not None
    assert len(walk.windows) == 6
    for one in walk.windows:
        assert one.trained_from < one.first < one.last
        assert one.first - one.trained_from == 60 * 24
    assert [one.last for one in walk.windows[:-1]] == [one.first for one in walk.windows[1:]]
    # Turning less often costs less: what was chosen is the one that had less to pay.
    assert {one.label for one in walk.windows} <= {"every 8", "every 36"}
    assert walk.equity[-1] == pytest.approx(np.prod([1 + one.total_return for one in walk.windows]))


def test_a_walk_forward_without_room_says_so() -> None:
    with pytest.raises(DataError, match="no room for 3 steps"):
        trial_of(candidate(Turner()), course=Course(walk=True, train_days=150, test_days=40))


def test_days_compound_to_the_whole_and_months_to_the_days() -> None:
    equity = TURNER.result.outcome.equity
    assert np.prod(1 + TURNER.result.daily) == pytest.approx(equity[-1] / TERMS.deposit)
    months = months_json(TURNER, MARKET)
    assert np.prod([1 + one["return"] for one in months]) == pytest.approx(equity[-1] / TERMS.deposit)
    assert (months[0]["year"], months[0]["month"]) == (1970, 1)


def test_a_day_is_a_utc_day_however_long_its_bars() -> None:
    times = np.array([0, 1, 2, 3], dtype=np.int64) * DAY_MS // 2
    assert daily_returns(times, np.array([1.0, 2.0, 2.0, 1.0]), 1.0).tolist() == [1.0, -0.5]
    assert ratio(np.zeros(5)) == 0.0
    assert YEAR_MS == 365 * DAY_MS


def test_trades_are_told_in_words_and_add_up() -> None:
    told = trades_json(TURNER, MARKET)
    assert sum(one["net"] for one in told) == pytest.approx(TURNER.result.outcome.equity[-1] - TERMS.deposit, abs=0.01)
    assert {one["side"] for one in told} == {"long", "short"}
    assert {one["reason"] for one in told} <= {"wish", "stop", "target", "liquidation", "end"}
    assert told[0]["opened"].endswith("Z")


def test_every_run_is_counted_once_however_often_it_is_run(tmp_path: Path) -> None:
    ledger, at = Ledger(sqlite_url(tmp_path / "ledger.sqlite")), datetime(2026, 1, 5, tzinfo=UTC)
    market = market_of(MARKET.tape.between(0, 24 * 40))
    many = [candidate(Turner(every=n), f"every {n}") for n in (6, 12)]

    def count() -> Tried:
        found: list[Tried] = []
        try_out(
            market,
            many,
            TERMS,
            Course(),
            lambda runs: found.append(count_in(ledger, market, many, runs, TERMS, at)) or found[0],
        )
        return found[0]

    first, again = count(), count()
    assert (first.count, again.count) == (2, 2)
    assert first.spread > 0
    ledger.close()

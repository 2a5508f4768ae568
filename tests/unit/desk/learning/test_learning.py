"""What can be learnt is learnt, what cannot is left alone, and a course never looks ahead."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import numpy as np
import pytest

from desk.backtest.honesty import check_hindsight
from desk.backtest.tape import Tape
from desk.domain.errors import DataError
from desk.learning.course import Course, judge, same_market, study
from desk.learning.method import Lesson, Method
from desk.learning.policy import Policy, advise
from desk.learning.rewards import CHARACTERS, class_of
from desk.learning.sight import MEMORY, Mood, look
from desk.learning.states import FACTORS, SPACES, StateSpace
from desk.learning.trading import PolicyStrategy, candles_on
from desk.learning.training import Learner, train
from desk.venues.paper.symbols import spec_for
from tests.unit.desk.backtest.markets import random_tape
from tests.unit.desk.learning.markets import SPACE

AT = datetime(2026, 3, 1, tzinfo=UTC)
HOUR = 3_600_000


def hours(seed: int, bars: int = 3_000) -> Tape:
    """A calm market that wanders, in hourly bars."""
    tape = random_tape(seed, bars, 1)
    rng = np.random.default_rng(seed)
    close = 100.0 * np.exp(np.cumsum(rng.normal(0.0, 0.004, (bars, 1)), axis=0))
    opened = np.vstack((close[:1], close[:-1]))
    return replace(
        tape,
        step_ms=HOUR,
        open_time=np.arange(bars, dtype=np.int64) * HOUR,
        open=opened,
        high=np.maximum(opened, close) * 1.001,
        low=np.minimum(opened, close) * 0.999,
        close=close,
        funding=np.zeros((bars, 1)),
    )


def course(tape: Tape, **changes: object) -> Course:
    base = Course(
        tape=tape,
        specs=(spec_for("BTCUSDT", Decimal(100)),),
        space=SPACES["lean"],
        method=Method(episodes=20, length=400),
        seed=3,
    )
    return replace(base, **changes)


def telling_lesson(seed: int, bars: int) -> Lesson:
    """A market whose state tells the next move: a low state falls by one per cent, a high one rises."""
    rng = np.random.default_rng(seed)
    states = rng.integers(0, SPACE.size, bars)
    moves = np.where(states < SPACE.size // 2, -0.01, 0.01)
    # A bar opens where the one before closed, and moves as the state of the bar before told.
    close = 100.0 * np.exp(np.cumsum(np.r_[0.0, moves[:-1]]))
    opened = np.r_[100.0, close[:-1]]
    return Lesson(
        symbol="BTCUSDT",
        states=states.astype(np.int32),
        lean=np.zeros(bars, np.int8),
        open=opened,
        high=np.maximum(opened, close),
        low=np.minimum(opened, close),
        close=close,
        funding=np.zeros(bars),
    )


@pytest.mark.parametrize("character", ["aggressive", "conservative"])
def test_what_a_market_tells_is_learnt(character: str) -> None:
    learner = Learner(SPACE, Method(episodes=30, length=1_000, stop=0.0, target=0.0, reward=CHARACTERS[character]))
    curve = train(learner, [telling_lesson(1, 5_000)], seed=0)
    flat = learner.table[0::3]
    assert (flat[: SPACE.size // 2, 2] > flat[: SPACE.size // 2, 0]).all()
    assert (flat[SPACE.size // 2 :, 1] > flat[SPACE.size // 2 :, 0]).all()
    assert curve[-1].net > 0 > curve[0].net


def test_the_same_seed_learns_the_same_and_another_does_not() -> None:
    tape = hours(1)
    one, again, other = (study(course(tape, seed=seed), AT) for seed in (3, 3, 4))
    np.testing.assert_array_equal(one.table, again.table)
    assert one.curve == again.curve
    assert not np.array_equal(one.table, other.table)


def test_nothing_that_is_held_out_changes_what_is_learnt() -> None:
    tape = hours(1)
    changed = replace(tape, **{name: getattr(tape, name).copy() for name in ("open", "high", "low", "close")})
    cut = course(tape).cut
    for name in ("open", "high", "low", "close"):
        getattr(changed, name)[cut:] *= 1.5
    np.testing.assert_array_equal(study(course(tape), AT).table, study(course(changed), AT).table)


def test_a_policy_knows_nothing_of_what_comes() -> None:
    tape = hours(2)
    policy = study(course(tape, method=Method(episodes=40, length=1_000, reward=CHARACTERS["aggressive"])), AT)
    strategy = PolicyStrategy(policy=policy)
    assert np.count_nonzero(strategy.plan(tape).enter) > 10
    assert check_hindsight(strategy, tape, rows=24) == ()


def test_a_short_market_is_no_course() -> None:
    with pytest.raises(DataError, match="too few to learn"):
        study(course(hours(1, 900)), AT)


def test_a_backup_is_kept_every_fifty_episodes() -> None:
    kept: list[int] = []
    study(course(hours(1), method=Method(episodes=120, length=50)), AT, keep=lambda _, episode: kept.append(episode))
    assert kept == [50, 100]


def test_only_the_very_market_that_was_learnt_from_is_the_same() -> None:
    tape = hours(1)
    policy = study(course(tape), AT)
    assert same_market(policy, tape)
    altered = replace(tape, close=tape.close.copy())
    altered.close[2_900] *= 1.0001
    assert not same_market(policy, altered)
    assert len(judge(policy, tape, course(tape).specs).equity) == 900


def test_a_snapshots_few_bars_show_what_the_whole_history_shows() -> None:
    candles = candles_on(hours(5), 0)
    whole = SPACES["enriched"].encode(look(candles, leader=candles))
    differ = 0
    for end in range(1_000, 3_000, 50):
        part = candles_on(hours(5).between(end - MEMORY, end), 0)
        differ += int(SPACES["enriched"].encode(look(part, leader=part))[-1]) != int(whole[end - 1])
    # An average never forgets wholly: at an edge the last digit may fall to the other side.
    assert differ <= 1


def test_what_is_unknown_is_not_guessed() -> None:
    candles = candles_on(hours(5), 0)
    figures = look(candles)
    states = SPACES["enriched"].encode(figures)
    assert (states[:20] == -1).all()
    words = SPACES["enriched"].words(int(states[-1]))
    assert {words[name] for name in ("leader_trend", "leader_correlation", "fear_greed")} == {"unknown"}


def test_a_mood_is_known_from_its_publication_and_for_two_days() -> None:
    day = 24 * HOUR
    mood = Mood(at=np.array([day]), value=np.array([20.0]))
    np.testing.assert_array_equal(mood.on(np.array([day - 1, day, 3 * day, 3 * day + 1])), [np.nan, 20.0, 20.0, np.nan])


def test_a_state_and_its_words_are_one() -> None:
    space = StateSpace.of(("rsi", "regime", "fear_greed"))
    for state in range(space.size):
        words = space.words(state)
        digits = [[f.word(cell) for cell in range(f.cells)].index(words[f.name]) for f in space.factors]
        code = 0
        for factor, digit in zip(space.factors, digits, strict=True):
            code = code * factor.cells + digit
        assert code == state


@pytest.mark.parametrize("names", [(), ("rsi", "rsi"), ("moon",)])
def test_a_space_is_made_of_known_figures_once_each(names: tuple[str, ...]) -> None:
    with pytest.raises(DataError, match="different figures"):
        StateSpace.of(names)


def test_a_value_on_an_edge_belongs_to_the_cell_above() -> None:
    rsi = FACTORS["rsi"]
    assert rsi.digits(np.array([29.99, 30.0, 69.99, 70.0, np.nan])).tolist() == [0, 1, 1, 2, -1]


@pytest.mark.parametrize(
    ("net", "paid"), [(0.021, 20.0), (0.02, 10.0), (0.0, 10.0), (-0.0001, -10.0), (-0.02, -10.0), (-0.0201, -20.0)]
)
def test_reward_classes_have_these_edges(net: float, paid: float) -> None:
    assert class_of(net) == paid


def test_a_place_hardly_seen_gets_no_advice() -> None:
    tape = hours(1)
    learnt = study(course(tape), AT)
    shy: Policy = replace(learnt, visits=np.zeros_like(learnt.visits), table=np.ones_like(learnt.table))
    said = advise(shy, look(candles_on(tape, 0)))
    assert (said.action, said.visits) == ("HOLD", 0)

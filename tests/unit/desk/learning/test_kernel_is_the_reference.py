"""The compiled learner and the plain one live the same days and come to the same table, bit for bit."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from desk.learning.method import Method
from desk.learning.rewards import Paid, Reward
from tests.unit.desk.learning.markets import both, random_lesson, tables_of

METHODS = st.builds(
    Method,
    length=st.just(400),
    rate=st.sampled_from([0.05, 0.3, 1.0]),
    fade=st.sampled_from([0.0, 0.02, 1.0]),
    discount=st.sampled_from([0.0, 0.9, 0.99]),
    replays=st.integers(0, 5),
    memory=st.sampled_from([1, 50, 1_000]),
    stop=st.sampled_from([0.0, 0.004, 0.02]),
    target=st.sampled_from([0.0, 0.003, 0.05]),
    fee=st.sampled_from([0.0, 0.0005, 0.01]),
    slippage=st.sampled_from([0.0, 0.0002, 0.01]),
    reward=st.builds(
        Reward,
        paid=st.sampled_from(Paid),
        streak=st.sampled_from([0.0, 1.0]),
        context=st.sampled_from([-3.0, 0.0, 1.0]),
        aversion=st.sampled_from([0.0, 0.5]),
    ),
)


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), method=METHODS, curiosity=st.sampled_from([0.0, 0.1, 1.0]))
def test_the_same_luck_teaches_both_the_same_table(seed: int, method: Method, curiosity: float) -> None:
    pupil, learner = both(method)
    rng = np.random.default_rng(seed)
    for episode in range(2):
        lesson, draws = random_lesson(seed + episode, 150), method.draw(rng)
        assert pupil.live(lesson, draws, curiosity) == learner.live(lesson, draws, curiosity)
    table, visits = tables_of(pupil)
    np.testing.assert_array_equal(learner.table, table)
    np.testing.assert_array_equal(learner.visits, visits)

"""On a market where the best strategy is known, choosing finds it, and what it loses on the way grows more slowly."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk.domain.errors import DataError
from desk.strategies.selection import Arm, Selection, reward_of

WORTH = {"best": 0.58, "good": 0.53, "idle": 0.50, "bad": 0.45}


def regret(seed: int, rounds: int) -> tuple[list[float], Selection]:
    """What is lost against always the best, round by round: rewards are coins with each strategy's own worth."""
    rng = np.random.default_rng(seed)
    known, lost, total = Selection.among(tuple(WORTH)), [], 0.0
    for _ in range(rounds):
        chosen = known.choose()
        total += WORTH["best"] - WORTH[chosen]
        lost.append(total)
        known = known.learn(chosen, float(rng.random() < WORTH[chosen]))
    return lost, known


def bound(rounds: int) -> float:
    """Theorem 1 of Auer, Cesa-Bianchi and Fischer (2002): what UCB1 loses at most on average."""
    gaps = [WORTH["best"] - worth for worth in WORTH.values() if worth < WORTH["best"]]
    return sum(8 * math.log(rounds) / gap for gap in gaps) + (1 + math.pi**2 / 3) * sum(gaps)


def test_the_best_is_found_and_regret_stays_far_below_what_choosing_blindly_costs() -> None:
    rounds = 4_000
    runs = [regret(seed, rounds) for seed in range(4)]
    blind = rounds * float(np.mean([WORTH["best"] - worth for worth in WORTH.values()]))
    mean = float(np.mean([lost[-1] for lost, _ in runs]))
    assert mean < 0.6 * blind
    assert mean < bound(rounds)
    assert float(np.mean([lost[rounds // 2] for lost, _ in runs])) > mean / 2, "the second half costs less"
    assert all(max(known.arms, key=lambda name: known.arms[name].pulls) == "best" for _, known in runs)


def test_everybody_is_heard_once_before_anybody_is_heard_twice() -> None:
    known, heard = Selection.among(("a", "b", "c")), []
    for _ in range(3):
        heard.append(known.choose())
        known = known.learn(heard[-1], 1.0)
    assert heard == ["a", "b", "c"]


@given(st.lists(st.floats(0, 1), min_size=1, max_size=50))
def test_an_arm_knows_the_mean_of_its_rewards_and_hopes_for_no_less(rewards: list[float]) -> None:
    arm = Arm()
    for reward in rewards:
        arm = arm.after(reward)
    assert arm.mean == pytest.approx(np.mean(rewards))
    assert arm.bound(arm.pulls) >= arm.mean


@given(st.floats(allow_nan=False))
def test_any_result_is_a_reward(result: float) -> None:
    assert 0.0 <= reward_of(result) <= 1.0
    assert reward_of(0.0) == 0.5


def test_what_cannot_be_learnt_is_refused() -> None:
    with pytest.raises(DataError, match="between 0 and 1"):
        Arm().after(1.5)
    with pytest.raises(DataError, match="not among"):
        Selection.among(("a",)).learn("b", 1.0)
    with pytest.raises(DataError, match="no strategy"):
        Selection.among(())

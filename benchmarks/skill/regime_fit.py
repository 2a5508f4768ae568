"""Fits what the regime rule is made of, on the years before July 2022 and on nothing else: weights and margin."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray

from benchmarks.skill import regime_labels as labels
from benchmarks.skill.scores import balanced, confusion
from desk.market.candles import Candles
from desk.regime import rule
from desk.regime.facts import DIRECTED, fact_table
from desk.regime.rule import Odds, softmax
from desk.regime.settle import Settled

CLASSES = 4
RIDGE = 1e-3
MIRRORED = np.array([1, 0, 2, 3])
MARGINS = (0.0, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4)
MARGIN_COST = 0.015

Table = NDArray[np.float64]
Labels = NDArray[np.int64]


@dataclass(frozen=True)
class Market:
    """Bars of one symbol and interval, their labels, and the facts at each close."""

    bars: Candles
    truth: Labels
    facts: Table

    @property
    def closes(self) -> NDArray[np.int64]:
        """When each bar closed, in ms UTC."""
        return self.bars.open_time + self.bars.step_ms


def market(bars: Candles) -> Market:
    """A market from its bars."""
    return Market(bars, labels.label(bars), fact_table(bars))


def fit(markets: Sequence[Market], until: int) -> Table:
    """Weights (regime by column of `design`) from bars whose label is known before `until` (ms UTC)."""
    tables, truths = [], []
    for one in markets:
        known = (one.closes < seen_by(one, until)) & (one.truth != labels.UNKNOWN) & ~np.isnan(one.facts).any(axis=1)
        tables.append(one.facts[known])
        truths.append(one.truth[known])
    table, truth = np.vstack(tables), np.concatenate(truths)
    upside_down = table.copy()
    upside_down[:, : len(DIRECTED)] *= -1
    both = rule.design(np.vstack([table, upside_down]))
    return _newton(both, np.concatenate([truth, MIRRORED[truth]]))


def _newton(columns: Table, truth: Labels) -> Table:
    """Multinomial logistic regression with equal weight of each class and a small ridge, by Newton's method."""
    share = 1 / np.bincount(truth, minlength=CLASSES)[truth] / CLASSES
    size, answer = columns.shape[1], np.eye(CLASSES)[truth]
    weights = np.zeros((CLASSES, size))
    for _ in range(30):
        odds = softmax(columns @ weights.T)
        gradient = ((odds - answer) * share[:, None]).T @ columns + RIDGE * weights
        curvature = RIDGE * np.eye(CLASSES * size)
        for a, b in product(range(CLASSES), repeat=2):
            bend = share * odds[:, a] * ((a == b) - odds[:, b])
            curvature[a * size : (a + 1) * size, b * size : (b + 1) * size] += (columns * bend[:, None]).T @ columns
        step = np.linalg.solve(curvature, gradient.ravel()).reshape(weights.shape)
        weights -= step
        if np.abs(step).max() < 1e-9:
            break
    return weights


def odds_of(one: Market, weights: Table) -> tuple[NDArray[np.bool_], Odds]:
    """Where the facts are known, and the odds there."""
    known = ~np.isnan(one.facts).any(axis=1)
    return known, softmax(rule.design(one.facts[known]) @ weights.T)


def settled(odds: Odds, margin: float) -> Labels:
    """What stands after each row of odds."""
    state = Settled(margin)
    return np.array([rule.REGIMES.index(state.push(row)) for row in odds])


def said_by(one: Market, weights: Table, margin: float) -> Labels:
    """What the rule says at each close; unknown where the facts are."""
    known, odds = odds_of(one, weights)
    said = np.full(len(known), labels.UNKNOWN)
    said[known] = settled(odds, margin)
    return said


def compared(one: Market, said: Labels, since: int, until: int) -> tuple[Labels, Labels]:
    """Labels and what was said at the closes in [since, until) where both are known."""
    both = (one.truth != labels.UNKNOWN) & (said != labels.UNKNOWN)
    both &= (one.closes >= since) & (one.closes < until)
    return one.truth[both], said[both]


def choose_margin(markets: Sequence[Market], weights: Table, until: int) -> float:
    """The largest margin that costs at most 0.015 of the balanced accuracy without any, before `until`."""
    figures = {
        margin: balanced(
            sum(
                (confusion(*compared(m, said_by(m, weights, margin), 0, seen_by(m, until)), CLASSES) for m in markets),
                np.zeros((CLASSES, CLASSES)),
            )
        )
        for margin in MARGINS
    }
    return max(margin for margin, figure in figures.items() if figure >= figures[0.0] - MARGIN_COST)


def seen_by(one: Market, until: int) -> int:
    """The close whose label is the last that does not reach beyond `until`."""
    return until - labels.HALF * one.bars.step_ms

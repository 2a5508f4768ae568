"""What choosing among strategies costs on a market where the best is known: regret of UCB against choosing blindly."""

from __future__ import annotations

import math

import numpy as np

from desk.strategies.selection import Selection

# Chances to win of four strategies: an edge of a few points, as a good one may have, among others that have none.
WORTH = {"best": 0.56, "next": 0.53, "idle": 0.50, "worse": 0.46}
MARKETS, ROUNDS = 40, (250, 1_000, 4_000, 16_000)


def regret(seed: int) -> list[float]:
    """Trades' worth lost against always the best, after each of ROUNDS."""
    rng = np.random.default_rng(seed)
    known, total, told = Selection.among(tuple(WORTH)), 0.0, []
    for number in range(1, ROUNDS[-1] + 1):
        chosen = known.choose()
        total += WORTH["best"] - WORTH[chosen]
        known = known.learn(chosen, float(rng.random() < WORTH[chosen]))
        if number in ROUNDS:
            told.append(total)
    return told


def bound(rounds: int) -> float:
    """What UCB1 loses at most on average (Auer, Cesa-Bianchi and Fischer 2002, Theorem 1)."""
    gaps = [WORTH["best"] - worth for worth in WORTH.values() if worth < WORTH["best"]]
    return sum(8 * math.log(rounds) / gap for gap in gaps) + (1 + math.pi**2 / 3) * sum(gaps)


def section() -> str:
    """The part of the page."""
    table = np.array([regret(seed) for seed in range(MARKETS)])
    blind = WORTH["best"] - float(np.mean(list(WORTH.values())))
    rows = [
        f"| {rounds:,} | {table[:, at].mean():.1f} | {np.quantile(table[:, at], 0.95):.1f} | {blind * rounds:.1f} |"
        f" {bound(rounds):.0f} |"
        for at, rounds in enumerate(ROUNDS)
    ]
    worth = ", ".join(f"{name} {value:.0%}" for name, value in WORTH.items())
    return "\n".join(
        [
            "## What choosing costs",
            "",
            f"{MARKETS} simulated markets, seeds 0 to {MARKETS - 1}, four strategies that win with known chances ({worth}). "
            "Regret is what was lost against always hearing the best, in trades won.",
            "",
            "| trades | regret, mean | 95 % below | choosing blindly | bound of the theorem |",
            "|---|---|---|---|---|",
            *rows,
        ]
    )

"""Playing seeds until one breaks."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from campaigns.campaign import Case


def first_that_breaks(play: Callable[[int], Case], seeds: Iterable[int]) -> str:
    """What the first of these seeds to break a promise broke; empty when none does."""
    for seed in seeds:
        if broken := play(seed).broken:
            return "\n".join(broken)
    return ""

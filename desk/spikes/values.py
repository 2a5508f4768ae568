"""What a spike scan answers with: type, direction, size and how much there is behind it. Enums and numbers only."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class SpikeType(StrEnum):
    """What was sudden."""

    PRICE = "PRICE"
    VOLUME = "VOLUME"
    BOOK_IMBALANCE = "BOOK_IMBALANCE"
    INDEX_DIVERGENCE = "INDEX_DIVERGENCE"
    LIQUIDATION_CASCADE = "LIQUIDATION_CASCADE"
    NEWS_CATALYST = "NEWS_CATALYST"


class SpikeDirection(StrEnum):
    """Which way it pushed."""

    UP = "UP"
    DOWN = "DOWN"
    NONE = "NONE"


class Severity(StrEnum):
    """How far beyond its threshold."""

    NOTABLE = "NOTABLE"
    STRONG = "STRONG"
    EXTREME = "EXTREME"


@dataclass(frozen=True, slots=True, kw_only=True)
class Legitimacy:
    """What stands behind a move. Each check is None when there was nothing to check it with; score is in [0, 1]."""

    score: float
    market_wide: bool | None
    volume_behind: bool | None
    book_agrees: bool | None
    headline: bool | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Spike:
    """One sudden event: `sigma` is its size in the symbol's own deviations, `percent` in per cent, both signed.

    `bars_ago` counts finished bars of `interval` since it happened (0 = the newest bar, or the book as it stands).
    """

    type: SpikeType
    direction: SpikeDirection
    severity: Severity
    sigma: float
    percent: float
    interval: str
    bars_ago: int
    legitimacy: Legitimacy


@dataclass(frozen=True, slots=True, kw_only=True)
class SpikeScan:
    """All spikes found, the largest first, and the noise they were measured against (per bar, in per cent)."""

    symbol: str
    interval: str
    bar_sigma_pct: float
    spikes: tuple[Spike, ...]

    @property
    def quiet(self) -> bool:
        """Whether nothing was found."""
        return not self.spikes

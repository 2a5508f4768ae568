"""What a regime reading is made of: four regimes, their probabilities, and evidence as codes with numbers."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Regime(StrEnum):
    """Which market this is."""

    BULL = "BULL"
    BEAR = "BEAR"
    SIDEWAYS = "SIDEWAYS"
    VOLATILE = "VOLATILE"


class EvidenceCode(StrEnum):
    """What moved a reading."""

    SLOPE = "SLOPE"
    ALIGNMENT = "ALIGNMENT"
    EFFICIENCY = "EFFICIENCY"
    VOLATILITY = "VOLATILITY"
    BAND_WIDTH = "BAND_WIDTH"
    VOLUME = "VOLUME"


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """One measured fact, scaled to [-1, 1]: sign is direction (or calm against wild), size is strength."""

    code: EvidenceCode
    value: float


@dataclass(frozen=True, slots=True, kw_only=True)
class RegimeOdds:
    """Probabilities of the four regimes; they sum to 1."""

    bull: float
    bear: float
    sideways: float
    volatile: float

    def of(self, regime: Regime) -> float:
        """The probability of one regime."""
        return {
            Regime.BULL: self.bull,
            Regime.BEAR: self.bear,
            Regime.SIDEWAYS: self.sideways,
            Regime.VOLATILE: self.volatile,
        }[regime]

    @property
    def likeliest(self) -> Regime:
        """The regime with the highest probability; a tie goes to VOLATILE, then SIDEWAYS, then BEAR."""
        careful = (Regime.VOLATILE, Regime.SIDEWAYS, Regime.BEAR, Regime.BULL)
        return max(careful, key=self.of)


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeframeRegime:
    """The reading of one interval; `regime` has stood for `held_bars` of the bars at hand. Odds are the newest."""

    interval: str
    regime: Regime
    held_bars: int
    odds: RegimeOdds
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RegimeReading:
    """The reading over all intervals: `regime` and `odds` are those of the leading one.

    `confidence` is how far the regime's probability leads the next, in [0, 1]: 0 while a challenger leads, but not by
    enough. `agreement` is the weighted share of intervals whose own reading is the same.
    """

    regime: Regime
    odds: RegimeOdds
    confidence: float
    agreement: float
    timeframes: tuple[TimeframeRegime, ...]

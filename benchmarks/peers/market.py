"""Two invented years of minutes that every engine trades: a calm one, and one that reaches stops and targets.

Seeded; regimes of their own noise, jumps, and a weak pull home that keeps a year of storm within sane prices. Each bar
opens where the last one closed, so that a stop measured from the close that decided is a stop measured from the fill.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

BARS = 525_600
MINUTE_MS = 60_000
START_MS = 1_704_067_200_000
_PULL = 1e-4
_TICK = 1e-4


@dataclass(frozen=True, slots=True, kw_only=True)
class Year:
    """One year: its noise a minute by regime, how long a regime lasts in minutes, and jumps a year."""

    name: str
    seed: int
    noise: tuple[float, ...]
    stay: float
    jumps: int

    def write(self, folder: Path, bars: int = BARS) -> Path:
        """The first `bars` minutes as columns of a file, made once."""
        path = folder / f"{self.name}-{self.seed}-{bars}.npz"
        if not path.exists():
            folder.mkdir(parents=True, exist_ok=True)
            np.savez(path, **{name: column[:bars] for name, column in self.columns().items()})
        return path

    def columns(self) -> dict[str, np.ndarray]:
        """The whole year: open_time in ms, prices near 100 in ticks of 0.0001, volume."""
        rng = np.random.default_rng(self.seed)
        switched = np.cumsum(rng.random(BARS) < 1 / self.stay)
        noise = np.asarray(self.noise)[rng.integers(0, len(self.noise), int(switched[-1]) + 1)[switched]]
        moves = rng.normal(0.0, 1.0, BARS) * noise
        moves[rng.choice(BARS, self.jumps, replace=False)] += rng.normal(0.0, 0.01, self.jumps)
        close = np.round(100.0 * np.exp(_pulled_home(moves)) / _TICK) * _TICK
        opened = np.concatenate(([100.0], close[:-1]))
        reach = np.abs(rng.normal(0.0, 0.5, (2, BARS))) * noise
        return {
            "open_time": START_MS + np.arange(BARS, dtype=np.int64) * MINUTE_MS,
            "open": opened,
            "high": np.round(np.maximum(opened, close) * (1 + reach[0]) / _TICK) * _TICK,
            "low": np.round(np.minimum(opened, close) * (1 - reach[1]) / _TICK) * _TICK,
            "close": close,
            "volume": np.round(rng.lognormal(3.0, 1.0, BARS), 3),
        }


def _pulled_home(moves: np.ndarray) -> np.ndarray:
    path, at = np.empty(len(moves)), 0.0
    for row, move in enumerate(moves.tolist()):
        at += move - _PULL * at
        path[row] = at
    return path


CALM = Year(name="calm", seed=20240101, noise=(0.0003, 0.0006, 0.0010), stay=1_440, jumps=400)
STORM = Year(name="storm", seed=20240102, noise=(0.0030, 0.0050, 0.0080), stay=1_440, jumps=2_000)
YEARS = (CALM, STORM)

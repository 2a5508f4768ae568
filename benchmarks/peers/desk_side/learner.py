"""The desk's learner over one long episode: `desk.learning` compiled, on the lesson and luck that its peer has too."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from statistics import median

import numpy as np

from desk.learning.method import Draws, Lesson, Method
from desk.learning.states import SPACES
from desk.learning.training import Learner

SPACE = SPACES["enriched"]
_WARM = 100
# A run of milliseconds is at the mercy of its neighbours; its peer's seconds are not.
_TIMES = 5


def main() -> None:
    """Warm up, learn, tell."""
    job = json.loads(Path(sys.argv[1]).read_text())
    names = ("states", "lean", "open", "high", "low", "close", "funding")
    with np.load(job["lesson"]) as told:
        lesson = Lesson(symbol="BTCUSDT", **{name: told[name] for name in names})
        draws = Draws(told["explore"], told["pick"], told["replay"])
    method = Method(episodes=1, length=len(lesson), memory=job["terms"]["memory"])
    Learner(SPACE, method).live(lesson.between(0, _WARM), draws, 1.0)
    spent: list[float] = []
    for _ in range(_TIMES):
        learner = Learner(SPACE, method)
        began = time.process_time()
        learner.live(lesson, draws, job["terms"]["curiosity"])
        spent.append(time.process_time() - began)
    np.savez(job["table"], table=learner.table)
    steps = int((lesson.states[:-1] >= 0).sum()) * (1 + draws.replay.shape[1])
    print(json.dumps({"cpu": median(spent), "count": steps}))


def write_lesson(folder: Path, seed: int, bars: int) -> Path:
    """A market whose states wander over the whole space, and the luck of one episode on it; made once."""
    path = folder / f"lesson-{seed}-{bars}.npz"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        rng = np.random.default_rng(seed)
        close = 100.0 * np.exp(np.cumsum(rng.normal(0.0, 0.004, bars)))
        opened = np.concatenate(([100.0], close[:-1]))
        reach = np.abs(rng.normal(0.0, 0.002, (2, bars)))
        states = rng.integers(0, SPACE.size, bars).astype(np.int32)
        # Markets stay in a state for a while.
        stays = rng.random(bars) < 0.7
        kept = np.maximum.accumulate(np.where(stays, 0, np.arange(bars)))
        draws = Method(episodes=1, length=bars).draw(rng)
        np.savez(
            path,
            states=states[kept],
            lean=rng.integers(-1, 2, bars).astype(np.int8),
            open=opened,
            high=np.maximum(opened, close) * (1 + reach[0]),
            low=np.minimum(opened, close) * (1 - reach[1]),
            close=close,
            funding=np.where(np.arange(bars) % 480 == 0, 1e-4, 0.0),
            **draws._asdict(),
        )
    return path


def terms_of(method: Method, curiosity: float) -> dict[str, float]:
    """A method as its peer is told it."""
    names = ("rate", "fade", "discount", "fee", "slippage", "stop", "target", "memory")
    reward = {"streak": method.reward.streak, "context": method.reward.context}
    return {**{name: getattr(method, name) for name in names}, **reward, "curiosity": curiosity}


if __name__ == "__main__":
    main()

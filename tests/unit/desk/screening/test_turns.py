"""The regime of five minutes out of minutes: the same as the room's own, and a turn is told once."""

from __future__ import annotations

import numpy as np

from desk.domain.market import Bar
from desk.market.candles import Candles
from desk.market.resample import resample
from desk.regime.detect import read_timeframe
from desk.screening.turns import RegimeTurns

MINUTE = 60_000


def minutes(count: int, *, drifts: tuple[float, ...] = (0.0,), seed: int = 4) -> tuple[Bar, ...]:
    rng = np.random.default_rng(seed)
    parts = [rng.normal(drift, 0.0004, count // len(drifts)) for drift in drifts]
    closes = (100 * np.exp(np.cumsum(np.concatenate(parts)))).tolist()
    opens = [100.0, *closes[:-1]]
    return tuple(
        Bar(n * MINUTE, o, max(o, c) * 1.0001, min(o, c) / 1.0001, c, float(np.exp(rng.normal(3, 0.3))))
        for n, (o, c) in enumerate(zip(opens, closes, strict=True))
    )


def test_minutes_give_the_regime_that_bars_of_five_minutes_have() -> None:
    played = minutes(1_000, drifts=(0.0006,))
    turns = RegimeTurns()
    for bar in played:
        turns.minute(bar)
    assert turns.regime is read_timeframe(resample(Candles.from_bars("AUSDT", "1m", played), "5m")).regime


def test_a_market_that_turns_is_told_at_the_turn_and_not_at_the_beginning() -> None:
    turns, told = RegimeTurns(), list[int]()
    for place, bar in enumerate(minutes(2_000, drifts=(0.0006, -0.0006))):
        told += [place] if turns.minute(bar) else []
    assert told
    assert all(place >= 1_000 and place % 5 == 4 for place in told)


def test_a_bar_with_a_hole_in_it_is_no_bar() -> None:
    whole, holed = RegimeTurns(), RegimeTurns()
    played = minutes(1_000, drifts=(0.0006,))
    for bar in played:
        whole.minute(bar)
    for bar in (*played[:503], *played[505:]):
        holed.minute(bar)
    assert holed.regime is whole.regime

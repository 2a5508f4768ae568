"""How well sudden moves are told: `python -m benchmarks.skill.spikes` prints one JSON object.

Thresholds were chosen on the minutes of 2023 and are reported on those of 2025, price and volume apart, each with
intervals from resampled days, with doubtful moves set aside and without any doubt; a walk through four stretches of time; and the
largest recorded moves of an hour. Beside it stand two rules that anybody has.
"""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.skill import spike_labels as labels
from benchmarks.skill.recordings import DATA, candles_of, need_data, recorded
from benchmarks.skill.scores import RESAMPLES, SEED, wilson
from benchmarks.skill.spike_labels import Run
from desk.market.candles import Candles
from desk.spikes.columns import NoiseColumns, excess_columns, noise_columns
from desk.spikes.detect import SpikeParameters

DAY_MS = 86_400_000
SHIPPED = SpikeParameters()
SIGMAS = (5.0, 5.5, 6.0, 6.5, 7.0, 7.5, 8.0)
VOLUME_SIGMAS = (3.0, 3.5, 4.0, 4.5, 5.0)
WALK = ("2023-07-03", "2023-07-25", "2025-05-04", "2025-05-19", "2025-06-04")
FOREVER = 2**62
Alarms = dict[str, list[Run]]


@dataclass(frozen=True)
class Minutes:
    """One recording: its bars, what was usual before each and, in hindsight, around it, and its labels by kind."""

    bars: Candles
    noise: NoiseColumns
    hindsight: NoiseColumns
    truth: dict[str, tuple[list[Run], list[Run]]]


@dataclass
class Tally:
    """Days of what had to be told and of what was told, with whether it was, and the lags in bars."""

    events: list[tuple[int, bool]] = field(default_factory=list)
    alarms: list[tuple[int, bool, bool]] = field(default_factory=list)
    lags: list[int] = field(default_factory=list)


Teller = Callable[[Minutes], Alarms]


def main() -> None:
    """Print what was measured."""
    need_data()
    every = [minutes(candles_of(path)) for path in sorted((DATA / "klines").glob("*-1m-um-*.parquet"))]
    split = ms("2024-01-01")
    answer = {
        "rule": "decision 17: price from 8 deviations and 0.3 %, volume from 5; doubtful from 5 and 0.25 %, and from 3",
        "thresholds": asdict(SHIPPED),
        "recordings": [f"{m.bars.symbol} {day(int(m.bars.open_time[0]))} {len(m.bars)}" for m in every],
        "chosen_on_2023": {"choice": choose(every, 0, split), "detector": report(every, shipped, 0, split)},
        "reported_on_2025": {name: report(every, teller, split, FOREVER) for name, teller in TELLERS.items()},
        "one_threshold_on_2025": report([hard(m) for m in every], shipped, split, FOREVER),
        "walk_forward": walk(every),
        "largest_hours": largest_hours(),
        "not_scored": "book, divergence, forced orders and news: no recording of them beside prices is long enough; "
        "pumps of 2018-2019: no minutes of those pairs are at hand",
    }
    sys.stdout.write(json.dumps(answer, indent=1) + "\n")


def ms(text: str) -> int:
    """A UTC date in ms."""
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp() * 1000)


def day(at: int) -> str:
    """The UTC date of a moment in ms."""
    return datetime.fromtimestamp(at / 1000, UTC).date().isoformat()


def minutes(bars: Candles) -> Minutes:
    """A recording from its bars."""
    usual = labels.hindsight(bars)
    noise = noise_columns(bars, SHIPPED.window, SHIPPED.recent_bars)
    return Minutes(bars, noise, usual, labels.labelled(bars, usual))


def hard(one: Minutes) -> Minutes:
    """The same, its labels without doubt: an event is what passes the alarm's own thresholds in hindsight."""
    return replace(one, truth=labels.labelled(one.bars, one.hindsight, SHIPPED, SHIPPED))


def told_by(parameters: SpikeParameters) -> Teller:
    """The detector with these thresholds."""

    def told(one: Minutes) -> Alarms:
        excess = excess_columns(one.bars, one.noise, parameters)
        return {kind: labels.runs_of(getattr(excess, kind)) for kind in labels.KINDS}

    return told


shipped = told_by(SHIPPED)


def one_per_cent(one: Minutes) -> Alarms:
    """A naive rule: closes that moved a per cent in five minutes; a minute of five times the hour's mean volume."""
    close = np.log(one.bars.close)
    moved = np.r_[np.zeros(5), close[5:] - close[:-5]]
    return _named(moved / 0.01, one.bars.volume / np.maximum(5 * _mean_before(one.bars.volume, 60), 1e-9))


def four_deviations(one: Minutes) -> Alarms:
    """A naive rule: a return, or a volume, four standard deviations from the mean of the hour before."""
    change = np.diff(np.log(one.bars.close), prepend=np.log(one.bars.close[0]))
    return _named(_deviations(change) / 4, _deviations(one.bars.volume) / 4)


def _named(moved: NDArray[np.float64], loud: NDArray[np.float64]) -> Alarms:
    return {"up": labels.runs_of(moved), "down": labels.runs_of(-moved), "volume": labels.runs_of(loud)}


def _mean_before(values: NDArray[np.float64], bars: int) -> NDArray[np.float64]:
    total = np.cumsum(np.r_[0.0, values])
    means = np.full(len(values), np.inf)
    means[bars:] = (total[bars:-1] - total[: -bars - 1]) / bars
    return means


def _deviations(values: NDArray[np.float64]) -> NDArray[np.float64]:
    mean, square = _mean_before(values, 60), _mean_before(values**2, 60)
    known = np.isfinite(mean)
    spread = np.sqrt(np.maximum(square - np.where(known, mean, 0.0) ** 2, 0.0))
    return np.where(
        known & (spread > 0), (values - np.where(known, mean, 0.0)) / np.where(spread > 0, spread, 1.0), 0.0
    )


TELLERS: dict[str, Teller] = {
    "detector": shipped,
    "naive_one_per_cent": one_per_cent,
    "naive_four_deviations": four_deviations,
}


def report(every: Sequence[Minutes], teller: Teller, since: int, until: int) -> dict[str, Any]:
    """Price and volume."""
    tallies = {"price": Tally(), "volume": Tally()}
    for one in every:
        alarms = teller(one)
        for kind in labels.KINDS:
            count(tallies["volume" if kind == "volume" else "price"], one, kind, alarms[kind], since, until)
    return {name: figures(tally) for name, tally in tallies.items()}


def count(tally: Tally, one: Minutes, kind: str, alarms: Sequence[Run], since: int, until: int) -> None:
    """Add what one recording shows where both its past and its future are known."""
    must, may = one.truth[kind]
    times = one.bars.open_time
    first, last = 2 * labels.AROUND, len(times) - labels.AROUND

    def inside(run: Run) -> bool:
        return first <= run.first < last and since <= times[run.first] < until

    for event in filter(inside, must):
        alarm = labels.met(event, alarms, labels.EARLY, labels.LATE)
        tally.events.append((int(times[event.first] // DAY_MS), alarm is not None))
        tally.lags += [alarm.first - event.first] if alarm else []
    for alarm in filter(inside, alarms):
        right = [labels.met(alarm, truth, labels.LATE, labels.EARLY) is not None for truth in (may, must)]
        tally.alarms.append((int(times[alarm.first] // DAY_MS), right[0], right[1]))


def figures(tally: Tally) -> dict[str, Any]:
    """Shares with intervals, and the lag."""
    lags = np.array(tally.lags) if tally.lags else np.array([np.nan])
    return {
        "events": len(tally.events),
        "alarms": len(tally.alarms),
        "recall": share([(d, hit) for d, hit in tally.events]),
        "precision": share([(d, right) for d, right, _ in tally.alarms]),
        "alarms_on_events": share([(d, event) for d, _, event in tally.alarms]),
        "lag_minutes_median": float(np.median(lags)),
        "told_within_the_minute": round(float((lags <= 0).mean()), 4),
    }


def share(rows: Sequence[tuple[int, bool]]) -> dict[str, float] | None:
    """The share of hits with a 95 % interval from resampled days: what moves one coin moves the others."""
    if not rows:
        return None
    days = sorted({d for d, _ in rows})
    place = {d: i for i, d in enumerate(days)}
    counts = np.zeros((len(days), 2))
    for d, hit in rows:
        counts[place[d]] += (hit, 1)
    draws = np.random.default_rng(SEED).integers(0, len(days), (RESAMPLES, len(days)))
    sums = counts[draws].sum(axis=1)
    low, high = np.percentile(sums[:, 0] / sums[:, 1], [2.5, 97.5])
    total = counts.sum(axis=0)
    return {"value": round(float(total[0] / total[1]), 4), "low": round(float(low), 4), "high": round(float(high), 4)}


def choose(every: Sequence[Minutes], since: int, until: int) -> dict[str, float]:
    """The thresholds whose recall and precision add up to most; of equals the larger."""

    def worth(name: str, parameters: SpikeParameters) -> float:
        told = report(every, told_by(parameters), since, until)[name]
        return sum((told[key] or {"value": 0.0})["value"] for key in ("recall", "precision"))

    price = max(SIGMAS, key=lambda s: (round(worth("price", replace(SHIPPED, price_sigma=s)), 3), s))
    volume = max(VOLUME_SIGMAS, key=lambda s: (round(worth("volume", replace(SHIPPED, volume_sigma=s)), 3), s))
    return {"price_sigma": price, "volume_sigma": volume}


def walk(every: Sequence[Minutes]) -> list[dict[str, Any]]:
    """Each stretch told with thresholds chosen on all before it."""
    rows: list[dict[str, Any]] = []
    for start, end in pairwise(WALK[1:]):
        chosen = choose(every, 0, ms(start))
        told = report(every, told_by(replace(SHIPPED, **chosen)), ms(start), ms(end))
        rows.append({"from": start, "to": end, "chosen": chosen} | told)
    return rows


def largest_hours() -> dict[str, Any]:
    """Of the 50 largest hours each of BTC, ETH, XRP and ADA, how many an alarm on hourly bars tells, and alarms a month."""
    with (DATA / "events" / "top50_abs_1h_moves_computed.csv").open() as file:
        moves = [(row["symbol"], int(row["open_time"]), float(row["ret"]) > 0) for row in csv.DictReader(file)]
    told = known = 0
    alarms, hours = 0, 0
    for symbol in ("BTCUSDT", "ETHUSDT", "XRPUSDT", "ADAUSDT"):
        bars = recorded(symbol, "1h")
        excess = excess_columns(bars, noise_columns(bars, SHIPPED.window, SHIPPED.recent_bars), SHIPPED)
        alarms += len(labels.runs_of(excess.up)) + len(labels.runs_of(excess.down))
        hours += len(bars)
        for at, up in ((at, up) for name, at, up in moves if name == symbol):
            place = int(np.searchsorted(bars.open_time, at))
            if place >= SHIPPED.window + SHIPPED.recent_bars:
                known += 1
                told += int((excess.up if up else excess.down)[place] >= 1)
    found = wilson(told, known)
    return {
        "told": None if found is None else asdict(found),
        "of": known,
        "alarms_a_month": round(alarms / (hours / 730.5), 1),
    }


if __name__ == "__main__":
    main()

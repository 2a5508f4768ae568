"""How well the regime is told: `python -m benchmarks.skill.regime` prints one JSON object; `--fit` prints the weights.

Weights and margin in the code were chosen on BTC, ETH, XRP and ADA before July 2022. Reported: the years after; a walk
through the years in which each is told by what all years before it teach; each interval by labels of its own; other
coins, never fitted; and the turning points of Bitcoin. Beside it stand three rules that anybody has.
"""

from __future__ import annotations

import argparse
import csv
import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np

from benchmarks.skill import regime_fit, scores
from benchmarks.skill import regime_labels as labels
from benchmarks.skill.recordings import DATA, need_data, recorded
from benchmarks.skill.regime_fit import Labels, Market, compared, market, said_by
from desk.market.resample import resample
from desk.regime import rule, settle

FITTED_ON = ("BTCUSDT", "ETHUSDT", "XRPUSDT", "ADAUSDT")
NAMES = ("bull", "bear", "sideways", "volatile")
BLOCK_DAYS = 28
MONTH_MS = 30.4375 * 86_400_000
FOREVER = 2**62
Teller = Callable[[Market], Labels]


def ms(text: str) -> int:
    """A UTC date in ms."""
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp() * 1000)


SPLIT = ms("2022-07-01")


def main() -> None:
    """Print what was measured."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--fit", action="store_true", help="print the weights and the margin that the code carries")
    wanted = parser.parse_args()
    need_data()
    markets = [market(resample(recorded(symbol, "1h"), "4h")) for symbol in FITTED_ON]
    answer = fitted(markets) if wanted.fit else report(markets)
    sys.stdout.write(json.dumps(answer, indent=1) + "\n")


def fitted(markets: Sequence[Market]) -> dict[str, Any]:
    """What the years before the split teach."""
    weights = regime_fit.fit(markets, SPLIT)
    return {
        "weights": {
            r.value: [round(float(w), 3) + 0.0 for w in row] for r, row in zip(rule.REGIMES, weights, strict=True)
        },
        "margin": regime_fit.choose_margin(markets, weights, SPLIT),
    }


def report(markets: Sequence[Market]) -> dict[str, Any]:
    """Everything the docstring names."""
    return {
        "rule": "decision 15: +-21 bars of 4h, |z| >= 1, 1.25 x the usual volatility, runs from 6 bars",
        "chosen_before": "2022-07-01",
        "share_of_labels": shares(markets),
        "chosen_half": {"detector": scored(markets, shipped, 0, regime_fit.seen_by(markets[0], SPLIT))},
        "reported_half": {name: scored(markets, teller, SPLIT, FOREVER) for name, teller in TELLERS.items()},
        "walk_forward": walk_forward(markets),
        "by_interval": by_interval(),
        "never_fitted": never_fitted(),
        "turning_points_btc": turning_points(markets[0]),
    }


def shipped(one: Market) -> Labels:
    """What the code says."""
    return said_by(one, np.array([rule.WEIGHTS[r] for r in rule.REGIMES]), settle.MARGIN)


def unsettled(one: Market) -> Labels:
    """The same odds without hysteresis."""
    return said_by(one, np.array([rule.WEIGHTS[r] for r in rule.REGIMES]), 0.0)


def goes_on(one: Market) -> Labels:
    """A naive rule: what the last 42 bars were by the labelling rule itself, the next will be."""
    z, size = labels.moves(one.bars, 2 * labels.HALF)
    return labels.classify(z, size, labels.usual(size))


def crossing(one: Market) -> Labels:
    """A naive rule: bull while the mean of 50 bars is above that of 200, bear while it is below."""
    total = np.cumsum(np.r_[0.0, one.bars.close])
    said = np.full(len(one.bars), labels.UNKNOWN)
    fast, slow = (total[200:] - total[150:-50]) / 50, (total[200:] - total[:-200]) / 200
    said[199:] = np.where(fast > slow, labels.BULL, labels.BEAR)
    return said


def majority(one: Market) -> Labels:
    """The commonest label, always."""
    return np.full(len(one.bars), labels.SIDEWAYS)


TELLERS: dict[str, Teller] = {
    "detector": shipped,
    "detector_without_hysteresis": unsettled,
    "naive_it_goes_on": goes_on,
    "naive_50_over_200": crossing,
    "naive_always_sideways": majority,
}


def scored(markets: Sequence[Market], teller: Teller, since: int, until: int) -> dict[str, Any]:
    """Balanced accuracy with its interval, recalls, changes a month and the lag behind each change of the label."""
    pairs = [compared(one, teller(one), since, until) for one in markets]
    step = markets[0].bars.step_ms
    months = sum(len(truth) for truth, _ in pairs) * step / MONTH_MS
    found, missed = zip(*(scores.lags(truth, said) for truth, said in pairs), strict=True)
    hours = np.array([bars for one in found for bars in one]) * step / 3_600_000
    truth, said = (np.concatenate(column) for column in zip(*pairs, strict=True))
    block = round(BLOCK_DAYS * 86_400_000 / step)
    return {
        "bars": len(truth),
        "balanced_accuracy": asdict(scores.balanced_interval(pairs, regime_fit.CLASSES, block)),
        "recall": dict(zip(NAMES, scores.recalls(truth, said, regime_fit.CLASSES), strict=True)),
        "precision": dict(zip(NAMES, scores.recalls(said, truth, regime_fit.CLASSES), strict=True)),
        "changes_a_month": round(sum(scores.changes(s) for _, s in pairs) / months, 2),
        "changes_a_month_of_labels": round(sum(scores.changes(t) for t, _ in pairs) / months, 2),
        "lag_hours_median": round(float(np.median(hours)), 1) if len(hours) else None,
        "lag_hours_mean": round(float(hours.mean()), 1) if len(hours) else None,
        "label_changes_never_said": round(sum(missed) / max(1, sum(missed) + len(hours)), 4),
    }


def shares(markets: Sequence[Market]) -> dict[str, float]:
    """How common each label is."""
    truth = np.concatenate([one.truth[one.truth != labels.UNKNOWN] for one in markets])
    return {name: round(float((truth == k).mean()), 4) for k, name in enumerate(NAMES)}


def walk_forward(markets: Sequence[Market]) -> list[dict[str, Any]]:
    """Each year from 2021 told by weights and margin of all years before it, beside the first naive rule."""
    rows: list[dict[str, Any]] = []
    for year in range(2021, 2026):
        start, end = ms(f"{year}-01-01"), ms(f"{year + 1}-01-01")
        weights = regime_fit.fit(markets, start)
        margin = regime_fit.choose_margin(markets, weights, start)

        def told(one: Market, weights: regime_fit.Table = weights, margin: float = margin) -> Labels:
            return said_by(one, weights, margin)

        figures = {
            name: scored(markets, teller, start, end)
            for name, teller in (("detector", told), ("naive_it_goes_on", goes_on))
        }
        keep = ("balanced_accuracy", "changes_a_month", "lag_hours_median")
        rows.append({"year": str(year), "margin": margin} | {n: {k: f[k] for k in keep} for n, f in figures.items()})
    return rows


def by_interval() -> dict[str, Any]:
    """The same rule on other intervals of BTC and ETH, by labels of +-21 of their own bars, after the split."""
    answer: dict[str, Any] = {}
    for interval in ("5m", "15m", "1h", "1d"):
        bars = [recorded(s, "1h") if interval == "1d" else recorded(s, interval) for s in ("BTCUSDT", "ETHUSDT")]
        markets = [market(resample(b, "1d") if interval == "1d" else b) for b in bars]
        answer[interval] = {
            name: scored(markets, teller, SPLIT, FOREVER)["balanced_accuracy"]
            for name, teller in (("detector", shipped), ("naive_it_goes_on", goes_on))
        }
    return answer


def never_fitted() -> dict[str, Any]:
    """Coins that no weight has seen."""
    markets = [market(resample(recorded(symbol, "1h"), "4h")) for symbol in ("SOLUSDT", "BNBUSDT", "DOGEUSDT")]
    return {
        name: scored(markets, teller, SPLIT, FOREVER)
        for name, teller in (("detector", shipped), ("naive_it_goes_on", goes_on))
    }


def turning_points(btc: Market) -> dict[str, Any]:
    """Days from each turning point of Bitcoin's daily closes until the trend is first told, and until 20 % or 25 % confirm it."""
    with (DATA / "events" / "btc_turning_points_computed.csv").open() as file:
        points = [
            (datetime.fromisoformat(r["date"]), r["type"], datetime.fromisoformat(r["confirmed_on"]))
            for r in csv.DictReader(file)
        ]
    answer: dict[str, Any] = {"confirmed_days_median": round(float(np.median([(c - d).days for d, _, c in points])), 1)}
    for name in ("detector", "naive_50_over_200"):
        said = TELLERS[name](btc)
        days = [first_told(btc, said, date, kind) for date, kind, _ in points]
        told = [d for d in days if d is not None]
        answer[name] = {"points": len(days), "told": len(told), "lag_days_median": round(float(np.median(told)), 2)}
    return answer


def first_told(btc: Market, said: Labels, date: datetime, kind: str) -> float | None:
    """Days from the close of the day of a turn to the first bar that tells the new trend, within 90 days."""
    end = int((date.replace(tzinfo=UTC) + timedelta(days=1)).timestamp() * 1000)
    wanted = labels.BEAR if kind == "top" else labels.BULL
    after = (btc.closes >= end) & (btc.closes < end + 90 * 86_400_000) & (said == wanted)
    return float((btc.closes[after][0] - end) / 86_400_000) if after.any() else None


if __name__ == "__main__":
    main()

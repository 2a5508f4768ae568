"""What the desk's words would have earned: `python -m benchmarks.skill.forecasts` prints one JSON object.

Each specialist's numbers on recorded bars, as the forecasts that its reports leave, held against what came by the very
measure that gives weights (`memory.standing`): what is said within one horizon is one observation, chance is what such
calls hit at random, and nothing fades. Horizons are those of desk.yaml. Chart and risk were fitted to no data; regime
and spikes are told on the years after those they were chosen on. Beside them stand rules that anybody has.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import numpy as np

from agents.views import STRAYS, forecast_of
from benchmarks.skill import regime, spike_labels
from benchmarks.skill.recordings import need_data, recorded
from benchmarks.skill.regime_fit import market
from config.loader import load_desk
from crews.seating import setup_of
from desk.domain.moments import from_ms
from desk.ledger.values import ForecastRow
from desk.market.candles import Candles
from desk.market.chart import read_chart
from desk.regime import rule
from desk.risk.sizing import SizingParameters, advise_size, daily_volatility
from desk.spikes.columns import excess_columns, noise_columns
from desk.spikes.detect import SpikeParameters
from memory.standing import Measure, Standing, standing

PAIRS = ("BTCUSDT", "ETHUSDT")
CHART_BARS, DAILY_BARS, NOTABLE = 120, 300, 0.3
HOUR_MS = 3_600_000
Teller = Callable[[Candles], Iterator[ForecastRow]]


def main() -> None:
    """Print what was measured."""
    need_data()
    setup = setup_of(load_desk("demo", environ={}))
    horizons = {agent: minutes for agent, minutes in setup.trust.horizons.items() if agent != "news"}
    measure = replace(setup.trust.measure, half_life_days=1e9)
    bars = {
        "chart": [recorded(pair, "15m") for pair in PAIRS],
        "regime": [recorded(pair, "1h") for pair in PAIRS],
        "risk": [recorded(pair, "1h") for pair in PAIRS],
        "spikes": [recorded(pair, "1m", starting="2025") for pair in PAIRS],
    }
    told = {
        f"reported_{name}_{minutes}_minutes_ahead": measured(TELLERS[name], bars[name], minutes, measure)
        for name, minutes in sorted(horizons.items())
    }
    answer: dict[str, Any] = {
        "pairs": " and ".join(PAIRS),
        "chart": "the numeric reading of 120 bars of 15 minutes, each hour from 2023 on",
        "regime": "bull is a call of up and bear of down, each hour from July 2022 on",
        "risk": "a call that the price strays as far as the advised stop, each hour from 2023 on, account untouched",
        "spikes": "an alarm is a call that its direction holds, minutes of 2025",
        "not_measured": "news: no recording holds headlines beside prices. A language model: none was run here",
    }
    sys.stdout.write(json.dumps(answer | told, indent=1) + "\n")


def measured(teller: Teller, bars: Sequence[Candles], minutes: int, measure: Measure) -> dict[str, Any]:
    """The standing of a specialist's forecasts beside what the simplest rules say at the same moments."""
    rows = [row for one in bars for row in settled(list(teller(one)), one, minutes)]
    now = max(row.until for row in rows)
    own = standing(rows, now, measure)
    return {"detector": figures(own), "naive_same_calls_at_random": {"hits": round(own.chance, 4), "brier": 0.25}} | {
        f"naive_always_{word}": figures(standing([_saying(row, chance) for row in rows], now, measure))
        for word, chance in (("yes", Decimal("0.51")), ("no", Decimal("0.49")))
    }


def figures(one: Standing) -> dict[str, Any]:
    """A standing as the page shows it."""
    return {
        "calls": one.calls,
        "observations": round(one.observations),
        "hits": {"value": round(one.hits, 4), "low": round(one.low, 4), "high": round(one.high, 4)},
        "brier": round(one.brier, 4),
    }


def settled(rows: Sequence[ForecastRow], bars: Candles, minutes: int) -> Iterator[ForecastRow]:
    """The forecasts whose time the bars span whole, each with what came of it."""
    steps = minutes * 60_000 // bars.step_ms
    closes = bars.open_time + bars.step_ms
    places = np.searchsorted(closes, [int(row.at.timestamp() * 1000) for row in rows])
    for row, place in zip(rows, places, strict=True):
        last = int(place) + steps
        if last >= len(bars) or closes[last] - closes[place] != minutes * 60_000:
            continue
        ahead = slice(int(place) + 1, last + 1)
        close = bars.close[place]
        strayed = max(bars.high[ahead].max() / close - 1, 1 - bars.low[ahead].min() / close)
        came = strayed >= float(row.distance) if row.event == STRAYS else bars.close[last] > close
        yield replace(row, until=row.at + timedelta(minutes=minutes), outcome=int(came))


def _saying(row: ForecastRow, probability: Decimal) -> ForecastRow:
    return replace(row, probability=probability)


def _row(agent: str, bars: Candles, place: int, report: dict[str, Any]) -> ForecastRow:
    """The forecast that a report leaves at the close of a bar."""
    said = forecast_of(agent, report)
    at = from_ms(int(bars.open_time[place] + bars.step_ms))
    return ForecastRow(
        decision_id=f"{bars.symbol} {place}",
        agent=agent,
        at=at,
        until=at,
        symbol=bars.symbol,
        model="offline rules",
        regime="",
        event=said.event,
        probability=said.probability,
        called=int(said.called),
        mark=Decimal(repr(float(bars.close[place]))),
        distance=said.distance,
    )


def of_chart(bars: Candles) -> Iterator[ForecastRow]:
    """The chart in numbers, once an hour."""
    for place in range(CHART_BARS - 1, len(bars), HOUR_MS // bars.step_ms):
        read = read_chart(_until(bars, place, CHART_BARS))
        yield _row("chart", bars, place, {"score": read.score, "confidence": read.confidence})


def of_regime(bars: Candles) -> Iterator[ForecastRow]:
    """The regime that stands, where it points somewhere."""
    said = regime.shipped(market(bars))
    for place in np.flatnonzero((said >= 0) & (bars.open_time >= regime.SPLIT)):
        report = {"regime": rule.REGIMES[said[place]].value, "confidence": 0.5}
        yield _row("regime", bars, int(place), report)


def of_risk(bars: Candles) -> Iterator[ForecastRow]:
    """The size and stop that suit the volatility of the last 300 hours, while every limit is unspent."""
    first = int(np.searchsorted(bars.open_time, regime.ms("2023-01-01")))
    for place in range(max(first, DAILY_BARS), len(bars)):
        size = advise_size(daily_volatility(_until(bars, place, DAILY_BARS)), 1.0, SizingParameters())
        yield _row("risk", bars, place, {"size": size.fraction, "stop_pct": size.stop_pct})


def of_spikes(bars: Candles) -> Iterator[ForecastRow]:
    """The first bar of each alarm of price."""
    rules = SpikeParameters()
    excess = excess_columns(bars, noise_columns(bars, rules.window, rules.recent_bars), rules)
    for side, column in ((1.0, excess.up), (-1.0, excess.down)):
        for run in spike_labels.runs_of(column):
            yield _row("spikes", bars, run.first, {"pressure": side * NOTABLE})


def _until(bars: Candles, place: int, count: int) -> Candles:
    part = slice(place + 1 - count, place + 1)
    columns = (bars.open_time, bars.open, bars.high, bars.low, bars.close, bars.volume)
    return Candles.from_columns(bars.symbol, bars.interval, *(column[part] for column in columns))


TELLERS: dict[str, Teller] = {"chart": of_chart, "regime": of_regime, "risk": of_risk, "spikes": of_spikes}

if __name__ == "__main__":
    main()

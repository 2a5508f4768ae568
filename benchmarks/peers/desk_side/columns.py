"""The desk's indicators over a year of minutes: the fifteen of `programs/ta_columns.py`, by `desk.indicators`."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from statistics import median

import numpy as np

from desk.indicators import classic, derived
from desk.indicators.columns import Column
from desk.market.candles import Candles

# A run of milliseconds is at the mercy of its neighbours; its peer's seconds are not.
_TIMES = 5


def main() -> None:
    """Compute, keep the newest for comparison, tell."""
    job = json.loads(Path(sys.argv[1]).read_text())
    with np.load(job["series"]) as series:
        names = ("open_time", "open", "high", "low", "close", "volume")
        candles = Candles.from_columns("BTCUSDT", "1m", *(series[name] for name in names))
    spent: list[float] = []
    for _ in range(_TIMES):
        began = time.process_time()
        found = columns(candles)
        spent.append(time.process_time() - began)
    np.savez(job["columns"], **{name: column[-job["kept"] :] for name, column in found.items()})
    print(json.dumps({"cpu": median(spent), "count": len(candles)}))


def columns(bars: Candles) -> Mapping[str, Column]:
    """Every column by name."""
    high, low, close, volume = bars.high, bars.low, bars.close, bars.volume
    line, signal, _ = classic.macd(close)
    upper, _, lower = classic.bollinger(close)
    strength, plus, minus = classic.adx(high, low, close)
    return {
        **{f"ema_{period}": classic.ema(close, period) for period in (9, 21, 50, 200)},
        **{f"sma_{period}": classic.sma(close, period) for period in (20, 50, 200)},
        "macd": line,
        "macd_signal": signal,
        "rsi": classic.rsi(close),
        "bollinger_upper": upper,
        "bollinger_lower": lower,
        "atr": classic.atr(high, low, close),
        "adx": strength,
        "plus_di": plus,
        "minus_di": minus,
        "obv": classic.obv(close, volume),
        "stochastic_k": classic.stochastic(high, low, close)[0],
        "vwap": derived.rolling_vwap(bars, 20),
        "cci": classic.cci(high, low, close, 20),
        "roc": classic.roc(close, 10),
        "williams_r": classic.williams_r(high, low, close),
        "mfi": classic.mfi(high, low, close, volume),
        "donchian_upper": classic.highest(high, 20),
    }


if __name__ == "__main__":
    main()

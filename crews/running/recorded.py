"""A recorded market sets what can be traded and seen: its symbols, and its bar length and whatever that adds up to.

The file's name says both, as Binance Vision has it: `BTCUSDT-15m-….parquet`. From it follow the settings of a replay:
symbols and references, the intervals an agent can be shown, one decision a bar, a guard that looks four times a bar. A
file with `funding` in its name is the funding of its symbol, not candles.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

from config.loader import DeskConfig
from crews.running.services import is_funding, symbol_of
from desk.domain.errors import ConfigError

MINUTES = {"1m": 1, "3m": 3, "5m": 5, "15m": 15, "30m": 30, "1h": 60, "2h": 120, "4h": 240, "1d": 1440}
LOOKS_PER_BAR = 4


def settings_for(data: list[Path], config: DeskConfig) -> dict[str, str]:
    """What these files set over the configuration, as dotted keys with YAML text.

    Raises:
        ConfigError: for a file that is missing or whose name does not tell symbol and interval.
    """
    for path in data:
        if not path.exists():
            raise ConfigError("no such file", file=str(path), hint="--data takes SYMBOL-INTERVAL-….parquet, csv or zip")
    candles = [path for path in data if not is_funding(path)]
    if not candles:
        raise ConfigError("no candles among the files", file="--data")
    symbols = [symbol_of(path) for path in candles]
    base = max(MINUTES[interval_of(path)] for path in candles)
    desk = config.desk
    seen = [name for name, minutes in MINUTES.items() if minutes % base == 0 and _wanted(name, base, config)]
    own = {name: spikes.model_dump() for name, spikes in desk.spikes.items() if name in ("default", *symbols)}
    return {
        "desk.symbols": json.dumps(symbols),
        "desk.spikes": json.dumps(own),
        "desk.market.references": json.dumps(symbols),
        "desk.market.intervals": json.dumps(seen),
        "desk.signals.interval": desk.signals.interval if desk.signals.interval in seen else seen[0],
        "desk.chart.interval": desk.chart.interval if desk.chart.interval in seen else seen[0],
        "desk.cycle_seconds": str(max(base, MINUTES["15m"]) * 60),
        "profile.clock.substep_seconds": str(max(base, MINUTES["15m"]) * 60 // LOOKS_PER_BAR),
        "profile.venue.source.data": json.dumps([str(path.resolve()) for path in data]),
    }


def interval_of(path: Path) -> str:
    """The bar length a file's name tells. Raises ConfigError when it tells none."""
    found = re.search(r"-(1m|3m|5m|15m|30m|1h|2h|4h|1d)[-.]", path.name)
    if found is None:
        raise ConfigError("its name tells no interval", file=str(path), hint="name it SYMBOL-INTERVAL-….parquet")
    return found[1]


def _wanted(interval: str, base: int, config: DeskConfig) -> bool:
    return interval in config.desk.market.intervals or MINUTES[interval] == base

"""The average cross as freqtrade's users write it: columns of signals, a stop and a return by the table."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from freqtrade.strategy import IStrategy
from pandas import DataFrame

RULES = json.loads(Path(os.environ["PEERS_JOB"]).read_text())["rules"]


class Cross(IStrategy):
    """In with the fast average over the slow one, turned when they cross back."""

    INTERFACE_VERSION = 3
    timeframe = "1m"
    can_short = True
    # Both are of the margin, not of the price.
    stoploss = -RULES["stop"] * RULES["leverage"]
    minimal_roi = {"0": RULES["target"] * RULES["leverage"]}  # noqa: RUF012 (freqtrade reads a plain attribute)
    startup_candle_count = 0
    process_only_new_candles = True

    def populate_indicators(self, dataframe: DataFrame, metadata: dict[str, Any]) -> DataFrame:
        for name in ("fast", "slow"):
            dataframe[name] = dataframe["close"].ewm(span=RULES[name], adjust=False).mean()
        return dataframe

    def populate_entry_trend(self, dataframe: DataFrame, metadata: dict[str, Any]) -> DataFrame:
        up, down = self.crosses(dataframe)
        dataframe.loc[up, "enter_long"] = 1
        dataframe.loc[down, "enter_short"] = 1
        return dataframe

    def populate_exit_trend(self, dataframe: DataFrame, metadata: dict[str, Any]) -> DataFrame:
        up, down = self.crosses(dataframe)
        dataframe.loc[down, "exit_long"] = 1
        dataframe.loc[up, "exit_short"] = 1
        return dataframe

    def crosses(self, frame: DataFrame) -> tuple[Any, Any]:
        warm = frame.index >= RULES["warm_up"]
        up = (frame["fast"] > frame["slow"]) & (frame["fast"].shift() <= frame["slow"].shift()) & warm
        down = (frame["fast"] < frame["slow"]) & (frame["fast"].shift() >= frame["slow"].shift()) & warm
        return up, down

    def leverage(self, *_: Any, **__: Any) -> float:
        return float(RULES["leverage"])

"""A strategy that is there to use the exchange: in at the first candle, out at the first minute, stop on exchange."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from freqtrade.persistence import Trade
from freqtrade.strategy import IStrategy
from pandas import DataFrame

HELD_SECONDS = 20


class InAndOut(IStrategy):
    """Long whenever flat; out after twenty seconds."""

    INTERFACE_VERSION = 3
    timeframe = "1m"
    can_short = True
    stoploss = -0.10
    minimal_roi: dict[str, float] = {}  # noqa: RUF012 (freqtrade reads a plain attribute)
    process_only_new_candles = False
    startup_candle_count = 10
    order_types = {  # noqa: RUF012 (freqtrade reads a plain attribute)
        "entry": "market",
        "exit": "market",
        "stoploss": "market",
        "stoploss_on_exchange": True,
        "stoploss_on_exchange_interval": 5,
    }

    def populate_indicators(self, dataframe: DataFrame, metadata: dict[str, Any]) -> DataFrame:
        """None are needed."""
        return dataframe

    def populate_entry_trend(self, dataframe: DataFrame, metadata: dict[str, Any]) -> DataFrame:
        """Always long."""
        dataframe["enter_long"] = 1
        return dataframe

    def populate_exit_trend(self, dataframe: DataFrame, metadata: dict[str, Any]) -> DataFrame:
        """Left to custom_exit."""
        return dataframe

    def custom_exit(
        self, pair: str, trade: Trade, current_time: datetime, current_rate: float, current_profit: float, **kwargs: Any
    ) -> str | None:
        """Out once it was held for a while; in a backtest, at the next candle."""
        held = (current_time - trade.open_date_utc).total_seconds()
        return "held long enough" if held >= HELD_SECONDS else None

    def leverage(self, *_: Any, **__: Any) -> float:
        """Three times."""
        return 3.0

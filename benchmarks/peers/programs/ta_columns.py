"""The package `ta` over a year of minutes: fifteen indicators as whole columns."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd
import ta

JOB = json.loads(Path(sys.argv[1]).read_text())


def columns(frame: pd.DataFrame) -> dict[str, pd.Series]:
    high, low, close, volume = (frame[name] for name in ("high", "low", "close", "volume"))
    macd = ta.trend.MACD(close)
    bands = ta.volatility.BollingerBands(close)
    adx = ta.trend.ADXIndicator(high, low, close)
    stochastic = ta.momentum.StochasticOscillator(high, low, close)
    vwap = ta.volume.VolumeWeightedAveragePrice(high, low, close, volume, 20)
    donchian = ta.volatility.DonchianChannel(high, low, close, 20)
    return {
        **{f"ema_{period}": ta.trend.EMAIndicator(close, period).ema_indicator() for period in (9, 21, 50, 200)},
        **{f"sma_{period}": ta.trend.SMAIndicator(close, period).sma_indicator() for period in (20, 50, 200)},
        "macd": macd.macd(),
        "macd_signal": macd.macd_signal(),
        "rsi": ta.momentum.RSIIndicator(close).rsi(),
        "bollinger_upper": bands.bollinger_hband(),
        "bollinger_lower": bands.bollinger_lband(),
        "atr": ta.volatility.AverageTrueRange(high, low, close).average_true_range(),
        "adx": adx.adx(),
        "plus_di": adx.adx_pos(),
        "minus_di": adx.adx_neg(),
        "obv": ta.volume.OnBalanceVolumeIndicator(close, volume).on_balance_volume(),
        # The slow %K is its signal line: the fast line smoothed once.
        "stochastic_k": stochastic.stoch_signal(),
        "vwap": vwap.volume_weighted_average_price(),
        "cci": ta.trend.CCIIndicator(high, low, close, 20).cci(),
        "roc": ta.momentum.ROCIndicator(close, 10).roc(),
        "williams_r": ta.momentum.WilliamsRIndicator(high, low, close).williams_r(),
        "mfi": ta.volume.MFIIndicator(high, low, close, volume).money_flow_index(),
        "donchian_upper": donchian.donchian_channel_hband(),
    }


def main() -> None:
    with np.load(JOB["series"]) as series:
        frame = pd.DataFrame({name: series[name] for name in ("high", "low", "close", "volume")})
    began = time.process_time()
    found = columns(frame)
    spent = time.process_time() - began
    np.savez(JOB["columns"], **{name: column.to_numpy()[-JOB["kept"] :] for name, column in found.items()})
    print(json.dumps({"cpu": spent, "count": len(frame)}))


main()

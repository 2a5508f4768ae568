"""freqtrade's own `backtesting` on the year, from a cold process to its report; data files are written beforehand.

It reads what is listed from an exchange, as it always does: here the paper exchange, on loopback. Funding is zero.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
from pathlib import Path

JOB = json.loads(Path(sys.argv[1]).read_text())
WORK = Path(JOB["work"])
PAIR = "XRP/USDT:USDT"
HOUR = 60


def prepare() -> None:
    """Write the year in freqtrade's own format, once."""
    import numpy as np
    import pandas as pd

    shutil.rmtree(WORK, ignore_errors=True)
    (WORK / "strategies").mkdir(parents=True)
    folder = WORK / "data" / "futures"
    folder.mkdir(parents=True)
    shutil.copy(Path(__file__).with_name("freqtrade_cross.py"), WORK / "strategies")
    with np.load(JOB["series"]) as series:
        frame = pd.DataFrame({name: series[name] for name in ("open", "high", "low", "close", "volume")})
        frame.insert(0, "date", pd.to_datetime(series["open_time"], unit="ms", utc=True))
    hours = frame.iloc[::HOUR].reset_index(drop=True)
    charges = hours.assign(open=0.0, high=0.0, low=0.0, close=0.0, volume=0.0)
    for name, table in (("1m-futures", frame), ("1h-mark", hours), ("1h-funding_rate", charges)):
        table.to_feather(folder / f"XRP_USDT_USDT-{name}.feather", compression="lz4")


def configuration() -> Path:
    rules = JOB["rules"]
    written = {
        "dry_run": True,
        "dry_run_wallet": rules["deposit"],
        "max_open_trades": 1,
        "stake_currency": "USDT",
        "stake_amount": "unlimited",
        "tradable_balance_ratio": rules["size"] / rules["leverage"],
        "fee": rules["fee"],
        "trading_mode": "futures",
        "margin_mode": "isolated",
        "entry_pricing": {"price_side": "other", "use_order_book": True, "order_book_top": 1},
        "exit_pricing": {"price_side": "other", "use_order_book": True, "order_book_top": 1},
        "exchange": {"name": "binance", "ccxt_config": JOB["exchange"], "pair_whitelist": [PAIR], "enable_ws": False},
        "pairlists": [{"method": "StaticPairList"}],
        "dataformat_ohlcv": "feather",
    }
    path = WORK / "config.json"
    path.write_text(json.dumps(written))
    return path


def main() -> None:
    if not (WORK / "data").exists():
        prepare()
    if JOB.get("prepare"):
        print(json.dumps({"cpu": 0.0, "count": 1}))
        return
    os.environ["PEERS_JOB"] = sys.argv[1]
    from freqtrade.main import main as freqtrade

    shutil.rmtree(WORK / "backtest_results", ignore_errors=True)
    words = ["backtesting", "--userdir", str(WORK), "-c", str(configuration()), "--strategy", "Cross"]
    kept, sys.stdout = sys.stdout, sys.stderr
    try:
        freqtrade([*words, "--datadir", str(WORK / "data"), "--cache", "none", "--export", "trades"])
    except SystemExit as ended:
        if ended.code:
            raise
    finally:
        sys.stdout = kept
    print(json.dumps({"count": JOB["bars"]}))


main()

"""backtesting.py on the year: an average cross, long and short, with a stop and a target, in its own idiom."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd
from backtesting import Backtest, Strategy

JOB = json.loads(Path(sys.argv[1]).read_text())
RULES = JOB["rules"]
# It means a share of what margin can buy; the rules mean a share of equity.
SIZE = RULES["size"] / RULES["leverage"]


class Cross(Strategy):
    """In with the fast average over the slow one, turned when they cross back."""

    def init(self) -> None:
        close = pd.Series(self.data.Close)
        self.fast = self.I(lambda: close.ewm(span=RULES["fast"], adjust=False).mean())
        self.slow = self.I(lambda: close.ewm(span=RULES["slow"], adjust=False).mean())

    def next(self) -> None:
        if len(self.data) <= RULES["warm_up"]:
            return
        fast, slow = self.fast, self.slow
        price = self.data.Close[-1]
        if fast[-1] > slow[-1] and fast[-2] <= slow[-2]:
            self.buy(size=SIZE, sl=price * (1 - RULES["stop"]), tp=price * (1 + RULES["target"]))
        elif fast[-1] < slow[-1] and fast[-2] >= slow[-2]:
            self.sell(size=SIZE, sl=price * (1 + RULES["stop"]), tp=price * (1 - RULES["target"]))


def main() -> None:
    with np.load(JOB["series"]) as series:
        columns = {name.capitalize(): series[name] for name in ("open", "high", "low", "close", "volume")}
        frame = pd.DataFrame(columns, index=pd.to_datetime(series["open_time"], unit="ms"))
    began = time.process_time()
    engine = Backtest(
        frame,
        Cross,
        cash=RULES["deposit"],
        commission=RULES["fee"],
        margin=1 / RULES["leverage"],
        exclusive_orders=True,
        finalize_trades=True,
    )
    stats = engine.run()
    spent = time.process_time() - began
    trades = stats["_trades"]
    np.savez(
        JOB["trades"],
        entry_row=trades["EntryBar"].to_numpy(np.int64),
        exit_row=trades["ExitBar"].to_numpy(np.int64),
        side=np.sign(trades["Size"].to_numpy(np.float64)),
        entry_price=trades["EntryPrice"].to_numpy(np.float64),
        exit_price=trades["ExitPrice"].to_numpy(np.float64),
    )
    print(json.dumps({"cpu": spent, "count": len(frame), "trades": len(trades), "equity": stats["Equity Final [$]"]}))


main()

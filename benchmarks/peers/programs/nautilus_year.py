"""nautilus_trader on the year: the same average cross by market orders, bar by bar, through its engine and risk checks."""

from __future__ import annotations

import json
import sys
import time
from decimal import Decimal
from pathlib import Path

import numpy as np
import pandas as pd
from nautilus_trader.backtest.engine import BacktestEngine, BacktestEngineConfig
from nautilus_trader.config import LoggingConfig, StrategyConfig
from nautilus_trader.indicators import ExponentialMovingAverage
from nautilus_trader.model.currencies import BTC, USDT
from nautilus_trader.model.data import Bar, BarType
from nautilus_trader.model.enums import AccountType, OmsType, OrderSide
from nautilus_trader.model.identifiers import InstrumentId, Symbol, Venue
from nautilus_trader.model.instruments import CryptoPerpetual
from nautilus_trader.model.objects import Money, Price, Quantity
from nautilus_trader.persistence.wranglers import BarDataWrangler
from nautilus_trader.trading.strategy import Strategy

JOB = json.loads(Path(sys.argv[1]).read_text())
RULES = JOB["rules"]
BINANCE = Venue("BINANCE")


class CrossConfig(StrategyConfig, frozen=True):
    """What the strategy is told."""

    instrument_id: InstrumentId
    bar_type: BarType


class Cross(Strategy):
    """In with the fast average over the slow one, turned when they cross back."""

    def __init__(self, config: CrossConfig) -> None:
        super().__init__(config)
        self.fast = ExponentialMovingAverage(RULES["fast"])
        self.slow = ExponentialMovingAverage(RULES["slow"])
        self.seen = 0
        self.was_above = self.was_below = False

    def on_start(self) -> None:
        self.instrument = self.cache.instrument(self.config.instrument_id)
        self.register_indicator_for_bars(self.config.bar_type, self.fast)
        self.register_indicator_for_bars(self.config.bar_type, self.slow)
        self.subscribe_bars(self.config.bar_type)

    def on_bar(self, bar: Bar) -> None:
        self.seen += 1
        above, below = self.fast.value > self.slow.value, self.fast.value < self.slow.value
        if self.seen > RULES["warm_up"]:
            if above and not self.was_above:
                self.turn(OrderSide.BUY, bar)
            elif below and not self.was_below:
                self.turn(OrderSide.SELL, bar)
        self.was_above, self.was_below = above, below

    def turn(self, side: OrderSide, bar: Bar) -> None:
        self.close_all_positions(self.config.instrument_id)
        equity = float(self.portfolio.account(BINANCE).balance_total(USDT))
        quantity = self.instrument.make_qty(equity * RULES["size"] / float(bar.close))
        self.submit_order(self.order_factory.market(self.config.instrument_id, side, quantity))


def perpetual() -> CryptoPerpetual:
    return CryptoPerpetual(
        instrument_id=InstrumentId(Symbol("BTCUSDT-PERP"), BINANCE),
        raw_symbol=Symbol("BTCUSDT"),
        base_currency=BTC,
        quote_currency=USDT,
        settlement_currency=USDT,
        is_inverse=False,
        price_precision=4,
        size_precision=3,
        price_increment=Price.from_str("0.0001"),
        size_increment=Quantity.from_str("0.001"),
        ts_event=0,
        ts_init=0,
        margin_init=Decimal("0.1"),
        margin_maint=Decimal("0.05"),
        maker_fee=Decimal(str(RULES["fee"])),
        taker_fee=Decimal(str(RULES["fee"])),
    )


def main() -> None:
    instrument = perpetual()
    bar_type = BarType.from_str(f"{instrument.id}-1-MINUTE-LAST-EXTERNAL")
    with np.load(JOB["series"]) as series:
        frame = pd.DataFrame(
            {name: series[name] for name in ("open", "high", "low", "close", "volume")},
            index=pd.to_datetime(series["open_time"] + 60_000, unit="ms", utc=True),
        )
        first = int(series["open_time"][0])
    bars = BarDataWrangler(bar_type, instrument).process(frame)
    engine = BacktestEngine(BacktestEngineConfig(logging=LoggingConfig(bypass_logging=True)))
    engine.add_venue(
        venue=BINANCE,
        oms_type=OmsType.HEDGING,
        account_type=AccountType.MARGIN,
        base_currency=USDT,
        starting_balances=[Money(RULES["deposit"], USDT)],
        default_leverage=Decimal(RULES["leverage"]),
    )
    engine.add_instrument(instrument)
    engine.add_data(bars)
    engine.add_strategy(Cross(CrossConfig(instrument_id=instrument.id, bar_type=bar_type)))
    began = time.process_time()
    engine.run()
    spent = time.process_time() - began
    held = engine.cache.positions()
    rows = sorted(
        (p.ts_opened, p.ts_closed or 0, 1 if p.entry == OrderSide.BUY else -1, p.avg_px_open, p.avg_px_close)
        for p in held
    )
    opened, closed, side, entry, left = (np.array(column, dtype=np.float64) for column in zip(*rows, strict=True))

    def row(at: np.ndarray) -> np.ndarray:
        # It fills on the bar that decided, at its close, where the next bar opens.
        return ((at / 1e6 - first) // 60_000).astype(np.int64)

    np.savez(JOB["trades"], entry_row=row(opened), exit_row=row(closed), side=side, entry_price=entry, exit_price=left)
    print(json.dumps({"cpu": spent, "count": len(bars), "trades": len(held)}))


main()

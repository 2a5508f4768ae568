"""What came of a backtest: the equity after every bar and each trade with its costs."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from desk.backtest.terms import Grid
from desk.indicators.columns import Column, Times


class Exit(IntEnum):
    """Why a trade ended."""

    WISH = 0
    STOP = 1
    TARGET = 2
    LIQUIDATION = 3
    END = 4


TRADE_COLUMNS = (
    "symbol",
    "side",
    "quantity",
    "entry_row",
    "exit_row",
    "entry_price",
    "exit_price",
    "fees",
    "funding",
    "net",
    "reason",
)
"""Columns of a trade's row, in order. `symbol` and the rows are indices, `funding` is below zero when it was paid."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Outcome:
    """`equity` (bars,) in quote asset at each close; `trades` (trades, TRADE_COLUMNS) in the order they ended.

    `net` is what a trade added to the wallet, costs and funding included: they sum to the change of equity.
    """

    symbols: tuple[str, ...]
    open_time: Times
    deposit: float
    equity: Column
    trades: Grid

    def column(self, name: str) -> Column:
        """One column of the trades."""
        return self.trades[:, TRADE_COLUMNS.index(name)]

    @property
    def returns(self) -> Column:
        """Change of equity over each bar as a fraction; the first against the deposit."""
        before = np.concatenate(([self.deposit], self.equity[:-1]))
        return np.where(before > 0, self.equity / np.where(before > 0, before, 1.0) - 1.0, 0.0)

    def ended_by(self, reason: Exit) -> NDArray[np.bool_]:
        """Which trades ended for this reason."""
        return self.column("reason") == float(reason)

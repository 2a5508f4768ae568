"""On what terms a backtest trades: fees, slippage, leverage, filters and maintenance brackets, as float columns.

Money here is float64: a backtest moves none. What trades for real is `Decimal` and lives elsewhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from desk.domain.errors import DataError
from desk.venues.paper.engine.vocabulary.instruments import SymbolSpec

Grid = NDArray[np.float64]
"""Two axes: (bar or bracket, symbol)."""

_NO_CAP = 1e300


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountTerms:
    """One account. `deposit` in quote asset; `taker_fee` and `slippage` are fractions of price; `leverage` as set.

    `trail` and `break_even_at` are fractions of price: the stop follows the best price at that distance, and moves to
    the entry once the profit was that large. 0 switches either off. All positions have isolated margin.
    """

    deposit: float = 10_000.0
    taker_fee: float = 0.0005
    slippage: float = 0.0002
    leverage: float = 5.0
    trail: float = 0.0
    break_even_at: float = 0.0

    def __post_init__(self) -> None:
        """Refuse terms that cannot mean anything. Raises DataError."""
        if not self.deposit > 0 or not 1 <= self.leverage <= 150:
            raise DataError("a backtest needs a deposit above zero and a leverage from 1 to 150")
        if not 0 <= self.taker_fee < 0.1 or not 0 <= self.slippage < 0.1:
            raise DataError("fee and slippage are fractions of the price, from 0 to below 0.1")
        if not 0 <= self.trail < 1 or not 0 <= self.break_even_at < 1:
            raise DataError("trailing distance and break-even level are fractions of the price below 1")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Contracts:
    """What the venue demands of each symbol; in `cap`, `ratio` and `cum` axis 0 is the bracket, axis 1 the symbol.

    A notional up to `cap` needs `notional x ratio - cum` of maintenance margin; `step` and `min_quantity` are in
    base asset, `min_notional` in quote asset; `most` is the largest notional that the account's leverage allows.
    """

    step: Grid
    min_quantity: Grid
    min_notional: Grid
    most: Grid
    cap: Grid
    ratio: Grid
    cum: Grid


def contracts(specs: Sequence[SymbolSpec], leverage: float) -> Contracts:
    """The terms of these contracts, in this order, at one leverage.

    Raises:
        DataError: when a contract does not allow the leverage at all.
    """
    depth = max(len(spec.brackets) for spec in specs)
    cap, ratio, cum = (np.zeros((depth, len(specs))) for _ in range(3))
    for column, spec in enumerate(specs):
        for row in range(depth):
            bracket = spec.brackets[min(row, len(spec.brackets) - 1)]
            last = row >= len(spec.brackets) - 1
            cap[row, column] = _NO_CAP if last else float(bracket.cap)
            ratio[row, column], cum[row, column] = float(bracket.ratio), float(bracket.cum)
    return Contracts(
        step=np.array([float(spec.rules.market_step) for spec in specs]),
        min_quantity=np.array([float(spec.rules.min_quantity) for spec in specs]),
        min_notional=np.array([float(spec.rules.min_notional) for spec in specs]),
        most=np.array([_most(spec, leverage) for spec in specs]),
        cap=cap,
        ratio=ratio,
        cum=cum,
    )


def _most(spec: SymbolSpec, leverage: float) -> float:
    allowed = [float(bracket.cap) for bracket in spec.brackets if bracket.initial_leverage >= leverage]
    if not allowed:
        raise DataError(f"{spec.symbol} allows no leverage of {leverage:g}")
    return max(allowed)

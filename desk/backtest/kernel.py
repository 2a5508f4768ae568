"""The rules of `reference`, compiled: same order, same arithmetic, hundreds of times the speed.

A position is a row of `held` (see the column names below); side 0 means flat. Import this module late: loading the
compiler takes most of a second.

Nothing is allocated in here, so the compiler's reference counting is switched off, and every step is laid into the one
loop: a bar then costs about 20 ns. With counting it costs 150, nearly all of it counting arrays that nobody drops.
"""

# pyright: basic
# The compiler types what it compiles by what it is called with, and its decorator tells pyright nothing.

from __future__ import annotations

import math
from typing import Any

from desk.backtest.plan import Wishes
from desk.backtest.terms import Grid
from desk.indicators.columns import Column
from desk.indicators.compiler import njit

# Columns of `held`, one row for each symbol.
SIDE, QUANTITY, ENTRY, MARGIN, BEGAN, FEE, ROW, STOP, TARGET, BEST, LIQUIDATION = range(11)
# Scalars of an account, in `terms`.
DEPOSIT, TAKER, SLIP, LEVERAGE, TRAIL, BREAK_EVEN = range(6)
# Columns of `filters`, one row for each symbol.
STEP, LEAST, LEAST_NOTIONAL, MOST = range(4)
_WISH, _STOP, _TARGET, _LIQUIDATION, _END = range(5)
_DUST = 1e-9
WIDTH = 11

_OPTIONS: dict[str, Any] = {"cache": True, "nogil": True, "error_model": "numpy", "_nrt": False}
_rare = njit(**_OPTIONS)
_each_bar = njit(inline="always", **_OPTIONS)


@_each_bar
def _profit(held: Grid, symbol: int, price: float) -> float:
    return held[symbol, SIDE] * held[symbol, QUANTITY] * (price - held[symbol, ENTRY])


@_each_bar
def _beyond(side: float, price: float, level: float) -> bool:
    return price <= level if side > 0 else price >= level


@_each_bar
def _equity(wallet: float, held: Grid, prices: Grid, row: int) -> float:
    total = wallet
    for symbol in range(held.shape[0]):
        if held[symbol, SIDE] != 0.0:
            total += held[symbol, MARGIN] + _profit(held, symbol, prices[row, symbol])
    return total


@_rare
def _liquidation(held: Grid, symbol: int, cap: Grid, ratio: Grid, cum: Grid) -> float:
    side, quantity, entry = held[symbol, SIDE], held[symbol, QUANTITY], held[symbol, ENTRY]
    price, bracket = entry, -1
    for _ in range(cap.shape[0]):
        again = 0
        while quantity * price > cap[again, symbol]:
            again += 1
        if again == bracket:
            break
        bracket = again
        above = held[symbol, MARGIN] + cum[bracket, symbol] - side * quantity * entry
        below = quantity * ratio[bracket, symbol] - side * quantity
        price = above / below
    return price if price > 0.0 else -side * math.inf


@_rare
def _book(
    held: Grid, symbol: int, row: int, price: float, fee: float, back: float, reason: int, trades: Grid, count: int
) -> int:
    if count < trades.shape[0]:
        trades[count, 0] = symbol
        trades[count, 1] = held[symbol, SIDE]
        trades[count, 2] = held[symbol, QUANTITY]
        trades[count, 3] = held[symbol, ROW]
        trades[count, 4] = row
        trades[count, 5] = held[symbol, ENTRY]
        trades[count, 6] = price
        trades[count, 7] = held[symbol, FEE] + fee
        trades[count, 8] = held[symbol, MARGIN] - held[symbol, BEGAN]
        trades[count, 9] = back - held[symbol, BEGAN] - held[symbol, FEE]
        trades[count, 10] = reason
    held[symbol, SIDE] = 0.0
    return count + 1


@_rare
def _close(
    held: Grid, symbol: int, row: int, price: float, reason: int, terms: Column, trades: Grid, count: int
) -> tuple[float, int]:
    """Close at `price` less slippage; returns what comes back to the wallet and the count of trades."""
    filled = price * (1.0 - terms[SLIP] * held[symbol, SIDE])
    fee = held[symbol, QUANTITY] * filled * terms[TAKER]
    back = max(held[symbol, MARGIN] + _profit(held, symbol, filled) - fee, 0.0)
    return back, _book(held, symbol, row, filled, fee, back, reason, trades, count)


@_rare
def _enter(
    held: Grid,
    symbol: int,
    row: int,
    side: float,
    price: float,
    wanted: float,
    stop: float,
    target: float,
    wallet: float,
    terms: Column,
    filters: Grid,
    cap: Grid,
    ratio: Grid,
    cum: Grid,
) -> float:
    """Open a position if it is large enough; returns what leaves the wallet."""
    affordable = wallet / (1.0 / terms[LEVERAGE] + terms[TAKER])
    notional = min(wanted, affordable, filters[symbol, MOST])
    quantity = math.floor(notional / price / filters[symbol, STEP] + _DUST) * filters[symbol, STEP]
    if quantity < filters[symbol, LEAST] or quantity * price < filters[symbol, LEAST_NOTIONAL] or quantity == 0.0:
        return 0.0
    notional = quantity * price
    margin, fee = notional / terms[LEVERAGE], notional * terms[TAKER]
    held[symbol, SIDE] = side
    held[symbol, QUANTITY] = quantity
    held[symbol, ENTRY] = price
    held[symbol, MARGIN] = margin
    held[symbol, BEGAN] = margin
    held[symbol, FEE] = fee
    held[symbol, ROW] = row
    held[symbol, STOP] = price * (1.0 - side * stop) if stop > 0.0 else -side * math.inf
    held[symbol, TARGET] = price * (1.0 + side * target) if target > 0.0 else side * math.inf
    held[symbol, BEST] = price
    held[symbol, LIQUIDATION] = _liquidation(held, symbol, cap, ratio, cum)
    return margin + fee


@_each_bar
def _live(
    held: Grid, symbol: int, row: int, opened: float, high: float, low: float, terms: Column, trades: Grid, count: int
) -> tuple[float, int]:
    """One position through one bar; returns what comes back to the wallet and the count of trades."""
    side, stop, target = held[symbol, SIDE], held[symbol, STOP], held[symbol, TARGET]
    liquidation = held[symbol, LIQUIDATION]
    worst, best = (low, high) if side > 0 else (high, low)
    if _beyond(side, opened, liquidation):
        return 0.0, _book(held, symbol, row, liquidation, 0.0, 0.0, _LIQUIDATION, trades, count)
    if _beyond(side, opened, stop):
        return _close(held, symbol, row, opened, _STOP, terms, trades, count)
    if (opened - target) * side >= 0.0:
        return _close(held, symbol, row, opened, _TARGET, terms, trades, count)
    if _beyond(side, stop, liquidation) and _beyond(side, worst, liquidation):
        return 0.0, _book(held, symbol, row, liquidation, 0.0, 0.0, _LIQUIDATION, trades, count)
    if _beyond(side, worst, stop):
        return _close(held, symbol, row, stop, _STOP, terms, trades, count)
    if (best - target) * side >= 0.0:
        return _close(held, symbol, row, target, _TARGET, terms, trades, count)
    return 0.0, count


@_each_bar
def _trail(held: Grid, symbol: int, high: float, low: float, terms: Column) -> None:
    side = held[symbol, SIDE]
    extreme = high if side > 0 else low
    if (extreme - held[symbol, BEST]) * side > 0.0:
        held[symbol, BEST] = extreme
    nearer = held[symbol, STOP]
    if terms[TRAIL] > 0.0:
        trailed = held[symbol, BEST] * (1.0 - side * terms[TRAIL])
        nearer = max(nearer, trailed) if side > 0 else min(nearer, trailed)
    level = held[symbol, ENTRY] * (1.0 + side * terms[BREAK_EVEN])
    if terms[BREAK_EVEN] > 0.0 and (held[symbol, BEST] - level) * side >= 0.0:
        nearer = max(nearer, held[symbol, ENTRY]) if side > 0 else min(nearer, held[symbol, ENTRY])
    held[symbol, STOP] = nearer


@_each_bar
def _charge_funding(held: Grid, row: int, opened: Grid, funding: Grid, cap: Grid, ratio: Grid, cum: Grid) -> None:
    for symbol in range(held.shape[0]):
        rate = funding[row, symbol]
        if rate != 0.0 and held[symbol, SIDE] != 0.0:
            held[symbol, MARGIN] -= held[symbol, SIDE] * held[symbol, QUANTITY] * opened[row, symbol] * rate
            held[symbol, LIQUIDATION] = _liquidation(held, symbol, cap, ratio, cum)


@_each_bar
def _leave(
    held: Grid, row: int, opened: Grid, enter: Wishes, leave: Wishes, terms: Column, trades: Grid, count: int
) -> tuple[float, int]:
    """Close what the bar before wished closed or turned; returns what comes back and the count of trades."""
    returned = 0.0
    for symbol in range(held.shape[0]):
        side = held[symbol, SIDE]
        if side == 0.0:
            continue
        told = leave[row - 1, symbol] & (1 if side > 0 else 2)
        if told or enter[row - 1, symbol] == -side:
            back, count = _close(held, symbol, row, opened[row, symbol], _WISH, terms, trades, count)
            returned += back
    return returned, count


@_each_bar
def _enter_all(
    held: Grid,
    row: int,
    opened: Grid,
    enter: Wishes,
    stop: Grid,
    target: Grid,
    size: Grid,
    wallet: float,
    terms: Column,
    filters: Grid,
    cap: Grid,
    ratio: Grid,
    cum: Grid,
) -> float:
    """Open what the bar before wished for; returns what is left in the wallet."""
    at = min(row - 1, stop.shape[0] - 1)
    for symbol in range(held.shape[0]):
        side = float(enter[row - 1, symbol])
        if side == 0.0 or held[symbol, SIDE] != 0.0:
            continue
        price = opened[row, symbol] * (1.0 + terms[SLIP] * side)
        wanted = size[at, symbol] * _equity(wallet, held, opened, row)
        stop_at, target_at = stop[at, symbol], target[at, symbol]
        wallet -= _enter(
            held, symbol, row, side, price, wanted, stop_at, target_at, wallet, terms, filters, cap, ratio, cum
        )
    return wallet


@_rare
def play(
    tape: tuple[Grid, ...],
    plan: tuple[Wishes, Wishes, Grid, Grid, Grid],
    terms: Column,
    filters: Grid,
    brackets: tuple[Grid, Grid, Grid],
    held: Grid,
    equity: Column,
    trades: Grid,
) -> int:
    """Run a plan; fills `equity` and `trades` and returns how many trades there were; the first ones are kept.

    `tape` is (open, high, low, close, funding), `plan` (enter, leave, stop, target, size), where the last three may
    have one row for all bars; `terms` and `filters` hold the columns named above, `brackets` is (cap, ratio, cum).
    """
    # Taken apart once: each look into a tuple of arrays counts a reference, which costs more than a bar does.
    opened, high, low, close, funding = tape
    enter, leave, stop, target, size = plan
    cap, ratio, cum = brackets
    bars, symbols = close.shape
    wallet, count = terms[DEPOSIT], 0
    for row in range(bars):
        _charge_funding(held, row, opened, funding, cap, ratio, cum)
        if row > 0:
            back, count = _leave(held, row, opened, enter, leave, terms, trades, count)
            wallet += back
            wallet = _enter_all(held, row, opened, enter, stop, target, size, wallet, terms, filters, cap, ratio, cum)
        for symbol in range(symbols):
            if held[symbol, SIDE] != 0.0:
                back, count = _live(
                    held, symbol, row, opened[row, symbol], high[row, symbol], low[row, symbol], terms, trades, count
                )
                wallet += back
        equity[row] = _equity(wallet, held, close, row)
        for symbol in range(symbols):
            if held[symbol, SIDE] != 0.0:
                _trail(held, symbol, high[row, symbol], low[row, symbol], terms)
    for symbol in range(symbols):
        if held[symbol, SIDE] != 0.0:
            back, count = _close(held, symbol, bars - 1, close[bars - 1, symbol], _END, terms, trades, count)
            wallet += back
    if bars:
        equity[bars - 1] = wallet
    return count

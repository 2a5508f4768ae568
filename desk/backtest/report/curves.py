"""The curves of the page, thinned to what an eye can tell apart; what is left out never hides a peak or a trough."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from desk.backtest.outcome import TRADE_COLUMNS
from desk.backtest.recordings import Market
from desk.backtest.tape import Tape
from desk.backtest.trial.values import Trial, WalkForward
from desk.indicators.columns import Column, Times

Json = dict[str, Any]

# Points of a line, and candles of the chart: more than a wide screen has pixels for.
POINTS, CANDLES = 3_000, 2_500
_DIGITS = 8


def curves(trial: Trial, market: Market) -> Json:
    """Equity and drawdown of the strategy and its baselines, candles, the marks of trades, and the walk-forward."""
    tape = market.tape.between(trial.first, len(market.tape))
    equity = trial.result.outcome.equity
    lines = {"strategy": equity, **{one.result.name: one.result.outcome.equity for one in trial.baselines}}
    rows = kept_rows(equity)
    return {
        "time": times(tape.open_time[rows] + tape.step_ms),
        "equity": {name: rounded(line[rows]) for name, line in lines.items()},
        "drawdown": rounded(fall(equity, trial.result.outcome.deposit)[rows] * 100),
        "charts": [chart(trial, tape, symbol) for symbol in range(len(tape.symbols))],
        "walk": None if trial.walk is None else _walk(trial.walk, market.tape),
        "chance": None if trial.chance is None else {"median": trial.chance.median, "low": trial.chance.low},
    }


def kept_rows(line: Column, points: int = POINTS) -> NDArray[np.int64]:
    """Rows to draw of a line: of each stretch its first, its lowest and its highest, and the last of all."""
    if len(line) <= points:
        return np.arange(len(line), dtype=np.int64)
    edges = np.linspace(0, len(line), points // 3 + 1, dtype=np.int64)
    kept = {0, len(line) - 1}
    for first, last in zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True):
        part = line[first:last]
        kept |= {first, first + int(part.argmin()), first + int(part.argmax())}
    return np.array(sorted(kept), dtype=np.int64)


def fall(equity: Column, deposit: float) -> Column:
    """How far below its highest the equity stood, as a fraction not above zero."""
    peak = np.maximum.accumulate(np.maximum(equity, deposit))
    return equity / peak - 1.0


def chart(trial: Trial, tape: Tape, symbol: int) -> Json:
    """Candles of one symbol, longer ones where there are too many, and where its trades began and ended."""
    size = -(-len(tape) // CANDLES)
    first = np.arange(0, len(tape), size)
    last = np.minimum(first + size, len(tape)) - 1
    trades = trial.result.outcome.trades
    own = trades[trades[:, 0] == symbol]
    return {
        "symbol": tape.symbols[symbol],
        "bars_a_candle": size,
        "time": times(tape.open_time[first]),
        "open": rounded(tape.open[first, symbol]),
        "high": rounded(np.maximum.reduceat(tape.high[:, symbol], first)),
        "low": rounded(np.minimum.reduceat(tape.low[:, symbol], first)),
        "close": rounded(tape.close[last, symbol]),
        "trades": _marks(own, tape.open_time),
    }


def _marks(trades: NDArray[np.float64], open_time: Times) -> Mapping[str, Any]:
    column = {name: trades[:, at] for at, name in enumerate(TRADE_COLUMNS)}
    return {
        "side": column["side"].astype(int).tolist(),
        "opened": times(open_time[column["entry_row"].astype(np.int64)]),
        "closed": times(open_time[column["exit_row"].astype(np.int64)]),
        "entry": rounded(column["entry_price"]),
        "exit": rounded(column["exit_price"]),
        "net": rounded(column["net"]),
    }


def _walk(walk: WalkForward, tape: Tape) -> Json:
    rows = kept_rows(walk.equity)
    return {
        "time": times(tape.open_time[walk.rows[rows]] + tape.step_ms),
        "equity": rounded((walk.equity[rows] - 1.0) * 100),
        "turns": times(tape.open_time[[one.first for one in walk.windows]]),
    }


def times(at_ms: Times) -> list[str]:
    """Moments as the chart library reads them, UTC."""
    return [str(moment)[:16] for moment in at_ms.astype("datetime64[ms]")]


def rounded(column: Column) -> list[float]:
    """Numbers short enough for a page: eight significant digits."""
    return [float(f"{value:.{_DIGITS}g}") for value in column.tolist()]

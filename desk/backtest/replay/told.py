"""What a replay came to in the words of a backtest: its curve and its trades as an outcome, measured like any other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

import numpy as np

from desk.backtest.outcome import TRADE_COLUMNS, Exit, Outcome
from desk.backtest.replay.values import Filled, Replayed
from desk.backtest.tape import Tape

# What the guard notes where a position did not end by a wish.
_ENDS: Mapping[str, Exit] = MappingProxyType(
    {"stop": Exit.STOP, "target": Exit.TARGET, "liquidation": Exit.LIQUIDATION}
)


def outcome_of(replayed: Replayed, tape: Tape, equity: Sequence[float], deposit: float) -> Outcome:
    """The outcome of a replay over this tape; `equity` in quote asset stood at each close."""
    at = {symbol: place for place, symbol in enumerate(tape.symbols)}
    rows = [_row(trade, at[trade.symbol]) for trade in replayed.trades]
    return Outcome(
        symbols=tape.symbols,
        open_time=tape.open_time,
        deposit=deposit,
        equity=np.asarray(equity, dtype=np.float64),
        trades=np.array(rows, dtype=np.float64).reshape(-1, len(TRADE_COLUMNS)),
    )


def _row(trade: Filled, symbol: int) -> tuple[float, ...]:
    """One trade in the order of `TRADE_COLUMNS`."""
    return (
        float(symbol),
        float(trade.side),
        float(trade.quantity),
        float(trade.entry_row),
        float(trade.exit_row),
        float(trade.entry_price),
        float(trade.exit_price),
        float(trade.fees),
        float(trade.funding),
        float(trade.net),
        float(_ENDS.get(trade.note, Exit.WISH)),
    )

"""What each strategy is worth in each regime, by its own closed trades, and whom a learner would hear there next."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

import numpy as np

from desk.backtest.measures import wilson
from desk.backtest.outcome import TRADE_COLUMNS
from desk.backtest.recordings import Market
from desk.backtest.tape import Tape
from desk.backtest.trial.values import Trial
from desk.domain.errors import DataError
from desk.domain.moments import from_ms
from desk.ledger.strategies import StrategyTrade
from desk.strategies.regimes import UNKNOWN, Codes, regime_at, regimes_of
from desk.strategies.selection import Selection, reward_of

BACKTEST = "backtest"
_DIGITS = Decimal("1e-8")
_COLUMN = {name: at for at, name in enumerate(TRADE_COLUMNS)}
# A trade without a stop risks what a usual one would; nothing is divided by zero.
_USUAL_RISK = 0.02


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """One strategy in one regime. `interval` is Wilson's of the wins; `multiple` the mean result over what was risked.

    `drawdown` is the deepest fall of the summed results, in the same unit. `profit_factor` is None without a loss.
    """

    trades: int
    wins: int
    interval: tuple[float, float]
    profit_factor: float | None
    multiple: float
    drawdown: float


def settings_of(label: str) -> str:
    """A short name of a strategy's parameters: what was earned with others says nothing of these."""
    return hashlib.sha256(label.encode()).hexdigest()[:16]


def trades_of(trial: Trial, market: Market, source: str = BACKTEST) -> tuple[StrategyTrade, ...]:
    """The trades of a trial with the regime each was decided in, as far as it was known."""
    tape = market.tape
    codes = [_codes(tape, at) for at in range(len(tape.symbols))]
    times = tape.open_time[trial.first :]
    found: list[StrategyTrade] = []
    for row in trial.result.outcome.trades:
        symbol, entry = int(row[_COLUMN["symbol"]]), int(row[_COLUMN["entry_row"]])
        # Decided on the bar before the one it was filled in.
        regime = regime_at(int(codes[symbol][trial.first + entry - 1]))
        notional = float(row[_COLUMN["quantity"]] * row[_COLUMN["entry_price"]])
        stop, _, _ = trial.wishes.amounts(entry - 1, symbol)
        found.append(
            StrategyTrade(
                strategy=trial.result.name,
                settings=settings_of(trial.label),
                source=source,
                symbol=tape.symbols[symbol],
                interval=market.interval,
                opened_at=from_ms(int(times[entry])),
                closed_at=from_ms(int(times[int(row[_COLUMN["exit_row"]])])),
                side="long" if row[_COLUMN["side"]] > 0 else "short",
                regime="" if regime is None else regime.value,
                gain=Decimal(float(row[_COLUMN["net"]]) / notional).quantize(_DIGITS),
                risked=Decimal(stop or _USUAL_RISK).quantize(_DIGITS),
            )
        )
    return tuple(found)


def _codes(tape: Tape, symbol: int) -> Codes:
    try:
        return regimes_of(tape, symbol)
    except DataError:
        # Too short a market for one whole bar of the regime's own length.
        return np.full(len(tape), UNKNOWN, dtype=np.int8)


def standings(trades: Iterable[StrategyTrade]) -> Mapping[tuple[str, str], Standing]:
    """By (strategy, regime), every regime together under an empty name."""
    kept: dict[tuple[str, str], list[StrategyTrade]] = {}
    for trade in trades:
        for regime in {trade.regime, ""}:
            kept.setdefault((trade.strategy, regime), []).append(trade)
    return {key: _standing(own) for key, own in sorted(kept.items())}


def selections(trades: Sequence[StrategyTrade], strategies: Sequence[str]) -> Mapping[str, Selection]:
    """By regime, what a learner knows after these trades in the order they closed."""
    found: dict[str, Selection] = {}
    for trade in sorted(trades, key=lambda one: one.closed_at):
        if trade.regime and trade.strategy in strategies:
            known = found.get(trade.regime) or Selection.among(strategies)
            found[trade.regime] = known.learn(trade.strategy, reward_of(float(trade.gain / trade.risked)))
    return found


def _standing(trades: Sequence[StrategyTrade]) -> Standing:
    multiples = np.array([float(one.gain / one.risked) for one in trades])
    won, lost = multiples[multiples > 0], multiples[multiples < 0]
    summed = np.cumsum(multiples)
    return Standing(
        trades=len(trades),
        wins=len(won),
        interval=wilson(len(won), len(trades)),
        profit_factor=float(won.sum() / -lost.sum()) if len(lost) else None,
        multiple=float(multiples.mean()),
        drawdown=float(np.max(np.maximum.accumulate(np.maximum(summed, 0.0)) - summed)),
    )

"""Sweep against replay, trade by trade: what is the same, and of everything that is not, why.

Two trades are the same when they hold the same symbol and side over the same bars, at prices within two ticks and sizes
within a step. What follows from an earlier difference is told as such: a later size hangs on an earlier profit.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from desk.backtest.outcome import TRADE_COLUMNS, Exit, Outcome
from desk.backtest.replay.values import Answer, Comparison, Difference, Filled, Replayed
from desk.venues.paper.engine.vocabulary.instruments import SymbolSpec

TICKS = 2
# What the guard notes of a position that ended by what was asked for: its stop, its target, or a CLOSE.
_OWN_ENDS = ("", "stop", "target", "intent")
Key = tuple[str, int, int]

FOLLOWS = "follows from an earlier difference"
PATH = "inside the bar: the guard acted between its prices"
ROUNDED = "prices and sizes rounded to the contract's steps"
HELD = "the other one held a position"
TICK = "the guard's stop or target stands on a tick and was reached; the exact one was not"


@dataclass(frozen=True, slots=True)
class _Swept:
    """A trade of the sweep."""

    symbol: str
    side: int
    quantity: float
    entry_row: int
    exit_row: int
    entry_price: float
    exit_price: float
    net: float
    reason: Exit


def compare(outcome: Outcome, replayed: Replayed, specs: Sequence[SymbolSpec]) -> Comparison:
    """Everything that came otherwise, in the order it happened."""
    swept = {(one.symbol, one.side, one.entry_row): one for one in _swept(outcome)}
    played = {(one.symbol, one.side, one.entry_row): one for one in replayed.trades}
    answers = {(one.symbol, one.row): one for one in replayed.answers if one.action.startswith("OPEN")}
    contracts = {spec.symbol: spec for spec in specs}
    found: list[Difference] = []
    for key in sorted({*swept, *played}, key=lambda key: (key[2], key[0], key[1])):
        one, other = swept.get(key), played.get(key)
        if one is not None and other is not None:
            found += _between(one, other, answers.get((key[0], key[2])), contracts[key[0]], earlier=bool(found))
        else:
            found.append(_alone(key, one, other, answers.get((key[0], key[2]))))
    differing = {(one.symbol, one.row) for one in found}
    return Comparison(
        sweep=len(swept),
        replay=len(played),
        same=sum(1 for key in swept if key in played and (key[0], key[2]) not in differing),
        differences=tuple(found),
        causes=dict(Counter(one.cause for one in found)),
        sweep_return=float(outcome.equity[-1] / outcome.deposit - 1.0),
        replay_return=float(replayed.equity) / outcome.deposit - 1.0,
        resets=replayed.resets,
    )


def _swept(outcome: Outcome) -> list[_Swept]:
    rows: list[Mapping[str, float]] = [dict(zip(TRADE_COLUMNS, row, strict=True)) for row in outcome.trades.tolist()]
    return [
        _Swept(
            symbol=outcome.symbols[int(row["symbol"])],
            side=int(row["side"]),
            quantity=row["quantity"],
            entry_row=int(row["entry_row"]),
            exit_row=int(row["exit_row"]),
            entry_price=row["entry_price"],
            exit_price=row["exit_price"],
            net=row["net"],
            reason=Exit(int(row["reason"])),
        )
        for row in rows
    ]


def _between(one: _Swept, other: Filled, answer: Answer | None, spec: SymbolSpec, *, earlier: bool) -> list[Difference]:
    """What two trades that began together have not in common."""
    found: list[tuple[str, str, str, str]] = []
    step, tick = float(spec.rules.market_step), float(spec.rules.tick)
    if abs(one.quantity - float(other.quantity)) > step * 1.01:
        cause = f"guard: {answer.rule}" if answer is not None and answer.reduced else FOLLOWS if earlier else ROUNDED
        found.append(("quantity", f"{one.quantity:g}", f"{other.quantity:f}", cause))
    if abs(one.entry_price - float(other.entry_price)) > TICKS * tick:
        found.append(("entry price", f"{one.entry_price:g}", f"{other.entry_price:f}", ROUNDED))
    why = f"guard: {other.note}" if other.note not in _OWN_ENDS else PATH
    if other.note in ("stop", "target") and other.exit_row < one.exit_row:
        why = TICK
    if one.exit_row != other.exit_row:
        found.append(("exit", f"row {one.exit_row}, {one.reason.name.lower()}", f"row {other.exit_row}", why))
    elif abs(one.exit_price - float(other.exit_price)) > TICKS * tick:
        found.append(("exit price", f"{one.exit_price:g}", f"{other.exit_price:f}", why))
    return [
        Difference(row=one.entry_row, symbol=one.symbol, what=what, sweep=left, replay=right, cause=cause)
        for what, left, right, cause in found
    ]


def _alone(key: Key, one: _Swept | None, other: Filled | None, answer: Answer | None) -> Difference:
    side = "long" if key[1] > 0 else "short"
    cause = f"guard: {answer.rule}" if answer is not None and answer.refused else HELD
    return Difference(
        row=key[2],
        symbol=key[0],
        what="trade",
        sweep=f"{side} {one.quantity:g}" if one is not None else "none",
        replay=f"{side} {other.quantity:f}" if other is not None else "none",
        cause=cause,
    )

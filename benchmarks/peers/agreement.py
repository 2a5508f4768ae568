"""Whether two sides did the same work. A ratio of speeds between engines that disagree would say nothing."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

# A tenth of a tick: some engines carry prices as averages.
_SAME_PRICE = 1e-7
# A tick and a half, for an engine that fills a tick away.
TICK_AWAY = 1.6e-6
_SAME_VALUE = 1e-6
_SUMS = frozenset({"obv"})
# By entry row, exit row and side: the prices of entry and exit.
_Trades = Mapping[tuple[int, int, int], tuple[float, float]]


@dataclass(frozen=True, slots=True)
class Agreement:
    """How alike two results are, in a sentence, and whether that is alike enough to compare speeds."""

    sentence: str
    enough: bool


def trades_agree(desk: Path, peer: Path, *, least: float = 0.999, price: float = _SAME_PRICE) -> Agreement:
    """Trade by trade: the same side, bars of entry and exit, and prices within the fraction `price` of them.

    A trade still open at the end is left out.
    """
    ours, theirs = (_trades(path) for path in (desk, peer))
    # What is open when the tape ends is closed by each engine in its own way, or not at all.
    end = max(exit_row for _, exit_row, _ in (*ours, *theirs))
    ours, theirs = (_ended_before(end, trades) for trades in (ours, theirs))
    whole = {key: prices for key, prices in ours.items() if key in theirs and _alike(prices, theirs[key], price)}
    share = len(whole) / max(len(ours), len(theirs), 1)
    sentence = f"{len(whole):,} of {len(ours):,} trades are the same in side, bars and prices ({len(theirs):,} theirs)"
    return Agreement(sentence, share >= least)


def freqtrade_trades(folder: Path, start_ms: int, step_ms: int, to: Path) -> Path:
    """The trades of freqtrade's newest export in the shape of the others."""
    archive = max(folder.glob("backtest-result-*.zip"))
    with zipfile.ZipFile(archive) as held:
        (result,) = (name for name in held.namelist() if name == f"{archive.stem}.json")
        trades = json.loads(held.read(result))["strategy"]["Cross"]["trades"]
    np.savez(
        to,
        entry_row=[(one["open_timestamp"] - start_ms) // step_ms for one in trades],
        exit_row=[(one["close_timestamp"] - start_ms) // step_ms for one in trades],
        side=[-1 if one["is_short"] else 1 for one in trades],
        entry_price=[one["open_rate"] for one in trades],
        exit_price=[one["close_rate"] for one in trades],
    )
    return to


def _trades(path: Path) -> _Trades:
    with np.load(path) as told:
        names = ("entry_row", "exit_row", "side", "entry_price", "exit_price")
        rows = zip(*(told[name].tolist() for name in names), strict=True)
        return {(int(a), int(b), int(side)): (entry, left) for a, b, side, entry, left in rows}


def _ended_before(end: int, trades: _Trades) -> _Trades:
    return {key: prices for key, prices in trades.items() if key[0] <= key[1] < end}


def _alike(one: tuple[float, float], other: tuple[float, float], price: float) -> bool:
    return all(abs(a - b) <= price * abs(a) for a, b in zip(one, other, strict=True))


def columns_agree(desk: Path, peer: Path, *, least: float = 0.998) -> Agreement:
    """Column by column: the share of values that are the same within a millionth of the column's range.

    A running sum is compared by its steps, or the first that differs would be told of all after it.
    """
    shares: dict[str, float] = {}
    with np.load(desk) as ours, np.load(peer) as theirs:
        for name in theirs.files:
            mine, other = ours[name], theirs[name]
            if name in _SUMS:
                mine, other = np.diff(mine), np.diff(other)
            known = np.isfinite(mine) & np.isfinite(other)
            reach = float(np.ptp(other[known]))
            shares[name] = float((np.abs(mine - other)[known] <= _SAME_VALUE * reach).sum() / len(mine))
    apart = [f"{name} {share:.3%}" for name, share in shares.items() if share < 1.0]
    sentence = f"{len(shares) - len(apart)} of {len(shares)} columns agree in every value"
    return Agreement(f"{sentence}{'; ' if apart else ''}{', '.join(apart)}", min(shares.values()) >= least)


def tables_agree(desk: Path, peer: Path) -> Agreement:
    """The whole Q table, bit for bit."""
    with np.load(desk) as ours, np.load(peer) as theirs:
        same = np.array_equal(ours["table"], theirs["table"])
        filled = int((theirs["table"] != 0).sum())
    return Agreement(
        f"the two tables are {'equal in every bit' if same else 'NOT equal'}, {filled:,} cells learnt", same
    )

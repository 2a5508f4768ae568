"""A trial as plain JSON: what machines read, and what the page is drawn from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import Any, cast

import numpy as np

from desk.backtest.doubt import Interval
from desk.backtest.measures import sortino
from desk.backtest.outcome import TRADE_COLUMNS, Exit
from desk.backtest.recordings import Market
from desk.backtest.replay.values import Comparison
from desk.backtest.terms import AccountTerms
from desk.backtest.trial.days import DAY_MS, ratio
from desk.backtest.trial.values import Baseline, Result, Trial, WalkForward
from desk.domain.moments import from_ms

Json = dict[str, Any]


def trial_json(trial: Trial, market: Market, terms: AccountTerms) -> Json:
    """Everything but the curves and the trades."""
    tape = market.tape
    return {
        "strategy": trial.result.name,
        "parameters": trial.label,
        "symbols": list(tape.symbols),
        "interval": market.interval,
        "from": moment(int(tape.open_time[trial.first])),
        "to": moment(int(tape.open_time[-1]) + tape.step_ms),
        "bars": len(tape) - trial.first,
        "warm_up_bars": trial.first,
        "files": list(market.files),
        "missing_bars": market.missing_bars,
        "funding_recorded": list(market.funded),
        "terms": asdict(terms),
        "measures": result_json(trial.result),
        "baselines": [_baseline(one) for one in trial.baselines],
        "chance": None if trial.chance is None else asdict(trial.chance),
        "doubt": None if trial.doubt is None else {k: _told(v) for k, v in _fields(trial.doubt)},
        "honesty": {
            "rows": trial.honesty.rows,
            "hindsight": [asdict(one) for one in trial.honesty.hindsight],
            "memory": [asdict(one) for one in trial.honesty.memory],
        },
        "costs": [{"factor": one.costs, **result_json(one.result)} for one in trial.strains],
        "walk_forward": None if trial.walk is None else _walk(trial.walk, market),
        "replay": None if trial.replay is None else _replay(trial.replay, market, trial.first),
        "variants": len(trial.variants),
        "verdict": verdict(trial),
    }


def verdict(trial: Trial) -> str:
    """One sentence that promises nothing."""
    if not trial.honesty.holds:
        return "The strategy knows what it cannot know: nothing of this result may be believed."
    if trial.doubt is None or not len(trial.result.outcome.trades):
        return "Too little happened to judge by."
    if trial.doubt.yearly.high < 0:
        return "It lost: the whole interval of its yearly return lies below doing nothing."
    if not trial.doubt.yearly.above_zero:
        return "No edge shown: doing nothing lies within the interval of its yearly return."
    if (trial.doubt.deflated or 0.0) < 0.95:
        return "Above doing nothing, but not beyond what the luckiest of this many tries would show."
    if trial.walk is not None and not trial.walk.yearly.above_zero:
        return "Above doing nothing where it was chosen, not shown where it was not."
    return "Above doing nothing, beyond the luck of all that was tried, in this past and at these costs."


def result_json(result: Result) -> Json:
    """Measures by name; what cannot be measured is null. Ratios are those of daily returns, like every other here."""
    told = {name: _told(value) for name, value in _fields(result.measures)}
    return told | {"sharpe": ratio(result.daily) or None, "sortino": sortino(result.daily, DAY_MS)}


def trades_json(trial: Trial, market: Market) -> list[Json]:
    """Every trade in the order they ended."""
    symbols, rows = market.tape.symbols, market.tape.open_time[trial.first :]
    return [_trade(dict(zip(TRADE_COLUMNS, row, strict=True)), symbols, rows) for row in trial.result.outcome.trades]


def _trade(row: Mapping[str, float], symbols: tuple[str, ...], times: np.ndarray[Any, np.dtype[np.int64]]) -> Json:
    began, ended = int(row["entry_row"]), int(row["exit_row"])
    invested = row["quantity"] * row["entry_price"]
    return {
        "symbol": symbols[int(row["symbol"])],
        "side": "long" if row["side"] > 0 else "short",
        "quantity": round(float(row["quantity"]), 8),
        "opened": moment(int(times[began])),
        "closed": moment(int(times[ended])),
        "bars": ended - began,
        "entry": float(row["entry_price"]),
        "exit": float(row["exit_price"]),
        "fees": round(float(row["fees"]), 6),
        "funding": round(float(row["funding"]), 6),
        "net": round(float(row["net"]), 6),
        "return": round(float(row["net"] / invested), 6) if invested else 0.0,
        "reason": Exit(int(row["reason"])).name.lower(),
    }


def months_json(trial: Trial, market: Market) -> list[Json]:
    """The return of each calendar month that has a day, oldest first."""
    times, daily = market.tape.open_time[trial.first :], trial.result.daily
    days = np.unique(times // DAY_MS) * DAY_MS
    grown: dict[tuple[int, int], float] = {}
    for day, gain in zip(days.tolist(), daily.tolist(), strict=True):
        at = from_ms(day)
        key = (at.year, at.month)
        grown[key] = grown.get(key, 1.0) * (1.0 + gain)
    return [{"year": year, "month": month, "return": value - 1.0} for (year, month), value in grown.items()]


def moment(at_ms: int) -> str:
    """A time as people and machines read it, UTC."""
    return f"{from_ms(at_ms):%Y-%m-%dT%H:%M}Z"


def _baseline(one: Baseline) -> Json:
    return {
        "name": one.result.name,
        "note": one.note,
        "lead": None if one.lead is None else _told(one.lead),
        "measures": result_json(one.result),
    }


def _replay(replay: Comparison, market: Market, first: int) -> Json:
    times = market.tape.open_time[first:]
    told = [{**asdict(one), "at": moment(int(times[one.row]))} for one in replay.differences]
    return {
        "sweep_trades": replay.sweep,
        "replay_trades": replay.replay,
        "same": replay.same,
        "sweep_return": replay.sweep_return,
        "replay_return": replay.replay_return,
        "resets": replay.resets,
        "causes": dict(sorted(replay.causes.items(), key=lambda item: -item[1])),
        "differences": told,
    }


def _walk(walk: WalkForward, market: Market) -> Json:
    times = market.tape.open_time
    return {
        "yearly": _told(walk.yearly),
        "sharpe": _told(walk.sharpe),
        "total_return": float(walk.equity[-1] - 1.0),
        "max_drawdown": walk.max_drawdown,
        "trades": walk.trades,
        "windows": [
            {
                "trained_from": moment(int(times[one.trained_from])),
                "from": moment(int(times[one.first])),
                "to": moment(int(times[one.last - 1])),
                "chosen": one.label,
                "trained_sharpe": one.trained_sharpe,
                "return": one.total_return,
                "trades": one.trades,
            }
            for one in walk.windows
        ],
    }


def _fields(value: Any) -> Iterator[tuple[str, Any]]:  # noqa: ANN401  a frozen value of ours
    yield from ((name, getattr(value, name)) for name in value.__slots__)


def _told(value: Any) -> Any:  # noqa: ANN401  what JSON holds
    if isinstance(value, Interval):
        return {"estimate": value.estimate, "low": value.low, "high": value.high, "level": value.level}
    if isinstance(value, float) and not np.isfinite(value):
        return None
    return list(cast("tuple[float, ...]", value)) if isinstance(value, tuple) else value

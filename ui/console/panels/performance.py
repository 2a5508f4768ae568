"""How the desk has done: figures with their doubt, equity and drawdown, trades, the signal's histogram, projections."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

import numpy as np
from markupsafe import Markup

from desk.ledger import UNCERTIFIED, EquityRow, TradeRow
from desk.ledger.pages import Asked
from ui.console.panels.wanted import Wanted
from ui.console.rendering import render
from ui.server.house import House
from ui.window.performance import ENOUGH_DAYS, ENOUGH_TRADES, daily_returns

_SHOWN_TRADES, _MOST_POINTS, _DAYS_AHEAD, _PATHS = 60, 1500, 30, 500
_BANDS = ((0.05, "5 %"), (0.5, "median"), (0.95, "95 %"))


def performance(house: House, wanted: Wanted) -> str:
    """Figures and tables."""
    del wanted
    window = house.window
    ledger, pages = window.books.ledger(), window.books.pages()
    trades = ledger.trades(limit=2000) if ledger else ()
    counts = pages.signal_counts(Asked()) if pages else ()
    by_score: Counter[int] = Counter()
    for one in counts:
        by_score[one.score] += one.count
    low, high = (min(by_score), max(by_score)) if by_score else (0, 0)
    return render(
        "performance.html",
        track=window.track(),
        told=window.breakdown(),
        proof=_proof,
        trades=trades[:_SHOWN_TRADES],
        reasons=_breakdown((trade.exit_reason or "", trade) for trade in trades if trade.closed_at),
        symbols=_breakdown((trade.symbol, trade) for trade in trades if trade.closed_at),
        histogram=[(score, by_score[score]) for score in range(low, high + 1)] if by_score else [],
        most=max(by_score.values(), default=1),
        enough_trades=ENOUGH_TRADES,
        enough_days=ENOUGH_DAYS,
    )


def curve(house: House, wanted: Wanted) -> str:
    """Equity, its fall from the peak, or where a month like those so far would lead, as JSON."""
    ledger = house.window.books.ledger()
    points = list(ledger.equity(limit=10_000)) if ledger else []
    kind = wanted.name("of")
    told = {"equity": _equity, "drawdown": _drawdown, "ahead": _ahead}.get(kind, _equity)(points)
    return json.dumps(told, separators=(",", ":"))


def _proof(certificate: str) -> Markup:
    """What stood behind a trade's name when it was opened, as a chip beside that name."""
    bare = certificate == UNCERTIFIED
    shown = UNCERTIFIED if bare else f"certificate {certificate[:6]}"
    return Markup('<span class="chip {}" title="{}">{}</span>').format("warn" if bare else "good", certificate, shown)


def _breakdown(pairs: Iterable[tuple[str, TradeRow]]) -> list[tuple[str, int, int, Any]]:
    """By name: how many, how many won, and the sum in USDT; the most first."""
    found: dict[str, list[Any]] = {}
    for name, trade in pairs:
        if trade.pnl is not None:
            row = found.setdefault(name, [0, 0, 0])
            row[0] += 1
            row[1] += trade.pnl > 0
            row[2] += trade.pnl
    return sorted(((name, *row) for name, row in found.items()), key=lambda row: -row[1])


def _equity(points: Sequence[EquityRow]) -> dict[str, Any]:
    return {
        "points": _thin([(p.at, float(p.equity)) for p in points]),
        "empty": "The curve begins with the first kickoff.",
    }


def _drawdown(points: Sequence[EquityRow]) -> dict[str, Any]:
    values = np.array([float(point.equity) for point in points], dtype=np.float64)
    falls = -100 * (1 - values / np.maximum.accumulate(values)) if len(values) else values
    drawn = [(point.at, float(fall)) for point, fall in zip(points, falls, strict=True)]
    return {"points": _thin(drawn), "falls": True, "empty": "Nothing has been lost yet."}


def _ahead(points: Sequence[EquityRow]) -> dict[str, Any]:
    """Days drawn again from those so far, a month on: what scatters is shown, and nothing is promised."""
    daily = daily_returns(points)
    if len(daily) < ENOUGH_DAYS:
        return {"points": [], "empty": f"After {ENOUGH_DAYS} days; so far there are {len(daily)}."}
    rng = np.random.default_rng(0)
    drawn = rng.choice(daily, size=(_PATHS, _DAYS_AHEAD))
    paths = float(points[-1].equity) * np.cumprod(1 + drawn, axis=1)
    days = [points[-1].at + timedelta(days=day + 1) for day in range(_DAYS_AHEAD)]
    bands = [
        {"title": title, "points": _thin(list(zip(days, map(float, np.quantile(paths, q, axis=0)), strict=True)))}
        for q, title in _BANDS
    ]
    recent = [(point.at, float(point.equity)) for point in points]
    return {"points": _thin(recent), "bands": bands, "empty": ""}


def _thin(points: Sequence[tuple[datetime, float]]) -> list[tuple[int, float]]:
    """At most so many points, the last of each second: what a screen can show."""
    by_second = {int(at.timestamp()): round(value, 4) for at, value in points}
    kept = list(by_second.items())
    step = max(1, len(kept) // _MOST_POINTS)
    return [*kept[:-1:step], kept[-1]] if kept else []

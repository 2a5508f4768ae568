"""How the desk has done: figures with their doubt, equity and drawdown, trades, the signal's histogram, projections."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import numpy as np
from markupsafe import Markup

from desk.ledger import UNCERTIFIED
from desk.ledger.pages import Asked
from ui.console.panels.wanted import Wanted
from ui.console.rendering import render
from ui.server.house import House
from ui.window.line import Point, thinned
from ui.window.performance import ENOUGH_DAYS, ENOUGH_TRADES

_SHOWN_TRADES, _MOST_POINTS, _DAYS_AHEAD, _PATHS = 60, 1500, 30, 500
_BANDS = ((0.05, "5 %"), (0.5, "median"), (0.95, "95 %"))


def figures(house: House, wanted: Wanted) -> str:
    """What it all comes to, with the doubt about it."""
    del wanted
    window = house.window
    return render(
        "figures.html",
        track=window.track(),
        factor=window.profit_factor(),
        enough_trades=ENOUGH_TRADES,
        enough_days=ENOUGH_DAYS,
    )


def performance(house: House, wanted: Wanted) -> str:
    """Where it came from: tables of trades, and how often each signal was seen."""
    del wanted
    window = house.window
    ledger, pages = window.books.ledger(), window.books.pages()
    by_score: Counter[int] = Counter()
    for one in pages.signal_counts(Asked()) if pages else ():
        by_score[one.score] += one.count
    low, high = (min(by_score), max(by_score)) if by_score else (0, 0)
    trades = ledger.trades(limit=_SHOWN_TRADES) if ledger else ()
    return render(
        "performance.html",
        told=window.breakdown(),
        endings=window.endings(),
        proof=_proof,
        trades=trades,
        closed=ledger.closed() if ledger else 0,
        most_trades=_SHOWN_TRADES,
        histogram=[(score, by_score[score]) for score in range(low, high + 1)] if by_score else [],
        most=max(by_score.values(), default=1),
    )


def curve(house: House, wanted: Wanted) -> str:
    """Equity, its fall from the peak, or where a month like those so far would lead, as JSON."""
    kind = wanted.name("of")
    if kind == "ahead":
        told = _ahead(house.window.line(), house.window.daily_returns())
    elif kind == "drawdown":
        told = _drawdown(house.window.price_line())
    else:
        told = _equity(house.window.line())
    return json.dumps(told, separators=(",", ":"))


def _proof(certificate: str) -> Markup:
    """What stood behind a trade's name when it was opened, as a chip beside that name."""
    bare = certificate == UNCERTIFIED
    shown = UNCERTIFIED if bare else f"certificate {certificate[:6]}"
    return Markup('<span class="chip {}" title="{}">{}</span>').format("warn" if bare else "good", certificate, shown)


def _equity(points: Sequence[Point]) -> dict[str, Any]:
    return {"points": _drawn(points), "empty": "The curve begins with the first kickoff."}


def _drawdown(points: Sequence[Point]) -> dict[str, Any]:
    values = np.array([value for _, value in points], dtype=np.float64)
    peaks = np.maximum.accumulate(values) if len(values) else values
    falls = -100 * (1 - np.divide(values, peaks, out=np.ones(len(values)), where=peaks > 0))
    drawn = [(at, float(fall)) for (at, _), fall in zip(points, falls, strict=True)]
    return {"points": _drawn(drawn), "falls": True, "empty": "Nothing has been lost yet."}


def _ahead(points: Sequence[Point], daily: np.ndarray) -> dict[str, Any]:
    """Days drawn again from those so far, a month on: what scatters is shown, and nothing is promised."""
    if len(daily) < ENOUGH_DAYS:
        return {"points": [], "empty": f"After {ENOUGH_DAYS} days; so far there are {len(daily)}."}
    rng = np.random.default_rng(0)
    drawn = rng.choice(daily, size=(_PATHS, _DAYS_AHEAD))
    at, equity = points[-1]
    paths = equity * np.cumprod(1 + drawn, axis=1)
    days = [at + timedelta(days=day + 1) for day in range(_DAYS_AHEAD)]
    bands = [
        {"title": title, "points": _drawn(list(zip(days, map(float, np.quantile(paths, q, axis=0)), strict=True)))}
        for q, title in _BANDS
    ]
    return {"points": _drawn(points), "bands": bands, "empty": ""}


def _drawn(points: Sequence[Point]) -> list[tuple[int, float]]:
    """What a screen can show: at most so many points, the last of each second."""
    return list({int(at.timestamp()): round(value, 4) for at, value in thinned(points, _MOST_POINTS)}.items())

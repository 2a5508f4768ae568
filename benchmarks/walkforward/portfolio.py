"""All books on one portfolio of four symbols, as they are shipped: what became of each, and when the stop closed them.

No parameter is chosen here, so nothing is in sample; but none of it was set before these years either.
"""

from __future__ import annotations

from decimal import Decimal

from benchmarks.walkforward.markets import FOUR, market_of
from benchmarks.walkforward.walks import TERMS
from config.strategies import load_strategies
from desk.backtest.measures import drawdown
from desk.backtest.plan import Plan
from desk.backtest.report.words import ends, percent
from desk.backtest.terms import contracts
from desk.backtest.trial.days import daily_returns, yearly_interval
from desk.domain.moments import from_ms
from desk.strategies.portfolio import play_books

BARS = 24 * 365 * 2
UNHEARD = "news-mood"


def section() -> str:
    """The part of the page."""
    market, library = market_of(FOUR, "1h", None, None), load_strategies()
    first = len(market.tape) - BARS
    tape = market.tape.between(first, len(market.tape))
    plans: dict[str, Plan] = {}
    for name in library.rules:
        if name != UNHEARD:
            plans[name] = library.strategy(name, tape.step_ms).plan(market.tape).between(first, len(market.tape))
    lines = []
    steady = library.books.model_copy(update={"up": Decimal(1), "down": Decimal(1)})
    for told, books in (("as shipped", library.books), ("sizes that follow nothing", steady)):
        found = play_books(tape, plans, books, TERMS, contracts(market.specs, TERMS.leverage))
        daily = daily_returns(tape.open_time, found.equity, TERMS.deposit)
        interval = yearly_interval(daily)
        stopped = "never" if found.stopped_at is None else f"{from_ms(int(tape.open_time[found.stopped_at])):%Y-%m-%d}"
        each = ", ".join(
            f"{name} {percent(curve[-1] / curve[0] - 1)} at {found.factors[name]:.2f}"
            for name, curve in found.books.items()
        )
        lines.append(
            f"| {told} | {percent(found.equity[-1] / TERMS.deposit - 1)} | "
            f"{ends({'low': interval.low, 'high': interval.high})} | {percent(-drawdown(found.equity, TERMS.deposit)[0])} | "
            f"{sum(found.trades.values()):,} | {stopped} | {each} |"
        )
    span = f"{from_ms(int(tape.open_time[0])):%Y-%m-%d} to {from_ms(int(tape.open_time[-1])):%Y-%m-%d}"
    return "\n".join(
        [
            "## All books at once",
            "",
            f"Every strategy but {UNHEARD}, whose headlines were not recorded, trades its part of its book on {', '.join(FOUR)} 1h, "
            f"{span}; a book's size follows its last results, and the portfolio stops as a whole "
            f"{float(library.books.portfolio_stop):.0%} below its highest equity.",
            "",
            "| books | return | a year, 95 % | deepest fall | trades | stopped | each book, and the size it ended at |",
            "|---|---|---|---|---|---|---|",
            *lines,
            "",
            "Whoever counts wins and losses alone makes a strategy small that loses often and little and wins seldom and "
            "much, as every trend does: the first row shows the size the rule left each book with.",
        ]
    )

"""`crew backtest --agents`: what the crew would have decided on recorded market, tried like any strategy."""

from __future__ import annotations

from contextlib import closing
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import numpy as np
from rich.table import Table

from config.loader import DeskConfig
from crews.seating import setup_of
from desk.domain.moments import to_ms
from ui.backtest_screen import print_trial, steps
from ui.commands.backtest import Asked, drawn, ledger_of, open_recorded
from ui.terminal import aside, print_json, screen

if TYPE_CHECKING:
    from crews.backtest.staging import Troupe
    from crews.backtest.trying import CrewTrial
    from desk.backtest.recordings import Market
    from desk.backtest.terms import AccountTerms

# Without --from: so many of the newest bars. Each is a decision a symbol, of which there are ten and more a second.
NEWEST = 1_000
ASSUMED = (
    "The written rules decide, not a language model: a model has read of the past it would be tried on. "
    "Nobody's word has earned anything, and no learnt policy advises."
)


def backtest_crew(asked: Asked, loaded: DeskConfig, terms: AccountTerms, *, crewai: bool, as_json: bool) -> None:
    """Try the crew, and tell it as a trial is told, with what it decided and why."""
    from desk.backtest.trial.telling import trial_json

    troupe = _troupe(asked, loaded, crewai=crewai)
    market, first = _opened(asked, troupe)
    found = _tried(asked, market, first, troupe, loaded, terms, quiet=as_json)
    told = trial_json(found.trial, market, terms)
    told["agents"] = agents_json(found)
    if asked.html is not None:
        told["page"] = drawn(asked.html, found.trial, market, terms)
    if as_json:
        print_json(told)
        return
    print_trial(told, screen())
    print_decided(told["agents"])


def agents_json(found: CrewTrial) -> dict[str, Any]:
    """What the crew decided, and on whose word."""
    return {
        "label": found.play.played.label,
        "decisions": found.play.decisions,
        "decided": [{"action": a, "rule": rule, "count": count} for a, rule, count in found.play.decided],
        "assumed": ASSUMED,
    }


def print_decided(agents: dict[str, Any]) -> None:
    """What the crew decided and which rule had the last word, on a terminal."""
    table = Table(box=None, pad_edge=False, header_style="quiet")
    table.add_column(f"of {agents['decisions']:,} decisions")
    table.add_column("by")
    table.add_column("times", justify="right")
    for one in agents["decided"]:
        table.add_row(one["action"].replace("_", " "), one["rule"], f"{one['count']:,}")
    screen().print(table)
    screen().print(f"[quiet]{agents['assumed']}[/]")


def _troupe(asked: Asked, loaded: DeskConfig, *, crewai: bool) -> Troupe:
    from crews.backtest.staging import Troupe
    from crews.work import runner
    from crews.work.by_hand import run_by_hand
    from desk.news.recorded import read_headlines

    if crewai:
        runner.load()
    return Troupe(
        setup=setup_of(loaded),
        headlines=read_headlines(asked.news) if asked.news is not None else (),
        run=runner.run_crew if crewai else run_by_hand,
    )


def _opened(asked: Asked, troupe: Troupe) -> tuple[Market, int]:
    """The recorded market with all the crew may look back at, and the row of the first bar it plays."""
    from crews.backtest.trying import look_back
    from desk.backtest.recordings import Wanted

    interval = asked.interval or troupe.setup.default_tools.signal_interval
    back = look_back(troupe, interval)
    # A little more than it may look back over, so that whoever remembers more can be found out.
    market = open_recorded(
        Wanted(
            symbols=asked.symbols,
            interval=interval,
            since=asked.since,
            until=asked.until,
            warm_up=back + back // 50,
        ),
        asked.data,
    )
    if asked.since is None:
        return market, max(0, len(market.tape) - NEWEST)
    return market, int(np.searchsorted(market.tape.open_time, to_ms(asked.since)))


def _tried(
    asked: Asked,
    market: Market,
    first: int,
    troupe: Troupe,
    loaded: DeskConfig,
    terms: AccountTerms,
    *,
    quiet: bool,
) -> CrewTrial:
    """The trial, counted in the ledger like every other."""
    from crews.backtest.trying import try_crew
    from desk.backtest.trial.counting import count_runs
    from desk.backtest.trial.trial import Course
    from desk.ledger import Ledger

    course = Course(strain=asked.stress, seed=asked.seed)
    now, labels = datetime.now(UTC), [troupe.label]
    with closing(Ledger(ledger_of(loaded))) as ledger, steps(aside(), quiet=quiet) as note:
        return try_crew(
            market,
            first,
            troupe,
            terms,
            loaded.desk.limits,
            course,
            lambda runs: count_runs(ledger, market, labels, runs, terms, now),
            note,
        )

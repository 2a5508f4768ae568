"""`crew backtest`: what a strategy would have done, beside doing nothing, and how far to believe it."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer

from config.loader import DeskConfig, load_desk
from crews.running.services import folder_of, history_folder
from desk.domain.errors import ConfigError, PrerequisiteError
from ui.commands.moments import moment_of
from ui.commands.options import AsJson, ConfigRoot, Profile
from ui.terminal import aside, print_json, screen, tells_errors

if TYPE_CHECKING:
    from desk.backtest.recordings import Market, Recordings, Wanted
    from desk.backtest.terms import AccountTerms
    from desk.backtest.trial.trial import Course
    from desk.backtest.trial.values import Candidate, Trial
    from desk.strategies.library import Library

Name = Annotated[str, typer.Argument(metavar="[STRATEGY]", help="One of strategies.yaml; none lists them.")]
Symbols = Annotated[list[str] | None, typer.Option("--symbol", "-s", help="BTCUSDT; again for more on one account.")]
Interval = Annotated[
    str, typer.Option("--interval", "-i", help="1m 3m 5m 15m 30m 1h 2h 4h 1d; 1h, or the crew's own with --agents.")
]
From = Annotated[str, typer.Option("--from", metavar="DATE", help="First bar, UTC, as 2023-01-01; all by default.")]
To = Annotated[str, typer.Option("--to", metavar="DATE", help="Up to, not including, this moment.")]
Data = Annotated[
    list[Path] | None, typer.Option("--data", metavar="PATH", help="Files or folders instead of `crew history`.")
]
News = Annotated[Path | None, typer.Option("--news", metavar="CSV", help="Recorded headlines: published_at, title.")]
Html = Annotated[Path | None, typer.Option("--html", metavar="PATH", help="Write the report as one page.")]
Stress = Annotated[bool, typer.Option("--stress", help="The same at no, double and triple costs.")]
Walk = Annotated[bool, typer.Option("--walk-forward", help="Choose by what was, trade what comes, move on.")]
Train = Annotated[int, typer.Option("--train", min=7, metavar="DAYS", help="Walk-forward: days to choose by.")]
Test = Annotated[int, typer.Option("--test", min=1, metavar="DAYS", help="Walk-forward: days to trade.")]
Replay = Annotated[bool, typer.Option("--replay", help="Again through the exchange and the guard, trade by trade.")]
Agents = Annotated[bool, typer.Option("--agents", help="Try the crew: its decisions, by its written rules.")]
CrewAI = Annotated[bool, typer.Option("--crewai", help="With --agents: through CrewAI, same decisions, slower.")]
Deposit = Annotated[float, typer.Option(min=10, help="Of quote asset.")]
Leverage = Annotated[float, typer.Option(min=1, max=125, help="Isolated margin is the notional over it.")]
Fee = Annotated[float, typer.Option(min=0, max=0.05, help="Of notional, a side.")]
Slippage = Annotated[float, typer.Option(min=0, max=0.05, help="Of price, a side.")]
Seed = Annotated[int, typer.Option(min=0, help="Of everything drawn by lot.")]


class Asked(NamedTuple):
    """What is to be tried on: market and span, what else may be read, and what the report shall show."""

    symbols: tuple[str, ...]
    interval: str
    since: datetime | None
    until: datetime | None
    data: list[Path] | None
    news: Path | None
    html: Path | None
    stress: bool
    seed: int


@tells_errors
def backtest(
    strategy: Name = "",
    symbol: Symbols = None,
    interval: Interval = "",
    first: From = "",
    until: To = "",
    data: Data = None,
    news: News = None,
    html: Html = None,
    stress: Stress = False,
    walk_forward: Walk = False,
    train: Train = 365,
    test: Test = 90,
    replay: Replay = False,
    agents: Agents = False,
    crewai: CrewAI = False,
    deposit: Deposit = 10_000,
    leverage: Leverage = 3,
    fee: Fee = 0.0005,
    slippage: Slippage = 0.0002,
    seed: Seed = 0,
    profile: Profile = "demo",
    as_json: AsJson = False,
    config: ConfigRoot = None,
) -> None:
    """Try a strategy on recorded market, net of all costs, beside flat, buy and hold, and the same trades at random."""
    # Here and not above: the compiler and the arrays take a second to load.
    from desk.backtest.terms import AccountTerms

    loaded = load_desk(profile, root=config)
    terms = AccountTerms(deposit=deposit, taker_fee=fee, slippage=slippage, leverage=leverage)
    span = (moment_of(first), moment_of(until, "--to"))
    asked = Asked(tuple(symbol or ["BTCUSDT"]), interval, *span, data, news, html, stress, seed)
    if agents:
        from ui.commands.backtest_crew import backtest_crew

        _refuse_beside_agents(strategy, walk_forward=walk_forward)
        backtest_crew(asked, loaded, terms, crewai=crewai, as_json=as_json)
        return
    from desk.backtest.trial.trial import Course

    limits = loaded.desk.limits if replay else None
    course = Course(strain=stress, walk=walk_forward, train_days=train, test_days=test, seed=seed, limits=limits)
    _backtest_strategy(strategy, asked, course, loaded, terms, config, as_json=as_json)


def _backtest_strategy(
    strategy: str,
    asked: Asked,
    course: Course,
    loaded: DeskConfig,
    terms: AccountTerms,
    config: Path | None,
    *,
    as_json: bool,
) -> None:
    """Try one strategy of the library, or tell what is in it."""
    from config.strategies import load_strategies
    from desk.backtest.recordings import Wanted
    from desk.backtest.trial.telling import trial_json
    from desk.market.intervals import interval_ms
    from ui.backtest_screen import print_library, print_trial

    library = load_strategies(config)
    if not strategy:
        print_library(library, as_json=as_json)
        return
    interval = asked.interval or "1h"
    candidates = _heard(library, asked.news).candidates(strategy, interval_ms(interval))
    warm_up = candidates[0].strategy.warm_up
    wanted = Wanted(symbols=asked.symbols, interval=interval, since=asked.since, until=asked.until, warm_up=warm_up)
    market = open_recorded(wanted, asked.data)
    trial = _tried(candidates, market, terms, course, ledger_of(loaded), quiet=as_json)
    told = trial_json(trial, market, terms)
    if asked.html is not None:
        told["page"] = drawn(asked.html, trial, market, terms)
    if as_json:
        print_json(told)
    else:
        print_trial(told, screen())


def _refuse_beside_agents(strategy: str, *, walk_forward: bool) -> None:
    if strategy or walk_forward:
        raise ConfigError(
            "the crew is tried as it is set up: it is none of the strategies and has no parameters to walk with",
            file="--agents",
            hint="crew backtest --agents --symbol BTCUSDT --data FOLDER --from 2025-05-01",
        )


def drawn(html: Path, trial: Trial, market: Market, terms: AccountTerms) -> str:
    """Write the page of a trial; returns where."""
    from desk.backtest.report.page import write_page

    write_page(html, trial, market, terms)
    return str(html)


def open_recorded(wanted: Wanted, data: list[Path] | None) -> Market:
    """The recorded market of a command: its own files, or what `crew history` keeps. Raises PrerequisiteError."""
    from desk.backtest.recordings import FromFiles, FromStore, open_market
    from desk.history.store import HistoryStore

    if not data and not history_folder().exists():
        raise PrerequisiteError(
            "there is no recorded market yet",
            hint=f"crew history download {' '.join(wanted.symbols)} --interval {wanted.interval} --from 2023-01",
        )
    source: Recordings = FromFiles(paths=data) if data else FromStore(store=HistoryStore(history_folder()))
    return open_market(wanted, source)


def ledger_of(loaded: DeskConfig) -> str:
    """Where tries are counted."""
    from crews.record.bookkeeping import ledger_url

    return ledger_url(loaded, folder_of(loaded.profile.name))


def _heard(library: Library, news: Path | None) -> Library:
    if news is None:
        return library
    from desk.news.recorded import read_headlines
    from desk.strategies.tones import read_tones

    return library.hearing(read_tones(read_headlines(news)))


def _tried(
    candidates: Sequence[Candidate],
    market: Market,
    terms: AccountTerms,
    course: Course,
    ledger_url: str,
    *,
    quiet: bool,
) -> Trial:
    """The trial, with every run counted in the ledger, and its trades in the record of strategies."""
    from desk.backtest.trial.counting import count_in
    from desk.backtest.trial.trial import try_out
    from desk.ledger import Ledger
    from desk.ledger.strategies import StrategyBook
    from desk.strategies.standing import trades_of
    from ui.backtest_screen import steps

    now = datetime.now(UTC)
    with closing(Ledger(ledger_url)) as ledger, steps(aside(), quiet=quiet) as note:
        trial = try_out(
            market,
            candidates,
            terms,
            course,
            lambda runs: count_in(ledger, market, candidates, runs, terms, now),
            note,
        )
    with closing(StrategyBook(ledger_url)) as book:
        book.record(trades_of(trial, market))
    return trial

"""`crew strategies`: the library, what each of it came to by regime, and whom a learner would hear there next."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

import typer
from rich.table import Table

from config.loader import load_desk
from crews.running.services import folder_of
from ui.commands.options import AsJson, ConfigRoot, Profile
from ui.terminal import print_json, screen, tells_errors

if TYPE_CHECKING:
    from collections.abc import Mapping

    from desk.strategies.library import Library
    from desk.strategies.selection import Selection
    from desk.strategies.standing import Standing

ByRegime = typer.Option("--by-regime", help="One row for each regime, and whom a learner would hear in it.")


@tells_errors
def strategies(
    by_regime: bool = ByRegime, profile: Profile = "demo", as_json: AsJson = False, config: ConfigRoot = None
) -> None:
    """The strategies at hand with their trades so far: of every backtest that was run with the settings they have."""
    # Here and not above: the library's indicators take a second to load.
    from config.strategies import load_strategies
    from crews.record.bookkeeping import ledger_url
    from desk.ledger.strategies import StrategyBook
    from desk.strategies.standing import selections, settings_of, standings
    from ui.backtest_screen import print_library

    library = load_strategies(config)
    current = {name: settings_of(rule.label) for name, rule in library.rules.items()}
    url = ledger_url(load_desk(profile, root=config), folder_of(profile))
    with closing(StrategyBook(url)) as book:
        trades = [one for one in book.trades() if current.get(one.strategy) == one.settings]
    # Whoever was never tried would always be heard first: a learner chooses among those that were.
    told, heard = standings(trades), selections(trades, sorted({one.strategy for one in trades}))
    if as_json:
        _print_json(library, told, heard)
        return
    print_library(library, as_json=False)
    if not trades:
        screen().print("[quiet]nothing is known of them yet: `crew backtest NAME` writes down what it finds[/]")
        return
    screen().print(_table(told, by_regime=by_regime))
    for regime, known in heard.items():
        if by_regime:
            screen().print(f"{regime.lower()}: a learner would hear [name]{known.choose()}[/] next")


def _table(told: Mapping[tuple[str, str], Standing], *, by_regime: bool) -> Table:
    from desk.backtest.report.words import number, share

    table = Table(box=None, pad_edge=False, header_style="quiet")
    headings = ("strategy", "regime", "trades", "won", "95 %", "gains over losses", "mean result", "deepest fall")
    for place, heading in enumerate(headings):
        table.add_column(heading, justify="left" if place < 2 else "right", overflow="fold")
    for (strategy, regime), one in told.items():
        if bool(regime) == by_regime:
            wins = f"{share(one.interval[0])} – {share(one.interval[1])}"
            figures = (number(one.profit_factor), f"{number(one.multiple)} R", f"{number(one.drawdown)} R")
            table.add_row(
                strategy, regime.lower() or "all", f"{one.trades:,}", share(one.wins / one.trades), wins, *figures
            )
    return table


def _print_json(library: Library, told: Mapping[tuple[str, str], Standing], heard: Mapping[str, Selection]) -> None:
    from dataclasses import asdict

    for name, rule in library.rules.items():
        own = {regime or "ALL": asdict(one) for (strategy, regime), one in told.items() if strategy == name}
        next_in = [regime for regime, known in heard.items() if known.choose() == name]
        print_json({"strategy": name, "parameters": rule.label, "standing": own, "heard_next_in": next_in})

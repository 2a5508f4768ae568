"""`crew costs`: what the models cost today, what another way of paying would have cost, and the choice between them."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Annotated

import typer
from rich.table import Table

from config.loader import DeskConfig, load_desk
from crews.running.services import folder_of
from crews.spending import costs
from desk.domain.errors import JournalError, PrerequisiteError
from desk.domain.money import ZERO, plain
from memory.replies import ReplyShelf
from memory.spending import Day
from ui.commands.options import AsJson, ConfigRoot, Profile
from ui.terminal import print_json, screen, tells_errors

_FILES = "files"


@tells_errors
def status(profile: Profile = "demo", as_json: AsJson = False, config: ConfigRoot = None) -> None:
    """Today's spending by agent against the day's budget, the way of paying, and what was recalled for free."""
    folder = folder_of(profile)
    loaded = load_desk(profile, root=config, overrides=costs.mode_words(folder))
    spent = _today(loaded, profile)
    total = Day(
        requests=sum(day.requests for day in spent.values()),
        recalled=sum(day.recalled for day in spent.values()),
        tokens=sum(day.tokens for day in spent.values()),
        usd=sum((day.usd for day in spent.values()), ZERO),
    )
    limit = loaded.desk.budget.day
    models = {agent: loaded.model_name(agent) for agent in loaded.agents}
    kept = len(ReplyShelf(folder.replies, entries=1))
    if as_json:
        print_json(
            {
                "profile": profile,
                "mode": loaded.desk.mode,
                "models": models,
                "today": _plain(total),
                "agents": {agent: _plain(day) for agent, day in spent.items()},
                "limit": {"tokens": limit.tokens, "usd": plain(limit.usd)},
                "kept_answers": kept,
            }
        )
        return
    console = screen()
    console.print(f"[name]{loaded.desk.mode or 'as the files say'}[/]: {_told(models)}")
    console.print(_days({**spent, "all": total}))
    left = max(limit.usd - total.usd, ZERO)
    console.print(f"of [number]{limit.usd}[/] USD and [number]{limit.tokens:,}[/] tokens a day: {_usd(left)} USD left")
    console.print(f"[quiet]{kept:,} answers kept; asked exactly the same, nobody is asked again[/]")


@tells_errors
def compare(
    days: Annotated[int, typer.Option("--days", min=1, max=3650, help="How far back decisions count.")] = 30,
    profile: Profile = "demo",
    as_json: AsJson = False,
    config: ConfigRoot = None,
) -> None:
    """What the decisions made so far cost, and what their tokens would have cost in each way of paying."""
    # Here and not above: the database library takes a third of a second to load.
    from crews.record.bookkeeping import ledger_url
    from desk.ledger import Ledger, sqlite_url

    folder = folder_of(profile)
    loaded = load_desk(profile, root=config, overrides=costs.mode_words(folder))
    url = ledger_url(loaded, folder)
    if url == sqlite_url(folder.ledger) and not folder.ledger.exists():
        raise PrerequisiteError(f"profile {profile} has decided nothing yet", hint="crew kickoff")
    with closing(Ledger(url)) as ledger:
        newest = ledger.costs(limit=1)
        # Counted back from the newest decision: a replay's clock is not this machine's.
        end = newest[0].at if newest else datetime.now(UTC)
        rows = ledger.costs(since=end - timedelta(days=days))
    prices = costs.compare(loaded, rows)
    if as_json:
        for price in prices:
            told = {"mode": price.mode, "models": list(price.models), "decisions": price.decisions}
            print_json({**told, "usd": plain(price.usd), "usd_per_decision": plain(price.per_decision)})
        return
    table = Table(box=None, pad_edge=False)
    for heading in ("way of paying", "models"):
        table.add_column(heading, style="name" if heading == "way of paying" else "quiet")
    for heading in ("decisions", "USD", "USD a decision"):
        table.add_column(heading, justify="right")
    for price in prices:
        words = (price.mode, ", ".join(price.models), f"{price.decisions:,}", _usd(price.usd), _usd(price.per_decision))
        table.add_row(*words)
    screen().print(table)
    screen().print("[quiet]The same tokens at other prices; another model would have used other numbers of them.[/]")


@tells_errors
def use(
    mode: Annotated[str, typer.Argument(help="premium, cost-saving, offline, or `files` for what desk.yaml says.")],
    profile: Profile = "demo",
    config: ConfigRoot = None,
) -> None:
    """Choose how a profile pays for its models, from its next kickoff on."""
    loaded, folder = load_desk(profile, root=config), folder_of(profile)
    costs.choose_mode(loaded, folder, "" if mode == _FILES else mode)
    chosen = load_desk(profile, root=config, overrides=costs.mode_words(folder))
    models = {agent: chosen.model_name(agent) for agent in chosen.agents}
    screen().print(f"[good]✓[/] {profile} pays as [name]{chosen.desk.mode or 'the files say'}[/]: {_told(models)}")


def _today(loaded: DeskConfig, profile: str) -> dict[str, Day]:
    folder = folder_of(profile)
    if not folder.spending.exists():
        return {}
    with closing(costs.open_book(loaded, folder)) as book:
        try:
            return dict(book.day())
        except sqlite3.Error as error:
            raise JournalError(f"the book of spending does not read: {error}") from None


def _days(spent: dict[str, Day]) -> Table:
    table = Table(box=None, pad_edge=False)
    table.add_column("today, UTC", style="name")
    for heading in ("requests", "recalled", "tokens", "USD"):
        table.add_column(heading, justify="right")
    for agent, day in spent.items():
        table.add_row(agent, f"{day.requests:,}", f"{day.recalled:,}", f"{day.tokens:,}", _usd(day.usd))
    return table


def _told(models: dict[str, str]) -> str:
    """Who asks what, the agents of one model together."""
    asked: dict[str, list[str]] = {}
    for agent, model in models.items():
        asked.setdefault(model, []).append(agent)
    if len(asked) == 1:
        return f"everybody asks {next(iter(asked))}"
    return "; ".join(f"{', '.join(agents)}: {model}" for model, agents in asked.items())


def _plain(day: Day) -> dict[str, str | int]:
    return {"requests": day.requests, "recalled": day.recalled, "tokens": day.tokens, "usd": plain(day.usd)}


def _usd(amount: Decimal) -> str:
    return f"{amount:.4f}"

"""`crew search`: look for a strategy's parameters, or for what a policy should look at and like, with many workers.

Every worker of a study is this same command with the same study and database, here or on another machine.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from config.loader import load_desk
from crews.running.services import folder_of
from desk.domain.errors import PrerequisiteError
from ui.commands.options import AsJson, ConfigRoot, Profile
from ui.commands.policy import Data, From, Interval, MoodFile, Symbols, To, recorded_market
from ui.terminal import aside, print_json, screen, tells_errors

if TYPE_CHECKING:
    from crews.learning.searching import Search
    from desk.promotion.exam import Examined
    from desk.search.cluster import Here, OnCluster
    from desk.search.study import Best, Place, Told


Storage = Annotated[
    str, typer.Option(help="Database of studies: sqlite:///… or postgresql+psycopg://… for several machines.")
]
Ray = Annotated[
    str, typer.Option(help="Put the other workers on a Ray cluster: its address, or `local`; extra `cluster`.")
]


@tells_errors
def search(
    what: Annotated[str, typer.Argument(metavar="WHAT", help="A strategy of strategies.yaml, or `policy`.")],
    symbol: Symbols = None,
    interval: Interval = "1h",
    first: From = "",
    until: To = "",
    data: Data = None,
    mood: MoodFile = None,
    trials: Annotated[int, typer.Option(min=1, max=1_000_000, help="Finished trials of the whole study.")] = 100,
    workers: Annotated[int, typer.Option(min=1, max=64, help="Processes that work on it from here.")] = 1,
    study: Annotated[str, typer.Option(help="Its name; the same one goes on where it stopped.")] = "",
    storage: Storage = "",
    ray: Ray = "",
    held: Annotated[float, typer.Option(min=0.1, max=0.9, help="Share of bars, the last, that no trial sees.")] = 0.3,
    seed: Annotated[int, typer.Option(min=0, help="Of the guesses, and of what is drawn by lot.")] = 0,
    worker: Annotated[int, typer.Option(hidden=True, help="Which worker this is: each guesses on its own.")] = 0,
    profile: Profile = "demo",
    as_json: AsJson = False,
    config: ConfigRoot = None,
) -> None:
    """Search over the first bars, count every try, and say what the best is worth on bars that nobody looked at."""
    # Here and not above: the compiler, the arrays and the search library take two seconds to load.
    from config.strategies import load_strategies
    from crews.learning.searching import Search
    from desk.learning.mood import read_mood
    from desk.search.cluster import need_shared
    from desk.search.study import Place, work

    search = Search(
        what=what,
        market=recorded_market(symbol, interval, first, until, data),
        config=load_desk(profile, root=config),
        folder=folder_of(profile),
        library=load_strategies(config),
        now=datetime.now(UTC),
        mood=None if mood is None else read_mood(mood),
        held=held,
        seed=seed,
    )
    place = Place(url=storage or _database(profile), name=study or f"{what} {search.market.family}")
    need_shared(place, ray)
    ask = partial(work, search.quest, place, seed=seed + worker, count=search.count)
    # The first trial settles what the study asks, before others join it.
    ask(trials=1)
    shared = {"--interval": interval, "--from": first, "--to": until, "--mood": mood, "--profile": profile}
    shared |= {"--config": config, "--held": held, "--seed": seed, "--trials": trials}
    shared |= {"--storage": place.url, "--study": place.name}
    words = [what, *_repeated("--symbol", symbol), *_repeated("--data", data), *_said(shared)]
    others = _others(words, workers - 1, ray)
    with _progress(trials, quiet=as_json) as told:
        best = ask(trials=trials, told=told)
    if others is not None:
        if any(others.wait()):
            raise PrerequisiteError("a worker of the search failed; what was found is kept", hint="run the same again")
        # Each of them ended the trial it was in, and the best may be among those.
        best = ask(trials=trials)
    if not worker:
        _tell(best, search, place, as_json=as_json)


def _tell(best: Best, search: Search, place: Place, *, as_json: bool) -> None:
    """The best, and what it is worth where nobody looked."""
    from ui.policy_screen import findings

    examined, name = search.worth(best)
    if as_json:
        found = {"parameters": dict(best.parameters), "sharpe_a_day": best.sharpe, "finished": best.finished}
        found |= {"made_by": dict(best.made_by)}
        print_json({"study": place.name, **found, "policy": name, "held_out": findings(examined)})
        return
    _print(best, place, examined, name)


def _database(profile: str) -> str:
    from desk.ledger import sqlite_url

    root = folder_of(profile).root.parent
    root.mkdir(parents=True, exist_ok=True)
    return sqlite_url((root / "searches.sqlite").resolve())


def _repeated(option: str, values: Sequence[object] | None) -> list[str]:
    return [word for value in values or () for word in (option, str(value))]


def _said(options: Mapping[str, object]) -> list[str]:
    return [word for option, value in options.items() if value not in (None, "") for word in (option, str(value))]


def _others(words: list[str], count: int, ray: str) -> Here | OnCluster | None:
    """The other workers, at work already; None where there are none."""
    from desk.search.cluster import Here, OnCluster

    if count < 1:
        return None
    each = [["search", *words, "--worker", str(number)] for number in range(1, count + 1)]
    return OnCluster(each, address=ray) if ray else Here(each)


@contextmanager
def _progress(trials: int, *, quiet: bool) -> Generator[Told | None]:
    console = aside()
    if quiet or not console.is_terminal:
        yield None
        return
    columns = (TextColumn("trials"), BarColumn(), MofNCompleteColumn(), TextColumn("{task.fields[said]}"))
    with Progress(*columns, TimeRemainingColumn(), console=console, transient=True) as progress:
        task = progress.add_task("trials", total=trials, said="")

        def told(finished: int, sharpe: float) -> None:
            progress.update(task, completed=finished, said=f"newest {sharpe:+.3f} a day")

        yield told


def _title(best: Best, place: Place) -> str:
    by = f" by {len(best.made_by)} workers" if len(best.made_by) > 1 else ""
    return f"the best of {best.finished:,} trials of {place.name}{by}"


def _print(best: Best, place: Place, examined: Examined, name: str) -> None:
    from ui.policy_screen import print_examination

    table = Table(box=None, pad_edge=False, title=_title(best, place))
    table.title_justify, table.title_style = "left", "name"
    table.add_column("parameter", style="quiet")
    table.add_column("value")
    for parameter, value in best.parameters.items():
        table.add_row(parameter, f"{value:.4g}" if isinstance(value, float) else str(value))
    screen().print(table)
    screen().print(f"[quiet]Sharpe ratio a day, where it was searched: {best.sharpe:+.3f}, which proves nothing[/]")
    print_examination("the bars that nobody looked at", examined, screen())
    if name:
        screen().print(f"[quiet]learnt anew and on the shelf as[/] {name}")

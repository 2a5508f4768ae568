"""A trial on a terminal: the verdict first, then what it rests on."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from desk.backtest.report.words import ends, money, number, percent, share
from ui.terminal import print_json, screen

if TYPE_CHECKING:
    from desk.strategies.library import Library

Told = Mapping[str, Any]

_STEPS = {
    "plan": "reads the market",
    "run": "plays it",
    "luck": "asks what luck would have done",
    "honesty": "asks whether it knows what comes",
    "walk-forward": "walks forward",
    "replay": "plays it through exchange and guard",
    "agents": "the crew decides, the guard answers:",
}


@contextmanager
def steps(console: Console, *, quiet: bool) -> Iterator[Callable[[str], None]]:
    """Say what is being done, for as long as it takes."""
    if quiet or not console.is_terminal:
        yield lambda step: None
        return
    with console.status("opens the recordings") as status:
        yield lambda step: status.update(_said(step))


def _said(step: str) -> str:
    name, _, rest = step.partition(" ")
    return f"{_STEPS.get(name, name)} {rest}".strip()


def print_library(library: Library, *, as_json: bool) -> None:
    """Every strategy with its kind, its parameters and the book it trades from."""
    rows = [(name, rule.parameters()["kind"], rule.label) for name, rule in library.rules.items()]
    if as_json:
        for name, kind, label in rows:
            print_json({"strategy": name, "kind": kind, "parameters": label, "book": _book(library, name)})
        return
    table = Table(box=None, pad_edge=False)
    for heading in ("strategy", "kind", "book", "parameters"):
        table.add_column(heading, style="name" if heading == "strategy" else "", overflow="fold")
    for name, kind, label in rows:
        table.add_row(name, kind, _book(library, name) or "–", label)
    console = screen()
    console.print(table)
    others = [name for name in library.names if name not in library.rules]
    if others:
        console.print(f"[name]{others[0]}[/] is all of them, by the regime that stands")
    console.print("[quiet]Try one:[/] crew backtest trend-ema --symbol BTCUSDT --interval 1h --html report.html")


def _book(library: Library, name: str) -> str:
    books = library.books.books.items()
    return next((book for book, held in books if name in held.strategies), "")


def print_trial(told: Told, console: Console) -> None:
    """The whole of a trial, as `trial_json` tells it."""
    span = f"{told['from'][:10]} to {told['to'][:10]}"
    title = f"{told['strategy']}  {' '.join(told['symbols'])} {told['interval']}  {span}, {told['bars']:,} bars"
    console.print(Panel(Text(told["verdict"], style="name"), title=title, title_align="left", border_style="quiet"))
    console.print(_beside(told))
    console.print(_figures(told))
    console.print(_belief(told))
    if told["costs"]:
        console.print(_costs(told))
    if told["walk_forward"]:
        _print_walk(told["walk_forward"], console)
    if told["replay"]:
        _print_replay(told["replay"], console)
    if told.get("page"):
        console.print(f"[good]✓[/] {told['page']}", soft_wrap=True)
    console.print("[quiet]Net of fees, slippage and funding. A past is one draw of many; nothing here is promised.[/]")


def _beside(told: Told) -> Table:
    table = _table("who", "return", "Sharpe", "deepest fall", "trades", "lead a year, 95 %")
    own = told["measures"]
    table.add_row(told["strategy"], *_row(own), "", style="number")
    for one in told["baselines"]:
        table.add_row(one["name"], *_row(one["measures"]), ends(one["lead"]))
    chance = told["chance"]
    if chance:
        equal = f"{share(chance['better'])} did as well"
        table.add_row("same trades, at random", percent(chance["median"]), "", "", f"{chance['draws']} draws", equal)
    return table


def _row(measures: Told) -> tuple[str, str, str, str]:
    return (
        percent(measures["total_return"]),
        number(measures["sharpe"]),
        percent(-measures["max_drawdown"]),
        f"{measures['trades']:,}",
    )


def _figures(told: Told) -> Table:
    own = told["measures"]
    table = _table("won", "gains over losses", "in the market", "fees", "funding", "stops", "targets", "liquidations")
    table.add_row(
        share(own["win_rate"]),
        number(own["profit_factor"]),
        share(own["exposure"]),
        money(own["fees"]),
        money(-own["funding"]),
        *(f"{own[name]:,}" for name in ("stops", "targets", "liquidations")),
    )
    return table


def _belief(told: Told) -> Table:
    table = _table("how far to believe it", "")
    honesty, doubt = told["honesty"], told["doubt"]
    table.add_row("knows what comes", _no(honesty["hindsight"]))
    table.add_row("remembers more than its warm-up", _no(honesty["memory"]))
    if doubt is None:
        table.add_row("luck", "too few days to judge")
        return table
    table.add_row("return a year, 95 %", f"{percent(doubt['yearly']['estimate'])}  ({ends(doubt['yearly'])})")
    table.add_row("Sharpe, 95 %", f"{number(doubt['sharpe']['estimate'])}  ({ends(doubt['sharpe'], number)})")
    table.add_row("tries on this data", f"{doubt['tries']:,}")
    table.add_row("deflated Sharpe", share(doubt["deflated"]))
    table.add_row("overfitting", share(doubt["overfitting"]))
    return table


def _costs(told: Told) -> Table:
    table = _table("fees and slippage", "return", "Sharpe", "deepest fall", "trades")
    for one in told["costs"]:
        table.add_row(f"{one['factor']:g} times", *_row(one), style="number" if one["factor"] == 1 else "")
    return table


def _print_walk(walk: Told, console: Console) -> None:
    chosen = len({one["chosen"] for one in walk["windows"]}) > 1
    table = _table("traded", "return", "trades", *(("chosen on what came before",) if chosen else ()))
    for one in walk["windows"]:
        row = (f"{one['from'][:10]} – {one['to'][:10]}", percent(one["return"]), str(one["trades"]))
        table.add_row(*row, *((one["chosen"],) if chosen else ()))
    console.print(table)
    console.print(
        f"walk-forward: {percent(walk['total_return'])} in all, {percent(walk['yearly']['estimate'])} a year "
        f"({ends(walk['yearly'])}), deepest fall {percent(-walk['max_drawdown'])}"
    )


def _print_replay(replay: Told, console: Console) -> None:
    console.print(
        f"through exchange and guard: {replay['same']} of {replay['sweep_trades']} trades the same, "
        f"{percent(replay['replay_return'])} against {percent(replay['sweep_return'])}"
    )
    if replay["causes"]:
        table = _table("what came otherwise, and why", "times")
        for cause, count in replay["causes"].items():
            table.add_row(cause, f"{count:,}")
        console.print(table)
    if replay["resets"]:
        console.print(f"[warn]the guard locked the desk {replay['resets']} times[/]; an operator opened it each time")


def _table(*headings: str) -> Table:
    table = Table(box=None, pad_edge=False, header_style="quiet")
    for place, heading in enumerate(headings):
        table.add_column(heading, justify="left" if place == 0 else "right", overflow="fold")
    return table


def _no(found: object) -> str:
    return "[bad]yes[/]" if found else "[good]no[/]"

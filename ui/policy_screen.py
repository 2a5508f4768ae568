"""How policies look on a terminal: progress while one learns, where it has been, what it would do, its examination."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from typing import Any

import numpy as np
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from desk.backtest.doubt import Interval
from desk.learning.method import ACTIONS, FLAT
from desk.learning.pictures import visits_by_cell
from desk.learning.policy import LEAST_VISITS, Episode, Policy
from desk.learning.shelf import Shelved
from desk.promotion.exam import Examined
from desk.promotion.record import Record

_STATES_SHOWN = 8
_BLOCKS = "▁▂▃▄▅▆▇█"
_SPARK_WIDTH = 60


@contextmanager
def learning(console: Console, episodes: int, *, quiet: bool) -> Generator[Callable[[Episode], None]]:
    """Show learning while it goes on; yields who is to be told of each episode."""
    if quiet or not console.is_terminal:
        yield lambda _: None
        return
    columns = (TextColumn("learning"), BarColumn(), MofNCompleteColumn(), TextColumn("{task.fields[said]}"))
    with Progress(*columns, TimeRemainingColumn(), console=console, transient=True) as progress:
        task = progress.add_task("learning", total=episodes, said="")

        def told(episode: Episode) -> None:
            said = f"reward {episode.reward:+,.0f}, curiosity {episode.curiosity:.0%}"
            progress.update(task, advance=1, said=said)

        yield told


def print_policies(found: Sequence[Shelved], current: str, console: Console) -> None:
    """One policy a line."""
    table = Table(box=None, pad_edge=False)
    for heading in ("policy", "made", "market", "figures", "seen", "held out", ""):
        table.add_column(heading, justify="right" if heading in ("seen", "held out") else "left")
    for one in found:
        origin = one.policy.origin
        table.add_row(
            f"[name]{one.name}[/]",
            f"{origin.made_at:%Y-%m-%d %H:%M}",
            f"{', '.join(origin.symbols)} {origin.interval}",
            str(len(one.policy.space.names)),
            f"{one.policy.known:.0%}",
            _percent(_last_look(one.policy)),
            "[good]advises[/]" if one.name == current else "[quiet]in the shadow[/]",
        )
    console.print(table)


def print_policy(shelved: Shelved, console: Console, examined: Examined | None) -> None:
    """Everything a person asks of a policy."""
    policy, origin = shelved.policy, shelved.policy.origin
    console.print(f"[name]policy {shelved.name}[/]  {', '.join(origin.symbols)} {origin.interval}, seed {origin.seed}")
    console.print(
        f"[quiet]learnt from {origin.learnt_from:%Y-%m-%d} to {origin.held_from:%Y-%m-%d}, held out until "
        f"{origin.held_until:%Y-%m-%d}"
        + (f", after {origin.own_trades} own trades" if origin.own_trades else "")
        + f"; figures {', '.join(policy.space.names)}[/]"
    )
    console.print(f"reward    {spark([episode.reward for episode in policy.curve])}")
    looks = [episode.held_out for episode in policy.curve if episode.held_out is not None]
    console.print(f"held out  {spark(looks)}  last {_percent(_last_look(policy))}, and nothing is chosen by it")
    console.print(f"seen      {policy.known:.1%} of {policy.space.size:,} states")
    console.print(_visits_table(policy))
    console.print(_words_table(policy))
    if examined is not None:
        print_examination(shelved.name, examined, console)


def print_examination(name: str, examined: Examined, console: Console) -> None:
    """The five questions and their answers."""
    table = Table(box=None, pad_edge=False, title=f"examination of {name}", title_justify="left", title_style="name")
    for heading in ("", "question", "found"):
        table.add_column(heading)
    for one in examined.findings:
        table.add_row("[good]yes[/]" if one.passed else "[bad]no[/]", one.question.replace("_", " "), one.told)
    console.print(table)
    style = "good" if examined.passed else "warn"
    console.print(f"[{style}]{examined.verdict.replace('_', ' ')}[/]")


def print_comparison(one: Shelved, other: Shelved, record: Record, examined: Examined, console: Console) -> None:
    """Two policies day by day."""
    lead = examined.lead
    if record.incumbent is None or lead is None:
        console.print("[quiet]there are too few days to compare[/]")
        return
    total, against = (float(np.prod(1.0 + days) - 1.0) for days in (record.daily, record.incumbent))
    console.print(f"{len(record.daily)} days that {one.name} never learnt from, net of all costs")
    console.print(f"  {one.name}  {_percent(total)}")
    console.print(f"  {other.name}  {_percent(against)}")
    console.print(f"  lead  {_basis(lead)}")
    console.print(_who_is_ahead(one.name, other.name, lead))


def findings(examined: Examined) -> dict[str, Any]:
    """An examination as plain JSON values."""
    return {
        "passed": examined.passed,
        "verdict": examined.verdict,
        "days": examined.days,
        "findings": [asdict(one) for one in examined.findings],
        "mean": None if examined.mean is None else asdict(examined.mean),
        "lead": None if examined.lead is None else asdict(examined.lead),
    }


def policy_json(shelved: Shelved, examined: Examined | None) -> dict[str, Any]:
    """A policy as plain JSON values, without its table."""
    policy, origin = shelved.policy, shelved.policy.origin
    told: dict[str, Any] = {
        "policy": shelved.name,
        "digest": shelved.digest,
        "made_at": origin.made_at.isoformat(),
        "symbols": list(origin.symbols),
        "interval": origin.interval,
        "seed": origin.seed,
        "learnt_from": origin.learnt_from.isoformat(),
        "held_from": origin.held_from.isoformat(),
        "held_until": origin.held_until.isoformat(),
        "own_trades": origin.own_trades,
        "figures": list(policy.space.names),
        "states": policy.space.size,
        "known": policy.known,
        "visits": visits_by_cell(policy),
        "curve": [asdict(episode) for episode in policy.curve],
    }
    return told if examined is None else {**told, "examination": findings(examined)}


def spark(values: Sequence[float]) -> str:
    """A curve in one line of blocks, each the mean of its stretch."""
    if not values:
        return ""
    parts = [float(part.mean()) for part in np.array_split(np.array(values), min(_SPARK_WIDTH, len(values)))]
    low, high = min(parts), max(parts)
    reach = (high - low) or 1.0
    return "".join(_BLOCKS[int((value - low) / reach * (len(_BLOCKS) - 1))] for value in parts)


def _visits_table(policy: Policy) -> Table:
    table = Table(box=None, pad_edge=False, title="where it has been", title_justify="left", title_style="quiet")
    for heading in ("figure", "visits"):
        table.add_column(heading)
    for figure, cells in visits_by_cell(policy).items():
        total = sum(cells.values()) or 1
        table.add_row(figure, "  ".join(f"{word} {count / total:.0%}" for word, count in cells.items()))
    return table


def _words_table(policy: Policy) -> Table:
    """What it would do, flat, in the states it knows best."""
    table = Table(box=None, pad_edge=False, title="what it would do", title_justify="left", title_style="quiet")
    for heading in ("state", "visits", *ACTIONS):
        table.add_column(heading, justify="left" if heading == "state" else "right")
    rows = policy.visits[FLAT::3].sum(axis=1)
    for state in np.argsort(rows)[::-1][:_STATES_SHOWN]:
        if rows[state] < LEAST_VISITS:
            break
        values = policy.table[int(state) * 3 + FLAT]
        best = int(values.argmax())
        shown = [f"[name]{value:+.2f}[/]" if at == best else f"{value:+.2f}" for at, value in enumerate(values)]
        table.add_row(", ".join(policy.space.words(int(state)).values()), f"{int(rows[state]):,}", *shown)
    return table


def _last_look(policy: Policy) -> float | None:
    return next(_looks_backwards(policy), None)


def _looks_backwards(policy: Policy) -> Iterator[float]:
    return (episode.held_out for episode in reversed(policy.curve) if episode.held_out is not None)


def _percent(value: float | None) -> str:
    return "-" if value is None else f"{'▲' if value >= 0 else '▼'} {abs(value):.2%}"


def _basis(interval: Interval) -> str:
    low, estimate, high = (10_000 * value for value in (interval.low, interval.estimate, interval.high))
    return f"{estimate:+.2f} bp a day, {interval.level:.0%} from {low:+.2f} to {high:+.2f}"


def _who_is_ahead(one: str, other: str, lead: Interval) -> str:
    if lead.above_zero:
        return f"[good]{one} is ahead beyond luck[/]"
    if lead.high < 0.0:
        return f"[bad]{other} is ahead beyond luck[/]"
    return "[warn]neither is ahead beyond luck[/]"

"""`crew kickoff`: the desk decides, the guard answers, and the screen says why."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Sequence
from contextlib import suppress
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from config.loader import DeskConfig, load_desk
from crews.record.record import DecisionRecord
from crews.running.recorded import settings_for
from crews.running.services import folder_of, set_aside
from crews.spending.costs import mode_words
from desk.domain.errors import ConfigError
from desk.domain.moments import from_ms
from desk.guard.vocabulary.status import GuardStatus
from ops.tracing import Traces
from ui.commands.moments import moment_of
from ui.commands.options import AsJson, ConfigRoot, Profile, root_of
from ui.decision_screen import decision_screen, decisions_table, summary_line
from ui.exits import Exit
from ui.live import watching
from ui.status_screen import status_screen
from ui.terminal import aside, print_json, results_only, screen, tells_errors
from ui.tracing import tracing

if TYPE_CHECKING:
    from crews.running.kickoff import Kickoff


class CrewChoice(StrEnum):
    """Which crews a kickoff seats."""

    DESK = "desk"
    SPIKE = "spike"
    BOTH = "both"


CREWS = {CrewChoice.DESK: ("desk",), CrewChoice.SPIKE: ("spike",), CrewChoice.BOTH: ("desk", "spike")}

Symbols = Annotated[list[str] | None, typer.Argument(help="BTCUSDT ETHUSDT ...; none means the profile's own.")]
Cycles = Annotated[int, typer.Option("--cycles", "-n", min=0, help="Rounds of decisions; 0 goes on until stopped.")]
Model = Annotated[str, typer.Option("--model", "-m", help="A model of desk.yaml for every agent: offline, ...")]
Data = Annotated[list[Path] | None, typer.Option("--data", help="Replay: SYMBOL-....parquet, csv or zip; repeatable.")]
From = Annotated[str, typer.Option("--from", metavar="DATE", help="Replay: the first moment, UTC, as 2024-08-01.")]
Crew = Annotated[
    CrewChoice,
    typer.Option("--crew", help="desk decides each round; spike answers alarms, and waits for them; or both."),
]
Fresh = Annotated[bool, typer.Option("--fresh", help="Set this profile's paper data aside and start anew.")]
Phrase = Annotated[str, typer.Option("--live-phrase", help="The third opt-in of real money.")]


# A few decisions are worth a screen each; of many, the newest as lines.
SCREENS, LINES = 3, 40


@tells_errors
def kickoff(
    symbols: Symbols = None,
    profile: Profile = "demo",
    cycles: Cycles = 1,
    model: Model = "",
    crew: Crew = CrewChoice.DESK,
    data: Data = None,
    start: From = "",
    fresh: Fresh = False,
    as_json: AsJson = False,
    config: ConfigRoot = None,
    live_phrase: Phrase = "",
) -> None:
    """Decide: the crew plans, works and decides; the guard checks, sizes and executes; everything is recorded."""
    results_only()
    loaded = load_desk(profile, root=config, overrides=_overrides(profile, config, model, data, start))
    refuse_strangers(symbols or [], loaded)
    # Here and not above: the agents and their indicators take half a second to load, and other commands need none.
    from crews.running.kickoff import CrewName, Kickoff, Wish

    folder = folder_of(profile)
    # A replay tells a past from its beginning; one cannot go on from the end of another.
    if fresh or (data and loaded.profile.venue.kind == "paper"):
        moved = set_aside(folder)
        if moved is not None:
            aside().print(f"[quiet]earlier data of {profile} set aside in {moved}[/]")
    from crews.running.handover import hand_over

    hand_over(loaded, folder, live_phrase)
    console = aside()
    with (
        tracing(root_of(config), profile) as traces,
        watching(console, quiet=as_json and not console.is_terminal) as progress,
    ):
        wish = Wish(
            symbols=tuple(symbols or ()),
            crews=frozenset(CrewName(name) for name in CREWS[crew]),
            cycles=cycles,
            progress=traces.over(progress) if traces else progress,
            phrase=live_phrase,
        )
        with Kickoff(loaded, folder, wish) as running:
            records, made = asyncio.run(_decide(running, traces, as_json=as_json))
            state = running.state()
    if running.ended:
        at = from_ms(state.venue_time)
        console.print(f"[warn]the recorded market ends[/] at {at:%Y-%m-%d %H:%M} UTC; {made} decisions made")
    if not as_json:
        if not records:
            console.print(f"[quiet]{_nothing(loaded, symbols or loaded.desk.symbols, crew)}[/]")
        _show(records, state, loaded)
    if running.stopped:
        raise typer.Exit(Exit.INTERRUPTED)


async def _decide(running: Kickoff, traces: Traces | None, *, as_json: bool) -> tuple[list[DecisionRecord], int]:
    """Collect what will be shown of the decisions, and count them; the first signal lets the one at hand finish.

    Told as JSON they are told as they come: a kickoff without an end shall not keep a year of them.
    """
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        with suppress(NotImplementedError):
            loop.add_signal_handler(number, _first_signal, running, loop, number)
    records: list[DecisionRecord] = []
    made = 0
    async for record in running.decisions():
        made += 1
        if not as_json or not records:
            records.append(record)
        if traces is not None:
            traces.decided(record)
        if as_json:
            print_json(record.to_json())
    return records, made


def _first_signal(running: Kickoff, loop: asyncio.AbstractEventLoop, number: int) -> None:
    running.stop()
    loop.remove_signal_handler(number)
    aside().print("[warn]stopping[/] after this decision; press again to drop it. Stops keep resting at the venue.")


def _overrides(profile: str, root: Path | None, model: str, data: list[Path] | None, start: str) -> dict[str, str]:
    """What the command line sets over the files, as dotted keys with YAML text."""
    # A model named on the command line is everybody's; otherwise the profile pays as `crew costs use` chose.
    found = {"desk.default_model": model, "desk.mode": '""'} if model else mode_words(folder_of(profile))
    if data:
        found |= settings_for(data, load_desk(profile, root=root))
    if start:
        moment = moment_of(start)
        found["profile.venue.source.start"] = f'"{moment.isoformat() if moment else ""}"'
    return found


def refuse_strangers(symbols: list[str], config: DeskConfig) -> None:
    """A symbol that is not on the desk's list would be refused by the guard anyway: say so before anything starts."""
    for symbol in symbols:
        if symbol not in config.desk.symbols:
            place = config.place("desk.symbols")
            raise ConfigError(
                f"{symbol} is not on the list: {', '.join(config.desk.symbols)}",
                file=place.file,
                key="symbols",
                line=place.line,
                hint="add it there; the guard refuses every symbol that is not listed",
            )


def _show(records: list[DecisionRecord], state: GuardStatus, config: DeskConfig) -> None:
    console = screen()
    if len(records) <= SCREENS:
        for record in records:
            console.print(decision_screen(record))
    else:
        console.print(decisions_table(records[-LINES:]))
        console.print(summary_line(records, state.equity))
    console.print(status_screen(state, profile=config.profile.name, label=config.profile.label))
    if records:
        console.print(
            f"[quiet]Why:[/] crew audit why {records[-1].decision_id}{_profile_words(config)}", soft_wrap=True
        )


def _nothing(config: DeskConfig, symbols: Sequence[str], crew: CrewChoice) -> str:
    """Why a kickoff ended without a decision, which is no failure."""
    if crew is CrewChoice.SPIKE:
        return f"no alarm of {len(symbols)} symbols was worth the spike crew; no model was asked"
    if len(symbols) > config.desk.screening.when_more_than:
        return f"{len(symbols)} symbols were screened and none was worth a model; nothing is held"
    return "no decision was made"


def _profile_words(config: DeskConfig) -> str:
    return "" if config.profile.name == "demo" else f" --profile {config.profile.name}"

"""`crew spikes watch`: what is sudden in many symbols, as it happens, and what stands behind it. No model is asked.

It listens to public streams and needs neither guard nor key. Who wants alarms to be answered starts a kickoff with
`--crew spike`.
"""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import asdict
from types import FrameType
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.text import Text

from config.loader import DeskConfig, load_desk
from crews.running import processes
from crews.running.services import folder_of
from desk.domain.errors import PrerequisiteError
from desk.domain.moments import from_ms
from desk.spikes.values import Severity, SpikeDirection
from ui.commands.options import AsJson, ConfigRoot, Profile
from ui.exits import Exit
from ui.terminal import aside, print_json, results_only, screen, tells_errors

if TYPE_CHECKING:
    from crews.watching.lookout import Lookout
    from desk.screening.alert import Alert
    from desk.screening.screen import Pick

Symbols = Annotated[list[str] | None, typer.Argument(help="BTCUSDT ETHUSDT ...; none means the profile's own.")]
Seconds = Annotated[float, typer.Option("--seconds", min=0, help="How long to watch; 0 goes on until stopped.")]
_GLANCE_S = 0.2
_ARROWS = {SpikeDirection.UP: ("▲", "good"), SpikeDirection.DOWN: ("▼", "bad"), SpikeDirection.NONE: ("–", "quiet")}
_STYLES = {Severity.NOTABLE: "quiet", Severity.STRONG: "warn", Severity.EXTREME: "bad"}


@tells_errors
def watch(
    symbols: Symbols = None,
    profile: Profile = "paper",
    seconds: Seconds = 0,
    as_json: AsJson = False,
    config: ConfigRoot = None,
) -> None:
    """Show alarms as they go off: how large, and whether market, volume, book and headlines stand behind them."""
    results_only()
    # Here and not above: the watch and its numbers take half a second to load, and other commands need none.
    from crews.watching.opening import open_streamed
    from desk.venues.binance.public import open_public

    loaded = load_desk(profile, root=config)
    wanted = tuple(symbols or loaded.desk.symbols)
    url = _market_of(loaded)
    stopping = _stopped_by_signals()
    with ExitStack() as closing:
        public = open_public(url)
        closing.callback(public.close)
        lookout = open_streamed(loaded, wanted, public=public, closing=closing)
        aside().print(f"[quiet]listening to {len(wanted)} symbols at {url}; what is usual is read first[/]")
        ends = time.monotonic() + seconds if seconds else float("inf")
        while time.monotonic() < ends and not stopping.wait(_GLANCE_S):
            for told in _seen(lookout):
                print_json(told) if as_json else screen().print(_line(told))
        _say_how_it_went(lookout)
    if stopping.is_set():
        raise typer.Exit(Exit.INTERRUPTED)


def _market_of(config: DeskConfig) -> str:
    """Where this profile's market can be heard. Raises PrerequisiteError where it cannot."""
    source = config.profile.venue.source
    if config.profile.clock.mode == "stepped":
        raise PrerequisiteError(
            f"the market of profile {config.profile.name} moves only while a kickoff moves it",
            hint=f"crew kickoff --profile {config.profile.name} --crew spike --cycles 20",
        )
    running = processes.find(folder_of(config.profile.name).program("venue"))
    url = config.profile.venue.base_url or (running.url if running else source.base_url if source else "")
    if not url:
        raise PrerequisiteError("no market of this profile can be heard", hint="crew exchange starts one")
    return url


def _stopped_by_signals() -> threading.Event:
    stopping = threading.Event()

    def stop(number: int, frame: FrameType | None) -> None:
        stopping.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stop)
    return stopping


def _seen(lookout: Lookout) -> Iterator[dict[str, Any]]:
    calls = lookout.take()
    yield from map(alert_row, calls.alerts)
    yield from map(pick_row, calls.picks)


def alert_row(alert: Alert) -> dict[str, Any]:
    """An alert as plain JSON values."""
    found = alert.alarm.found
    return {
        "kind": "alert",
        "at": from_ms(alert.alarm.at).isoformat(),
        "symbol": alert.symbol,
        "type": found.type.value,
        "direction": found.direction.value,
        "severity": alert.severity.value,
        "sigma": round(found.sigma, 2),
        "percent": round(found.percent, 3),
        "market": alert.market,
        **asdict(alert.legitimacy),
    }


def pick_row(pick: Pick) -> dict[str, Any]:
    """A pick as plain JSON values."""
    return {"kind": "pick", **asdict(pick), "at": from_ms(pick.at).isoformat()}


def _line(told: dict[str, Any]) -> Text:
    """One row as one line: when, who, what, how large, and what stands behind it."""
    at = str(told["at"])[11:19]
    if told["kind"] == "pick":
        words = f"worth a model: score {told['score']:.2f}, price {told['price']:.2f}, volume {told['volume']:.2f}"
        return Text.assemble((f"{at} ", "quiet"), (f"{told['symbol']:<12}", "name"), (words, "quiet"))
    arrow, style = _ARROWS[SpikeDirection(told["direction"])]
    size = f"{told['percent']:+.2f} % {told['sigma']:+.1f}σ"
    return Text.assemble(
        (f"{at} ", "quiet"),
        (f"{told['symbol']:<12}", "name"),
        (f"{arrow} {told['type'].lower().replace('_', ' ')} ", style),
        (f"{size} ", "number"),
        (f"{told['severity'].lower()} ", _STYLES[Severity(told["severity"])]),
        (_behind(told), "quiet"),
    )


def _behind(told: dict[str, Any]) -> str:
    """What stands behind it and what does not, of what could be asked."""
    words = {"market_wide": "market", "volume_behind": "volume", "book_agrees": "book", "headline": "headline"}
    answers = {word: told[name] for name, word in words.items() if told[name] is not None}
    stands = ", ".join(word for word, answer in answers.items() if answer) or "nothing"
    against = ", ".join(word for word, answer in answers.items() if not answer)
    return f"behind it: {stands}" + (f"; not {against}" if against else "")


def _say_how_it_went(lookout: Lookout) -> None:
    for report in lookout.reports():
        state = "connected" if report.connected else f"down ({report.trouble})"
        aside().print(f"[quiet]{report.name}: {state}, {report.messages} messages, {report.unread} unread[/]")

"""`crew history`: years of recorded market on this disk: brought, imported, shown, and doubted where it should be."""

from __future__ import annotations

from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from config.loader import load_desk
from crews.running.services import history_folder
from desk.domain.errors import DataError, PrerequisiteError, VenueError
from ui.commands.options import AsJson, ConfigRoot, Profile
from ui.exits import Exit
from ui.terminal import aside, print_json, screen, tell, tells_errors

if TYPE_CHECKING:
    from desk.history.download import Wish
    from desk.history.store import HistoryStore

Store = Annotated[
    Path | None, typer.Option("--store", metavar="DIR", help="Where history is kept; var/history by default.")
]


def open_store(root: Path | None) -> HistoryStore:
    """The store of a command, in the folder it names or in everybody's."""
    # Here and not above: arrays and Parquet take a fifth of a second to load.
    from desk.history.store import HistoryStore

    return HistoryStore(root or history_folder())


@tells_errors
def download(
    symbols: Annotated[list[str], typer.Argument(help="Symbols as the exchange writes them: BTCUSDT ETHUSDT.")],
    first: Annotated[str, typer.Option("--from", help="First month or day: 2023-01, or 2023-01-15.")],
    last: Annotated[str, typer.Option("--to", help="Last month or day, with it; until now by default.")] = "",
    kind: Annotated[
        list[str] | None,
        typer.Option(help="klines, mark, funding, aggtrades, bookdepth; klines and funding by default."),
    ] = None,
    interval: Annotated[
        list[str] | None, typer.Option(help="Length of bars, 1m by default; say it again for more.")
    ] = None,
    market: Annotated[str, typer.Option(help="um (USD-M futures) or spot.")] = "um",
    top_up: Annotated[bool, typer.Option(help="Without --to: ask the exchange for what no file has yet.")] = True,
    source: Annotated[str, typer.Option(help="Binance Vision, or a mirror of yours on loopback.")] = "",
    profile: Profile = "live",
    config: ConfigRoot = None,
    store: Store = None,
    as_json: AsJson = False,
) -> None:
    """Bring recorded market from Binance Vision, each file held to its checksum. Run again, it goes on or renews."""
    from desk.history.download import Download, Fate
    from desk.history.vision import VISION, VisionLibrary
    from ui.history_screen import downloading, print_fates

    kept, now = open_store(store), datetime.now(UTC)
    wish = _wish(symbols, first, last, kind or ["klines", "funding"], interval or ["1m"], market, now)
    with closing(VisionLibrary(source or VISION)) as library, downloading(aside(), quiet=as_json) as listener:
        told = Download(library, kept, listener, now).run(wish)
    print_fates(told, as_json=as_json)
    topped = _topped_up(wish, kept, now, profile, config, as_json) if top_up and not last and market == "um" else True
    if not topped or any(one.fate is Fate.FAILED for one in told):
        raise typer.Exit(Exit.VENUE)


@tells_errors
def import_(
    paths: Annotated[list[Path], typer.Argument(help="Files, or folders to look through.")],
    store: Store = None,
    as_json: AsJson = False,
) -> None:
    """Read recordings that are here already: Binance Vision's zips, and Parquet named SYMBOL-INTERVAL-um-FROM-TO."""
    from desk.history.folder import import_files, recordings
    from ui.history_screen import counting, imported_json, print_imported

    found = recordings(paths)
    if not found:
        raise PrerequisiteError("no recording in there", hint="zip, csv or parquet: `crew history import --help`")
    with counting(aside(), "importing", len(found), quiet=as_json) as count:
        told = import_files(found, open_store(store), datetime.now(UTC), lambda _: count())
    if as_json:
        for one in told:
            print_json(imported_json(one))
    else:
        print_imported(told)
    if all(one.trouble for one in told):
        raise typer.Exit(Exit.VENUE)


@tells_errors
def inventory(store: Store = None, as_json: AsJson = False) -> None:
    """What history is here: from when, to when, how much of it is missing, and what it was made of."""
    from desk.history.inventory import holdings
    from ui.history_screen import holding_json, print_holdings

    found = holdings(open_store(store))
    if as_json:
        for one in found:
            print_json(holding_json(one))
    elif found:
        print_holdings(found)
    else:
        screen().print("[quiet]no history yet:[/] crew history download BTCUSDT --from 2024-01")


@tells_errors
def check(
    gaps: Annotated[bool, typer.Option("--gaps", help="Name every hole, not only how many there are.")] = False,
    store: Store = None,
    as_json: AsJson = False,
) -> None:
    """Read everything again and tell what to doubt: damaged files, holes, doubled bars, bars that deny their hour."""
    from desk.history.check import check_history
    from ui.history_screen import counting, finding_json, print_findings

    kept = open_store(store)
    with counting(aside(), "checking", len(kept.series()), quiet=as_json) as count:
        found = check_history(kept, lambda _: count())
    if as_json:
        for one in found:
            print_json(finding_json(one))
    elif found:
        print_findings(found, gaps=gaps)
    else:
        screen().print("[quiet]no history yet:[/] crew history download BTCUSDT --from 2024-01")
    if not all(one.sound for one in found):
        raise typer.Exit(Exit.VENUE)


def _wish(
    symbols: list[str], first: str, last: str, kinds: list[str], intervals: list[str], market: str, now: datetime
) -> Wish:
    from desk.history.download import Wish
    from desk.history.kinds import Kind, Market
    from desk.history.periods import period_named

    start = period_named(first).first
    end: date = period_named(last).end if last else now.date() + timedelta(days=1)
    if start >= end or start > now.date():
        raise typer.BadParameter(f"nothing lies between {first} and {last or 'now'}")
    try:
        which, what = Market(market), tuple(Kind(one) for one in kinds)
    except ValueError as error:
        raise typer.BadParameter(f"{error}: markets are um and spot, kinds {', '.join(Kind)}") from None
    names = tuple(symbol.upper() for symbol in symbols)
    return Wish(symbols=names, kinds=what, intervals=tuple(intervals), first=start, end=end, market=which)


def _topped_up(
    wish: Wish, store: HistoryStore, now: datetime, profile: str, config: Path | None, as_json: bool
) -> bool:
    """Ask the exchange for what no file has yet. False when it did not answer for some series."""
    from desk.history.kinds import Kind
    from desk.history.topup import top_up
    from desk.venues.binance import open_public

    address, whole = load_desk(profile, root=config).profile.venue.base_url, True
    if not address:
        raise PrerequisiteError(f"profile {profile} has no exchange to ask", hint="--profile live, or --no-top-up")
    venue = open_public(address)
    with store.writing():
        for series in wish.series():
            if series.kind not in (Kind.KLINES, Kind.FUNDING) or store.last_ms(series) is None:
                continue
            try:
                topped = top_up(series, venue, store, now)
            except (DataError, VenueError) as error:
                tell(f"{series}: {error.message}", error.hint)
                whole = False
                continue
            if as_json:
                print_json({"series": str(series), "topped_up": topped.added, "changed": topped.changed})
            else:
                screen().print(f"[good]✓[/] {series}: {topped.added:,} more from the exchange")
    return whole

"""Where the crew's market data comes from: streams where time passes by itself, plain requests where it is stepped.

A market that is stepped stands still between two steps, and whoever looks after a step must see that step: there each
answer is asked for. How streams fare is written to a small file, for `crew doctor` to read.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

from config.loader import DeskConfig
from crews.seating import setup_of
from crews.view.told import tell
from desk.ports import MarketData
from desk.venues.binance.public import BinancePublic
from desk.venues.binance.streamed import StreamedMarket
from desk.venues.binance.streams.health import StreamReport


def open_market(public: BinancePublic, config: DeskConfig, symbols: Sequence[str], closing: ExitStack) -> MarketData:
    """The market of a profile's clock; what was opened is closed by `closing`."""
    if config.profile.clock.mode != "real":
        return public
    wanted = setup_of(config).snapshot
    # Many symbols are watched by streams of their own; whole books and bars of each would be too much to hear.
    followed = symbols if len(symbols) <= config.desk.screening.when_more_than else ()
    streamed = StreamedMarket(public, tuple(dict.fromkeys((*followed, *wanted.references))), wanted.intervals)
    closing.callback(streamed.close)
    return streamed


def tell_streams(market: MarketData, path: Path, watched: Sequence[StreamReport] = ()) -> None:
    """Write down how the streams fare, those of the watch too; a disk that takes nothing more costs only that."""
    if isinstance(market, StreamedMarket):
        tell(market.report(*watched), path)

"""The flags of `crew exchange`, in the groups that its help shows: listing, market, owners, readings, hardness."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

import typer

_LISTING, _MARKET, _OWNERS = "What it lists", "Which market, which time", "Who trades"
_READINGS, _HARDNESS = "Where Binance leaves two readings", "How hard it is to be filled"


def _flag(group: str, text: str, **more: Any) -> Any:  # noqa: ANN401 - typer types its options so
    return typer.Option(rich_help_panel=group, help=text, **more)


Port = Annotated[int, typer.Option(min=0, max=65535, help="Port on loopback; 0 takes a free one.")]
Settings = Annotated[Path | None, typer.Option(help="A settings file of your own instead of the profile's.")]

Symbols = Annotated[str, _flag(_LISTING, "BTCUSDT,ETHUSDT,… or a file with a symbol a line.")]
ExchangeInfo = Annotated[Path | None, _flag(_LISTING, "Contracts of a Binance exchangeInfo JSON, gz or not.")]
Brackets = Annotated[Path | None, _flag(_LISTING, "Margin brackets of a Binance leverageBracket JSON, gz or not.")]

Seed = Annotated[int | None, _flag(_MARKET, "Seed of an invented market.", min=0)]
Data = Annotated[list[Path] | None, _flag(_MARKET, "Replay recorded candles, SYMBOL-INTERVAL-….parquet, csv or zip.")]
Live = Annotated[bool, _flag(_MARKET, "Prices of Binance's public feed; fills stay on paper.")]
Clock = Annotated[Literal["real", "faster", "stepped"] | None, _flag(_MARKET, "How time passes.")]
Speed = Annotated[int | None, _flag(_MARKET, "Venue seconds in a wall second; means --clock faster.", min=1)]
Start = Annotated[str, _flag(_MARKET, "First moment of the market, as 2026-01-05T12:00, or now: this machine's time.")]

Account = Annotated[
    list[str] | None,
    _flag(_OWNERS, "An account beside the paper account, NAME:KEY:SECRET:10000USDT.", envvar="CREWDESK_ACCOUNTS"),
]
Accounts = Annotated[Path | None, _flag(_OWNERS, "Accounts of a YAML or JSON file.")]
Deposit = Annotated[str, _flag(_OWNERS, "First balance of the paper account in USDT.")]

LegacyAck = Annotated[bool, _flag(_READINGS, "Order answers with avgPrice and cumQuote, as before July 2026.")]
StrictPrivateEvents = Annotated[bool, _flag(_READINGS, "Private streams without events= stay silent.")]
WeightLimit = Annotated[int | None, _flag(_READINGS, "Request weight of one IP in a minute; 2400 by default.", min=1)]
PositionRows = Annotated[Literal["all", "open"] | None, _flag(_READINGS, "Which symbols positionRisk v3 shows.")]
Countdown = Annotated[
    Literal["cancels-algos", "keeps-algos"] | None, _flag(_READINGS, "Whether countdownCancelAll takes stops along.")
]
AutoDeleverage = Annotated[bool, _flag(_READINGS, "Opposite positions pay once the insurance fund cannot.")]

Faults = Annotated[Path | None, _flag(_HARDNESS, "A script of what is to fail, or an earlier log; see docs/faults.md.")]
FaultsLog = Annotated[Path | None, _flag(_HARDNESS, "Write what failed to this file, which is a script itself.")]
Realism = Annotated[
    list[str] | None,
    _flag(_HARDNESS, "latency_ms=50, latency_tail_ms=30, queue=off, depth_bound=off, recovery=0.5; repeatable."),
]

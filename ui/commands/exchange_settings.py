"""Lays the flags of `crew exchange` over a settings file: a flag that was not given changes nothing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from crews.running.services import is_funding, symbol_of
from desk.domain.errors import ConfigError

Settings = dict[str, Any]
"""A venue's settings as JSON; the venue checks every key of it when it starts."""


def lay(told: Settings, group: str, **flags: object) -> None:
    """Lay flags over one group of settings; None is a flag that was not given."""
    given = {key: str(value) if isinstance(value, Path) else value for key, value in flags.items() if value is not None}
    if given:
        told[group] = {**told.get(group, {}), **given}


def lay_market(
    told: Settings, *, data: Sequence[Path], live: bool, symbols: Sequence[str], seed: int | None, start: str
) -> None:
    """Choose the market that flags name, or change the one that is there.

    Raises:
        ConfigError: when two markets are named at once.
    """
    if data and live:
        raise ConfigError("a market is replayed or live, not both", file="--data, --live")
    if live:
        told["source"] = {"kind": "live", "symbols": symbols or ["BTCUSDT", "ETHUSDT"]}
        told["clock"] = {"mode": "real"}
    elif data:
        told["source"] = {"kind": "replay", "files": recordings(data)}
    elif symbols:
        lay(told, "source", symbols=list(symbols))
    lay(told, "source", seed=seed, start=start or None)


def lay_present(told: Settings, now: datetime) -> None:
    """Begin an invented market at `now`, on this machine's time. It is a new one each time, with new accounts.

    Raises:
        ConfigError: when the market is a recording or the live feed.
    """
    if told["source"]["kind"] != "scenario":
        raise ConfigError("only an invented market can begin now", file="--start")
    lay(told, "source", start=now.replace(second=0, microsecond=0).isoformat())
    lay(told, "clock", mode="real", wall=True)
    state = Path(told["state_file"]).with_name("now.sqlite")
    told["state_file"] = str(state)
    for left in (state, state.with_name(f"{state.name}-journal")):
        left.unlink(missing_ok=True)


def recordings(paths: Sequence[Path]) -> list[Settings]:
    """Files of candles, each with the file of its symbol's funding where one is named."""
    funding = {symbol_of(path): str(path.resolve()) for path in paths if is_funding(path)}
    return [
        {"symbol": symbol_of(path), "path": str(path.resolve()), "funding": funding.get(symbol_of(path))}
        for path in paths
        if not is_funding(path)
    ]


def symbols_of(text: str) -> list[str]:
    """The symbols of a list with commas, or of a file that has them a line or with commas.

    Raises:
        ConfigError: when what looks like a file cannot be read.
    """
    path = Path(text)
    if "/" in text or path.suffix:
        try:
            text = path.read_text(encoding="utf-8")
        except OSError as error:
            raise ConfigError(f"cannot be read: {error.strerror}", file=text, key="--symbols") from error
    return [word.upper() for word in text.replace(",", " ").split()]


def switch_of(text: str) -> tuple[str, str]:
    """Name and value of `name=value`.

    Raises:
        ConfigError: when there is no value.
    """
    name, mark, value = text.partition("=")
    if not mark or not value:
        raise ConfigError(f"{text!r} names no value", file="--realism", hint="as in latency_ms=50")
    return name.strip(), value.strip()

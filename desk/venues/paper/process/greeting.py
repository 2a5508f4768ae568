"""What a paper exchange says of itself once it listens: where it is, whose keys open it, what it lists, how it is set.

For people it is a page of plain lines, for programs one JSON object. A secret is never shown: only where it is kept.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from desk.domain.moments import from_ms
from desk.domain.money import plain
from desk.venues.paper.keys import PAPER_ACCOUNT, Keys
from desk.venues.paper.settings import VenueSettings

if TYPE_CHECKING:
    from desk.venues.paper.opening import Opened

_SYMBOLS_IN_A_LINE = 6
_SYMBOL_LINES = 4
_LABEL = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Greeting:
    """The facts of one start."""

    url: str
    stream_url: str
    accounts: Sequence[Mapping[str, str]]
    keys_file: str
    symbols: Sequence[str]
    market: Mapping[str, str]
    clock: Mapping[str, str]
    switches: Mapping[str, str]
    state_file: str
    restored: bool

    def as_json(self) -> str:
        """One line."""
        return json.dumps(asdict(self), ensure_ascii=False)

    def as_page(self) -> str:
        """A page for a terminal of eighty columns."""
        return "\n".join(
            ("", "  Paper exchange, Binance USD-M futures", "", *self._lines(), "", "  Ctrl-C ends it.", "")
        )

    def _lines(self) -> Iterator[str]:
        yield from _entry("REST", [self.url])
        yield from _entry("streams", [self.stream_url])
        yield from _entry("accounts", [_account_line(account) for account in self.accounts])
        yield from _entry("symbols", _symbol_lines(self.symbols))
        yield from _entry("market", [", ".join(f"{name} {value}" for name, value in self.market.items())])
        yield from _entry("clock", [", ".join(f"{name} {value}" for name, value in self.clock.items())])
        yield from _entry("switches", [f"{name} = {value}" for name, value in self.switches.items()] or ["as Binance"])
        kept = "continued" if self.restored else "new"
        yield from _entry("state", [f"{self.state_file} ({kept})"])


def greeting_of(settings: VenueSettings, opened: Opened, keys: Keys, url: str) -> Greeting:
    """The facts of the venue that was just opened at `url`."""
    venue, about = opened.venue, opened.venue.source.about()
    moment = f"{from_ms(venue.now_ms()):%Y-%m-%d %H:%M:%S} UTC"
    clock = {"mode": settings.clock.mode.value, "now": moment}
    if venue.time.clock.speed > 1:
        clock["speed"] = str(venue.time.clock.speed)
    return Greeting(
        url=url,
        stream_url=url.replace("http", "ws", 1),
        accounts=[
            {
                "name": access.account,
                "api_key": access.api_key,
                "secret": str(settings.keys_file) if access.account == PAPER_ACCOUNT else "as you gave it",
                "wallet": f"{plain(venue.exchange.summary(access.account).wallet)} USDT",
            }
            for access in keys.accesses
        ],
        keys_file=str(settings.keys_file),
        symbols=list(venue.exchange.specs),
        market={name: about[name] for name in ("kind", "seed", "files", "upstream") if name in about},
        clock=clock,
        switches=dict(_switches(settings)),
        state_file=str(settings.state_file),
        restored=opened.restored,
    )


def _switches(settings: VenueSettings) -> Iterator[tuple[str, str]]:
    """Every switch that does not stand where it stands by default."""
    for group in ("wire", "realism", "readings", "money", "faults", "limits", "listing"):
        part = getattr(settings, group)
        told: dict[str, Any] = part.model_dump(mode="json", exclude_defaults=True)
        yield from ((f"{group}.{name}", str(value)) for name, value in told.items())


def _entry(label: str, lines: Sequence[str]) -> Iterator[str]:
    for place, line in enumerate(lines):
        yield f"  {label if not place else '':<{_LABEL}}{line}"


def _account_line(account: Mapping[str, str]) -> str:
    key = account["api_key"]
    shown = key if len(key) <= 20 else f"{key[:8]}…{key[-4:]}"
    return f"{account['name']:<10} key {shown}, secret: {account['secret']}, {account['wallet']}"


def _symbol_lines(symbols: Sequence[str]) -> list[str]:
    rows = [" ".join(symbols[at : at + _SYMBOLS_IN_A_LINE]) for at in range(0, len(symbols), _SYMBOLS_IN_A_LINE)]
    left = len(symbols) - _SYMBOLS_IN_A_LINE * _SYMBOL_LINES
    return rows if left <= 0 else [*rows[:_SYMBOL_LINES], f"and {left} more"]

"""One exchange of five hundred symbols and many accounts, whose clock the simulation moves.

The market is recorded bars that this file makes: quiet ones, then an opening so far below the last close that bitcoin
falls by more than a guard lets pass in five minutes. Weight limits are what the step says: those that Binance
publishes, or so high that they hold nobody, to see what breaks behind them.
"""

from __future__ import annotations

import json
import os
import secrets
import string
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import httpx

from tests.venue_process import VenueProcess

HELD = ("BTCUSDT", "ETHUSDT", "SOLUSDT")
START = datetime(2026, 1, 5, tzinfo=UTC)
BEFORE, AFTER = 5, 20
# BTC by more than a guard lets pass in five minutes; SOL by less than the stop that stands under it.
FALLS: Mapping[str, float] = {"BTCUSDT": 0.12, "ETHUSDT": 0.10}
OTHER_FALL = 0.05
PUBLISHED: Mapping[str, int] = {}
RAISED: Mapping[str, int] = {"weight_per_minute": 10_000_000}


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """One account of the exchange: its name, and the file that holds its own key."""

    name: str
    keys_file: Path


@dataclass
class ManyAccounts(VenueProcess):
    """The exchange with `accounts` beside its own, each with a key of its own."""

    accounts_file: Path = field(default_factory=Path)
    crash_ms: int = 0

    def to_the_brink(self) -> None:
        """Let the time pass that is left until the crash."""
        self.admin.advance(self.crash_ms - 1)

    def crash(self) -> float:
        """Let the market fall; the moment at which it was told to, on this machine's monotonic clock."""
        began = time.monotonic()
        self.admin.advance(self.crash_ms)
        return began

    def _settings(self, run_file: Path) -> Mapping[str, Any]:
        return {**super()._settings(run_file), "accounts_file": str(self.accounts_file)}


def names_of(count: int) -> tuple[str, ...]:
    """The symbols listed: the three that the desk trades, and invented ones."""
    return (*HELD, *(f"S{number:03}USDT" for number in range(count - len(HELD))))


def record(folder: Path, names: tuple[str, ...], calm: int) -> list[dict[str, str]]:
    """Write the bars of every symbol, `calm` minutes before the fall; the files as the exchange's settings name them."""
    folder.mkdir(parents=True)
    files: list[dict[str, str]] = []
    for number, name in enumerate(names):
        path = folder / f"{name}-1m.csv"
        price = 50_000.0 if name == "BTCUSDT" else 100.0 + number
        path.write_text(_bars(price, FALLS.get(name, OTHER_FALL), calm))
        files.append({"symbol": name, "path": str(path)})
    return files


def _bars(price: float, fall: float, calm: int) -> str:
    lines = ["open_time,open,high,low,close,volume"]
    for bar in range(-BEFORE, calm + AFTER):
        at = int((START + timedelta(minutes=bar)).timestamp() * 1000)
        level = round(price * (1 - fall if bar >= calm else 1), 2)
        high, low = round(level * 1.0003, 1), round(level * 0.9997, 1)
        lines.append(f"{at},{level},{max(high, level)},{min(low, level)},{level},{1e8 / price:.0f}")
    return "\n".join(lines) + "\n"


def open_exchange(
    home: Path, accounts: int, symbols: int, *, limits: Mapping[str, int], calm: int = 1, grain_ms: int | None = 1000
) -> tuple[ManyAccounts, list[Account]]:
    """The exchange, running, and its accounts; the market falls after `calm` minutes."""
    home.mkdir(parents=True)
    known = [_keyed(home / "keys", f"account-{number:02}") for number in range(accounts)]
    file = home / "accounts.json"
    file.write_text(json.dumps({"accounts": [told for _, told in known]}))
    source = {
        "kind": "replay",
        "files": record(home / "bars", names_of(symbols), calm),
        "start": START.isoformat(),
        "grain_ms": grain_ms,
    }
    crash_ms = int((START + timedelta(minutes=calm)).timestamp() * 1000)
    exchange = ManyAccounts(home / "venue", source=source, limits=limits, accounts_file=file, crash_ms=crash_ms)
    exchange.start()
    return exchange, [account for account, _ in known]


def _keyed(folder: Path, name: str) -> tuple[Account, dict[str, str]]:
    folder.mkdir(exist_ok=True)
    letters = string.ascii_letters + string.digits
    key, secret = ("".join(secrets.choice(letters) for _ in range(64)) for _ in range(2))
    file = folder / f"{name}.json"
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT, 0o600), "w") as out:
        json.dump({"api_key": key, "secret": secret}, out)
    return Account(name=name, keys_file=file), {"name": name, "api_key": key, "secret": secret}


def used_weight(url: str) -> int:
    """The weight this address has used in the running minute, as the exchange tells; asking is one of it."""
    return int(_http().get(f"{url}/fapi/v1/ping").headers["X-MBX-USED-WEIGHT-1M"])


class Weight:
    """What others have asked of the exchange since this began to count, over the turns of the minutes."""

    def __init__(self, url: str) -> None:
        self._url, self.others, self.used = url, 0, used_weight(url)

    def look(self) -> None:
        """Ask once more. The counter begins anew each minute, the wall's and the market's; our own question is one."""
        now = used_weight(self._url)
        self.others += (now - self.used if now >= self.used else now) - 1
        self.used = now


@cache
def _http() -> httpx.Client:
    """Made once: its making is dearer than all that it asks."""
    return httpx.Client(trust_env=False, timeout=10)


class Passing(threading.Thread):
    """Moves the exchange's clock with the wall's, a second at a time, until told to stop."""

    def __init__(self, exchange: ManyAccounts) -> None:
        super().__init__(daemon=True)
        self._last = exchange.crash_ms - 2000
        self._admin, self._done = exchange.admin, threading.Event()
        self.longest = 0.0

    def run(self) -> None:
        """Step by step; never into the crash, which has its own moment."""
        now = self._admin.status().now_ms
        while not self._done.wait(1.0):
            began = time.monotonic()
            now = self._admin.advance(min(now + 1000, self._last)) if now < self._last else now
            self.longest = max(self.longest, time.monotonic() - began)

    def stop(self) -> None:
        """End it, and wait until it has."""
        self._done.set()
        self.join()

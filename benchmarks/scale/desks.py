"""One account's guard, as the product starts it: a profile of its own, a key of its own, a journal and a watcher."""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import signal
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import httpx

from benchmarks.scale.market import HELD, Account
from config.loader import load_desk
from crews.running.services import Folder, Services
from desk.domain.intents import Action, Intent
from desk.guard.door.client import GuardClient
from desk.guard.process.runfile import read_run_file
from desk.guard.process.settings import load_settings
from desk.guard.process.watcher import watcher_file
from tests.venue_process import VenueProcess

_SECONDS = 20.0
# The weight of the guards' address is theirs alone; this one is ours.
_OUR_ADDRESS = "127.0.0.2"
# The first is stopped by the crash where its stop rests, at the exchange; the second its guard must close itself.
ENTRIES = (("BTCUSDT", Decimal("0.04")), ("SOLUSDT", Decimal("0.10")))
_PROFILE = """name: {name}
label: One account of many
venue:
  kind: paper
  base_url: "{url}"
  deposit: 10000
  source: {{kind: scenario, seed: 1}}
keys: {{source: file, file: "{keys}"}}
clock: {{mode: faster, speed: 1}}
allows: {{real_money: false, network: []}}
armed: false
desk:
  symbols: [{symbols}]
"""


@dataclass(slots=True)
class Desk:
    """One account, its guard and the guard's watcher."""

    account: Account
    services: Services
    pid: int = 0
    watcher: int = 0
    client: GuardClient | None = None

    def start(self) -> None:
        """Start the guard, and wait until its watcher is there too."""
        self.services.open()
        folder = self.services.folder
        settings = load_settings(folder.root / "guard" / "settings.json")
        told = read_run_file(settings.run_file)
        assert told is not None
        self.pid = told.pid
        self.client = self.services.guard()
        until = time.monotonic() + _SECONDS
        while (found := read_run_file(watcher_file(settings))) is None:
            assert time.monotonic() < until, "the watcher does not start"
            time.sleep(0.05)
        self.watcher = found.pid

    @property
    def guard(self) -> GuardClient:
        """Its guard's door."""
        assert self.client is not None
        return self.client

    def health(self) -> tuple[str, float]:
        """Its mode, and the moment its loop last came round, on this machine's monotonic clock. Raises GuardError."""
        at = time.monotonic()
        told = self.guard.health()
        return str(told["mode"]), at - float(told["silent_seconds"])

    def enter(self, exchange: VenueProcess) -> tuple[bool, float]:
        """Open both positions; whether both were let through, and the slowest answer in seconds."""
        well, slowest = True, 0.0
        for number, (symbol, stop) in enumerate(ENTRIES):
            intent = _intent(f"{self.account.name}-{number}", symbol, stop, exchange)
            began = time.monotonic()
            answer = self.guard.propose(intent)
            slowest = max(slowest, time.monotonic() - began)
            well = well and answer.verdict.outcome.value != "refused"
        return well, slowest

    def held(self, exchange: VenueProcess) -> frozenset[str]:
        """The symbols in which the exchange knows of a position of this account. Asked from an address of its own."""
        key = json.loads(self.account.keys_file.read_text())
        asked = f"timestamp={time.time_ns() // 1_000_000}"
        signed = hmac.new(key["secret"].encode(), asked.encode(), hashlib.sha256).hexdigest()
        with httpx.Client(transport=httpx.HTTPTransport(local_address=_OUR_ADDRESS, verify=False), timeout=15) as http:
            answer = http.get(
                f"{exchange.url}/fapi/v3/positionRisk?{asked}&signature={signed}",
                headers={"X-MBX-APIKEY": key["api_key"]},
            )
        rows = answer.raise_for_status().json()
        return frozenset(str(one["symbol"]) for one in rows if Decimal(one["positionAmt"]))

    def stop(self) -> None:
        """End the guard, which ends its watcher; whichever is left is ended by its id."""
        if self.client is not None:
            self.client.close()
        self.services.close()
        for pid in (self.watcher, self.pid):
            if (
                pid
                and Path(f"/proc/{pid}/cmdline").exists()
                and b"desk.guard" in Path(f"/proc/{pid}/cmdline").read_bytes()
            ):
                os.kill(pid, signal.SIGKILL)


def _intent(name: str, symbol: str, stop: Decimal, exchange: VenueProcess) -> Intent:
    public = exchange.public(timeout=15)
    mark = public.marks([symbol])[symbol].price
    public.close()
    now = exchange.admin.status().now
    return Intent(
        intent_id=name,
        run_id=name,
        symbol=symbol,
        action=Action.OPEN_LONG,
        conviction=Decimal(1),
        stop_pct=stop,
        target_pct=stop * 2,
        seen_mark=mark,
        strategy_id="crew",
        snapshot_hash="a" * 64,
        created_at=now,
        expires_at=now + timedelta(seconds=60),
    )


def desks_of(home: Path, accounts: Sequence[Account], url: str) -> list[Desk]:
    """A desk for each account, not started yet."""
    profiles = home / "config" / "profiles"
    profiles.mkdir(parents=True)
    made: list[Desk] = []
    for one in accounts:
        text = _PROFILE.format(name=one.name, url=url, keys=one.keys_file, symbols=", ".join(HELD))
        (profiles / f"{one.name}.yaml").write_text(text)
        config = load_desk(one.name, root=home / "config", environ={})
        made.append(Desk(account=one, services=Services(config, Folder(home / "var" / one.name))))
    return made


def start(desks: Sequence[Desk]) -> float:
    """Start them all, as many at a time as there are cores; seconds it took."""
    began = time.monotonic()
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        list(pool.map(Desk.start, desks))
    return time.monotonic() - began

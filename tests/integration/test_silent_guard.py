"""A guard that is stopped or killed with a position open is replaced, and the position is closed, within its time."""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from desk.domain.money import ZERO
from desk.domain.orders import OrderRequest, OrderType, Side
from desk.guard.process.runfile import read_run_file
from desk.guard.process.settings import load_settings
from desk.guard.process.watcher import end_guard, watcher_file
from desk.venues.binance import BinanceGateway
from tests.guard_process import GuardProcess
from tests.venue_process import VenueProcess

SILENT_S, TAKEOVER_S = 3.0, 15.0
# Several guards watch this exchange in one minute; a first start would take the others for a stranger on its address.
ROOMY = {"weight_per_minute": 100_000}


class Watched(GuardProcess):
    """A guard with a watcher beside it, which counts three seconds of silence instead of ten."""

    def _settings(self, run_file: Path) -> dict[str, object]:
        return {**super()._settings(run_file), "watch": True, "silent_seconds": SILENT_S}


@pytest.fixture(scope="module")
def venue(tmp_path_factory: pytest.TempPathFactory) -> Iterator[VenueProcess]:
    one = VenueProcess(tmp_path_factory.mktemp("venue"), clock={"mode": "faster", "speed": 1}, limits=ROOMY).start()
    yield one
    one.stop()


@pytest.fixture
def guard(tmp_path: Path, venue: VenueProcess) -> Iterator[Watched]:
    one = Watched(tmp_path / "guard", venue, ("BTCUSDT",))
    try:
        one.start()
        yield one
    finally:
        settings = load_settings(one.home / "settings.json")
        watcher, heir = read_run_file(watcher_file(settings)), read_run_file(settings.run_file)
        if watcher is not None:
            os.kill(watcher.pid, signal.SIGTERM)
            until(lambda: not watcher_file(settings).exists())
        one.kill()
        if heir is not None:
            end_guard(heir.pid, one.home / "settings.json")


def until(true: Callable[[], bool], seconds: float = TAKEOVER_S) -> float:
    """Seconds until it is so."""
    began = time.monotonic()
    while not true():
        assert time.monotonic() - began < seconds
        # Each look at the account costs ten of the venue's 2400 a minute, and the guard needs its share.
        time.sleep(0.5)
    return time.monotonic() - began


def flat(account: BinanceGateway) -> bool:
    return all(one.quantity == ZERO for one in account.account().positions)


@pytest.mark.parametrize("number", [signal.SIGSTOP, signal.SIGKILL])
def test_a_silent_guard_is_replaced_by_one_that_closes_everything(guard: Watched, number: signal.Signals) -> None:
    settings = load_settings(guard.home / "settings.json")
    until(lambda: watcher_file(settings).exists())
    account = guard.venue.gateway()
    before = json.loads(settings.run_file.read_text())["pid"]
    quantity = account.rules()["BTCUSDT"].min_quantity * 20
    order = OrderRequest(
        symbol="BTCUSDT",
        side=Side.BUY,
        type=OrderType.MARKET,
        quantity=quantity,
        client_id=f"by-hand-{number.name}",
        reduce_only=False,
    )
    account.submit(order)
    assert not flat(account)
    os.kill(before, number)
    assert until(lambda: flat(account)) <= TAKEOVER_S
    until(lambda: (found := read_run_file(settings.run_file)) is not None and found.pid != before)
    account.close()


def test_a_guard_that_ends_as_asked_takes_its_watcher_along(guard: Watched) -> None:
    settings = load_settings(guard.home / "settings.json")
    until(lambda: watcher_file(settings).exists())
    guard.stop()
    assert not watcher_file(settings).exists()
    assert not settings.run_file.exists()

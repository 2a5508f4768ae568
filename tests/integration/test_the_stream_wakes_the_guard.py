"""The whole way on a real exchange: a stop fires, the stream tells it, the guard has looked before its poll."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from desk.domain.intents import Action, Intent, Outcome
from desk.guard.door.wire import intent_to_json
from desk.guard.inprocess import guard_in_process
from desk.guard.process.clock import SystemClock
from desk.guard.process.runtime import Runtime
from desk.guard.process.settings import Limits
from desk.venues.binance import BinanceGateway
from tests.unit.desk.guard.test_woken_early import POLL_S, WAIT_S, settings
from tests.venue_process import VenueProcess, running_venue

SYMBOL = "BTCUSDT"
MINUTE_MS = 60_000


@pytest.fixture
def venue(tmp_path: Path) -> Iterator[VenueProcess]:
    with running_venue(tmp_path / "venue") as running:
        yield running


@pytest.fixture
def gateway(venue: VenueProcess) -> Iterator[BinanceGateway]:
    opened = venue.gateway()
    yield opened
    opened.close()


def test_a_stop_that_fires_is_noticed_long_before_the_next_poll(
    venue: VenueProcess, gateway: BinanceGateway, tmp_path: Path
) -> None:
    guard = guard_in_process(
        gateway,
        filters={SYMBOL: gateway.rules()[SYMBOL]},
        limits=Limits(gap_stress={}, gap_stress_default=Decimal("0.01"), early_exit=Decimal(1)),
        clock=SystemClock(),
        virtual=True,
    )
    now = gateway.server_time()
    mark = gateway.marks([SYMBOL])[SYMBOL].price
    intent = Intent(
        intent_id="intent-1",
        run_id="run-1",
        symbol=SYMBOL,
        action=Action.OPEN_LONG,
        conviction=Decimal(1),
        # So near that the market's own wandering reaches it.
        stop_pct=Decimal("0.002"),
        target_pct=Decimal("0.004"),
        seen_mark=mark,
        strategy_id="crew",
        snapshot_hash="a" * 64,
        created_at=now,
        expires_at=now + timedelta(seconds=60),
    )
    answer = guard.propose(intent_to_json(intent))
    assert answer.verdict.outcome is not Outcome.REFUSED, answer.verdict
    runtime = Runtime(guard, settings(tmp_path, POLL_S))
    connected, closed = threading.Event(), threading.Event()

    def wake(*, lists: bool) -> None:
        connected.set()
        runtime.wake(lists=lists)

    looks = guard.look

    def watched(*, lists: bool | None = None) -> None:
        looks(lists=lists)
        if not guard.state.trades:
            closed.set()

    guard.look = watched  # type: ignore[method-assign]
    stream = gateway.user_stream(wake)
    loop = threading.Thread(target=runtime.run)
    stream.start()
    loop.start()
    try:
        assert connected.wait(WAIT_S)
        while runtime.ask(lambda one: one.lookout.facts.account and one.lookout.facts.account.positions):
            if not gateway.open_stops():
                break
            venue.advance(MINUTE_MS)
        assert closed.wait(WAIT_S), "the guard was not woken"
    finally:
        stream.close()
        runtime.stop()
        loop.join()
    told = stream.heard_fills.count()
    assert told.contradicted == 0
    assert told.heard >= told.confirmed >= 1
    report = stream.report()
    assert (report.reconnects, report.unread, report.late) == (0, 0, 0)

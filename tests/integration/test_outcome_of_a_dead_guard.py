"""The guard is killed, its position ends without it at the venue, and the next guard tells exactly what it came to."""

from __future__ import annotations

import time
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from desk.domain.intents import Action, Intent, Outcome
from desk.domain.money import ZERO
from desk.guard.door.client import GuardClient
from desk.guard.record.journal import read_rows, verify
from desk.guard.record.replay import replay
from desk.guard.vocabulary.state import state_hash
from desk.guard.vocabulary.status import ClosedTrade, GuardStatus
from desk.venues.binance import BinanceGateway
from tests.guard_process import GuardProcess
from tests.venue_process import VenueProcess, running_venue

SYMBOL = "BTCUSDT"
HALF_HOUR_MS = 1_800_000
pytestmark = [pytest.mark.timeout(180)]


def intent_of(gateway: BinanceGateway) -> Intent:
    now = gateway.server_time()
    return Intent(
        intent_id="the-one",
        run_id="run-1",
        symbol=SYMBOL,
        action=Action.OPEN_LONG,
        conviction=Decimal("0.5"),
        stop_pct=Decimal("0.006"),
        target_pct=Decimal("0.012"),
        seen_mark=gateway.marks([SYMBOL])[SYMBOL].price,
        strategy_id="crew",
        snapshot_hash="a" * 64,
        created_at=now,
        expires_at=now + timedelta(seconds=60),
    )


def until_flat(venue: VenueProcess, gateway: BinanceGateway) -> None:
    """Let the market go on until stop or target has closed the position."""
    for _ in range(400):
        if not any(one.quantity != ZERO for one in gateway.account().positions):
            return
        venue.advance(HALF_HOUR_MS)
    raise AssertionError("neither stop nor target was ever reached")


def outcome(client: GuardClient) -> tuple[ClosedTrade, GuardStatus]:
    deadline = time.monotonic() + 20
    while True:
        told = client.sync()
        if told.closed:
            return told.closed[-1], told
        assert time.monotonic() < deadline, "the outcome was never told"


def by_hand(gateway: BinanceGateway) -> Decimal:
    """What the venue's own trade list and income say, added up."""
    start = gateway.server_time() - timedelta(days=30)
    fills = gateway.fills(SYMBOL, start)
    assert sum((one.quantity * one.side.sign for one in fills), ZERO) == ZERO
    funding = sum((one.amount for one in gateway.income(start) if one.kind == "FUNDING_FEE"), ZERO)
    return sum((-one.quantity * one.side.sign * one.price - one.fee for one in fills), ZERO) + funding


def test_a_stop_that_fires_while_the_guard_is_dead_gets_its_outcome(tmp_path: Path) -> None:
    with running_venue(tmp_path / "venue") as venue:
        guard = GuardProcess(tmp_path / "guard", venue, (SYMBOL,))
        gateway = venue.gateway()
        try:
            guard.start()
            with guard.client() as client:
                answer = client.propose(intent_of(gateway))
                assert answer.verdict.outcome is not Outcome.REFUSED, answer.verdict
                assert client.state().closed == ()
            guard.kill()
            until_flat(venue, gateway)
            guard.start()
            with guard.client() as client:
                ended, told = outcome(client)
            assert (ended.intent_id, ended.quantity) == ("the-one", answer.execution.filled)
            assert ended.reason in {"stop", "target"}
            assert abs(ended.pnl - by_hand(gateway)) < Decimal("0.0000001")
            assert ended.entry_price == answer.execution.average_price
            assert ended.opened_at < ended.closed_at < told.venue_time
            guard.kill()
            guard.start()
            with guard.client() as client:
                assert client.sync().closed == (ended,)
                told = client.state()
        finally:
            guard.kill()
            gateway.close()
        verify(guard.journal)
        rows = [row for row in read_rows(guard.journal) if row.seq <= told.journal_seq]
        assert state_hash(replay(rows, from_start=True).state) == told.state_hash

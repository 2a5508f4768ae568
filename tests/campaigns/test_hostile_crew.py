"""The real crew with a hostile model, through CrewAI, tools, prompts and guard, into the worst day of 2020."""

from __future__ import annotations

import asyncio
from contextlib import ExitStack
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from agents.scripted import hostile
from config.loader import load_desk
from crews.record.record import DecisionRecord, VerdictKind
from crews.running.clocks import VenueTime
from crews.running.opening import open_desk
from crews.running.pace import SteppedPace
from crews.running.recorded import settings_for
from crews.work.progress import silent
from desk.domain.intents import Action
from memory.audit import AuditLog
from tests.crew_command import DATA
from tests.guard_process import GuardProcess
from tests.venue_process import VenueProcess

CANDLES = DATA / "klines" / "BTCUSDT-1h-um-20190908-20250603.parquet"
START = datetime(2020, 3, 12, tzinfo=UTC)
HOUR_MS = 3_600_000
DECISIONS = 30

pytestmark = [pytest.mark.campaign, pytest.mark.timeout(300)]


@pytest.fixture
def candles() -> Path:
    if not CANDLES.exists():
        pytest.skip("the recorded candles are not on this machine")
    return CANDLES


def test_a_crew_that_only_wants_more_loses_no_more_than_the_day_allows(tmp_path: Path, candles: Path) -> None:
    config = load_desk("replay", overrides=settings_for([candles], load_desk("replay")))
    recorded = {"symbol": "BTCUSDT", "path": str(candles)}
    source = {"kind": "replay", "files": [recorded], "start": START.isoformat()}
    records: list[DecisionRecord] = []
    lows: list[Decimal] = []
    with ExitStack() as closing:
        venue = VenueProcess(tmp_path / "venue", source=source).start()
        closing.callback(venue.stop)
        guard = GuardProcess(tmp_path / "guard", venue, ("BTCUSDT",))
        guard.start()
        closing.callback(guard.stop)
        client = closing.enter_context(guard.client())
        judge = venue.gateway()
        closing.callback(judge.close)
        market = venue.public()
        closing.callback(market.close)
        clock = VenueTime(market.server_time, stands_still=True)
        audit = AuditLog(tmp_path / "audit.sqlite", clock)
        closing.callback(audit.close)
        desk = open_desk(
            config,
            market=market,
            news=None,
            guard=client,
            audit=audit,
            clock=clock,
            progress=silent,
            closing=closing,
            models=dict.fromkeys(config.agents, hostile()),
        )

        def look() -> None:
            client.sync()
            lows.append(judge.account().equity)

        pace = SteppedPace(venue.admin, look, start_ms=venue.now_ms(), cycle_ms=HOUR_MS, step_ms=HOUR_MS // 12)

        async def trade() -> None:
            for number in range(DECISIONS):
                records.append(await desk.decide("BTCUSDT", f"hostile-{number}"))
                assert await pace.next()
                clock.refresh()

        asyncio.run(trade())
        status = client.sync()
        assert audit.verify().ok
        limits = config.desk.limits

    wanted = [record for record in records if record.action is Action.OPEN_LONG]
    let_through = [record for record in wanted if record.verdict in (VerdictKind.APPROVED, VerdictKind.REDUCED)]
    assert let_through, "a campaign in which nothing opens shows nothing"
    assert all(record.stop for record in let_through)
    worst = Decimal(10_000) - min(lows)
    assert worst <= Decimal(10_000) * (limits.daily_loss + Decimal("0.0005"))
    # The fall of that day trips something, and from then on nothing more is let through.
    assert status.latch is not None
    assert status.mode == "LOCKED"
    assert status.positions == ()
    assert records[-1].verdict not in (VerdictKind.APPROVED, VerdictKind.REDUCED)

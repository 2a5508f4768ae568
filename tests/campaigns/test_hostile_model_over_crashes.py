"""A model that always wants the most, always long, deaf to everything, on the days when markets fell the most."""

from __future__ import annotations

import csv
import os
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from desk.domain.intents import Action
from desk.domain.money import ZERO
from desk.venues.paper.sources.replay import Recording, ReplaySource
from tests.campaigns.market_run import ACCOUNT, Day, MarketRun
from tests.crew_command import DATA

WINDOWS = DATA / "events" / "crash_windows_measured.csv"
HOUR_MS = 3_600_000
# What the guard cannot know before it looks again: one tick of every symbol on the way out, and the fees of leaving.
ROUNDING = Decimal("0.0005")

pytestmark = [pytest.mark.campaign, pytest.mark.timeout(300)]


def windows() -> dict[str, tuple[date, date, tuple[str, ...]]]:
    """Each recorded crash: first day, last day, symbols."""
    found: dict[str, tuple[date, date, set[str]]] = {}
    with WINDOWS.open() as file:
        for row in csv.DictReader(file):
            start, end = date.fromisoformat(row["window_start"]), date.fromisoformat(row["window_end"])
            _, _, symbols = found.setdefault(row["event"], (start, end, set()))
            symbols.add(row["symbol"])
    return {name: (start, end, tuple(sorted(symbols))) for name, (start, end, symbols) in found.items()}


EVENTS = sorted(windows()) if WINDOWS.exists() else ["the recorded crashes"]


def hours_of(symbol: str) -> Path:
    [path] = (DATA / "klines").glob(f"{symbol}-1h-um-*.parquet")
    return path


def market_of(event: str) -> ReplaySource:
    if not WINDOWS.exists():
        pytest.skip("the recorded crash windows are not on this machine")
    start, end, symbols = windows()[event]
    return ReplaySource(
        [Recording(symbol=symbol, path=hours_of(symbol)) for symbol in symbols],
        start_ms=_ms(start),
        end_ms=_ms(end + timedelta(days=1)),
        grain_ms=5 * 60_000,
    )


def _ms(day: date) -> int:
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp() * 1000)


def allowed(run: MarketRun, day: Day) -> Decimal:
    """What a day may lose: the limit, what jumps beyond the stress gap cost, and the rounding of the way out."""
    return day.baseline * (run.limits.daily_loss + ROUNDING) + day.gap


def greedy(stop: str) -> Callable[[MarketRun], None]:
    """Always long, always everything, on every symbol, whatever it is told."""

    def ask(run: MarketRun) -> None:
        for symbol in run.symbols:
            run.propose(symbol, Action.OPEN_LONG, conviction="1", stop=stop, target="0.5")

    return ask


# Every stop on every crash with CREWDESK_FULL=1; the widest, which loses the most, on each of them always.
WIDEST, EVERY = {"0.1": "widest"}, {"0.1": "widest", "0.02": "usual", "0.002": "tightest"}
STOPS = EVERY if os.environ.get("CREWDESK_FULL") else WIDEST


@pytest.mark.parametrize("stop", STOPS, ids=STOPS.get)
@pytest.mark.parametrize("event", EVENTS)
def test_no_day_loses_more_than_the_limit_and_the_gap_allowance(event: str, stop: str) -> None:
    run = MarketRun(market_of(event))
    run.play(HOUR_MS // 4, greedy(stop), operator=True)
    assert run.opened > 0
    for day in run.days:
        most = allowed(run, day)
        assert day.loss <= most, f"{day.date}: lost {day.loss:.2f} of {day.baseline:.2f}, allowed {most:.2f}"
    assert run.exchange.imbalance() == ZERO


@pytest.mark.parametrize("event", [event for event in EVENTS if event.startswith(("COVID", "China"))] or EVENTS)
def test_once_tripped_it_is_latched_flat_and_explained(event: str) -> None:
    run = MarketRun(market_of(event))
    run.play(HOUR_MS // 4, greedy("0.1"))
    status = run.guard.status()
    assert status.latch is not None
    assert status.mode == "LOCKED"
    assert status.latch.reason
    assert status.latch.numbers
    assert [row for row in run.exchange.positions(ACCOUNT) if row.quantity != ZERO] == []
    assert list(run.exchange.open_orders(ACCOUNT)) == []
    assert list(run.exchange.open_algos(ACCOUNT)) == []
    after = [one.verdict for one in run.answers if int(one.verdict.decided_at.timestamp() * 1000) > status.latch.at]
    assert {verdict.rule for verdict in after} <= {"mode.locked", "mode.flattening", "mode"}

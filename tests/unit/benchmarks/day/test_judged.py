"""The judge of a day: no wait is told shorter than it was, no life of a process mixed with another, no slot lost."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from benchmarks.day import judging
from benchmarks.day.causes import KILL, POSTING, REQUEST, ROW, Cause, row_key, run_key, waits
from benchmarks.day.stage import timetable
from benchmarks.day.watching import Came, Memory
from config.schedule import ScheduleSettings
from crews.schedule.jobs import Job, jobs_of

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def came(at: float, kind: str, title: str, text: str = "", **data: object) -> Came:
    return Came(at=at, waited=0.25, kind=kind, title=title, text=text, data=data)


def test_an_alert_is_measured_from_what_it_tells_of() -> None:
    causes = [
        Cause(at=1.0, key=row_key("d-1", "verdict")),
        Cause(at=2.0, key=row_key("d-1", "abstention", "news")),
        Cause(at=2.5, key=row_key("d-1", "abstention", "chart")),
        Cause(at=3.0, key=run_key("desk", int(NOON.timestamp() * 1000))),
        Cause(at=4.0, key=("killed", "exchange")),
        Cause(at=5.0, key=("halt",)),
    ]
    told = [
        came(1.5, "refused", "BTCUSDT: refused by limits.gross", "too much\nd-1"),
        came(3.5, "model", "chart abstained: timeout", "20 s\nd-1"),
        came(3.7, "schedule", "day: desk of 12:00 UTC failed", "exit 1"),
        came(5.0, "service", "day: the exchange ended and is started again"),
        came(6.5, "trip", "the breaker tripped: manual"),
        came(7.0, "report", "the day"),
    ]
    found = [(one.since, round(one.seconds, 2)) for one in waits(causes, told)]
    assert found == [(ROW, 0.5), (ROW, 1.0), (ROW, 0.7), (KILL, 1.0), (REQUEST, 1.5), (POSTING, 0.25)]


def test_rows_of_one_decision_are_told_in_their_order() -> None:
    causes = [Cause(at=at, key=row_key("d-1", "order")) for at in (1.0, 8.0)]
    told = [came(at, "order", "entry FILLED", decision_id="d-1", event="order") for at in (3.0, 9.0)]
    assert [one.seconds for one in waits(causes, told)] == [2.0, 1.0]


def test_an_alert_that_comes_late_is_named_and_a_halt_that_never_comes_is_no_success() -> None:
    causes = [Cause(at=0.0, key=row_key("d-1", "verdict"))]
    late = waits(causes, [came(6.0, "refused", "BTCUSDT: refused by limits.gross", "too much\nd-1")])
    halt, every = judging.alerts(late)
    assert (halt.well, every.well) == (False, False)
    assert "1 of 1 later; slowest 6.0 s since its row in the record" in every.seen


def samples(memory: Memory, name: str, pid: int, begins: int, held: list[int]) -> None:
    memory.samples[name, pid] = [(begins + 2.0 * number, one) for number, one in enumerate(held)]


def test_each_life_of_a_service_is_judged_from_its_own_settling() -> None:
    memory = Memory()
    loading = [10 * number for number in range(1, 31)]
    samples(memory, "console", 1, 0, [*loading, *([300] * 60)])
    samples(memory, "console", 2, 200, [*loading, *[300 + number for number in range(60)]])
    samples(memory, "console", 3, 400, loading)
    first, second = memory.grown(settle=60, least=45)
    assert (first.life, first.share) == (1, 0.0)
    assert (second.life, second.share > 0.05) == (2, True)
    assert [one.well for one in judging.memory([first, second])] == [True, False]


def kickoffs() -> Job:
    settings = ScheduleSettings.model_validate(timetable(), strict=False)
    [job] = [one for one in jobs_of(settings, "day", ("BTCUSDT",)).values() if one.name == "desk"]
    return job


def history(*rows: tuple[int, str, str]) -> list[dict[str, Any]]:
    """Runs of the kickoffs' slots by their number, in quarters of an hour."""
    slots = [(NOON + timedelta(minutes=15 * number), outcome, note) for number, outcome, note in rows]
    return [
        {"job": "desk", "slot": slot.isoformat(), "outcome": outcome, "note": note} for slot, outcome, note in slots
    ]


def test_every_slot_of_the_shipped_kickoffs_is_accounted_for() -> None:
    kept = history((0, "done", ""), (3, "done", "2 slots before it missed"), (4, "missed", "400 s late"))
    told = judging.kickoffs(kickoffs(), kept)
    assert told.well
    assert told.seen.startswith("5 slots due: 2 ran, 3 missed, 0 lost without a word, 0 twice")


def test_a_slot_that_nobody_speaks_of_or_that_ran_twice_is_found() -> None:
    gap = judging.kickoffs(kickoffs(), history((0, "done", ""), (3, "done", "1 slot before it missed")))
    assert (gap.well, "1 lost without a word" in gap.seen) == (False, True)
    twice = judging.kickoffs(kickoffs(), history((0, "done", ""), (1, "done", ""), (1, "done", "")))
    assert not twice.well
    assert "1 twice" in twice.seen

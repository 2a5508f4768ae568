"""The sentry tells of each thing once, goes on where it stopped, and acts only on what nobody read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from config.alerts import Response, UnreadSettings
from crews.sentry.guard_watch import GuardWatch, Look
from crews.sentry.machine_watch import DatabaseWatch, DiskWatch, ScheduleWatch
from crews.sentry.record_watch import RecordWatch
from crews.sentry.sentry import Sentry, Watch
from crews.sentry.traffic_watch import TrafficWatch
from crews.sentry.unread import Unread
from desk.alerts import Alert, Kind, Level, Outbox
from desk.domain.errors import GuardError, GuardUnreachableError, JournalError
from desk.guard.vocabulary.status import GuardStatus, LatchStatus
from memory.audit import AuditLog
from tests.unit.crews.sentry.guards import status
from tests.unit.desk.alerts.bench import StepClock, alert
from tests.unit.desk.guard.bench import Bench


@dataclass
class Guard:
    """A guard as the sentry sees it, and its door."""

    status: GuardStatus | None = field(default_factory=status)
    runs: bool = True
    tightened: list[Mapping[str, str]] = field(default_factory=list[Mapping[str, str]])
    halted: list[str] = field(default_factory=list[str])
    refuses: GuardError | None = None

    def ask(self) -> Look:
        return Look(status=self.status, trouble="" if self.status else "no guard answers")

    @contextmanager
    def door(self) -> Iterator[Guard]:
        if self.refuses is not None:
            raise self.refuses
        yield self

    def tighten(self, changes: Mapping[str, str]) -> None:
        self.tightened.append(changes)

    def halt(self, reason: str) -> None:
        self.halted.append(reason)


@pytest.fixture
def clock() -> StepClock:
    return StepClock()


@pytest.fixture
def outbox(tmp_path: Path, clock: StepClock) -> Iterator[Outbox]:
    opened = Outbox(tmp_path / "alerts.sqlite", clock)
    yield opened
    opened.close()


def looks(watch: Watch, clock: StepClock, seconds: int) -> list[Alert]:
    """What a watch tells over so many looks, one a second."""
    told: list[Alert] = []
    for _ in range(seconds):
        clock.step(1)
        told += watch.look()
    return told


def titles(outbox: Outbox) -> list[str]:
    return [one.alert.title for one in reversed(outbox.alerts())]


def watch_of(guard: Guard, clock: StepClock) -> GuardWatch:
    return GuardWatch(guard.ask, lambda: guard.runs, clock, silent_seconds=3)


def test_a_trip_is_told_once_within_a_second_also_when_the_sentry_starts_anew(outbox: Outbox, clock: StepClock) -> None:
    latch = LatchStatus(reason="day.loss", at=1_772_000_000_000, numbers={"loss": "501"})
    guard = Guard(status(mode="LOCKED", latch=latch))
    for _ in range(2):
        sentry = Sentry(outbox, [watch_of(guard, clock)])
        for _ in range(3):
            sentry.look()
            clock.step(400)
    assert titles(outbox) == ["the breaker tripped: day.loss"]
    assert outbox.alerts()[0].alert.level is Level.CRITICAL


def test_a_silent_guard_is_told_after_three_seconds_once_and_so_is_its_return(clock: StepClock) -> None:
    guard = Guard(None)
    watch = watch_of(guard, clock)
    assert looks(watch, clock, 3) == []
    [told] = looks(watch, clock, 60)
    assert (told.title, told.level) == ("the guard is silent", Level.CRITICAL)
    guard.status = status()
    assert [one.title for one in looks(watch, clock, 5)] == ["the guard answers again"]


def test_a_guard_that_was_stopped_in_order_is_no_silence(clock: StepClock) -> None:
    assert looks(watch_of(Guard(None, runs=False), clock), clock, 60) == []


def test_a_guard_that_cannot_see_the_venue_is_told_and_so_is_that_it_can_again(clock: StepClock) -> None:
    guard = Guard(status(trouble="the venue does not answer"))
    watch = watch_of(guard, clock)
    assert [one.text for one in looks(watch, clock, 10)] == ["the venue does not answer"]
    guard.status = status()
    assert [one.title for one in looks(watch, clock, 2)] == ["the guard sees the venue again"]


def test_each_tightening_of_the_mode_is_told_once_a_day(outbox: Outbox, clock: StepClock) -> None:
    guard = Guard(status(mode="REDUCE_ONLY"))
    sentry = Sentry(outbox, [watch_of(guard, clock)])
    for _ in range(5):
        sentry.look()
        clock.step(900)
    assert titles(outbox) == ["the guard is reduce only"]


def test_refusals_models_in_trouble_and_errors_are_told_from_the_record_and_after_a_kill_none_is_told_twice(
    tmp_path: Path, outbox: Outbox, clock: StepClock
) -> None:
    log = AuditLog(tmp_path / "audit.sqlite", clock)
    log.append("d-0", "error", {"stage": "work", "error": "Old", "message": "before the first day"})
    watch = RecordWatch(lambda: log, outbox)
    assert list(watch.look()) == []
    log.append("d-1", "abstention", {"reason": "timeout", "detail": "20 s"}, agent="news")
    log.append("d-1", "abstention", {"reason": "data_missing", "detail": "no feed"}, agent="chart")
    log.append("d-1", "intent", {"intent_id": "i-1", "body": "{}"})
    verdict = {"outcome": "refused", "rule": "limits.gross", "message": "too much", "numbers": {}, "quantity": "0"}
    log.append("d-1", "verdict", {"intent_id": "i-1", **verdict})
    log.append("d-1", "error", {"stage": "propose", "error": "GuardUnreachableError", "message": "nobody"})
    assert [one.title for one in RecordWatch(lambda: log, outbox).look()] == [
        "news abstained: timeout",
        "d-1: refused by limits.gross",
        "propose failed: GuardUnreachableError",
    ]
    assert list(RecordWatch(lambda: log, outbox).look()) == []
    log.close()


def test_decisions_orders_and_trades_are_told_with_their_figures_and_only_the_kinds_somebody_wants(
    tmp_path: Path, outbox: Outbox, clock: StepClock
) -> None:
    log = AuditLog(tmp_path / "audit.sqlite", clock)
    wanted = frozenset({Kind.SIGNAL, Kind.TRADE})
    watch = TrafficWatch(lambda: log, outbox, wanted)
    assert list(watch.look()) == []
    judged = {"action": "OPEN_LONG", "conviction": "0.7", "stop_pct": "0.01", "target_pct": "0.03"}
    log.append("d-1", "decision", {"proposed": None, "decision": judged, "caps": ["mood"], "source_call": ""})
    log.append("d-1", "intent", {"intent_id": "i-1", "body": "{}"})
    log.append("d-1", "order", {"intent_id": "i-1", "role": "entry", "status": "FILLED"})
    log.append("d-1", "fill", {"intent_id": "i-1", "quantity": "0.5", "price": "100.10"})
    ended = {"intent_id": "i-1", "symbol": "BTCUSDT", "pnl": "-1.25", "reason": "stop", "closed_at": "2026-03-02"}
    log.append("d-1", "outcome", ended)
    told = list(watch.look())
    assert [(one.kind, one.title) for one in told] == [
        (Kind.SIGNAL, "d-1: OPEN_LONG, conviction 0.7"),
        (Kind.TRADE, "d-1: opened 0.5 at 100.10"),
        (Kind.TRADE, "BTCUSDT: closed, -1.25 USDT by stop"),
    ]
    assert told[0].data == {"decision_id": "d-1", "symbol": "d-1", "event": "decision", **judged, "caps": ["mood"]}
    assert told[2].data["pnl"] == "-1.25"
    for _ in range(2):
        for one in told:
            outbox.post(one)
    assert len(outbox.alerts()) == 3
    assert outbox.alerts()[0].alert.data == told[2].data
    assert list(TrafficWatch(lambda: log, outbox, wanted).look()) == []
    log.close()


def test_a_record_that_begins_anew_is_read_from_its_beginning(tmp_path: Path, outbox: Outbox, clock: StepClock) -> None:
    outbox.set_mark("audit", 500)
    log = AuditLog(tmp_path / "audit.sqlite", clock)
    log.append("d-1", "error", {"stage": "work", "error": "New", "message": "m"})
    assert [one.title for one in RecordWatch(lambda: log, outbox).look()] == ["work failed: New"]
    log.close()


def test_a_disk_that_fills_is_told_at_each_of_its_two_bounds_and_again_when_it_fills_again() -> None:
    free = [5_000, 1_900, 1_800, 400, 300, 5_000, 400]
    watch = DiskWatch(lambda: free.pop(0) * 1_000_000, warning_mb=2_000, critical_mb=500)
    told = [one.level for _ in range(7) for one in watch.look()]
    assert told == [Level.WARNING, Level.CRITICAL, Level.CRITICAL]


def test_a_database_that_is_gone_is_told_once_and_so_is_its_return() -> None:
    down = [False, True, True, False]

    def read() -> None:
        if down.pop(0):
            raise JournalError("no such server")

    watch = DatabaseWatch(read)
    assert [one.title for _ in range(4) for one in watch.look()] == [
        "the database cannot be read: reports lack what happens now",
        "the database can be read again",
    ]


def test_a_schedule_whose_sign_of_life_grows_old_is_told_within_five_seconds(clock: StepClock) -> None:
    beat: datetime | None = clock.now()
    watch = ScheduleWatch(lambda: beat, clock.now)
    assert looks(watch, clock, 3) == []
    assert [one.title for one in looks(watch, clock, 2)] == ["the schedule has stopped: nothing begins by itself"]
    beat = clock.now() + timedelta(seconds=1)
    assert [one.title for one in looks(watch, clock, 1)] == ["the schedule runs again"]


def test_a_schedule_that_ended_in_order_is_no_news(clock: StepClock) -> None:
    assert looks(ScheduleWatch(lambda: None, clock.now), clock, 60) == []


def test_a_watch_that_breaks_holds_up_no_other(outbox: Outbox, clock: StepClock) -> None:
    class Broken:
        def look(self) -> Iterator[Alert]:
            raise ZeroDivisionError

    Sentry(outbox, [Broken(), watch_of(Guard(status(mode="FLATTENING")), clock)]).look()
    assert titles(outbox) == ["the guard is flattening"]


def unread(outbox: Outbox, guard: Guard, act: Response, told: list[str]) -> Unread:
    limits = {"daily_loss": Decimal("0.02")} if act is Response.TIGHTEN else {}
    settings = UnreadSettings(after_seconds=60, act=act, limits=limits)
    return Unread(outbox, settings, guard.door, lambda act, outcome: told.append(f"{act}: {outcome}"))


def test_a_critical_alert_nobody_reads_for_a_minute_tightens_the_guard_once(outbox: Outbox, clock: StepClock) -> None:
    guard, told = Guard(), list[str]()
    acts = unread(outbox, guard, Response.TIGHTEN, told)
    outbox.post(alert("trip", Level.CRITICAL))
    outbox.post(alert("mild", Level.WARNING))
    clock.step(59)
    acts.look()
    assert guard.tightened == []
    for _ in range(3):
        clock.step(1)
        acts.look()
    assert guard.tightened == [{"daily_loss": "0.02"}]
    assert told == ["tighten for unread alert 1: tightened daily_loss to 0.02"]


def test_what_the_desk_did_because_nobody_read_is_told_to_people_and_waits_for_nobody(
    outbox: Outbox, clock: StepClock
) -> None:
    acts = unread(outbox, Guard(), Response.TIGHTEN, [])
    outbox.post(alert("trip", Level.CRITICAL))
    for _ in range(5):
        clock.step(60)
        acts.look()
    assert titles(outbox)[1:] == ["tightened daily_loss to 0.02, because nobody acknowledged alert 1"]
    assert not outbox.alerts()[0].waits


def test_one_that_was_acknowledged_in_time_changes_nothing(outbox: Outbox, clock: StepClock) -> None:
    guard = Guard()
    number = outbox.post(alert("trip", Level.CRITICAL))
    clock.step(59)
    outbox.acknowledge(number, "ann")
    clock.step(3600)
    unread(outbox, guard, Response.HALT, []).look()
    assert guard.halted == []


def test_by_default_it_only_tells(outbox: Outbox, clock: StepClock) -> None:
    guard = Guard()
    outbox.post(alert("trip", Level.CRITICAL))
    clock.step(3600)
    unread(outbox, guard, Response.NONE, []).look()
    assert guard.halted == guard.tightened == []


def test_a_guard_that_cannot_be_asked_is_asked_again_and_one_that_refuses_is_not(
    outbox: Outbox, clock: StepClock
) -> None:
    guard, told = Guard(refuses=GuardUnreachableError("nobody")), list[str]()
    acts = unread(outbox, guard, Response.HALT, told)
    outbox.post(alert("trip", Level.CRITICAL))
    clock.step(60)
    acts.look()
    assert told == []
    guard.refuses = GuardError("limits.loosen")
    acts.look()
    guard.refuses = None
    acts.look()
    assert told == ["halt for unread alert 1: the guard answered: limits.loosen"]
    assert guard.halted == []


@pytest.mark.parametrize("act", [Response.TIGHTEN, Response.HALT])
def test_the_production_guard_itself_is_stricter_after_an_unread_minute(
    outbox: Outbox, clock: StepClock, act: Response
) -> None:
    bench, told = Bench(), list[str]()
    before = bench.guard.status()
    limits = {"daily_loss": Decimal("0.02")} if act is Response.TIGHTEN else {}
    settings = UnreadSettings(after_seconds=60, act=act, limits=limits)
    acts = Unread(outbox, settings, lambda: nullcontext(bench.guard), lambda act, outcome: told.append(outcome))
    outbox.post(alert("trip", Level.CRITICAL))
    clock.step(60)
    acts.look()
    after = bench.guard.status()
    assert (after.mode == "LOCKED") is (act is Response.HALT)
    assert after.limits["daily_loss"] == ("0.02" if act is Response.TIGHTEN else before.limits["daily_loss"])
    outbox.post(alert("again", Level.CRITICAL))
    clock.step(60)
    acts.look()  # as strict already: the guard says so, and that is as safe as was wanted
    assert len(told) == 2

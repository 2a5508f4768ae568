"""Nobody who lets the sentry wait delays an alert: the journal tells of a trip while the guard answers nobody."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from crews.sentry.guard_watch import GuardWatch, Look
from crews.sentry.journal_watch import JournalWatch
from crews.sentry.machine_watch import ScheduleWatch
from crews.sentry.sentry import Sentry
from desk.alerts import Outbox
from desk.guard.record.journal import MemoryJournal, SqliteJournal, open_journal
from tests.unit.crews.sentry.guards import status
from tests.unit.desk.alerts.bench import StepClock
from tests.unit.desk.guard.bench import Bench, whole

BLIND = "the guard cannot see the venue: nothing new is opened"
WHY = "the day, as planned, is over (really), loss 5"


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[SqliteJournal]:
    opened = open_journal(tmp_path / "journal.sqlite")
    yield opened
    opened.close()


@pytest.fixture
def outbox(tmp_path: Path) -> Iterator[Outbox]:
    opened = Outbox(tmp_path / "alerts.sqlite", StepClock())
    yield opened
    opened.close()


def titles(outbox: Outbox) -> list[str]:
    return [one.alert.title for one in reversed(outbox.alerts())]


def test_a_halt_is_told_before_the_first_order_that_closes_reaches_the_venue(
    tmp_path: Path, journal: SqliteJournal, outbox: Outbox
) -> None:
    bench = Bench(journal=journal)
    bench.open()
    sentry = Sentry(outbox, [JournalWatch(tmp_path / "journal.sqlite")])
    told: dict[str, list[str]] = {}

    def meanwhile(request: str) -> None:
        # The guard's one thread is here: whoever asked its state now would wait as long as the venue lets it wait.
        sentry.look()
        told.setdefault(request, titles(outbox))

    bench.venue.before = meanwhile
    bench.guard.halt(WHY)
    assert told["submit"] == ["the breaker tripped: manual"]


def test_a_trip_is_the_same_alert_whether_the_journal_or_the_guard_tells_it(
    tmp_path: Path, journal: SqliteJournal, outbox: Outbox
) -> None:
    bench = Bench(journal=journal)
    watch = JournalWatch(tmp_path / "journal.sqlite")
    bench.guard.halt(WHY)
    [by_journal] = watch.look()
    [by_guard] = GuardWatch(lambda: Look(status=bench.guard.status()), bool, StepClock(), silent_seconds=2).look()
    assert by_journal == by_guard
    assert by_journal.data == by_guard.data
    for alert in (by_journal, by_guard):
        outbox.post(alert)
    assert len(titles(outbox)) == 1
    assert WHY in outbox.alerts()[0].alert.text


def test_a_loss_that_trips_the_day_is_told_with_its_numbers(tmp_path: Path, journal: SqliteJournal) -> None:
    bench = whole()
    copied(bench, journal)
    watch = JournalWatch(tmp_path / "journal.sqlite")
    bench.venue.move("BTCUSDT", "47000")
    bench.look(times=5)
    copied(bench, journal)
    [by_journal] = watch.look()
    latch = bench.guard.status().latch
    assert latch is not None
    assert (by_journal.data["reason"], by_journal.data["numbers"]) == (latch.reason, latch.numbers)
    assert list(watch.look()) == []


def copied(bench: Bench, journal: SqliteJournal) -> None:
    """Write what a guard in memory has journalled since."""
    assert isinstance(bench.journal, MemoryJournal)
    for row in bench.journal.rows(journal.head()[0]):
        journal.append(row.kind, row.body)


def test_what_tripped_before_the_sentry_began_is_the_guards_to_tell(tmp_path: Path, journal: SqliteJournal) -> None:
    bench = Bench(journal=journal)
    bench.guard.halt(WHY)
    watch = JournalWatch(tmp_path / "journal.sqlite")
    bench.look()
    assert list(watch.look()) == []


def test_a_journal_that_begins_anew_is_followed_from_its_beginning(tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite"
    first = open_journal(path)
    Bench(journal=first).look(times=3)
    watch = JournalWatch(path)
    first.close()
    for file in tmp_path.glob("journal.sqlite*"):
        file.unlink()
    assert list(watch.look()) == []
    second = open_journal(path)
    Bench(journal=second).guard.halt(WHY)
    assert [one.title for one in watch.look()] == ["the breaker tripped: manual"]
    second.close()


@dataclass
class Waiting:
    """A guard that lets whoever asks wait so long, and then says what a test wants."""

    clock: StepClock
    seconds: float
    look: Look

    def ask(self) -> Look:
        self.clock.step(self.seconds)
        return self.look


def test_a_guard_that_lets_its_asker_wait_was_silent_for_as_long() -> None:
    clock = StepClock()
    mute = Waiting(clock, 3.0, Look(status=None, trouble="no answer in time"))
    watch = GuardWatch(mute.ask, lambda: True, clock, silent_seconds=2)
    assert [one.title for one in watch.look()] == ["the guard is silent"]


def test_a_guard_that_waits_for_the_venue_is_no_silence_and_one_that_answers_nobody_afterwards_is() -> None:
    clock = StepClock()
    guard = Waiting(clock, 1.0, Look(status=None, trouble="no answer in time", busy=True))
    watch = GuardWatch(guard.ask, lambda: True, clock, silent_seconds=2)
    assert [one for _ in range(10) for one in watch.look()] == []
    guard.look = Look(status=None, trouble="no answer in time")
    assert [len(list(watch.look())) for _ in range(3)] == [0, 1, 0]
    guard.look = Look(status=status())
    assert [one.title for one in watch.look()] == ["the guard answers again"]


def test_a_guard_whose_process_is_gone_is_silent_at_the_first_look_and_told_once() -> None:
    clock = StepClock()
    guard = Waiting(clock, 0.0, Look(status=None, gone=True))
    watch = GuardWatch(guard.ask, lambda: True, clock, silent_seconds=60)
    assert [(one.title, one.text) for _ in range(3) for one in watch.look()] == [
        ("the guard is silent", "its process is gone")
    ]
    guard.look = Look(status=status())
    assert [one.title for one in watch.look()] == ["the guard answers again"]


@pytest.mark.parametrize("busy", [True, False])
def test_an_exchange_whose_process_is_gone_is_told_at_the_first_look_also_while_the_guard_waits_for_it(
    *, busy: bool
) -> None:
    clock = StepClock()
    seen = Look(status=None, busy=True, exchange_gone=True) if busy else Look(status=status(), exchange_gone=True)
    watch = GuardWatch(Waiting(clock, 0.0, seen).ask, lambda: True, clock, silent_seconds=60)
    assert [one.title for _ in range(3) for one in watch.look()] == [BLIND]


def test_an_exchange_that_is_killed_and_back_is_told_once_and_so_is_its_return() -> None:
    clock, told = StepClock(), [Look(status=status(), exchange_gone=True)]
    watch = GuardWatch(lambda: told[0], lambda: True, clock, silent_seconds=2)
    titles: list[str] = []
    # Gone; being started, which the guard has not noticed yet, then has, then waits; and there again.
    for look, seconds in (
        (told[0], 1),
        (Look(status=status()), 1),
        (Look(status=status(trouble="refused")), 3),
        (Look(status=None, busy=True), 3),
        (Look(status=status()), 5),
    ):
        told[0] = look
        for _ in range(seconds):
            titles += [one.title for one in watch.look()]
            clock.step(1)
    assert titles == [BLIND, "the guard sees the venue again"]


def test_an_exchange_that_is_gone_where_no_guard_should_run_is_no_news() -> None:
    watch = GuardWatch(lambda: Look(status=None, exchange_gone=True), lambda: False, StepClock(), silent_seconds=2)
    assert list(watch.look()) == []


def test_a_schedule_that_was_killed_is_told_at_once_and_so_is_the_next_one() -> None:
    clock, gone = StepClock(), [False, True, True, False]
    watch = ScheduleWatch(clock.now, clock.now, lambda: gone.pop(0))
    assert [one.title for _ in range(4) for one in watch.look()] == [
        "the schedule has stopped: nothing begins by itself",
        "the schedule runs again",
    ]

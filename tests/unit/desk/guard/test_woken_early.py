"""What happens at the venue is noticed at once by whoever is woken, and one poll later by whoever is not."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from desk.guard.process.runtime import Runtime
from desk.guard.process.settings import GuardSettings
from tests.unit.desk.guard.bench import Bench

# Far more than any look takes, and half of the poll interval: a guard that only polls is not back by then.
WAIT_S = 5.0
POLL_S = 10.0


@dataclass
class Watch:
    """A guard in its loop, and a barrier that each of its looks passes."""

    bench: Bench
    runtime: Runtime
    looked: threading.Semaphore

    def next_look(self) -> bool:
        """Wait for the account to be read once more; False when it was not within half a poll."""
        return self.looked.acquire(timeout=WAIT_S)

    def held(self) -> int:
        return self.runtime.ask(lambda guard: len(guard.state.trades))


def settings(tmp_path: Path, poll: float) -> GuardSettings:
    return GuardSettings.model_validate(
        {
            "profile": "test",
            "venue": {"kind": "paper", "base_url": "http://127.0.0.1:1"},
            "symbols": ["BTCUSDT"],
            "journal": str(tmp_path / "j"),
            "crew_token_file": "c",
            "operator_token_file": "o",
            "run_file": "r",
            "poll_seconds": poll,
            "fast_poll_seconds": 0.02,
        }
    )


@pytest.fixture
def watch(tmp_path: Path) -> Iterator[Watch]:
    bench = Bench()
    bench.open()
    watched = Watch(bench, Runtime(bench.guard, settings(tmp_path, POLL_S)), threading.Semaphore(0))
    bench.venue.before = lambda name: watched.looked.release() if name == "account" else None
    thread = threading.Thread(target=watched.runtime.run)
    thread.start()
    # Two looks begin every life: one before the books are believed, one that reconciles them.
    assert watched.next_look()
    assert watched.held() == 1
    yield watched
    watched.runtime.stop()
    thread.join()


def drain(watch: Watch) -> None:
    while watch.looked.acquire(blocking=False):
        pass


def test_a_triggered_stop_is_noticed_within_a_fraction_of_the_poll_interval(watch: Watch) -> None:
    drain(watch)
    watch.bench.venue.move("BTCUSDT", "48000")
    watch.runtime.wake()
    while watch.held():
        assert watch.next_look(), "nobody looked"
    assert watch.bench.flat


def test_many_wakes_before_a_look_are_one_look(watch: Watch) -> None:
    drain(watch)
    at_the_door, go_on = threading.Event(), threading.Event()

    def slow(name: str) -> None:
        if name == "account":
            at_the_door.set()
            go_on.wait(WAIT_S)
            watch.looked.release()

    watch.bench.venue.before = slow
    watch.runtime.wake()
    assert at_the_door.wait(WAIT_S)
    for _ in range(50):
        watch.runtime.wake()
    go_on.set()
    assert watch.next_look()
    # What happened during that look is looked at once more, and not fifty times.
    assert watch.next_look()
    assert watch.held() == 1
    assert watch.runtime._jobs.empty()


def test_a_burst_of_wakes_may_not_spend_the_request_weight(watch: Watch) -> None:
    """Each look costs weight: after a few early ones the next has to wait for what is earned back."""
    assert [watch.runtime._early() - watch.runtime._beat < 1 for _ in range(7)] == [True] * 5 + [False] * 2


def test_a_change_that_only_the_lists_show_makes_the_next_look_read_them() -> None:
    bench = Bench()
    bench.open()
    bench.guard.look(lists=True)
    bench.venue.requests.clear()
    bench.look(3)
    assert "open_stops" not in bench.venue.requests
    bench.guard.lookout.want_lists()
    bench.look(0.1)
    assert "open_stops" in bench.venue.requests
    bench.venue.requests.clear()
    bench.look(0.1)
    assert "open_stops" not in bench.venue.requests


def test_a_silent_stream_costs_the_early_wake_up_and_nothing_else(tmp_path: Path) -> None:
    bench = Bench()
    bench.open()
    runtime = Runtime(bench.guard, settings(tmp_path, 0.05))
    flat = threading.Event()

    def heed(name: str) -> None:
        if name == "server_time" and not bench.guard.state.trades:
            flat.set()

    bench.venue.before = heed
    thread = threading.Thread(target=runtime.run)
    thread.start()
    bench.venue.move("BTCUSDT", "48000")
    noticed = flat.wait(WAIT_S)
    runtime.stop()
    thread.join()
    assert noticed

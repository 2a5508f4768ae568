"""Alerts reach people once, in time and not at night; what is critical always does, and nothing dead delays it."""

from __future__ import annotations

import tempfile
import threading
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from desk.alerts import Kind, Level, courier
from desk.alerts.values import Way
from tests.unit.desk.alerts.bench import NIGHT, Bench, Noting, alert, rules

CRITICAL, WARNING, INFO = Level.CRITICAL, Level.WARNING, Level.INFO


def test_an_alert_is_sent_once_and_tells_when_and_how_it_is_acknowledged(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    number = bench.outbox.post(alert("trip", CRITICAL))
    bench.deliver()
    bench.deliver()
    [(title, text)] = bench.channels[0].sent
    assert title == f"CRITICAL #{number} about trip"
    assert "2026-03-02 12:00:00 UTC" in text
    assert f"/ack {number}" in text


def test_an_alert_that_was_posted_before_a_kill_is_sent_after_it(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.outbox.post(alert("a"))
    bench.restart()
    bench.deliver()
    assert len(bench.channels[0].sent) == 1


def test_the_same_again_within_ten_minutes_is_counted_and_after_that_told_again(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    for _ in range(5):
        bench.outbox.post(alert("a"))
        bench.deliver()
        bench.clock.step(60)
    assert len(bench.channels[0].sent) == 1
    assert bench.outbox.alerts()[0].count == 5
    bench.clock.step(601)
    bench.outbox.post(alert("a"))
    bench.deliver()
    assert len(bench.channels[0].sent) == 2


def test_what_goes_on_and_on_is_told_again_once_in_every_ten_minutes(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    for _ in range(60):
        bench.outbox.post(alert("a"))
        bench.deliver()
        bench.clock.step(60)
    assert [one.count for one in bench.outbox.alerts()] == [10] * 6
    assert len(bench.channels[0].sent) == 6


def test_what_is_critical_again_after_somebody_has_seen_it_is_told_again_and_waits_for_somebody_anew(
    tmp_path: Path,
) -> None:
    bench = Bench(tmp_path)
    first = bench.outbox.post(alert("silent", CRITICAL))
    assert bench.outbox.post(alert("silent", CRITICAL)) == first
    bench.outbox.acknowledge(first, "ann")
    bench.clock.step(60)
    again = bench.outbox.post(alert("silent", CRITICAL))
    bench.deliver()
    assert again != first
    assert len(bench.channels[0].sent) == 2
    bench.clock.step(60)
    assert [one.number for one in bench.outbox.unread(timedelta(seconds=60))] == [again]


def test_what_grows_louder_is_no_repetition(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.outbox.post(alert("disk", WARNING))
    bench.outbox.post(alert("disk", CRITICAL))
    bench.deliver()
    assert len(bench.channels[0].sent) == 2


def test_a_channel_carries_its_levels_and_kinds_alone(tmp_path: Path) -> None:
    loud, spikes = Noting("loud", least=CRITICAL), Noting("spikes", kinds=frozenset({Kind.SPIKE}))
    bench = Bench(tmp_path, loud, spikes)
    bench.outbox.post(alert("a", WARNING))
    bench.outbox.post(alert("b", CRITICAL))
    bench.outbox.post(alert("c", INFO, Kind.SPIKE))
    bench.deliver()
    assert [title for title, _ in loud.sent] == ["CRITICAL #2 about b"]
    assert [title for title, _ in spikes.sent] == ["INFO #3 about c"]


def test_at_night_only_what_is_critical_is_sent_and_the_rest_comes_as_one_message_in_the_morning(
    tmp_path: Path,
) -> None:
    bench = Bench(tmp_path, by=rules(NIGHT))
    bench.clock.step(11 * 3600)  # 23:00
    for key in ("a", "b", "c"):
        bench.outbox.post(alert(key))
    bench.outbox.post(alert("trip", CRITICAL))
    bench.deliver_for(3600, every=60)
    assert [title for title, _ in bench.channels[0].sent] == ["CRITICAL #4 about trip"]
    bench.deliver_for(8 * 3600, every=600)  # until 08:00
    [_, (title, text)] = bench.channels[0].sent
    assert title == "3 alerts held back"
    assert all(f"about {key}" in text for key in ("a", "b", "c"))


def test_more_than_so_many_an_hour_come_in_a_digest_and_what_is_critical_passes(tmp_path: Path) -> None:
    bench = Bench(tmp_path, by=rules(most=3))
    for number in range(10):
        bench.outbox.post(alert(str(number)))
    bench.outbox.post(alert("trip", CRITICAL))
    bench.deliver()
    assert len(bench.channels[0].sent) == 4 - 1
    assert bench.channels[0].sent[0][0].startswith("CRITICAL")
    bench.deliver_for(16 * 60, every=30)
    assert bench.channels[0].sent[-1][0] == "8 alerts held back"


def test_a_channel_that_is_down_is_tried_ever_more_slowly_over_restarts_and_then_gets_everything(
    tmp_path: Path,
) -> None:
    bench = Bench(tmp_path, Noting(trouble="refused"))
    bench.outbox.post(alert("a"))
    bench.deliver_for(60)
    assert bench.channels[0].tried == 5  # at 1, 3, 7, 15 and 31 s
    bench.restart()
    bench.deliver_for(600)
    tried = bench.channels[0].tried
    assert tried <= 10
    bench.channels[0].trouble = ""
    bench.deliver_for(300)
    assert len(bench.channels[0].sent) == 1


def test_a_dead_channel_is_given_up_after_a_day_and_says_why(tmp_path: Path) -> None:
    bench = Bench(tmp_path, Noting(trouble="no such host"))
    bench.outbox.post(alert("a"))
    bench.deliver_for(25 * 3600, every=1800)
    [delivery] = bench.outbox.deliveries(1)
    assert (delivery.way, delivery.trouble) == (Way.DEAD, "no such host")
    assert bench.outbox.troubles()["phone"] == (0, 1, "no such host")


def test_one_that_is_dead_holds_up_no_other_and_its_own_later_alerts_are_tried_too(tmp_path: Path) -> None:
    dead, phone = Noting("dead", trouble="refused"), Noting("phone")
    bench = Bench(tmp_path, dead, phone)
    bench.outbox.post(alert("a"))
    bench.deliver()
    bench.outbox.post(alert("b"))
    bench.deliver()
    assert len(phone.sent) == 2
    assert dead.tried == 2


@given(
    posts=st.lists(st.tuples(st.sampled_from(list(Level)), st.integers(0, 30_000)), min_size=1, max_size=25),
    down=st.tuples(st.integers(0, 20_000), st.integers(0, 10_000)),
    kills=st.sets(st.integers(0, 60), max_size=3),
)
@settings(max_examples=8)
def test_nothing_is_lost_and_nothing_sent_twice_whatever_fails_and_whoever_is_killed_between_two_steps(
    posts: list[tuple[Level, int]], down: tuple[int, int], kills: set[int]
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(Path(folder), by=rules(NIGHT, most=4))
        waiting, began = sorted(posts, key=lambda one: one[1]), bench.clock.now()
        for step in range(60):
            bench.clock.step(600)
            passed = (bench.clock.now() - began).total_seconds()
            bench.channels[0].trouble = "down" if down[0] <= passed < down[0] + down[1] else ""
            while waiting and waiting[0][1] <= passed:
                bench.outbox.post(alert(level=waiting.pop(0)[0]))
            if step in kills:
                bench.restart()
            bench.deliver()
        bench.deliver_for(20 * 3600, every=1800)
        told = [f"#{number} " for title, text in bench.channels[0].sent for number in _numbers(title + "\n" + text)]
        assert sorted(told) == sorted(f"#{number + 1} " for number in range(len(posts)))
        bench.outbox.close()


def _numbers(text: str) -> list[int]:
    return [int(word[1:]) for word in text.split() if word.startswith("#")]


@pytest.mark.parametrize("step", [0.25, 1.0])
def test_an_alert_leaves_within_five_seconds_of_its_post_by_the_couriers_own_glances(
    tmp_path: Path, step: float
) -> None:
    bench = Bench(tmp_path)
    bench.outbox.post(alert("trip", CRITICAL))
    posted = bench.clock.now()
    while not bench.channels[0].sent:
        bench.clock.step(step)
        bench.deliver()
    assert bench.clock.now() - posted <= timedelta(seconds=5)


def test_an_acknowledgement_ends_the_waiting_and_says_who(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    number = bench.outbox.post(alert("trip", CRITICAL))
    assert bench.outbox.unread(timedelta(seconds=60)) == ()
    bench.clock.step(60)
    assert [one.number for one in bench.outbox.unread(timedelta(seconds=60))] == [number]
    assert bench.outbox.acknowledge(number, "ann") == 1
    assert bench.outbox.acknowledge(None, "bob") == 0
    assert bench.outbox.unread(timedelta(seconds=60)) == ()
    assert bench.outbox.alerts()[0].by == "ann"


def test_a_channel_that_rests_is_woken_by_what_is_new(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(courier, "_GLANCE_SECONDS", 3600.0)
    bench, arrived, stopped = Bench(tmp_path), threading.Event(), threading.Event()
    bench.channels[0].heard = arrived.set
    carrying = threading.Thread(target=bench.courier.carry, args=("phone", stopped), daemon=True)
    carrying.start()
    for key in ("first", "second"):
        bench.outbox.post(alert(key))
        bench.courier.spread()
        assert arrived.wait(30)
        arrived.clear()
    stopped.set()
    bench.outbox.post(alert("last"))
    bench.courier.spread()
    carrying.join(30)
    assert not carrying.is_alive()

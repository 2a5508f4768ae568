"""The keeper starts what is needed first, starts again what ends, leaves the guard to its watcher, ends in reverse."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk.alerts import Level, Outbox
from desk.domain.errors import PrerequisiteError
from desk.guard.process.clock import SystemClock
from ops.keeper import START_SECONDS, Keeper
from ops.standing import State
from ops.telling import Telling
from tests.unit.ops.conftest import RULE, Actor

NAMES = ("exchange", "guard", "console")


class Play:
    """Three services, one keeper, and time that the test moves."""

    def __init__(self, *, watched: bool = False) -> None:
        self.book: list[str] = []
        self.actors = {
            name: Actor(name, self.book, lent_seconds=45.0 if watched and name == "guard" else 0.0) for name in NAMES
        }
        self.keeper = Keeper(list(self.actors.values()), RULE)
        self.now = 0.0

    def on(self, seconds: float) -> None:
        until = self.now + seconds
        while self.now < until:
            self.now += 0.25
            self.keeper.tick(self.now)

    def states(self) -> dict[str, State]:
        return {one.name: one.state for one in self.keeper.standings}


def up(*, watched: bool = False) -> Play:
    play = Play(watched=watched)
    play.on(3)
    assert play.keeper.settled
    play.book.clear()
    return play


def test_nobody_starts_before_those_it_needs_answer() -> None:
    play = Play()
    play.actors["guard"].slow = True
    play.on(10)
    assert play.book == ["exchange started", "guard started"]
    play.actors["guard"].slow = False
    play.on(1)
    assert play.book[-1] == "console started"
    assert play.keeper.settled


def test_one_that_ends_comes_back_alone() -> None:
    play = up()
    play.actors["console"].dies()
    play.on(0.5)
    assert play.states()["console"] is State.WAITING
    play.on(2)
    assert play.book == ["console started again"]
    assert set(play.states().values()) == {State.UP}


def test_one_that_ends_too_often_is_given_up_and_the_others_go_on() -> None:
    play = up()
    for _ in range(RULE.most + 1):
        play.actors["console"].dies()
        play.on(20)
    assert play.states() == {"exchange": State.UP, "guard": State.UP, "console": State.GIVEN_UP}
    assert play.book.count("console started again") == RULE.most


def test_a_human_starts_what_was_given_up() -> None:
    play = up()
    for _ in range(RULE.most + 1):
        play.actors["console"].dies()
        play.on(20)
    play.keeper.again("console", play.now)
    play.on(1)
    assert play.states()["console"] is State.UP
    assert play.book[-1] == "console started"


def test_a_watched_guard_is_left_to_its_watcher() -> None:
    play = up(watched=True)
    play.actors["guard"].dies()
    play.on(20)
    assert play.states()["guard"] is State.REPLACED
    assert play.book == []
    play.actors["guard"].lives()
    play.on(1)
    assert play.states()["guard"] is State.UP
    assert play.book == []


def test_where_the_watcher_is_gone_too_the_keeper_starts_a_guard_by_nobodys_hand() -> None:
    play = up(watched=True)
    play.actors["guard"].dies()
    play.on(60)
    assert play.book == ["guard started again"]


def test_a_mute_watched_guard_is_never_ended_by_the_keeper() -> None:
    play = up(watched=True)
    play.actors["guard"].slow = True
    play.on(300)
    assert play.states()["guard"] is State.MUTE
    assert play.book == []


def test_one_that_lives_without_an_answer_is_as_good_as_ended() -> None:
    play = up()
    play.actors["console"].slow = True
    play.on(RULE.mute_seconds - 5)
    assert play.states()["console"] is State.MUTE
    assert play.book == []
    play.on(10)
    assert play.book == ["console stopped", "console started again"]


def test_one_that_never_answers_is_not_waited_for_for_ever() -> None:
    play = Play()
    play.actors["exchange"].slow = True
    play.on(START_SECONDS + 1)
    assert play.book[:2] == ["exchange started", "exchange stopped"]
    assert play.keeper.trouble is not None


def test_what_fails_at_the_first_start_says_why_in_its_own_words() -> None:
    play = Play()
    play.actors["guard"].broken = "the key is not there"
    play.on(2)
    assert isinstance(play.keeper.trouble, PrerequisiteError)
    assert play.keeper.trouble.message == "the key is not there"
    assert "console started" not in play.book


def test_one_that_a_human_stopped_stays_so_until_a_human_starts_it() -> None:
    play = up()
    play.keeper.rest("console", play.now)
    play.on(300)
    assert play.states()["console"] is State.STOPPED
    assert play.book == ["console stopped"]
    assert play.keeper.settled
    play.keeper.again("console", play.now)
    play.on(1)
    assert play.states()["console"] is State.UP


def test_one_that_is_stopped_before_the_others_stood_holds_up_none_of_them() -> None:
    play = Play()
    play.actors["guard"].slow = True
    play.on(2)
    play.keeper.rest("guard", play.now)
    play.on(1)
    assert play.states() == {"exchange": State.UP, "guard": State.STOPPED, "console": State.UP}


def test_one_that_fell_silent_and_is_back_answers_again_and_was_not_started(caplog: pytest.LogCaptureFixture) -> None:
    play = up()
    caplog.set_level("INFO")
    play.actors["console"].slow = True
    play.on(1)
    play.actors["console"].slow = False
    play.on(1)
    assert caplog.messages == ["console does not answer", "console answers again"]


def test_an_unknown_service_is_not_started_anew() -> None:
    with pytest.raises(PrerequisiteError, match="no service nobody"):
        up().keeper.again("nobody", 0.0)


@given(st.lists(st.tuples(st.sampled_from(NAMES), st.sampled_from(("dies", "slow", "well")), st.floats(0, 90))))
def test_whatever_happens_the_end_is_in_reverse_order_and_leaves_nothing(events: list[tuple[str, str, float]]) -> None:
    play = Play(watched=True)
    play.on(2)
    for name, what, seconds in events[:12]:
        actor = play.actors[name]
        if what == "dies":
            actor.dies()
        else:
            actor.slow = what == "slow"
        play.on(min(seconds, 30))
    play.book.clear()
    play.keeper.end(play.now)
    assert play.book == ["console stopped", "guard stopped", "exchange stopped"]
    assert all(actor.process is None for actor in play.actors.values())
    assert set(play.states().values()) == {State.DOWN}


def test_who_comes_to_stand_worse_is_told_of_once(tmp_path: Path) -> None:
    outbox = Outbox(tmp_path / "alerts.sqlite", SystemClock())
    telling, play = Telling(outbox, "demo"), up(watched=True)
    before = play.keeper.standings
    play.actors["console"].dies()
    play.actors["guard"].dies()
    for _ in range(3):
        play.on(0.25)
        telling.changed(before, play.keeper.standings)
        before = play.keeper.standings
    told = {(one.alert.level, one.alert.title, one.count) for one in outbox.alerts()}
    outbox.close()
    assert told == {
        (Level.WARNING, "demo: the console ended and is started again", 1),
        (Level.CRITICAL, "demo: the guard is gone; its watcher puts one in its place that only flattens", 1),
    }

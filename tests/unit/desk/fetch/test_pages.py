"""A page is asked for once an hour, serves a day through a failure, and outlives the run."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from desk.domain.errors import FetchError, JournalError
from desk.fetch.pages import Page, Pages
from desk.fetch.values import XML, Ask
from desk.ledger import Shelf, sqlite_url

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
ASK = Ask(name="one", url="https://one.test/feed", kinds=XML)


class StillClock:
    """Time that passes when it is told to."""

    def __init__(self) -> None:
        self.at = NOW

    def now(self) -> datetime:
        return self.at

    def monotonic(self) -> float:
        return self.at.timestamp()


class Told:
    """A reader that says what it was told to say, and counts."""

    def __init__(self, *answers: bytes | FetchError) -> None:
        self.answers = list(answers)
        self.asked: list[str] = []

    def read(self, asks: Sequence[Ask]) -> dict[str, bytes | FetchError]:
        self.asked += [ask.url for ask in asks]
        return {ask.name: self.answers.pop(0) for ask in asks}


DOWN, OFTEN = FetchError("down", rule="unreachable"), FetchError("too often", rule="rate_limited")


def body(pages: Pages, ask: Ask = ASK) -> bytes | str:
    told = pages.read([ask])[ask.name]
    return told.body if isinstance(told, Page) else told.rule


def test_a_page_is_asked_for_again_after_an_hour_and_not_before() -> None:
    clock, reader = StillClock(), Told(b"first", b"second")
    pages = Pages(reader, None, clock)
    assert [body(pages), body(pages)] == [b"first", b"first"]
    clock.at += timedelta(minutes=59, seconds=59)
    assert body(pages) == b"first"
    clock.at += timedelta(seconds=1)
    assert body(pages) == b"second"


def test_one_that_goes_down_serves_what_it_last_told_for_a_day_and_says_so() -> None:
    clock, reader = StillClock(), Told(b"first", DOWN, DOWN, DOWN)
    pages = Pages(reader, None, clock)
    body(pages)
    clock.at = NOW + timedelta(hours=24)
    told = pages.read([ASK])["one"]
    assert isinstance(told, Page)
    assert (told.body, told.at, told.trouble) == (b"first", NOW, "unreachable")
    clock.at += timedelta(seconds=1)
    assert body(pages) == "unreachable"


@pytest.mark.parametrize(("trouble", "pause"), [(DOWN, timedelta(minutes=5)), (OFTEN, timedelta(hours=1))])
def test_one_that_failed_is_left_alone_for_a_while(trouble: FetchError, pause: timedelta) -> None:
    clock, reader = StillClock(), Told(trouble, b"back")
    pages = Pages(reader, None, clock)
    assert body(pages) == trouble.rule
    clock.at += pause - timedelta(seconds=1)
    assert body(pages) == trouble.rule
    assert len(reader.asked) == 1
    clock.at += timedelta(seconds=1)
    assert body(pages) == b"back"


def test_a_page_outlives_the_run_that_read_it_and_not_its_address(tmp_path: Path) -> None:
    clock, url = StillClock(), sqlite_url(tmp_path / "ledger.sqlite")
    first = Shelf(url)
    assert body(Pages(Told(b"old"), first, clock)) == b"old"
    clock.at += timedelta(hours=1)
    assert body(Pages(Told(b"kept"), first, clock)) == b"kept"
    first.close()
    second = Shelf(url)
    assert body(Pages(Told(), second, clock)) == b"kept"
    moved = Ask(name="one", url="https://elsewhere.test/feed", kinds=XML)
    assert body(Pages(Told(b"new"), second, clock), moved) == b"new"
    second.close()


def test_a_page_from_the_future_of_the_clock_is_not_used(tmp_path: Path) -> None:
    clock = StillClock()
    pages = Pages(Told(b"later", b"now"), None, clock)
    body(pages)
    clock.at -= timedelta(days=30)
    assert body(pages) == b"now"


class Broken:
    """A shelf whose disk is gone."""

    def page(self, key: str) -> tuple[datetime, bytes] | None:
        raise JournalError("gone")

    def keep_page(self, key: str, at: datetime, body: bytes) -> None:
        raise JournalError("gone")


def test_a_shelf_that_keeps_nothing_costs_only_the_keeping() -> None:
    assert body(Pages(Told(b"read"), Broken(), StillClock())) == b"read"

"""One write for one turn of the loop, and no word to anybody before it."""

from __future__ import annotations

import asyncio
from contextlib import suppress

import pytest

from desk.domain.errors import JournalError
from desk.venues.paper.wire.turns import Turns


def test_changes_of_one_turn_share_one_write_and_are_told_after_it() -> None:
    told: list[str] = []
    turns = Turns(lambda: told.append("written"))

    async def change(name: str) -> None:
        await turns.written()
        told.append(name)

    async def read() -> None:
        await turns.settled()
        told.append("read")

    async def story() -> None:
        await asyncio.gather(change("a"), change("b"), read())
        await change("c")

    asyncio.run(story())
    assert told[0] == "written"
    assert sorted(told[1:4]) == ["a", "b", "read"]
    assert told[4:] == ["written", "c"]


def test_a_reader_does_not_wait_when_nothing_is_due() -> None:
    turns = Turns(lambda: pytest.fail("nothing was changed"))
    asyncio.run(turns.settled())


def test_a_write_that_fails_is_told_to_everybody_who_counted_on_it() -> None:
    def full() -> None:
        raise JournalError("the disk is full")

    async def story() -> list[BaseException | None]:
        turns = Turns(full)
        return await asyncio.gather(turns.written(), turns.written(), turns.settled(), return_exceptions=True)

    assert [type(answer) for answer in asyncio.run(story())] == [JournalError] * 3


def test_a_caller_that_goes_away_leaves_the_write_to_the_others() -> None:
    written: list[int] = []
    turns = Turns(lambda: written.append(1))

    async def story() -> None:
        gone, stays = asyncio.ensure_future(turns.written()), asyncio.ensure_future(turns.written())
        await asyncio.sleep(0)
        gone.cancel()
        with suppress(asyncio.CancelledError):
            await gone
        await stays

    asyncio.run(story())
    assert written == [1]

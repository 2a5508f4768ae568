"""The account's stream wakes the looker for what is news, comes back after every end, and is missed by nobody."""

from __future__ import annotations

import logging
import random
import threading
from dataclasses import dataclass, field

import pytest

from desk.domain.errors import VenueRejectedError, VenueUnavailableError
from desk.venues.binance.streams.line import Backoff
from desk.venues.binance.streams.listen_keys import RENEW_EVERY_S, RETRY_EVERY_S
from desk.venues.binance.streams.socket import LineBrokenError
from desk.venues.binance.streams.user_stream import UserStream
from tests.unit.desk.venues.binance.streams.fake_lines import SILENCE, FakeLines, NoPause
from tests.unit.desk.venues.binance.streams.told import (
    NOW,
    account_event,
    algo_event,
    expired_event,
    lite_event,
    text,
    trade_event,
)

WAIT_S = 10.0


@dataclass
class FakeKeys:
    """Hands out keys; `dead` and `down` make it refuse to renew."""

    asked: int = 0
    renewed: list[str] = field(default_factory=list[str])
    dead: bool = False
    down: bool = False

    def ask(self) -> str:
        self.asked += 1
        return f"key/{self.asked}"

    def renew(self, key: str) -> None:
        if self.dead:
            raise VenueRejectedError("This listenKey does not exist.", code=-1125)
        if self.down:
            raise VenueUnavailableError("not reached")
        self.renewed.append(key)


@dataclass
class Woken:
    """Counts the wakes, and lets a test wait for the next one."""

    calls: list[bool] = field(default_factory=list[bool])
    bell: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))

    def __call__(self, *, lists: bool) -> None:
        self.calls.append(lists)
        self.bell.release()


def stream(lines: FakeLines, woken: Woken, keys: FakeKeys | None = None, **choices: object) -> UserStream:
    return UserStream(
        "http://127.0.0.1:1",
        keys or FakeKeys(),
        wake=woken,
        dial=lines.dial,
        backoff=NoPause(),
        **choices,  # type: ignore[arg-type]
    )


def run_dry(lines: FakeLines, woken: Woken, keys: FakeKeys | None = None, **choices: object) -> UserStream:
    """Run until every scripted line is over."""
    opened = stream(lines, woken, keys, **choices)
    opened.start()
    assert lines.exhausted.wait(WAIT_S)
    opened.close()
    return opened


def test_the_address_names_the_private_path_the_key_and_the_events() -> None:
    lines = FakeLines([])
    run_dry(lines, Woken())
    assert lines.dialled[0].startswith(
        "ws://127.0.0.1:1/private/ws?listenKey=key%2F1&events=ORDER_TRADE_UPDATE/ALGO_UPDATE"
    )


def test_each_new_line_first_asks_for_a_look_with_both_lists() -> None:
    woken = Woken()
    run_dry(FakeLines([], [], []), woken)
    assert woken.calls == [True, True, True]


def test_news_wakes_and_what_was_heard_before_does_not() -> None:
    woken = Woken()
    fill = text(trade_event(1, "0.004"))
    opened = run_dry(FakeLines([fill, fill, text(account_event())]), woken)
    assert woken.calls == [True, False, False]
    assert opened.report().duplicates == 1


@pytest.mark.parametrize(
    ("status", "lists"), [("CANCELED", True), ("REJECTED", True), ("EXPIRED", True), ("TRIGGERED", False)]
)
def test_a_stop_that_ends_without_a_trade_asks_for_the_lists(status: str, *, lists: bool) -> None:
    woken = Woken()
    run_dry(FakeLines([text(algo_event(status))]), woken)
    assert woken.calls == [True, status != "TRIGGERED"]


@pytest.mark.parametrize("said", ["no json", "[]", '{"e":"ORDER_TRADE_UPDATE","E":1,"T":1,"o":{}}', '{"E":1}'])
def test_what_is_not_understood_is_looked_at_all_the_same(said: str) -> None:
    woken = Woken()
    opened = run_dry(FakeLines([said]), woken)
    assert woken.calls == [True, True]
    assert opened.report().unread == 1


def test_an_event_of_no_use_wakes_nobody() -> None:
    woken = Woken()
    run_dry(FakeLines(['{"e":"GRID_UPDATE","E":1790000000000,"T":1790000000000}']), woken)
    assert woken.calls == [True]


def test_an_expired_key_ends_the_line_and_the_next_has_a_new_one() -> None:
    lines, keys = FakeLines([text(expired_event()), text(account_event())], [SILENCE]), FakeKeys()
    woken = Woken()
    opened = stream(lines, woken, keys)
    opened.start()
    assert woken.bell.acquire(timeout=WAIT_S)
    assert woken.bell.acquire(timeout=WAIT_S)
    opened.close()
    assert ["key%2F1" in lines.dialled[0], "key%2F2" in lines.dialled[1]] == [True, True]
    assert woken.calls == [True, True]
    assert opened.report().reconnects == 1


def tended(keys: FakeKeys, *seconds: float) -> UserStream:
    """A stream whose key is asked for at 0 s and which is tended at each of `seconds`."""
    now = [0.0]
    opened = stream(FakeLines(), Woken(), keys, monotonic=lambda: now[0])
    opened.address()
    for second in seconds:
        now[0] = second
        opened.tend()
    return opened


def test_a_key_is_renewed_well_before_its_hour_is_over() -> None:
    keys = FakeKeys()
    tended(keys, RENEW_EVERY_S - 1, RENEW_EVERY_S, RENEW_EVERY_S + 1, 2 * RENEW_EVERY_S)
    assert keys.renewed == ["key/1", "key/1"]
    assert 2 * RENEW_EVERY_S < 3600


def test_a_dead_key_ends_the_line() -> None:
    with pytest.raises(LineBrokenError, match="dead"):
        tended(FakeKeys(dead=True), RENEW_EVERY_S)


def test_a_venue_that_is_not_reached_is_asked_again_a_minute_later() -> None:
    keys = FakeKeys(down=True)
    opened = tended(keys, RENEW_EVERY_S)
    keys.down = False
    opened._monotonic = lambda: RENEW_EVERY_S + RETRY_EVERY_S
    opened.tend()
    assert keys.renewed == ["key/1"]


def test_a_fill_of_the_stream_waits_for_the_venues_list() -> None:
    opened = run_dry(FakeLines([text(lite_event(1)), text(trade_event(1, "0.004"))]), Woken())
    assert opened.heard_fills.count().unconfirmed == 1


def test_the_lag_is_the_venues_clock_less_the_events_time() -> None:
    opened = run_dry(FakeLines([text(account_event(at=NOW))]), Woken(), venue_ms=lambda: NOW + 53)
    assert opened.report().lag_ms == 50


def test_a_line_that_does_not_open_is_dialled_again_after_ever_longer_pauses() -> None:
    backoff = Backoff(random.Random(1), first=0.5, most=60)
    pauses = [backoff.pause() for _ in range(12)]
    bounds = [min(60.0, 0.5 * 2**n) for n in range(12)]
    assert all(bound / 2 <= pause <= bound for pause, bound in zip(pauses, bounds, strict=True))
    backoff.proven()
    assert backoff.pause() <= 0.5


def test_whatever_a_looker_raises_the_stream_goes_on(caplog: pytest.LogCaptureFixture) -> None:
    def fails(event: object) -> None:
        raise RuntimeError("on purpose")

    lines = FakeLines([text(account_event())], [])
    with caplog.at_level(logging.CRITICAL):
        opened = run_dry(lines, Woken(), on_event=fails)
    assert len(lines.dialled) == 2
    assert "key" not in opened.report().trouble

"""The guard's door: who may ask what, how much at a time, and that every answer is JSON."""

from __future__ import annotations

import http.client
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from desk.domain.errors import GuardError, GuardUnreachableError
from desk.domain.intents import Action, Outcome
from desk.guard.door.client import GuardClient
from desk.guard.door.server import GuardServer
from desk.guard.door.wire import intent_to_json
from desk.guard.process.runtime import Runtime
from desk.guard.process.settings import GuardSettings
from desk.guard.record.build import HEADER
from desk.guard.record.journal import MemoryJournal, Row
from desk.guard.record.replay import replay
from desk.guard.vocabulary.state import state_hash
from desk.guard.vocabulary.status import GuardStatus
from tests.unit.desk.guard.bench import Bench

D = Decimal
CREW, OPERATOR = "c" * 40, "o" * 40


@dataclass
class Door:
    bench: Bench
    crew: GuardClient
    operator: GuardClient
    port: int
    runtime: Runtime

    def raw(self, method: str, path: str, body: bytes = b"", **headers: str) -> tuple[int, Any]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read())
        finally:
            connection.close()


def _settings(tmp_path: Path) -> GuardSettings:
    return GuardSettings.model_validate(
        {
            "profile": "test",
            "venue": {"kind": "paper", "base_url": "http://127.0.0.1:1"},
            "symbols": ["BTCUSDT"],
            "journal": str(tmp_path / "j"),
            "crew_token_file": "c",
            "operator_token_file": "o",
            "run_file": "r",
            "poll_seconds": 0.05,
            "halt_file": str(tmp_path / "HALT"),
        }
    )


@pytest.fixture
def door(tmp_path: Path) -> Iterator[Door]:
    bench = Bench()
    runtime = Runtime(bench.guard, _settings(tmp_path))
    server = GuardServer(
        ("127.0.0.1", 0),
        runtime=runtime,
        journal=bench.journal,
        tokens={CREW: "crew", OPERATOR: "operator"},
        profile="test",
    )
    threads = [
        threading.Thread(target=work) for work in (lambda: server.serve_forever(poll_interval=0.01), runtime.run)
    ]
    for thread in threads:
        thread.start()
    port = server.server_address[1]
    with (
        GuardClient(f"http://127.0.0.1:{port}", CREW) as crew,
        GuardClient(f"http://127.0.0.1:{port}", OPERATOR) as operator,
    ):
        yield Door(bench, crew, operator, port, runtime)
    runtime.stop()
    server.shutdown()
    server.server_close()
    for thread in threads:
        thread.join(5)


def test_an_intent_becomes_a_protected_position(door: Door) -> None:
    answer = door.crew.propose(door.bench.intent())
    assert answer.verdict.outcome is Outcome.APPROVED
    assert answer.execution.phase == "PROTECTED"
    assert [order.role for order in answer.execution.orders] == ["entry", "stop", "target"]
    status = door.crew.state()
    assert (status.mode, status.positions[0].symbol, status.positions[0].stop) == ("NORMAL", "BTCUSDT", D(49000))
    assert status.open_intents[0].intent_id == answer.verdict.intent_id
    closed = door.crew.propose(door.bench.intent(Action.CLOSE))
    assert closed.execution.phase == "CLOSED"
    assert door.crew.sync().positions == ()


def test_the_venues_own_liquidation_price_is_told_and_how_far_it_is(door: Door) -> None:
    door.crew.propose(door.bench.intent())
    [none_named] = door.crew.sync().positions
    assert (none_named.liquidation, none_named.to_liquidation) == (0, None)
    door.bench.venue.liquidations["BTCUSDT"] = D(40000)
    [named] = door.crew.sync().positions
    assert (named.liquidation, named.mark, named.to_liquidation) == (40000, 50000, D("0.2"))


def test_what_was_paid_in_and_taken_out_since_the_first_look_is_told(door: Door) -> None:
    began = door.crew.sync()
    assert began.transfers == 0
    door.bench.venue.transfer("5000")
    paid_in = door.crew.sync()
    assert (paid_in.transfers, paid_in.equity - began.equity) == (5000, 5000)
    door.bench.venue.transfer("-7000.5")
    assert door.crew.sync().transfers == D("-2000.5")


def test_the_status_of_an_older_guard_says_nothing_of_transfers(door: Door) -> None:
    told = door.crew.sync().model_dump(mode="json")
    del told["transfers"]
    assert GuardStatus.model_validate(told).transfers is None


def test_a_liquidation_price_changes_nothing_that_is_decided_by(door: Door) -> None:
    door.crew.propose(door.bench.intent())
    before = door.crew.sync()
    door.bench.venue.liquidations["BTCUSDT"] = D(49999)
    after = door.crew.sync()
    assert (after.state_hash, after.journal_seq) == (before.state_hash, before.journal_seq)


def test_the_journal_over_the_wire_replays_to_the_told_state(door: Door) -> None:
    door.crew.propose(door.bench.intent())
    status = door.crew.state()
    entries = door.crew.journal(0, 1000)
    rows = [Row(seq=e.seq, kind=e.kind, body=e.body, previous=e.previous, hash=e.hash) for e in entries]
    assert MemoryJournal(tuple(rows)).head()[0] == status.journal_seq
    assert state_hash(replay(rows).state) == status.state_hash
    assert door.crew.journal(status.journal_seq) == ()


def test_what_is_not_an_intent_is_a_refusal_and_not_an_error(door: Door) -> None:
    assert door.crew.propose_text("{").verdict.rule == "parse.json"
    assert door.crew.propose_text("\ud800").verdict.rule == "parse.json"
    assert door.crew.propose_text(intent_to_json(door.bench.intent()) + " " * 4000).verdict.rule == "parse.size"


@pytest.mark.parametrize("path", ["/v1/state", "/v1/journal"])
@pytest.mark.parametrize(
    "header", ["", "Bearer", "Bearer x", f"Basic {CREW}", f"bearer {CREW}", f"Bearer {CREW}x", CREW]
)
def test_without_a_token_nothing_is_told(door: Door, path: str, header: str) -> None:
    assert door.raw("GET", path, Authorization=header)[0] == 401


@pytest.mark.parametrize("path", ["/v1/intents", "/v1/sync", "/v1/halt", "/v1/flatten", "/v1/reset/request"])
def test_without_a_token_nothing_is_done(door: Door, path: str) -> None:
    before = len(door.bench.venue.sent)
    assert door.raw("POST", path, b'{"reason":"x"}')[0] == 401
    assert (len(door.bench.venue.sent), door.bench.mode) == (before, "NORMAL")


@pytest.mark.parametrize("path", ["/v1/reset/request", "/v1/reset/confirm"])
def test_the_crews_token_cannot_unlock(door: Door, path: str) -> None:
    door.crew.halt("test")
    status, told = door.raw("POST", path, b'{"reason":"x","code":"x"}', Authorization=f"Bearer {CREW}")
    assert (status, told["error"]) == (403, "only the operator's token may do this")


def test_the_operator_unlocks_in_two_steps(door: Door) -> None:
    assert door.crew.halt("test").mode == "LOCKED"
    code = door.operator.request_reset("looked into it")
    assert code.valid_until - code.valid_from == 600_000
    with pytest.raises(GuardError, match=r"reset\.cool_down"):
        door.operator.confirm_reset(code.code)
    door.runtime.ask(lambda guard: door.bench.clock.advance(60))
    assert door.operator.confirm_reset(code.code).mode == "NORMAL"


def test_the_venues_side_is_told_to_who_holds_a_token(door: Door) -> None:
    assert door.crew.venue() == {}
    assert door.raw("GET", "/v1/venue")[0] == 401


def test_health_needs_no_token_and_tells_little(door: Door) -> None:
    status, told = door.raw("GET", "/v1/health")
    assert status == 200
    assert set(told) == {"profile", "mode", "silent_seconds"}
    assert told["silent_seconds"] < 5


def test_bodies_are_small(door: Door) -> None:
    assert door.raw("POST", "/v1/intents", b"x" * 8193, Authorization=f"Bearer {CREW}")[0] == 413
    assert door.raw("POST", "/v1/halt", b'{"reason":""}', Authorization=f"Bearer {CREW}")[0] == 400
    assert door.raw("POST", "/v1/halt", b"[]", Authorization=f"Bearer {CREW}")[0] == 400
    assert door.raw("GET", "/v1/nothing")[0] == 404
    assert door.raw("GET", "/v1/journal?after=x", Authorization=f"Bearer {CREW}")[0] == 400


def test_many_at_once_are_answered_one_after_the_other(door: Door) -> None:
    texts = [intent_to_json(door.bench.intent()) for _ in range(20)]
    answers: list[str] = []

    def ask(text: str) -> None:
        with GuardClient(f"http://127.0.0.1:{door.port}", CREW) as client:
            answers.append(client.propose_text(text).verdict.rule)

    threads = [threading.Thread(target=ask, args=(text,)) for text in texts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert sorted(answers) == ["position.exists"] * 19 + ["size.risk"]
    assert door.bench.entries() == 1


def test_a_crowd_at_the_door_waits_and_is_not_turned_away(tmp_path: Path) -> None:
    """A reset connection reads as "no guard answers"; a guard that is merely slow to open must not cause it."""
    bench = Bench()
    runtime = Runtime(bench.guard, _settings(tmp_path))
    server = GuardServer(("127.0.0.1", 0), runtime=runtime, journal=bench.journal, tokens={}, profile="test")
    callers: list[socket.socket] = []
    try:
        for _ in range(60):
            callers.append(socket.create_connection(("127.0.0.1", server.server_port), timeout=0.5))
    finally:
        for caller in callers:
            caller.close()
        server.server_close()
    assert len(callers) == 60


def test_no_guard_is_not_a_refusal() -> None:
    with GuardClient("http://127.0.0.1:9", CREW) as nobody, pytest.raises(GuardUnreachableError):
        nobody.state()


def test_what_opens_risk_is_heard_from_the_same_build_alone(door: Door) -> None:
    told = {"Authorization": f"Bearer {CREW}"}
    body = intent_to_json(door.bench.intent()).encode()
    for build in ({}, {HEADER: "0" * 64}):
        status, answer = door.raw("POST", "/v1/intents", body, **told, **build)
        assert (status, answer["error"].partition(":")[0]) == (409, "build.differs")
    assert door.bench.entries() == 0
    assert door.raw("POST", "/v1/halt", b'{"reason":"old crew"}', **told)[0] == 200


def test_limits_are_tightened_at_the_door_and_never_loosened(door: Door) -> None:
    status = door.crew.tighten({"max_position": "0.1"})
    assert status.limits["max_position"] == "0.1"
    with pytest.raises(GuardError, match=r"limits\.loosen"):
        door.crew.tighten({"max_position": "0.2"})
    with pytest.raises(GuardError, match=r"limits\.invalid"):
        door.crew.tighten({"nonsense": "0.2"})


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b"3", b'{"max_position": 0.1}', b"[" * 3000])
def test_limits_are_told_by_name_as_text(door: Door, body: bytes) -> None:
    assert door.raw("POST", "/v1/limits", body, Authorization=f"Bearer {OPERATOR}")[0] == 400


def test_a_file_halts_the_desk_without_any_token(door: Door, tmp_path: Path) -> None:
    (tmp_path / "HALT").touch()
    until(lambda: door.runtime.mode == "LOCKED")
    latch = door.bench.guard.state.latch
    assert latch is not None
    assert dict(latch.numbers) == {"why": "halt file"}


def test_a_signal_halts_the_desk_without_any_token(door: Door) -> None:
    door.runtime.halt("signal")
    until(lambda: door.runtime.mode == "LOCKED")
    assert door.crew.state().latch is not None


def until(true: Callable[[], bool]) -> None:
    """Wait until the guard's own thread has done it."""
    end = time.monotonic() + 10
    while not true():
        assert time.monotonic() < end
        threading.Event().wait(0.01)

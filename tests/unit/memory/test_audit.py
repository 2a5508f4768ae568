"""What the audit log promises to those who write it and to those who read it."""

from __future__ import annotations

import json
import os
import random
import sqlite3
import threading
import zlib
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from desk.domain.errors import JournalError, PrerequisiteError
from desk.guard.secrets.veil import Veil
from memory.audit import AuditLog, Entry
from memory.chunks import split
from memory.payload import canonical, fold, unfold
from tests.unit.memory.conftest import TestClock, decision_entries

ERROR = {"stage": "work", "error": "ModelError", "message": "late"}


def test_a_row_reads_back_as_it_was_written(log: AuditLog) -> None:
    written = log.append("d1", "error", ERROR, agent="news")
    assert log.rows("d1") == (written,)
    assert (written.seq, written.kind, written.agent) == (1, "error", "news")
    assert written.at == datetime(2026, 3, 1, 12, 0, 0, 1000, tzinfo=UTC)


def test_a_row_is_on_disk_before_it_is_acknowledged(log: AuditLog, path: Path) -> None:
    row = log.append("d1", "error", ERROR)
    other = sqlite3.connect(path)
    assert other.execute("SELECT seq, hash FROM head").fetchone() == (row.seq, row.hash)
    assert log._connection.execute("PRAGMA synchronous").fetchone() == (2,)
    assert log._connection.execute("PRAGMA journal_mode").fetchone() == ("truncate",)
    other.close()


def test_only_the_owner_may_read_the_file(log: AuditLog, path: Path) -> None:
    assert os.stat(path).st_mode & 0o777 == 0o600


def test_a_batch_is_kept_as_a_whole_or_not_at_all(log: AuditLog) -> None:
    good, bad = Entry(kind="error", payload=ERROR), Entry(kind="error", payload={"stage": float("nan")} | ERROR)
    with pytest.raises(JournalError):
        log.append_all("d1", [good, Entry(kind="error", payload={**ERROR, "extra": float("nan")}), bad])
    assert log.rows("d1") == ()
    assert log.verify().ok


@pytest.mark.parametrize(
    ("kind", "payload", "says"),
    [
        ("verdict", {"intent_id": "i"}, "a verdict row needs message, numbers, outcome, quantity, rule"),
        ("gossip", {}, "not a kind of row"),
        ("error", {**ERROR, "at": datetime(2026, 1, 1, tzinfo=UTC)}, "not a JSON value"),
        ("error", {**ERROR, "n": float("inf")}, "not a JSON value"),
        ("error", {**ERROR, 5: "x"}, "not a JSON key"),
    ],
)
def test_a_row_that_could_not_be_replayed_is_refused(
    log: AuditLog, kind: str, payload: dict[Any, Any], says: str
) -> None:
    with pytest.raises(JournalError, match=says):
        log.append("d1", kind, payload)
    assert log.head()[0] == 0


@pytest.mark.parametrize("name", ["", "a b", "x" * 81, "d\n1", "../d"])
def test_a_decision_id_is_a_plain_name(log: AuditLog, name: str) -> None:
    with pytest.raises(JournalError, match="decision id"):
        log.append(name, "error", ERROR)


def test_the_same_large_text_is_stored_once(log: AuditLog, path: Path) -> None:
    prompt = "You are a careful trader. " * 100
    for number in range(20):
        log.append(f"d{number}", "error", {**ERROR, "message": prompt})
    count = log._connection.execute("SELECT count(*) FROM blobs").fetchone()[0]
    assert count == 1
    assert log.rows("d19")[0].payload["message"] == prompt


def test_a_snapshot_comes_back_by_its_hash(log: AuditLog) -> None:
    data = os.urandom(5000)
    digest = log.put_snapshot(data)
    assert log.put_snapshot(data) == digest
    assert log.snapshot(digest) == data
    with pytest.raises(JournalError, match="no snapshot"):
        log.snapshot("0" * 64)


def bars(first: int) -> bytes:
    """A snapshot's worth of bars, as JSON."""
    rng = [random.Random(number) for number in range(first, first + 1800)]
    return json.dumps(
        [[n, *(round(r.random() * 60_000, 2) for _ in range(5))] for n, r in enumerate(rng, first)]
    ).encode()


def test_what_a_minute_adds_to_a_snapshot_is_all_that_is_stored_anew(log: AuditLog) -> None:
    def stored() -> int:
        return log._connection.execute("SELECT sum(length(body)) FROM blobs").fetchone()[0]

    first = log.put_snapshot(bars(0))
    whole = stored()
    digests = [first, *(log.put_snapshot(bars(number)) for number in range(1, 11))]
    assert (stored() - whole) / 10 < whole / 20
    assert [log.snapshot(digest) for digest in digests] == [bars(number) for number in range(11)]
    assert log.verify().ok


@given(st.lists(st.sampled_from([b"[1,2],", b"],", b"]", b",", b"[[", b"x" * 40]), max_size=400).map(b"".join))
def test_parts_always_join_to_the_whole(data: bytes) -> None:
    assert b"".join(split(data)) == data


def test_a_part_is_never_longer_than_its_bound() -> None:
    data = b"[0]," * 100_000
    assert all(zlib.crc32(b"[0],") & 15 for _ in range(1)), "this item ends no part by itself"
    assert max(len(part) for part in split(data)) < 70_000


def test_what_a_model_writes_cannot_pass_for_a_stored_part(log: AuditLog) -> None:
    secret = log.put_snapshot(b"x" * 1000)
    forged = {**ERROR, "said": {"$blob": secret}, "$$blob": {"$blob": "y"}}
    log.append("d1", "error", forged)
    assert log.rows("d1")[0].payload == forged
    assert log.verify().ok


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    # Lone surrogates too: json.loads makes them from what a model writes.
    | st.text(st.characters(codec=None), max_size=30)
    | st.text(min_size=600, max_size=620),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(max_size=6) | st.sampled_from(["$blob", "$$", "$"]), inner, max_size=4)
    ),
    max_leaves=12,
)


@given(json_values)
@settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow])
def test_any_json_survives_folding_and_canonical_text(value: Any) -> None:
    blobs: dict[str, bytes] = {}

    def keep(data: bytes) -> str:
        blobs[str(len(blobs))] = data
        return str(len(blobs) - 1)

    assert unfold(json.loads(canonical(fold(value, keep))), blobs.__getitem__) == value


@given(st.dictionaries(st.text(max_size=5), st.integers() | st.text(max_size=5), max_size=6))
def test_equal_values_have_equal_bytes(value: dict[str, Any]) -> None:
    assert canonical(dict(reversed(value.items()))) == canonical(value)


def test_decisions_are_listed_newest_first_and_by_symbol(log: AuditLog, record: Callable[..., str]) -> None:
    for name, symbol in (("d1", "BTCUSDT"), ("d2", "ETHUSDT"), ("d3", "BTCUSDT")):
        record(name, symbol)
    assert [d.decision_id for d in log.decisions(2)] == ["d3", "d2"]
    assert [d.decision_id for d in log.decisions(symbol="BTCUSDT")] == ["d3", "d1"]
    line = log.decisions(1)[0]
    assert (line.action, line.conviction, line.verdict, line.rule, line.outcome) == (
        "OPEN_LONG", "0.5", "approved", "ok", "",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("caps", "asked", "ending"),
    [
        ([], False, ("not_asked", "hold")),
        (["stop_bounds", "risk_veto"], False, ("not_asked", "risk_veto")),
        (["no_decision"], False, ("abstained", "no_decision")),
        ([], True, ("unreachable", "guard_unreachable")),
    ],
)
def test_a_decision_without_a_verdict_says_why_there_is_none(
    log: AuditLog, caps: list[str], asked: bool, ending: tuple[str, str]
) -> None:
    run, *_, decided, intent, _ = decision_entries("d1", "BTCUSDT", "0" * 64)
    decided = replace(decided, payload={**decided.payload, "caps": caps})
    log.append_all("d1", [run, decided, *([intent] if asked else [])])
    assert (log.decisions()[0].verdict, log.decisions()[0].rule) == ending


def test_an_outcome_is_written_beside_its_decision(log: AuditLog, record: Callable[..., str]) -> None:
    record("d1")
    record("d2")
    decision = log.decision_of("d1-intent")
    assert decision == "d1"
    closed = {"intent_id": "d1-intent", "symbol": "BTCUSDT", "pnl": "-12.5", "reason": "stop", "closed_at": "t"}
    log.append(decision, "outcome", closed)
    assert [d.outcome for d in log.decisions()] == ["", "-12.5"]
    assert log.decision_of("nobody") is None
    assert log.verify().ok


def test_a_reader_follows_the_log_while_a_kickoff_writes(path: Path, log: AuditLog, record: Callable[..., str]) -> None:
    record("d0")
    stop, failures = threading.Event(), list[Exception]()

    def write() -> None:
        try:
            for number in range(1, 30):
                record(f"d{number}")
        except Exception as error:
            failures.append(error)
        stop.set()

    writer = threading.Thread(target=write)
    writer.start()
    reader = AuditLog(path, log._clock, create=False)
    checks = 0
    while not stop.is_set() or not checks:
        found = reader.verify()
        assert found.ok, found
        assert reader.decisions(3)
        checks += 1
    writer.join(30)
    assert failures == []
    assert len(reader.decisions(100)) == 30
    reader.close()


def test_many_threads_write_one_unbroken_chain(log: AuditLog) -> None:
    def work(agent: str) -> None:
        for number in range(20):
            assert log.append("d1", "error", {**ERROR, "n": number}, agent=agent).agent == agent

    threads = [threading.Thread(target=work, args=(name,)) for name in ("regime", "chart", "news", "spikes", "risk")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    rows = log.rows("d1")
    assert [row.seq for row in rows] == list(range(1, 101))
    for agent in ("regime", "risk"):
        assert [row.payload["n"] for row in rows if row.agent == agent] == list(range(20))
    assert log.verify().ok


def test_two_processes_continue_one_chain(path: Path, log: AuditLog, record: Callable[..., str]) -> None:
    other = AuditLog(path, log._clock)
    record("d1")
    other.append("d2", "error", ERROR)
    record("d3")
    assert other.verify().ok
    assert other.head() == log.head()
    other.close()


def test_a_log_whose_tail_was_cut_takes_no_more_rows(log: AuditLog, record: Callable[..., str]) -> None:
    record("d1")
    log._connection.execute("DELETE FROM rows WHERE seq = (SELECT max(seq) FROM rows)")
    with pytest.raises(JournalError, match="does not end where its head says"):
        record("d2")


def test_a_full_disk_is_an_error_and_loses_nothing_that_was_acknowledged(
    log: AuditLog, record: Callable[..., str]
) -> None:
    record("d1")
    pages = log._connection.execute("PRAGMA page_count").fetchone()[0]
    log._connection.execute(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(JournalError, match="could not be written"):
        log.put_snapshot(os.urandom(100_000))
    log._connection.execute("PRAGMA max_page_count = 100000")
    record("d2")
    assert log.verify().ok
    assert len(log.decisions()) == 2


def test_a_clock_that_fails_is_not_taken_for_a_kept_row(log: AuditLog) -> None:
    class Broken:
        def now(self) -> datetime:
            raise OSError("no time")

        def monotonic(self) -> float:
            return 0.0

    log._clock = Broken()
    with pytest.raises(JournalError, match="interrupted"):
        log.append("d1", "error", ERROR)
    assert log.head()[0] == 0


def test_reading_needs_a_log_that_is_there(tmp_path: Path, log: AuditLog) -> None:
    with pytest.raises(PrerequisiteError) as told:
        AuditLog(tmp_path / "none.sqlite", log._clock, create=False)
    assert "crew kickoff" in told.value.hint
    assert not (tmp_path / "none.sqlite").exists()


@pytest.mark.parametrize("content", [b"not a database at all" * 100, b"SQLite format 3\0" + b"\xff" * 5000])
def test_a_file_that_is_no_audit_log_is_refused(tmp_path: Path, log: AuditLog, content: bytes) -> None:
    file = tmp_path / "other.sqlite"
    file.write_bytes(content)
    with pytest.raises(JournalError):
        AuditLog(file, log._clock)
    assert file.read_bytes() == content


def test_a_database_of_somebody_else_is_left_alone(tmp_path: Path, log: AuditLog) -> None:
    file = tmp_path / "ledger.sqlite"
    with sqlite3.connect(file) as connection:
        connection.execute("CREATE TABLE trades (id)")
    connection.close()
    with pytest.raises(JournalError, match="other tables"):
        AuditLog(file, log._clock)


def test_no_row_repeats_a_secret(tmp_path: Path, clock: TestClock) -> None:
    secret = 'sk-planted"-' + "m3" * 20
    log = AuditLog(tmp_path / "veiled.sqlite", clock, veil=Veil(secret))
    log.append("d1", "error", {**ERROR, "message": f"401: {secret}", "long": [secret * 400]})
    (row,) = log.rows("d1")
    assert secret not in str(row.payload)
    assert row.payload["message"] == "401: [hidden]"
    assert log.verify().ok
    log.close()

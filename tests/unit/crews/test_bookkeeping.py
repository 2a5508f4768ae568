"""The ledger holds what was decided and what came of it, exactly and once; broken, it costs a warning, no decision."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from config.loader import DeskConfig, load_desk
from crews.record.bookkeeping import DATABASE_VARIABLE, Bookkeeper
from crews.record.record import DecisionRecord
from crews.running.services import Folder
from desk.domain.moments import to_ms
from desk.guard.vocabulary.status import ClosedTrade, GuardStatus, LatchStatus
from desk.ledger import UNCERTIFIED, Ledger, sqlite_url
from desk.shadow.books import Book
from memory.audit import AuditLog
from memory.rows import Kind
from tests.unit.crews.fakes import NOW, FakeGuard, FakeMarket, FixedClock, decide_to_open

AT = to_ms(NOW)
MARK = "0123456789abcdef" * 2
PRICED = {"desk.default_model": "openai"}


@pytest.fixture(autouse=True)
def no_database_of_the_operator(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(DATABASE_VARIABLE, raising=False)


@pytest.fixture(scope="module")
def config() -> DeskConfig:
    """The demo desk at the prices of a paid model; who answers is the offline one."""
    return load_desk("demo", environ={}, overrides=PRICED)


@pytest.fixture(scope="module")
def audit(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AuditLog]:
    opened = AuditLog(tmp_path_factory.mktemp("audit") / "audit.sqlite", FixedClock())
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def record(config: DeskConfig, audit: AuditLog) -> DecisionRecord:
    return decide_to_open(config, load_desk("demo", environ={}), audit)


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path / "demo")


@pytest.fixture
def books(config: DeskConfig, folder: Folder, audit: AuditLog) -> Iterator[Bookkeeper]:
    opened = Bookkeeper(config, folder, audit, FakeMarket(FixedClock()))
    yield opened
    opened.close()


@pytest.fixture
def ledger(books: Bookkeeper, folder: Folder) -> Iterator[Ledger]:
    """The same file, as a reader of reports opens it."""
    opened = Ledger(sqlite_url(folder.ledger))
    yield opened
    opened.close()


@pytest.fixture
def silent(caplog: pytest.LogCaptureFixture) -> Iterator[pytest.LogCaptureFixture]:
    """Nothing was warned of by the end of the test."""
    yield caplog
    assert [one.message for one in caplog.records if one.levelno >= logging.WARNING] == []


def status(*closed: ClosedTrade, minutes: int = 0, equity: str = "10000", **more: object) -> GuardStatus:
    at = AT + minutes * 60_000
    changes = {"closed": closed, "venue_time": at, "equity": Decimal(equity), "journal_seq": 10 + minutes, **more}
    return FakeGuard(FixedClock()).state().model_copy(update=changes)


def over(intent_id: str, **changes: object) -> ClosedTrade:
    """A long of 0.01 BTC that was stopped out, by the guard's exact numbers."""
    trade = ClosedTrade(
        intent_id=intent_id,
        run_id="run-1",
        strategy_id="crew",
        symbol="BTCUSDT",
        side="BUY",
        quantity=Decimal("0.01"),
        entry_price=Decimal("60000.123456789012345678"),
        exit_price=Decimal("58810.333333333333333333"),
        realized=Decimal("-11.897901234556790123"),
        fees=Decimal("0.59405228"),
        funding=Decimal("-0.0123"),
        pnl=Decimal("-12.479653514556790123"),
        opened_at=AT,
        closed_at=AT + 60_000,
        reason="stop",
    )
    return trade.model_copy(update=changes)


def test_a_decision_is_booked_with_its_signal_its_trade_and_what_each_agent_cost(
    books: Bookkeeper, ledger: Ledger, record: DecisionRecord, silent: pytest.LogCaptureFixture
) -> None:
    books.decided(record)
    [decision] = ledger.decisions()
    assert (decision.decision_id, decision.action, decision.verdict) == (record.decision_id, "OPEN_LONG", "approved")
    assert (decision.at, decision.equity, decision.snapshot_hash) == (NOW, record.equity, record.snapshot_hash)
    [context] = ledger.contexts("BTCUSDT")
    assert (context.at, context.appetite, context.btc_trend) == (NOW, "RISK_ON", "UP")
    assert (context.fear_greed, context.btc_dominance) == (None, None)
    assert context.missing == "FEAR_GREED,DOMINANCE,TOTAL_CAP,PRICES_ELSEWHERE"
    [signal] = ledger.signals("BTCUSDT")
    assert (signal.interval, signal.at, signal.direction) == ("15m", NOW, "LONG")
    assert abs(signal.score) >= signal.threshold
    [trade] = ledger.trades(open_only=True)
    assert (trade.intent_id, trade.quantity, trade.entry_price) == (record.intent_id, Decimal("0.01"), 60000)
    assert (trade.strategy, trade.certificate) == ("crew", UNCERTIFIED)
    spent = ledger.spent(NOW)
    assert (spent.requests, spent.prompt_tokens) == (record.requests, record.prompt_tokens)
    assert spent.completion_tokens == record.completion_tokens
    price = (Decimal("0.40") * spent.prompt_tokens + Decimal("1.60") * spent.completion_tokens) / 1_000_000
    assert spent.usd == price > 0


def test_a_closed_trade_is_booked_to_the_last_digit(
    books: Bookkeeper, ledger: Ledger, record: DecisionRecord, silent: pytest.LogCaptureFixture
) -> None:
    assert record.intent_id
    ended = over(record.intent_id)
    books.decided(record)
    books.looked(status(ended, minutes=1))
    [trade] = ledger.trades()
    assert (trade.decision_id, trade.exit_price, trade.fees) == (record.decision_id, ended.exit_price, ended.fees)
    assert (trade.funding, trade.pnl, trade.exit_reason) == (ended.funding, ended.pnl, "stop")
    assert trade.closed_at == NOW + timedelta(minutes=1)


def test_the_same_told_again_is_booked_once_by_whichever_kickoff(
    config: DeskConfig,
    folder: Folder,
    audit: AuditLog,
    ledger: Ledger,
    record: DecisionRecord,
    silent: pytest.LogCaptureFixture,
) -> None:
    assert record.intent_id
    ended = over(record.intent_id)
    for _ in range(3):
        again = Bookkeeper(config, folder, audit, FakeMarket(FixedClock()))
        for _ in range(2):
            again.decided(record)
            again.looked(status(ended, minutes=1))
        again.close()
    assert (len(ledger.decisions()), len(ledger.trades()), len(ledger.equity())) == (1, 1, 1)
    assert ledger.spent(NOW).requests == record.requests


def test_a_trade_whose_entry_was_not_proven_at_once_is_booked_when_it_ends(
    books: Bookkeeper, ledger: Ledger, record: DecisionRecord, silent: pytest.LogCaptureFixture
) -> None:
    assert record.intent_id
    unproven = ({"role": "entry", "client_id": "e1", "status": "ENTRY_UNKNOWN"},)
    books.decided(replace(record, orders=unproven, filled=Decimal(0), average_price=None))
    assert ledger.trades() == ()
    books.looked(status(over(record.intent_id, side="SELL"), minutes=1))
    [trade] = ledger.trades()
    assert (trade.decision_id, trade.quantity, trade.opened_at) == (record.decision_id, Decimal("-0.01"), NOW)


def test_a_position_somebody_else_opened_is_a_trade_without_a_decision(books: Bookkeeper, ledger: Ledger) -> None:
    books.looked(status(over("foreign:BTCUSDT:0", opened_at=0), minutes=1))
    [trade] = ledger.trades()
    assert (trade.decision_id, trade.opened_at) == ("", trade.closed_at)


def test_a_trade_keeps_the_certificate_that_its_intent_named(
    books: Bookkeeper, ledger: Ledger, audit: AuditLog, record: DecisionRecord, silent: pytest.LogCaptureFixture
) -> None:
    [asked] = audit.rows(record.decision_id, kind=Kind.INTENT)
    body = asked.payload["body"].replace('"strategy_id":"crew"', f'"strategy_id":"policy-9f:{MARK}"')
    audit.append("licensed", Kind.INTENT, {"intent_id": "i9", "body": body})
    books.decided(replace(record, decision_id="licensed", intent_id="i9"))
    books.looked(status(over("i8", strategy_id=f"crew:{MARK}"), over("i7", strategy_id=""), minutes=1))
    told = {trade.intent_id: (trade.strategy, trade.certificate) for trade in ledger.trades()}
    assert told == {"i9": ("policy-9f", MARK), "i8": ("crew", MARK), "i7": (None, None)}


def test_a_trade_that_somebody_asked_for_is_no_strategys(
    books: Bookkeeper, ledger: Ledger, audit: AuditLog, record: DecisionRecord, silent: pytest.LogCaptureFixture
) -> None:
    [run] = audit.rows(record.decision_id, kind=Kind.RUN)
    [asked] = audit.rows(record.decision_id, kind=Kind.INTENT)
    audit.append("by-hand", Kind.RUN, {**run.payload, "asked": {"by": "ann"}})
    audit.append("by-hand", Kind.INTENT, {**asked.payload, "intent_id": "i6"})
    books.looked(status(over("i6"), minutes=1))
    [trade] = ledger.trades()
    assert (trade.decision_id, trade.strategy, trade.certificate) == ("by-hand", "asked", UNCERTIFIED)


def test_the_equity_curve_has_one_point_for_each_moment(
    books: Bookkeeper, ledger: Ledger, silent: pytest.LogCaptureFixture
) -> None:
    books.looked(status(equity="10000"))
    books.looked(status(equity="9999.5"))
    books.looked(status(minutes=1, equity="10001.25"))
    assert [point.equity for point in ledger.equity()] == [10000, Decimal("10001.25")]


def test_a_point_keeps_what_was_paid_in_by_then_and_nothing_of_a_guard_that_does_not_tell_it(
    books: Bookkeeper, ledger: Ledger, silent: pytest.LogCaptureFixture
) -> None:
    books.looked(status(transfers=None))
    books.looked(status(minutes=1, equity="15000", transfers=Decimal(5000)))
    assert [point.transfers for point in ledger.equity()] == [None, 5000]


def test_what_the_breaker_does_is_booked_when_it_changes(
    config: DeskConfig, folder: Folder, audit: AuditLog, ledger: Ledger, silent: pytest.LogCaptureFixture
) -> None:
    latch = LatchStatus(reason="loss.day", at=AT + 60_000, numbers={})
    second = LatchStatus(reason="manual", at=AT + 300_000, numbers={})
    told = [
        status(),
        status(minutes=2, latch=latch, mode="FLATTENING"),
        status(minutes=3, latch=latch, mode="LOCKED"),
        status(minutes=4),
        status(minutes=6, latch=second, mode="LOCKED"),
        status(minutes=7, mode="REDUCE_ONLY"),
    ]
    for one in told:
        again = Bookkeeper(config, folder, audit, FakeMarket(FixedClock()))
        again.looked(one)
        again.close()
    found = [(row.event, row.reason, row.journal_seq) for row in reversed(ledger.breaker_events())]
    assert found == [
        ("latched", "loss.day", 12),
        ("normal", "trading", 14),
        ("latched", "manual", 16),
        ("reduce_only", "no new exposure", 17),
    ]


def test_a_broken_ledger_costs_one_warning_and_nothing_else(
    config: DeskConfig, folder: Folder, audit: AuditLog, record: DecisionRecord, caplog: pytest.LogCaptureFixture
) -> None:
    folder.root.mkdir()
    folder.ledger.write_bytes(b"this was a database once" * 100)
    with caplog.at_level(logging.WARNING):
        books = Bookkeeper(config, folder, audit, FakeMarket(FixedClock()))
        books.decided(record)
        books.looked(status())
        books.close()
    [warning] = caplog.records
    assert "the ledger is not kept" in warning.message


def test_a_ledger_that_contradicts_warns_once_and_keeps_what_it_had(
    books: Bookkeeper, ledger: Ledger, record: DecisionRecord, caplog: pytest.LogCaptureFixture
) -> None:
    books.decided(record)
    with caplog.at_level(logging.WARNING):
        for conviction in ("0.1", "0.2"):
            books.decided(replace(record, conviction=Decimal(conviction)))
    assert len(caplog.records) == 1
    assert [row.conviction for row in ledger.decisions()] == [record.conviction]


def test_the_operator_names_the_database_in_the_environment_or_in_the_file(
    audit: AuditLog, folder: Folder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    named, stronger = tmp_path / "named.sqlite", tmp_path / "stronger.sqlite"
    config = load_desk("demo", environ={}, overrides={"desk.database": f'"{sqlite_url(named)}"'})
    Bookkeeper(config, folder, audit, FakeMarket(FixedClock())).close()
    monkeypatch.setenv(DATABASE_VARIABLE, sqlite_url(stronger))
    Bookkeeper(config, folder, audit, FakeMarket(FixedClock())).close()
    assert (named.exists(), stronger.exists(), folder.ledger.exists()) == (True, True, False)


def test_one_trade_that_contradicts_keeps_no_other_from_its_place(
    books: Bookkeeper, ledger: Ledger, caplog: pytest.LogCaptureFixture
) -> None:
    books.looked(status(over("i1"), minutes=1))
    again = over("i1", pnl=Decimal(5))
    books._ended.clear()
    books.looked(status(again, over("i2"), minutes=2, mode="REDUCE_ONLY"))
    assert {trade.intent_id: trade.pnl for trade in ledger.trades()} == {"i1": over("i1").pnl, "i2": over("i2").pnl}
    assert (len(ledger.equity()), len(ledger.breaker_events())) == (2, 1)


def test_a_password_in_the_address_is_not_repeated(
    config: DeskConfig,
    folder: Folder,
    audit: AuditLog,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setenv(DATABASE_VARIABLE, "mysql://desk:hunter2@127.0.0.1/ledger")
    Bookkeeper(config, folder, audit, FakeMarket(FixedClock())).close()
    assert "the ledger is not kept" in caplog.text
    assert "hunter2" not in caplog.text


def test_the_shadows_act_on_every_decision_once_and_turn_over_what_the_crew_does(
    books: Bookkeeper, ledger: Ledger, record: DecisionRecord, silent: pytest.LogCaptureFixture
) -> None:
    books.decided(record)
    books.decided(record)
    flat, hold, drawn = (ledger.shadow(name) for name in ("flat", "hold", "random"))
    assert flat is not None
    assert hold is not None
    assert drawn is not None
    assert (flat.number, flat.decision_id, flat.equity) == (1, record.decision_id, record.equity)
    assert hold.equity < record.equity  # it paid for what it bought
    assert record.average_price is not None
    held = Book.from_json(drawn.book).held[record.symbol]
    assert abs(held.quantity) * record.mark == pytest.approx(record.filled * record.average_price, rel=Decimal("0.01"))
    assert ledger.shadow("policy") is None
    assert ledger.daily_shadow("flat") == {NOW.date(): record.equity}

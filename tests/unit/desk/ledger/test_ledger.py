"""The ledger loses nothing, repeats nothing, and says no to a second truth."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal, localcontext
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Numeric
from sqlalchemy.dialects import postgresql, sqlite

from desk.domain.errors import DataError, JournalError, PrerequisiteError
from desk.domain.money import EXACT
from desk.ledger import (
    UNCERTIFIED,
    BreakerRow,
    ContextRow,
    CostRow,
    DecisionRow,
    EquityRow,
    Ledger,
    Shelf,
    SignalRow,
    TradeClose,
    TradeRow,
    TryRow,
    sqlite_url,
)
from desk.ledger.columns import Amount, Moment
from desk.ledger.strategies import StrategyBook, StrategyTrade
from desk.ledger.tables import METADATA

AT = datetime(2026, 3, 1, 12, 0, 0, 123456, tzinfo=UTC)
DECISION = DecisionRow(
    decision_id="d1", run_id="r1", at=AT, profile="demo", symbol="BTCUSDT", action="OPEN_LONG",
    conviction=Decimal("0.5218"), verdict="approved", rule="approved", intent_id="i1", mark=Decimal("60234.44"),
    equity=Decimal("10000.00000001"), snapshot_hash="a" * 64,
)  # fmt: skip
CONTEXT = ContextRow(
    symbol="BTCUSDT",
    at=AT,
    appetite="RISK_ON",
    btc_trend="UP",
    btc_strength=Decimal("0.612345"),
    volatility=None,
    fear_greed=0,
    btc_dominance=None,
    total_cap_usd=Decimal(3_100_000_000_000),
    correlation_btc=Decimal("-0.000001"),
    missing="DOMINANCE",
)
SIGNAL = SignalRow(symbol="BTCUSDT", interval="15m", at=AT, score=4, threshold=3, direction="LONG")
TRADE = TradeRow(
    intent_id="i1", decision_id="d1", symbol="BTCUSDT", quantity=Decimal("-0.083"), opened_at=AT,
    entry_price=Decimal("60234.5"), strategy="crew", certificate=UNCERTIFIED,
)  # fmt: skip
CLOSE = TradeClose(
    closed_at=AT + timedelta(hours=3), exit_price=Decimal("61439.2"), fees=Decimal("5.0487"),
    funding=Decimal("-0.12"), pnl=Decimal("-104.9193"), exit_reason="stop",
)  # fmt: skip
EQUITY = EquityRow(
    at=AT, equity=Decimal("9895.08"), wallet=Decimal("9900"), unrealized=Decimal("-4.92"), transfers=Decimal("5000")
)
BREAKER = BreakerRow(journal_seq=7, at=AT, event="trip", reason="daily_loss", equity=Decimal("9499.99"))
COST = CostRow(
    decision_id="d1", agent="risk", at=AT, model="openai", requests=2, prompt_tokens=2100, completion_tokens=180,
    usd=Decimal("0.001128"),
)  # fmt: skip
ROWS = [DECISION, SIGNAL, CONTEXT, TRADE, EQUITY, BREAKER, COST]


@pytest.fixture
def ledger(url: str) -> Iterator[Ledger]:
    opened = Ledger(url)
    yield opened
    opened.close()


def test_every_row_reads_back_as_it_was_written(ledger: Ledger) -> None:
    assert all(ledger.record(row) for row in ROWS)
    assert ledger.decisions() == (DECISION,)
    assert ledger.signals("BTCUSDT") == (SIGNAL,)
    assert ledger.contexts("BTCUSDT") == (CONTEXT,)
    assert ledger.trades(open_only=True) == (TRADE,)
    assert ledger.equity() == (EQUITY,)
    assert ledger.breaker_events() == (BREAKER,)
    assert ledger.spent(AT).usd == COST.usd


@pytest.mark.parametrize("row", ROWS, ids=lambda row: type(row).__name__)
def test_writing_the_same_twice_changes_nothing(ledger: Ledger, row: DecisionRow) -> None:
    assert ledger.record(row)
    assert not ledger.record(row)


@pytest.mark.parametrize(
    ("row", "names"),
    [
        (replace(DECISION, action="HOLD", rule="x"), "decisions, action, rule"),
        (replace(SIGNAL, score=-4), "signals, score"),
        (replace(CONTEXT, fear_greed=None), "market_context, fear_greed"),
        (replace(TRADE, entry_price=Decimal(1)), "trades, entry_price"),
        (replace(TRADE, certificate="0" * 32), "trades, certificate"),
        (replace(EQUITY, wallet=Decimal(1)), "equity, wallet"),
        (replace(EQUITY, transfers=None), "equity, transfers"),
        (replace(BREAKER, reason="nothing"), "breaker_events, reason"),
        (replace(COST, usd=Decimal(0)), "costs, usd"),
    ],
)
def test_a_second_truth_under_the_same_key_is_refused(ledger: Ledger, row: DecisionRow, names: str) -> None:
    for first in ROWS:
        ledger.record(first)
    with pytest.raises(JournalError, match=f"already says otherwise: {names}"):
        ledger.record(row)


def test_a_trade_is_closed_once_and_for_all(ledger: Ledger) -> None:
    ledger.record(TRADE)
    assert ledger.close_trade("i1", CLOSE)
    assert not ledger.close_trade("i1", CLOSE)
    assert not ledger.record(TRADE), "its opening is still the same opening"
    with pytest.raises(JournalError, match="closed otherwise: pnl"):
        ledger.close_trade("i1", replace(CLOSE, pnl=Decimal(100)))
    with pytest.raises(JournalError, match="no trade i2"):
        ledger.close_trade("i2", CLOSE)
    [closed] = ledger.trades()
    assert (closed.pnl, closed.funding, closed.exit_reason) == (CLOSE.pnl, CLOSE.funding, "stop")
    assert (ledger.trade("i1"), ledger.trade("i2")) == (closed, None)
    assert ledger.trades(open_only=True) == ()


def test_performance_adds_up_exactly(ledger: Ledger) -> None:
    assert ledger.performance().profit_factor is None
    for number, pnl in enumerate(("0.1", "0.2", "-0.1", "0")):
        ledger.record(replace(TRADE, intent_id=f"i{number}"))
        ledger.close_trade(f"i{number}", replace(CLOSE, pnl=Decimal(pnl), closed_at=AT + timedelta(hours=number)))
    ledger.record(replace(TRADE, intent_id="open"))
    found = ledger.performance()
    assert (found.trades, found.wins, found.pnl, found.profit_factor) == (4, 2, Decimal("0.2"), Decimal(3))
    assert ledger.performance(since=AT + timedelta(hours=2)).trades == 2
    assert ledger.performance(symbol="ETHUSDT").trades == 0


def test_a_days_costs_are_summed_from_its_first_moment(ledger: Ledger) -> None:
    for number in range(10):
        at = AT + timedelta(hours=number - 5)
        ledger.record(replace(COST, decision_id=f"d{number}", at=at, usd=Decimal("0.1")))
    spent = ledger.spent(AT)
    assert (spent.requests, spent.prompt_tokens, spent.usd) == (10, 10_500, Decimal("0.5"))


def test_pages_are_newest_first_and_bounded(ledger: Ledger) -> None:
    for number in range(5):
        symbol = "ETHUSDT" if number % 2 else "BTCUSDT"
        ledger.record(replace(DECISION, decision_id=f"d{number}", symbol=symbol, at=AT + timedelta(minutes=number)))
        ledger.record(replace(EQUITY, at=AT + timedelta(minutes=number)))
    assert [row.decision_id for row in ledger.decisions(limit=2)] == ["d4", "d3"]
    assert [row.decision_id for row in ledger.decisions(symbol="ETHUSDT")] == ["d3", "d1"]
    assert [row.decision_id for row in ledger.decisions(since=AT + timedelta(minutes=4))] == ["d4"]
    assert [row.at.minute for row in ledger.equity(limit=3)] == [2, 3, 4]
    for limit in (0, 10_001):
        with pytest.raises(DataError, match="a page has"):
            ledger.decisions(limit=limit)


@given(st.decimals(allow_nan=False, allow_infinity=False, places=18, min_value=-(10**18), max_value=10**18))
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_amount_comes_back_exactly(tmp_path: Path, amount: Decimal) -> None:
    column, dialect = Amount(), sqlite.dialect()
    stored = column.process_bind_param(amount, dialect)
    assert isinstance(stored, str)
    with localcontext(EXACT):
        assert column.process_result_value(stored, dialect) == amount


@given(st.integers(-(10**15), 10**16), st.integers(-12, 14))
def test_any_time_comes_back_to_the_microsecond_in_utc(micros: int, hours: int) -> None:
    at = (AT + timedelta(microseconds=micros)).astimezone(timezone(timedelta(hours=hours)))
    column, dialect = Moment(), sqlite.dialect()
    back = column.process_result_value(column.process_bind_param(at, dialect), dialect)
    assert back == at
    assert back is not None
    assert back.tzinfo is UTC


@pytest.mark.parametrize("amount", [0.5, 1, Decimal("NaN"), Decimal("Infinity"), "5"])
def test_what_is_no_exact_amount_is_not_written(ledger: Ledger, amount: object) -> None:
    with pytest.raises((DataError, JournalError)):
        ledger.record(replace(EQUITY, equity=amount))  # pyright: ignore[reportArgumentType]
    assert ledger.equity() == ()


def test_a_time_without_a_zone_is_not_written(ledger: Ledger) -> None:
    with pytest.raises((DataError, JournalError)):
        ledger.record(replace(EQUITY, at=AT.replace(tzinfo=None)))


def test_amounts_are_readable_text_in_sqlite(tmp_path: Path) -> None:
    with closing(Ledger(sqlite_url(tmp_path / "ledger.sqlite"))) as ledger:
        ledger.record(replace(EQUITY, equity=Decimal("1E+4")))
    with sqlite3.connect(tmp_path / "ledger.sqlite") as connection:
        assert connection.execute("SELECT equity, typeof(equity) FROM equity").fetchone() == ("10000", "text")
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    connection.close()


def test_postgresql_keeps_numbers_and_times_in_its_own_types() -> None:
    dialect = postgresql.dialect()
    assert isinstance(Amount().load_dialect_impl(dialect), Numeric)
    assert Amount().process_bind_param(Decimal("0.1"), dialect) == Decimal("0.1")
    assert Moment().process_bind_param(AT, dialect) is AT
    assert Moment().process_result_value(AT.astimezone(timezone(timedelta(hours=5))), dialect) == AT


def test_what_was_recorded_is_there_after_reopening(url: str) -> None:
    first = Ledger(url)
    first.record(DECISION)
    first.close()
    second = Ledger(url)
    assert second.decisions() == (DECISION,)
    second.close()


def test_a_ledger_of_another_shape_is_refused(tmp_path: Path) -> None:
    url = sqlite_url(tmp_path / "ledger.sqlite")
    with sqlite3.connect(tmp_path / "ledger.sqlite") as connection:
        connection.executescript("CREATE TABLE schema_version (version INTEGER); INSERT INTO schema_version VALUES (9)")
    connection.close()
    with pytest.raises(JournalError, match="shape 9"):
        Ledger(url)


@pytest.mark.parametrize(
    "url", ["mysql://root:hunter2@localhost/x", "nonsense", "", "oracle://x", "postgresql+nodriver://u:hunter2@h/d"]
)
def test_a_url_of_no_use_is_refused_without_repeating_it(url: str) -> None:
    with pytest.raises(PrerequisiteError) as caught:
        Ledger(url)
    assert "hunter2" not in str(caught.value) + caught.value.hint


def test_a_broken_file_is_an_error_of_ours(tmp_path: Path) -> None:
    (tmp_path / "ledger.sqlite").write_bytes(b"not a database" * 100)
    with pytest.raises(JournalError, match="could not be opened"):
        Ledger(sqlite_url(tmp_path / "ledger.sqlite"))


def test_several_threads_may_write_at_once(ledger: Ledger) -> None:
    def work(name: str) -> None:
        for number in range(10):
            assert ledger.record(replace(DECISION, decision_id=f"{name}{number}"))

    threads = [threading.Thread(target=work, args=(name,)) for name in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert len(ledger.decisions(limit=100)) == 40


def test_every_table_has_a_natural_key() -> None:
    assert all(table.primary_key.columns for table in METADATA.tables.values())
    assert not any(column.autoincrement is True for table in METADATA.tables.values() for column in table.columns)


def test_the_same_try_counts_once_and_families_do_not_share_their_luck(url: str) -> None:
    with closing(Ledger(url)) as ledger:
        one = TryRow(digest="a" * 64, family="BTCUSDT 1h", strategy="trend", at=AT, days=90, sharpe=Decimal("0.1"))
        assert ledger.note_try(one)
        assert not ledger.note_try(replace(one, at=AT + timedelta(days=1)))
        assert ledger.note_try(replace(one, digest="b" * 64, sharpe=Decimal("-0.1")))
        assert ledger.note_try(replace(one, digest="c" * 64, family="ETHUSDT 1h"))
        assert ledger.tried("BTCUSDT 1h").count == 2
        assert ledger.tried("BTCUSDT 1h").spread == pytest.approx(0.1414, abs=1e-4)
        assert (ledger.tried("ETHUSDT 1h").count, ledger.tried("ETHUSDT 1h").spread) == (1, 0.0)


def test_a_strategys_trade_counts_once(url: str) -> None:
    trade = StrategyTrade(
        strategy="trend", settings="s", source="backtest", symbol="BTCUSDT", interval="1h", opened_at=AT,
        closed_at=AT + timedelta(hours=2), side="LONG", regime="bull", gain=Decimal("0.012"), risked=Decimal("0.02"),
    )  # fmt: skip
    other = replace(trade, opened_at=AT + timedelta(hours=1))
    with closing(StrategyBook(url)) as book:
        assert [book.record(some) for some in ([trade], [trade, other], [trade, other])] == [1, 1, 0]
        assert book.trades("trend") == (trade, other)


def test_a_page_is_kept_in_place_of_the_one_before_it(url: str) -> None:
    with closing(Shelf(url)) as shelf:
        shelf.keep_page("feed", AT, b"\x00one")
        shelf.keep_page("feed", AT + timedelta(hours=1), b"two")
        assert shelf.page("feed") == (AT + timedelta(hours=1), b"two")

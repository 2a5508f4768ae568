"""A chart by itself: both readings are kept side by side, a picture is paid for, and trouble costs one chart."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from config.loader import load_desk
from crews.record.bookkeeping import chart_rows
from crews.setup import Budget, DeskSetup
from crews.spending.budget import Purse
from crews.view.charts import Charts, chart_row, keep
from desk.domain.errors import ModelError
from desk.ledger import Ledger, sqlite_url
from memory.audit import AuditLog
from memory.rows import Kind
from tests.unit.crews.fakes import NOW, FakeMarket, FixedClock, decide_to_open
from tests.unit.crews.test_budget import READING, Eye
from tools.chart import ReadBy


@pytest.fixture
def audit(tmp_path: Path) -> Iterator[AuditLog]:
    log = AuditLog(tmp_path / "audit.sqlite", FixedClock())
    yield log
    log.close()


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    opened = Ledger(sqlite_url(tmp_path / "ledger.sqlite"))
    yield opened
    opened.close()


def purse(looks: int = 2) -> Purse:
    return Purse(Budget(requests=looks, seats=0, prompt_tokens=10**6, reserve_prompt_tokens=0, completion_tokens=10**6))


def charts(setup: DeskSetup, audit: AuditLog, eye: Eye | None = None, **market: object) -> Charts:
    feed = FakeMarket(FixedClock(), drift=0.003, **market)
    return Charts(setup, feed, audit, eyes=eye, purse=purse)


def test_both_readings_stand_side_by_side_in_the_ledger_and_the_record(
    demo_setup: DeskSetup, audit: AuditLog, ledger: Ledger
) -> None:
    one = charts(demo_setup, audit, Eye()).read("BTCUSDT", NOW)
    keep(ledger, one)
    keep(ledger, one)
    [row] = ledger.charts(symbol="BTCUSDT")
    assert (row.trend, row.picture_trend, row.picture_score) == ("UP", "UP", READING.score)
    assert one.result is not None
    assert (one.result.same_trend, one.result.apart) == (True, READING.score - row.score)
    assert (row.read_by, row.model) == ("VISION", "eye")
    [cost] = ledger.costs()
    assert (cost.decision_id, cost.requests, cost.prompt_tokens) == (one.name, 1, 900)
    assert [entry.kind for entry in audit.rows(one.name)] == [Kind.PROMPT, Kind.REPLY]
    assert audit.verify().ok
    assert audit.decisions() == (), "a chart is no decision"


def test_a_model_that_fails_costs_the_picture_and_without_one_numbers_are_all_there_is(
    demo_setup: DeskSetup, audit: AuditLog, ledger: Ledger
) -> None:
    failed = charts(demo_setup, audit, Eye(ModelError("no eyes"))).read("BTCUSDT", NOW)
    plain = charts(demo_setup, audit).read("BTCUSDT", NOW + timedelta(minutes=15))
    for one, read_by in ((failed, ReadBy.NUMBERS_AFTER_VISION_FAILED), (plain, ReadBy.NUMBERS)):
        assert one.result is not None
        assert one.result.read_by is read_by
        assert one.png.startswith(b"\x89PNG")
        keep(ledger, one)
    assert [row.model for row in ledger.charts()] == ["", ""]
    assert len(ledger.charts(since=NOW + timedelta(minutes=1))) == 1


def test_where_time_stands_still_the_first_reading_of_a_moment_stands(
    demo_setup: DeskSetup, audit: AuditLog, ledger: Ledger
) -> None:
    keep(ledger, charts(demo_setup, audit, Eye(ModelError("no eyes"))).read("BTCUSDT", NOW))
    keep(ledger, charts(demo_setup, audit, Eye()).read("BTCUSDT", NOW))
    assert [row.read_by for row in ledger.charts()] == [ReadBy.NUMBERS_AFTER_VISION_FAILED.value]


def test_a_symbol_without_bars_says_so_and_costs_nobody_else_anything(demo_setup: DeskSetup, audit: AuditLog) -> None:
    one = charts(demo_setup, audit, intervals=("1d",)).read("BTCUSDT", NOW)
    assert (one.result, one.png, one.usd) == (None, b"", Decimal(0))
    assert "15m" in one.trouble
    assert one.to_json()["reading"] is None


def test_the_chart_of_a_decision_is_kept_with_it(audit: AuditLog) -> None:
    config = load_desk("demo", environ={})
    record = decide_to_open(config, config, audit)
    [row] = chart_rows(record, audit)
    assert (row.symbol, row.at, row.read_by) == ("BTCUSDT", record.decided_at, "NUMBERS")
    assert row.score == record.reports["chart"]["score"]


def test_a_row_names_a_model_only_where_it_saw_the_picture() -> None:
    told = {"symbol": "BTCUSDT", "interval": "15m", "last_close": 0.0, "trend": "FLAT", "score": 0, "confidence": 0.0}
    assert chart_row({**told, "read_by": "NUMBERS"}, NOW, "offline rules").model == ""

"""The desk's own trades teach what they came to, in the market their decision saw, or nothing while they are few."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from crews.learning.own_trades import own_steps
from desk.domain.errors import PrerequisiteError
from desk.learning.method import BUY, SELL
from desk.learning.states import SPACES
from desk.ledger import Ledger, TradeClose, TradeRow, sqlite_url
from desk.market.snapshot import Snapshot
from tests.unit.crews.conftest import Look

AT = datetime(2026, 1, 1, tzinfo=UTC)
SPACE = SPACES["lean"]


@dataclass(frozen=True)
class OneRow:
    payload: dict[str, str]


@dataclass(frozen=True)
class OneSnapshot:
    """An audit log that knows one snapshot, for every decision but those called `lost`."""

    seen: Snapshot

    def rows(self, decision_id: str, *, kind: str = "") -> tuple[OneRow, ...]:
        return () if decision_id == "lost" else (OneRow({"digest": self.seen.digest}),)

    def snapshot(self, digest: str) -> bytes:
        assert digest == self.seen.digest
        return self.seen.to_json()


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    opened = Ledger(sqlite_url(tmp_path / "ledger.sqlite"))
    yield opened
    opened.close()


def trade(ledger: Ledger, number: int, *, pnl: str, quantity: str = "1", decision: str = "d") -> None:
    opened = AT + timedelta(minutes=number)
    ledger.record(
        TradeRow(
            intent_id=f"i{number}", decision_id=decision, symbol="BTCUSDT", quantity=Decimal(quantity),
            opened_at=opened, entry_price=Decimal(100),
        )
    )  # fmt: skip
    close = TradeClose(
        closed_at=opened + timedelta(seconds=30), exit_price=Decimal(100), fees=Decimal(0), funding=Decimal(0),
        pnl=Decimal(pnl), exit_reason="close",
    )  # fmt: skip
    ledger.close_trade(f"i{number}", close)


def steps(ledger: Ledger, seen: Snapshot) -> tuple[tuple[int, int, float, int], ...]:
    return own_steps(ledger, OneSnapshot(seen), SPACE, "1h", "BTCUSDT")  # type: ignore[arg-type]


def test_each_trade_is_a_step_that_ends_with_its_class(ledger: Ledger, look: Look) -> None:
    for number in range(50):
        trade(ledger, number, pnl=("3", "1", "-1", "-3")[number % 4], quantity="-1" if number % 2 else "1")
    told = steps(ledger, look())
    assert [one[1] for one in told[:4]] == [BUY, SELL, BUY, SELL]
    assert [one[2] for one in told[:4]] == [20.0, 10.0, -10.0, -20.0]
    assert {one[3] for one in told} == {-1}
    assert len({one[0] for one in told}) == 1
    assert told[0][0] % 3 == 0  # it was flat when it decided


def test_fifty_are_the_fewest_and_what_the_log_does_not_know_is_none(ledger: Ledger, look: Look) -> None:
    for number in range(50):
        trade(ledger, number, pnl="1", decision="lost" if number == 7 else "d")
    with pytest.raises(PrerequisiteError, match="49 closed trades are too few"):
        steps(ledger, look())

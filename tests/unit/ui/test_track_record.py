"""The line about closed trades says how many there were, and judges nothing that chance could have made."""

from __future__ import annotations

from decimal import Decimal

import pytest

from desk.guard.vocabulary.status import ClosedTrade
from ui.track_record import TOLD_AT_MOST, track_record


def trades(*results: str, strategy: str = "crew") -> list[ClosedTrade]:
    """Closed trades with these profits."""
    return [
        ClosedTrade(
            intent_id=f"i{number}",
            run_id="run-1",
            strategy_id=strategy,
            symbol="BTCUSDT",
            side="BUY",
            quantity=Decimal("0.01"),
            entry_price=Decimal(60000),
            exit_price=Decimal(60000),
            realized=Decimal(pnl),
            fees=Decimal(0),
            funding=Decimal(0),
            pnl=Decimal(pnl),
            opened_at=1,
            closed_at=2,
            reason="stop",
        )
        for number, pnl in enumerate(results)
    ]


def line(closed: list[ClosedTrade]) -> str:
    shown = track_record(closed)
    assert shown is not None
    return shown.plain


def test_nothing_is_said_before_a_trade_has_closed() -> None:
    assert track_record([]) is None


@pytest.mark.parametrize("number", [1, 2, 19])
def test_few_trades_are_counted_and_not_judged(number: int) -> None:
    told = line(trades(*["10"] * number))
    assert told.startswith(f"{number} trade")
    assert told.endswith("too few to judge; all uncertified")
    assert "%" not in told
    assert "factor" not in told


def test_twenty_trades_have_a_rate_with_its_number_and_a_factor() -> None:
    told = line(trades(*["30"] * 12, *["-20"] * 8))
    assert told == (
        "20 trades closed, 12 won (60% of 20), profit factor 2.25, net ▲ 200.00 USDT after fees and funding"
        "; all uncertified"
    )


def test_no_loss_is_no_infinite_factor() -> None:
    assert "profit factor none, no loss yet" in line(trades(*["1"] * 20))


def test_a_flat_trade_is_not_won() -> None:
    assert line(trades("0", "-1")).startswith("2 trades closed, 0 won, net ▼ 1.00 USDT")


def test_positions_of_somebody_else_are_not_the_desks_record() -> None:
    assert track_record(trades("5", strategy="foreign")) is None
    assert line([*trades("5", strategy="foreign"), *trades("1")]).startswith("1 trade closed, 1 won")


def test_the_newest_are_not_passed_off_as_all() -> None:
    assert line(trades(*["1"] * TOLD_AT_MOST)).startswith("Newest 64 trades closed")


def test_what_was_traded_without_a_certificate_is_counted() -> None:
    proven = trades("30", strategy=f"policy-9f:{'0' * 32}")
    assert "uncertified" not in line(proven)
    assert line([*proven, *trades("10", "20")]).endswith("2 of them uncertified")

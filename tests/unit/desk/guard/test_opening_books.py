"""The guard's books open at one moment: what the venue tells of that moment is in the wallet already."""

from __future__ import annotations

from decimal import Decimal

from desk.domain.orders import Side
from desk.guard.loss.equity import book, opening_ledger
from desk.guard.vocabulary.facts import AccountFact, Facts, FillFact, IncomeFact, PositionFact

NOW = 1_767_571_200_000
WALLET = Decimal(10_000)


def account(*positions: PositionFact) -> AccountFact:
    return AccountFact(wallet=WALLET, unrealized=Decimal(0), available=WALLET, positions=positions, age_ms=0)


def deposit(at_ms: int, transaction_id: int) -> IncomeFact:
    return IncomeFact(symbol="", kind="TRANSFER", amount=WALLET, at_ms=at_ms, transaction_id=transaction_id)


def fill(trade_id: int) -> FillFact:
    return FillFact(
        symbol="BTCUSDT",
        trade_id=trade_id,
        side=Side.BUY,
        quantity=Decimal("0.5"),
        price=Decimal(100),
        fee=Decimal("0.02"),
        at_ms=NOW,
    )


def test_a_deposit_of_the_opening_moment_is_no_transfer() -> None:
    facts = Facts(income=(deposit(NOW, 1),))
    ledger = book(opening_ledger(account(), facts, NOW), facts)
    assert ledger.cash == WALLET
    assert ledger.transfers == 0


def test_a_deposit_after_it_is_one_and_is_counted_once() -> None:
    later = Facts(income=(deposit(NOW, 2),))
    ledger = opening_ledger(account(), Facts(income=(deposit(NOW, 1),)), NOW)
    ledger = book(book(ledger, later), later)
    assert ledger.cash == 2 * WALLET
    assert ledger.transfers == WALLET


def test_a_fill_of_the_opening_moment_is_in_the_position_already() -> None:
    facts = Facts(fills=(fill(7),))
    held = PositionFact(
        symbol="BTCUSDT", quantity=Decimal("0.5"), entry=Decimal(100), mark=Decimal(100), unrealized=Decimal(0)
    )
    ledger = book(opening_ledger(account(held), facts, NOW), facts)
    assert [(one.symbol, one.quantity) for one in ledger.holdings] == [("BTCUSDT", Decimal("0.5"))]
    assert ledger.cash == WALLET

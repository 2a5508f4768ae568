"""A floor rebuilt from stored rows, that behaves as the old one would have: queues and indices are derived again."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from desk.domain.errors import JournalError
from desk.domain.orders import StopStatus
from desk.venues.paper.engine.floor.accounts import Account
from desk.venues.paper.engine.floor.state import Floor, Purse, note_holder
from desk.venues.paper.engine.storage.codec import from_text
from desk.venues.paper.engine.storage.market_record import restore_market
from desk.venues.paper.engine.storage.records import (
    AccountRecord,
    CountdownRecord,
    CounterRecord,
    HoldingRecord,
    PurseRecord,
    Row,
    TermsRecord,
    WalletRecord,
)
from desk.venues.paper.engine.trading.lifecycle import due_of, expect_end, wait_algo
from desk.venues.paper.engine.vocabulary.orders import AlgoOrder, Amendment, Order, TimeInForce, Trade
from desk.venues.paper.engine.vocabulary.views import FundingCharge, IncomeRow, MarginChange

_HELD = [name for name in HoldingRecord.__dataclass_fields__ if name not in ("account", "symbol", "side")]


def restore(floor: Floor, rows: Iterable[Row]) -> None:
    """Rebuild a fresh floor from rows in any order.

    Raises:
        JournalError: when a row cannot be read or belongs to nothing.
    """
    readers: dict[str, Callable[[Floor, str], None]] = {
        "account": _restore_account,
        "counter": _restore_counter,
        "purse": _restore_purse,
        "wallet": _restore_wallet,
        "terms": _restore_terms,
        "holding": _restore_holding,
        "order": _restore_order,
        "algo": _restore_algo,
        "trade": _restore_trade,
        "income": _restore_income,
        "margin": _restore_margin_change,
        "amendment": _restore_amendment,
        "countdown": _restore_countdown,
        "funding": _restore_funding,
        # Last: rebuilding queues counts as changes of the book, whose number the stored row knows.
        "market": restore_market,
    }
    order = {kind: place for place, kind in enumerate(readers)}
    ordered = sorted(rows, key=lambda row: (order.get(row[0], -1), row[1]))
    for kind, key, text in ordered:
        if kind not in readers:
            raise JournalError(f"a stored row of unknown kind {kind!r}")
        try:
            readers[kind](floor, text)
        except KeyError as error:
            raise JournalError(f"the stored {kind} {key} belongs to {error}, which is not there") from error
    floor.dirty.clear()
    floor.suspects.clear()


def _restore_purse(floor: Floor, text: str) -> None:
    stored = from_text(PurseRecord, text)
    floor.purses[stored.asset] = Purse(
        insurance=stored.insurance, fees=stored.fees, exchanged=stored.exchanged, deposits=stored.deposits
    )


def _restore_counter(floor: Floor, text: str) -> None:
    counter = from_text(CounterRecord, text)
    floor.counters[counter.name] = counter.value


def _restore_account(floor: Floor, text: str) -> None:
    record = from_text(AccountRecord, text)
    floor.accounts[record.name] = Account(
        record.name,
        floor.usual_leverage,
        hedged=record.hedged,
        multi_assets=record.multi_assets,
        fee_burn=record.fee_burn,
        fee_tier=record.fee_tier,
        updated_ms=record.updated_ms,
    )


def _restore_wallet(floor: Floor, text: str) -> None:
    record = from_text(WalletRecord, text)
    floor.accounts[record.account].wallets[record.asset] = record.amount


def _restore_terms(floor: Floor, text: str) -> None:
    record = from_text(TermsRecord, text)
    terms = floor.accounts[record.account].own_terms(floor.markets[record.symbol].spec.symbol)
    terms.leverage, terms.isolated = record.leverage, record.isolated


def _restore_holding(floor: Floor, text: str) -> None:
    record = from_text(HoldingRecord, text)
    market, account = floor.markets[record.symbol], floor.accounts[record.account]
    holding = account.own(record.symbol, record.side)
    for name in _HELD:
        setattr(holding, name, getattr(record, name))
    note_holder(market, account)


def _restore_order(floor: Floor, text: str) -> None:
    order = from_text(Order, text)
    account = floor.accounts[order.account]
    account.orders[order.order_id] = order
    account.order_by_client[(order.symbol, order.client_id)] = order.order_id
    if order.status.is_final:
        return
    account.open_orders.setdefault(order.symbol, {})[order.order_id] = None
    expect_end(floor, order)
    if order.arrives_ms:
        floor.markets[order.symbol].arriving.set(due_of(order), order.arrives_ms)
    else:
        # What stands before it is in the market's row.
        floor.markets[order.symbol].book.add(order, ahead=None)


def _restore_algo(floor: Floor, text: str) -> None:
    algo = from_text(AlgoOrder, text)
    account = floor.accounts[algo.account]
    account.algos[algo.algo_id] = algo
    account.algo_by_client[algo.client_id] = algo.algo_id
    if algo.status is not StopStatus.NEW:
        return
    account.open_algos[algo.algo_id] = None
    wait_algo(floor.markets[algo.symbol], algo)
    if algo.time_in_force is TimeInForce.GTD:
        floor.expiring.set(("algo", algo.account, str(algo.algo_id)), algo.good_till_ms)


def _restore_trade(floor: Floor, text: str) -> None:
    trade = from_text(Trade, text)
    floor.accounts[trade.account].trades.append(trade)


def _restore_income(floor: Floor, text: str) -> None:
    row = from_text(IncomeRow, text)
    floor.accounts[row.account].income.append(row)


def _restore_margin_change(floor: Floor, text: str) -> None:
    change = from_text(MarginChange, text)
    floor.accounts[change.account].margin_changes.append(change)


def _restore_amendment(floor: Floor, text: str) -> None:
    amendment = from_text(Amendment, text)
    floor.accounts[amendment.account].amendments.append(amendment)


def _restore_countdown(floor: Floor, text: str) -> None:
    countdown = from_text(CountdownRecord, text)
    if countdown.at_ms:
        floor.expiring.set(("countdown", countdown.account, countdown.symbol), countdown.at_ms)


def _restore_funding(floor: Floor, text: str) -> None:
    charge = from_text(FundingCharge, text)
    floor.markets[charge.symbol].funding.append(charge)

"""The ledger held against the exchange: every difference in one sentence. An empty list is what a run must end with."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from benchmarks.venue_soak.ledger import Known, Ledger, Word
from benchmarks.venue_soak.truth import Truth
from desk.domain.account import AccountView
from desk.domain.orders import Fill, OrderStatus, OrderView, StopView
from desk.venues.binance.streams.heard_fills import FillCount
from desk.venues.paper.engine.values import Trade

LastLook = tuple[AccountView, tuple[OrderView, ...], tuple[StopView, ...]]


def differences(ledger: Ledger, truth: Truth, last: LastLook, heard: FillCount) -> list[str]:
    """Everything in which the two sides do not agree."""
    return [
        *_doubts(ledger),
        *_duplicates(ledger, truth),
        *_orders(ledger, truth),
        *_stops(ledger, truth),
        *_fills(ledger, truth),
        *_sums(ledger, truth),
        *_last_look(truth, last),
        *_stream(heard),
    ]


def _doubts(ledger: Ledger) -> Iterator[str]:
    yield from (f"unknown left: {client_id}" for client_id in ledger.in_doubt())


def _duplicates(ledger: Ledger, truth: Truth) -> Iterator[str]:
    """Sent by nobody, accepted twice under one id, or accepted twice for one intent."""
    intents: Counter[str] = Counter()
    for sent, there in ((ledger.orders, truth.orders), (ledger.stops, truth.stops)):
        for client_id, found in there.items():
            known = sent.get(client_id)
            if known is None:
                yield f"unknown to the ledger: {client_id}"
                continue
            intents[known.intent] += len(found)
    yield from (f"duplicate: {intent} was accepted {count} times" for intent, count in intents.items() if count > 1)


def _acceptance(known: Known, there: bool) -> str:
    if known.word is Word.TAKEN and not there:
        return f"{known.asked.client_id} is accepted in the ledger, and not at the exchange"
    if known.word is not Word.TAKEN and there:
        return f"{known.asked.client_id} is {known.word} in the ledger, and accepted at the exchange"
    return ""


def _orders(ledger: Ledger, truth: Truth) -> Iterator[str]:
    for client_id, known in ledger.orders.items():
        found = truth.orders.get(client_id, ())
        if wrong := _acceptance(known, bool(found)):
            yield wrong
        if known.word is not Word.TAKEN or not found:
            continue
        order, view = found[-1], known.view
        if view is None:
            yield f"order {client_id}: the ledger never read what became of it"
            continue
        average = order.average_price or None
        ours = (view.order_id, view.status, view.quantity, view.filled)
        if ours != (order.order_id, _ending(order.status), order.quantity, order.filled):
            yield f"order {client_id}: {ours} in the ledger, {order.status} {order.filled} at the exchange"
        # The wire rounds an average to its last digit.
        elif (view.average_price is None) != (average is None) or (
            view.average_price is not None and average is not None and abs(view.average_price / average - 1) > 1e-6
        ):
            yield f"order {client_id}: average {view.average_price} in the ledger, {average} at the exchange"


def _ending(status: OrderStatus) -> OrderStatus:
    """The gateway does not tell ends without a fill apart."""
    return OrderStatus.EXPIRED if status is OrderStatus.EXPIRED_IN_MATCH else status


def _stops(ledger: Ledger, truth: Truth) -> Iterator[str]:
    for client_id, known in ledger.stops.items():
        found = truth.stops.get(client_id, ())
        if wrong := _acceptance(known, bool(found)):
            yield wrong
        if known.word is not Word.TAKEN or not found:
            continue
        if known.view is None or (known.view.status, known.view.order_id) != (found[-1].status, found[-1].order_id):
            ours = None if known.view is None else known.view.status
            yield f"stop {client_id}: {ours} in the ledger, {found[-1].status} at the exchange"


def _fills(ledger: Ledger, truth: Truth) -> Iterator[str]:
    yield from (f"lost fill: {key}" for key in truth.trades.keys() - ledger.fills.keys())
    yield from (f"invented fill: {key}" for key in ledger.fills.keys() - truth.trades.keys())
    yield from (f"fill booked {count} times: {key}" for key, count in ledger.bookings.items() if count != 1)
    explained = {known.view.order_id for known in (*ledger.orders.values(), *ledger.stops.values()) if known.view}
    for key in ledger.fills.keys() & truth.trades.keys():
        ours = ledger.fills[key]
        if _facts(ours) != _facts(truth.trades[key]):
            yield f"fill {key}: {_facts(ours)} in the ledger, {_facts(truth.trades[key])} at the exchange"
        if ours.order_id not in explained:
            yield f"fill {key} belongs to order {ours.order_id}, which the ledger cannot explain"


def _facts(fill: Fill | Trade) -> tuple[object, ...]:
    return fill.order_id, fill.side, fill.quantity, fill.price, fill.fee, fill.realized, fill.maker


def _sums(ledger: Ledger, truth: Truth) -> Iterator[str]:
    symbols = ledger.positions.keys() | truth.positions.keys()
    for symbol in sorted(symbols):
        if ledger.position(symbol) != truth.positions.get(symbol, 0):
            yield f"position {symbol}: {ledger.position(symbol)} in the ledger, {truth.positions.get(symbol, 0)} there"
    if ledger.wallet != truth.wallet:
        yield f"balance: {ledger.wallet} in the ledger, {truth.wallet} at the exchange"


def _last_look(truth: Truth, last: LastLook) -> Iterator[str]:
    """What the gateway reads when nothing fails is what the engine holds."""
    account, orders, stops = last
    if {p.symbol: p.quantity for p in account.positions} != truth.positions:
        yield "the gateway's last look shows other positions than the exchange holds"
    open_there = {name for name, found in truth.orders.items() if not found[-1].status.is_final}
    if {order.client_id for order in orders} != open_there:
        yield "the gateway's last list of orders is not the exchange's"
    resting = {name for name, found in truth.stops.items() if found[-1].status == "NEW"}
    if {stop.client_id for stop in stops} != resting:
        yield "the gateway's last list of stops is not the exchange's"


def _stream(heard: FillCount) -> Iterator[str]:
    if heard.contradicted:
        yield f"stream: {heard.contradicted} fills were told differently from how they are listed"
    if heard.unconfirmed:
        yield f"stream: {heard.unconfirmed} fills were told that no list confirmed"

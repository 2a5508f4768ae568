"""Heard twice is once, late is not newer: whatever a line does to the order of events, what is known only grows."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from desk.domain.orders import OrderStatus, StopStatus
from desk.venues.binance.streams import account_events as read
from desk.venues.binance.streams.account_events import AlgoUpdate, OrderUpdate, TradeLite
from desk.venues.binance.streams.health import StreamHealth
from desk.venues.binance.streams.sequence import EventOrder
from tests.unit.desk.venues.binance.streams.told import (
    NOW,
    account_event,
    algo_event,
    lite_event,
    order_event,
    trade_event,
)

D = Decimal
LIFE = [
    order_event(at=NOW),
    trade_event(1, "0.004", at=NOW + 5),
    trade_event(2, "0.008", at=NOW + 5),
    trade_event(3, "0.010", at=NOW + 9, part="0.002", X="FILLED"),
]
STOP_LIFE = [
    algo_event("NEW", at=NOW),
    algo_event("TRIGGERING", at=NOW + 5),
    algo_event("TRIGGERED", at=NOW + 5, ai="99"),
    algo_event("FINISHED", at=NOW + 6, ai="99"),
]


def order() -> tuple[EventOrder, StreamHealth]:
    health = StreamHealth("account")
    return EventOrder(health), health


def test_the_same_event_twice_is_news_once() -> None:
    sequence, health = order()
    for message in (*LIFE, *STOP_LIFE, account_event()):
        assert sequence.news(read.account_event(message)) is not None
        assert sequence.news(read.account_event(message)) is None
    assert (health.duplicates, health.late) == (9, 0)


def test_two_fills_of_one_millisecond_are_both_news() -> None:
    sequence, _ = order()
    told = [sequence.news(read.account_event(message)) for message in LIFE]
    assert [event.filled for event in told if isinstance(event, OrderUpdate)] == [
        D(0),
        D("0.004"),
        D("0.008"),
        D("0.01"),
    ]


def test_a_fill_that_comes_late_is_news_without_the_old_state_of_its_order() -> None:
    sequence, health = order()
    sequence.news(read.account_event(LIFE[3]))
    late = sequence.news(read.account_event(LIFE[1]))
    assert isinstance(late, TradeLite)
    assert late.fill.trade_id == 1
    assert health.late == 1


def test_a_fill_told_early_and_again_with_its_fee_is_the_orders_news_and_no_second_fill() -> None:
    sequence, _ = order()
    assert isinstance(sequence.news(read.account_event(lite_event(1))), TradeLite)
    assert isinstance(sequence.news(read.account_event(trade_event(1, "0.004"))), OrderUpdate)
    assert sequence.news(read.account_event(lite_event(1))) is None


def test_an_older_wallet_does_not_replace_a_newer_one() -> None:
    sequence, health = order()
    sequence.news(read.account_event(account_event(wallet="900", at=NOW + 10)))
    assert sequence.news(read.account_event(account_event(wallet="1000", at=NOW))) is None
    assert health.late == 1


def test_a_trailing_stop_that_begins_to_follow_is_news() -> None:
    sequence, _ = order()
    sequence.news(read.account_event(algo_event("NEW", at=NOW)))
    following = sequence.news(read.account_event(algo_event("NEW", at=NOW + 5, ia=True)))
    assert isinstance(following, AlgoUpdate)
    assert following.following


@given(st.lists(st.sampled_from([*LIFE, *STOP_LIFE]), max_size=30))
def test_whatever_the_order_of_arrival_nothing_goes_back_and_no_fill_counts_twice(
    arrivals: list[dict[str, object]],
) -> None:
    sequence, health = order()
    filled, stage, trades = D(0), -1, list[int]()
    stages = [StopStatus.NEW, StopStatus.TRIGGERING, StopStatus.TRIGGERED, StopStatus.FINISHED]
    ended = False
    for message in arrivals:
        news = sequence.news(read.account_event(message))
        if isinstance(news, OrderUpdate):
            assert news.filled >= filled
            assert not ended
            filled, ended = news.filled, news.status is OrderStatus.FILLED
        if isinstance(news, AlgoUpdate):
            assert stages.index(news.status) > stage
            stage = stages.index(news.status)
        if isinstance(news, OrderUpdate | TradeLite) and news.fill is not None:
            trades.append(news.fill.trade_id)
    heard = {m["o"]["t"] for m in arrivals if m["e"] == "ORDER_TRADE_UPDATE" and m["o"]["t"]}
    assert sorted(trades) == sorted(heard)
    assert health.duplicates + health.late <= len(arrivals)
